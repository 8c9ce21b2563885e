//! # A012 restrict-vs-allow-partner
//!
//! ## What a clean result proves
//!
//! No connector of a tenant lets in whom another one shuts out.
//!
//! ## Exact condition
//!
//! A tenant takes mail of strangers from some places only (`accept_only_from`), and has an enabled connector for a partner
//! whose mail comes from elsewhere.
//!
//! ## Severity
//!
//! error: the connector for everybody refuses what the partner's connector is there to take; that it wins is said by the
//! product group and not by the documents.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: mx.filter.example, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: gw}
//! partners:
//!   bank: {domains: [bank.example], tls: {inbound: verified}, certificate: mail.bank.example, via: [cloud]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: mx.filter.example, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: gw}
//! partners:
//!   bank: {domains: [bank.example], certificate: mail.bank.example}
//! ```
//!
//! ## Sources
//!
//! - Which of the two wins: <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/issues/900>

use super::{Check, Run};
use crate::finding::{Finding, Findings, Object, Severity};
use crate::plan::{Configuration, Plan};
use crate::topology::Party;

/// The check.
pub const CHECK: Check = Check {
    code: "A012",
    name: "restrict-vs-allow-partner",
    severity: Severity::Error,
    source: include_str!("a012_restrict_vs_allow_partner.rs"),
    run: Run::Plan(run),
};

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            continue;
        };
        let enabled = || tenant.inbound.iter().filter(|connector| connector.enabled);
        let Some((lock, span)) =
            enabled().find_map(|connector| Some((connector, connector.lockdown?)))
        else {
            continue;
        };
        for connector in enabled().filter(|connector| connector.lockdown.is_none()) {
            for route in connector.routes.iter().map(|id| plan.route(*id)) {
                let Party::Partner(partner) = route.from else {
                    continue;
                };
                let partner = &plan.topology.partner(partner).name;
                findings.push(
                    Finding::error(
                        "A012",
                        format!(
                            "`{}` takes mail of `{partner}` by `{}`, and `{}` refuses everybody but its own: mail of `{partner}` is refused",
                            location.name, connector.name, lock.name
                        ),
                    )
                    .at(route.origin.span(), format!("`{partner}` is to be let in"))
                    .at(span, "everybody else is shut out")
                    .on(Object::Partner(partner.clone()))
                    .help(format!(
                        "let mail of `{partner}` enter where everybody's does: take `via` and the inbound `tls` from it, or lift `accept_only_from`"
                    )),
                );
            }
        }
    }
}
