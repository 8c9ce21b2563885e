//! # A012 restrict-vs-allow-partner
//!
//! ## What a clean result proves
//!
//! No connector of a tenant lets in whom another one shuts out.
//!
//! ## Exact condition
//!
//! A tenant takes mail of strangers from some places only (`accept_only_from`), and has an enabled connector for a partner
//! that goes by the sender's name alone. Which of the two wins is left open (R7). A connector that knows the partner by its
//! certificate or its addresses is found by them first, and is none of this.
//!
//! ## Severity
//!
//! warning: it rests on a reading. The connector for everybody may refuse what the partner's connector is there to take; that
//! it wins is said by the product group and not by the documents.
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
//!   bank: {domains: [bank.example], tls: {inbound: encrypted}, certificate: mail.bank.example, via: [cloud]}
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
//!   bank: {domains: [bank.example], tls: {inbound: verified}, certificate: mail.bank.example, via: [cloud]}
//! ```
//!
//! ## Sources
//!
//! - Which of the two wins: <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/issues/900>
//! - Certificate and address are looked at first: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>

use super::{Check, Run};
use crate::finding::{Certainty, Finding, Findings, Object, Severity};
use crate::plan::exchange_online::{ConnectorType, InboundConnector};
use crate::plan::{Configuration, Plan};
use crate::topology::Party;

/// The check.
pub const CHECK: Check = Check {
    code: "A012",
    name: "restrict-vs-allow-partner",
    severity: Severity::Warning,
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
        for connector in enabled().filter(|connector| goes_by_name(connector)) {
            for route in connector.routes.iter().map(|id| plan.route(*id)) {
                let Party::Partner(partner) = route.from else {
                    continue;
                };
                let partner = &plan.topology.partner(partner).name;
                let mut finding = Finding::warning(
                    "A012",
                    format!(
                        "`{}` takes mail of `{partner}` by `{}`, and `{}` refuses everybody but its own: the documents leave open whether mail of `{partner}` is refused",
                        location.name, connector.name, lock.name
                    ),
                )
                .at(route.origin.span(), format!("`{partner}` is to be let in"))
                .at(span, "everybody else is shut out")
                .on(Object::Partner(partner.clone()))
                .help(format!(
                    "let `{}` know `{partner}` by its certificate (`tls: {{inbound: verified}}`) or by its `addresses`, or let its mail enter where everybody's does and take `via` from it",
                    location.name
                ));
                finding.certainty = Certainty::Possible;
                finding.readings = vec!["R7"];
                findings.push(finding);
            }
        }
    }
}

/// Whether a partner's connector knows its sender by nothing but the name that it writes.
fn goes_by_name(connector: &InboundConnector) -> bool {
    connector.connector_type == ConnectorType::Partner
        && connector.lockdown.is_none()
        && !connector.restrict_domains_to_certificate
        && !connector.restrict_domains_to_ip_addresses
}
