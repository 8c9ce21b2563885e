//! # H007 subdomain-match-needs-relay
//!
//! ## What a clean result proves
//!
//! Every tenant that takes mail for unnamed subdomains passes it on to a place that can say which of them exist.
//!
//! ## Exact condition
//!
//! A tenant accepts a domain with `subdomains: true` as authoritative, or holds all mailboxes of a domain with
//! `subdomains: true`.
//!
//! ## Severity
//!
//! error: a tenant matches subdomains only of domains that it relays, and what it relays must end somewhere else;
//! mail for unnamed subdomains would be refused or go round.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, subdomains: true}
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
//!   sales.contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/enable-mail-flow-for-subdomains>
//! - `MatchSubDomains`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-accepteddomain>

use super::{Check, Run};
use crate::finding::Severity;
use crate::finding::{Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::AcceptedType;

/// The check.
pub const CHECK: Check = Check {
    code: "H007",
    name: "subdomain-match-needs-relay",
    severity: Severity::Error,
    source: include_str!("h007_subdomain_match_needs_relay.rs"),
    run: Run::Plan(run),
};

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        if location.tenant().is_none() {
            continue;
        }
        for accepted in plan
            .place(id)
            .accepted
            .iter()
            .filter(|accepted| accepted.subdomains)
        {
            let name = accepted.domain.as_str();
            let declared = plan
                .topology
                .domain_named(&accepted.domain)
                .map(|id| plan.topology.domain(id));
            let holds_all = declared.is_some_and(|domain| {
                !domain.holders.is_empty() && domain.holder_ids().all(|holder| holder == id)
            });
            if accepted.kind != AcceptedType::Authoritative && !holds_all {
                continue;
            }
            let (span, at) = match declared {
                Some(domain) if holds_all => (domain.span, "takes unnamed subdomains"),
                _ => (accepted.span, "authoritative, with subdomains"),
            };
            findings.push(
                Finding::error(
                    "H007",
                    if holds_all {
                        format!("`{}` holds the mailboxes of `{name}` and cannot take mail for its unnamed subdomains: only a domain that is passed on can match them, and there is nowhere to pass it on to", location.name)
                    } else {
                        format!("`{}` cannot be authoritative for `{name}` and match its subdomains: mail for `*.{name}` would be refused", location.name)
                    },
                )
                .at(span, at)
                .on(Object::Domain(name.to_owned()))
                .on(Object::Location(location.name.clone()))
                .domains([format!("*.{name}")])
                .help(if holds_all {
                    format!("delete `subdomains: true` and name the subdomains that exist: `sales.{name}: {{mailboxes: {}}}`", location.name)
                } else {
                    format!("write `{{domain: {name}, type: internal-relay, subdomains: true}}`")
                }),
            );
        }
    }
}
