//! # A012 restrict-vs-allow-partner
//!
//! ## What a clean result proves
//!
//! No connector of a tenant lets in whom another one shuts out.
//!
//! ## Exact condition
//!
//! A tenant takes mail of external senders from some locations only (`accept_only_from`), and mail of a partner enters there (`via`, or
//! a written route) over an enabled connector that goes by the sender's name alone. The connector that restricts wins:
//! partner connectors are looked up by address or certificate where mail is refused. A connector that knows the partner by
//! its certificate or its addresses is found by them first, and is none of this.
//!
//! ## Severity
//!
//! error: the partner's mail is refused (5.7.51).
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
//! - The connector that restricts takes precedence: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/use-connectors-to-configure-mail-flow>
//! - Since June 2019: <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/pull/1041>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::routes::Route;
use crate::source::Span;
use crate::topology::{LocationId, PartnerId, Party};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        for clash in clashes(plan, id) {
            let demands = plan.topology.partner(clash.partner).tls_inbound.is_some();
            let partner = &plan.topology.partner(clash.partner).name;
            // Where all other mail enters nobody holds the partner to the TLS that was agreed.
            let or_elsewhere = if demands { "" } else { ", or let its mail enter where all other mail does and remove its `via`" };
            findings.push(
                Finding::error(
                    Code::A012,
                    format!(
                        "mail of `{partner}` is refused at `{}`: `{}` takes it by the sender's name alone, and `{}`, which refuses everybody but its own, wins over such a connector (5.7.51)",
                        location.name, clash.taking.name, clash.lock.name
                    ),
                )
                .at(clash.route.origin.span(), format!("`{partner}` must be admitted"))
                .at(clash.span, "rejects all other senders")
                .on(Object::Partner(partner.clone()))
                .help(format!(
                    "let `{}` know `{partner}` by its certificate (`tls: {{inbound: verified}}`) or by its `addresses`{or_elsewhere}",
                    location.name
                )),
            );
        }
    }
}

/// A connector for a partner that gives way to one that restricts.
pub(crate) struct Clash<'a> {
    /// Whose mail is refused.
    pub partner: PartnerId,
    /// By which it should be let in.
    route: &'a Route,
    /// The connector that should take it.
    taking: &'a InboundConnector,
    /// The connector that wins.
    lock: &'a InboundConnector,
    /// Where the spec asks for that.
    span: Span,
}

/// The clashes at a place.
pub(crate) fn clashes(plan: &Plan, at: LocationId) -> Vec<Clash<'_>> {
    let Configuration::ExchangeOnline(tenant) = &plan.place(at).configuration else {
        return Vec::new();
    };
    let enabled = || tenant.inbound.iter().filter(|connector| connector.enabled);
    let Some(lock) = enabled().find(|connector| connector.is_lock()) else {
        return Vec::new();
    };
    let route = lock.routes.first().map(|id| plan.route(*id));
    let Some(span) = lock.lockdown.or(route.map(|route| route.origin.span())) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for taking in enabled().filter(|connector| goes_by_name(connector)) {
        for route in taking.routes.iter().map(|id| plan.route(*id)) {
            let Party::Partner(partner) = route.from else {
                continue;
            };
            let mut via = plan.topology.partner(partner).via.iter();
            if route.is_written() || via.any(|via| via.value == at) {
                found.push(Clash {
                    partner,
                    route,
                    taking,
                    lock,
                    span,
                });
            }
        }
    }
    found
}

/// Whether a partner's connector knows its sender by nothing but the name that it writes.
fn goes_by_name(connector: &InboundConnector) -> bool {
    connector.connector_type == ConnectorType::Partner && !connector.restricts()
}
