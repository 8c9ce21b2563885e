//! # H007 subdomain-match-needs-relay
//!
//! ## What a clean result proves
//!
//! Every tenant that takes mail for unnamed subdomains passes it on to a location that can say which of them exist.
//!
//! ## Exact condition
//!
//! A tenant accepts a domain as authoritative and with `subdomains: true`.
//!
//! ## Severity
//!
//! error: a tenant matches subdomains only of domains that it relays, so mail for unnamed subdomains would be
//! refused.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud:
//!     kind: exchange-online
//!     tenant: contoso
//!     reject_direct_send: true
//!     accepts: [{domain: contoso.com, type: authoritative, subdomains: true}]
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud:
//!     kind: exchange-online
//!     tenant: contoso
//!     reject_direct_send: true
//!     accepts: [{domain: contoso.com, type: internal-relay, subdomains: true}]
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/enable-mail-flow-for-subdomains>
//! - `MatchSubDomains`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-accepteddomain>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::AcceptedType;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        if location.tenant().is_none() {
            continue;
        }
        for accepted in &plan.place(id).accepted {
            if !accepted.subdomains || accepted.kind != AcceptedType::Authoritative {
                continue;
            }
            let name = accepted.domain.as_str();
            findings.push(
                Finding::error(
                    Code::H007,
                    format!("`{}` cannot be authoritative for `{name}` and match its subdomains: mail for `*.{name}` would be refused", location.name),
                )
                .at(accepted.span, "authoritative, with subdomains")
                .on(Object::Domain(name.to_owned()))
                .on(Object::Location(location.name.clone()))
                .domains([format!("*.{name}")])
                .help(format!("write `{{domain: {name}, type: internal-relay, subdomains: true}}`")),
            );
        }
    }
}
