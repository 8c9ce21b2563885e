//! # N007 record-over-cname
//!
//! ## What a clean result proves
//!
//! Nothing that mail needs stands beside an alias.
//!
//! ## Exact condition
//!
//! A managed zone holds a CNAME record at a name at which mail flow needs another record; or `records` of a domain whose zone others
//! keep declares that the domain itself is an alias.
//!
//! ## Severity
//!
//! error: name servers refuse the zone or leave one of the two out. Where the alias answers, mail for the domain goes to where it
//! leads, and receivers do not find its SPF record.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: "@", type: CNAME, data: www.contoso.net.}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: "@", type: A, data: 203.0.113.80}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1034#section-3.6.2>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::DnsManagement;

// Of the zones that are written the lowering of records says it.
pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        let DnsManagement::External(records) = &domain.dns else {
            continue;
        };
        let Some(alias) = records.alias() else {
            continue;
        };
        let (name, target) = (&domain.name, &alias.value);
        findings.push(
            Finding::error(
                Code::N007,
                format!("`{name}` itself is an alias of `{target}`, so that nobody finds its MX and SPF records: mail for it goes where `{target}` leads, and what it sends is judged by the records there"),
            )
            .at(alias.span, "the alias")
            .on(Object::Domain(name.to_string()))
            .domains([name.to_string()])
            .help("have the alias replaced by A and AAAA records, or by what the provider calls ALIAS or ANAME, and declare these (`a`) in place of `cname`"),
        );
    }
}
