//! # T012 tls-inspection-between-hybrid
//!
//! ## What a clean result proves
//!
//! Cross-premises headers are asked for only where both ends can keep them and nothing stands between.
//!
//! ## Exact condition
//!
//! A route has `hybrid_headers: true` and is not a hop between an Exchange organization of 2013 or later and a tenant.
//!
//! ## Severity
//!
//! error where another product stands between an Exchange organization and a tenant, or an older organization or a partner
//! is one end: it strips the headers, so mail of our own comes in as an external sender's, or loops. note elsewhere: vendors of
//! services that hand a tenant's mail back to it ask for the headers on both connectors.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: relay}}
//!   relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.20], certificate: relay.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! routes:
//!   - {name: up, from: hq, to: relay, recipients: ["*"], hybrid_headers: true}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//!   relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.20], certificate: relay.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! routes:
//!   - {name: up, from: hq, to: cloud, recipients: ["*"], hybrid_headers: true}
//! ```
//!
//! ## Sources
//!
//! - Nothing may stand between the two: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::endpoints::can_keep_headers;
use crate::topology::{ExchangeVersion, LocationId, Party};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for route in plan
        .routes
        .iter()
        .filter(|route| route.hybrid_headers || route.wants_headers())
    {
        if can_keep_headers(&plan.topology, route) {
            continue;
        }
        let from = route.from.location();
        let odd = if is_tenant(plan, from) || is_exchange(plan, from) {
            route.to
        } else {
            route.from
        };
        let severity = if stands_between(plan, odd) {
            Severity::Error
        } else {
            Severity::Note
        };
        let odd = topology.party_name(odd);
        findings.push(
            Finding::new(
                Code::T012,
                severity,
                format!(
                    "`{}` asks for the cross-premises headers, and `{odd}` does not know them: internal mail that passes it arrives as external",
                    route.name
                ),
            )
            .at(route.origin.span(), "`hybrid_headers: true`")
            .on(Object::Route(route.name.clone()))
            .help("let the Exchange organization and the tenant talk to each other without anything between, or take `hybrid_headers` from the route"),
        );
    }
}

/// Whether a party stands between an Exchange organization and a tenant, or is no service of ours at all. Services that
/// take mail of a tenant and hand it back ask for the headers on both connectors.
fn stands_between(plan: &Plan, odd: Party) -> bool {
    let is_server = |end: Party| {
        let location = end.location().map(|id| plan.topology.location(id));
        location.is_some_and(|location| location.exchange_server().is_some())
    };
    let joined = |wanted: &dyn Fn(Party) -> bool| {
        plan.routes.iter().any(|route| {
            (route.from == odd && wanted(route.to)) || (route.to == odd && wanted(route.from))
        })
    };
    odd.location().is_none() || is_server(odd) || (joined(&is_server) && joined(&|end| is_tenant(plan, end.location())))
}

fn is_tenant(plan: &Plan, end: Option<LocationId>) -> bool {
    end.is_some_and(|id| plan.topology.location(id).tenant().is_some())
}

fn is_exchange(plan: &Plan, end: Option<LocationId>) -> bool {
    let server = end.and_then(|id| plan.topology.location(id).exchange_server());
    server.is_some_and(|server| server.version.value >= ExchangeVersion::V2013)
}
