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
//! error: another product strips the headers, so mail of our own comes in as a stranger's, or goes round.
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
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::Route;
use crate::topology::{ExchangeVersion, LocationId};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for route in plan
        .routes
        .iter()
        .filter(|route| route.hybrid_headers || route.wants_headers())
    {
        if is_between_exchange_and_tenant(plan, route) {
            continue;
        }
        let from = route.from.location();
        let odd = if is_tenant(plan, from) || is_exchange(plan, from) {
            route.to
        } else {
            route.from
        };
        let odd = topology.party_name(odd);
        findings.push(
            Finding::error(
                Code::T012,
                format!(
                    "`{}` shall keep the cross-premises headers, and `{odd}` does not know them: mail of our own that passes it comes in as a stranger's",
                    route.name
                ),
            )
            .at(route.origin.span(), "`hybrid_headers: true`")
            .on(Object::Route(route.name.clone()))
            .help("let the Exchange organization and the tenant talk to each other without anything between, or take `hybrid_headers` from the route"),
        );
    }
}

/// Whether a route is a hop between an Exchange organization that knows the headers and a tenant.
pub fn is_between_exchange_and_tenant(plan: &Plan, route: &Route) -> bool {
    let (from, to) = (route.from.location(), route.to.location());
    (is_tenant(plan, from) && is_exchange(plan, to))
        || (is_exchange(plan, from) && is_tenant(plan, to))
}

fn is_tenant(plan: &Plan, end: Option<LocationId>) -> bool {
    end.is_some_and(|id| plan.topology.location(id).tenant().is_some())
}

fn is_exchange(plan: &Plan, end: Option<LocationId>) -> bool {
    let server = end.and_then(|id| plan.topology.location(id).exchange_server());
    server.is_some_and(|server| server.version.value >= ExchangeVersion::V2013)
}
