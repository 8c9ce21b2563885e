//! # N001 mx-host-is-cname
//!
//! ## What a clean result proves
//!
//! Every host that an MX record names has addresses of its own.
//!
//! ## Exact condition
//!
//! A managed zone holds a CNAME record at the name that an MX record of the spec points at. Or the MX record that is declared for a domain
//! whose records others keep, or the one that comes in its place, points at a name for which `records.below` declares one.
//!
//! ## Severity
//!
//! error: not every sender follows an alias there, so a part of the mail bounces.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: mail, type: CNAME, data: server.contoso.net.}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: mail, type: A, data: 203.0.113.10}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>
//! - <https://www.rfc-editor.org/rfc/rfc2181#section-10.3>

use crate::checks::Run;
use crate::dns::exchanges;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::DnsManagement;
use std::collections::BTreeMap;

// Of the zones that are written the lowering of records says it, which looks at every record there.
pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        let DnsManagement::External(records) = &domain.dns else {
            continue;
        };
        let declared = records.mx.iter().flatten();
        let declared = declared.map(|at| (at.value.1.trim_end_matches('.').to_owned(), at.span));
        let coming = exchanges(&plan.topology, domain).unwrap_or_default().into_iter();
        let coming = coming.map(|exchange| (exchange.host.to_string(), domain.span));
        // The place where the host is written goes before that of the domain.
        let hosts: BTreeMap<_, _> = coming.chain(declared).collect();
        for (host, span) in hosts {
            let alias = plan.topology.declared_below(&host).and_then(|records| records.cname.as_ref());
            let Some(target) = alias.and_then(|names| names.first()) else {
                continue;
            };
            findings.push(
                Finding::error(
                    Code::N001,
                    format!("the MX host `{host}` of `{}` is an alias of `{target}`: not every sender delivers there", domain.name),
                )
                .at(span, "its mail enters here")
                .on(Object::Domain(domain.name.to_string()))
                .domains([domain.name.to_string()])
                .help(format!("have `{host}` get A and AAAA records of its own in place of the CNAME record, and declare them")),
            );
        }
    }
}
