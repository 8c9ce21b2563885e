//! # E004 onpremises-only-flag-on-partner
//!
//! ## What a clean result proves
//!
//! No connector of the type Partner carries a setting that works on connectors to our own servers alone.
//!
//! ## Exact condition
//!
//! A Partner connector of a tenant has `AllAcceptedDomains` or `RouteAllMessagesViaOnPremises`: a route to a partner with
//! `recipients: accepted-domains`. (`hybrid_headers: true` on such a route is T012.)
//!
//! ## Severity
//!
//! error: Exchange Online refuses the setting or does nothing about it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   archive: {domains: [journal.archive.example], hosts: [smtp.archive.example]}
//! routes:
//!   - {name: Journal, from: cloud, to: archive, recipients: accepted-domains}
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
//! partners:
//!   archive: {domains: [journal.archive.example], hosts: [smtp.archive.example]}
//! routes:
//!   - {name: Journal, from: cloud, to: archive, recipients: [journal.archive.example]}
//! ```
//!
//! ## Sources
//!
//! - `AllAcceptedDomains`, `RouteAllMessagesViaOnPremises`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::ConnectorType;
use crate::routes::Route;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for place in &plan.places {
        let Configuration::ExchangeOnline(online) = &place.configuration else {
            continue;
        };
        for connector in online
            .outbound
            .iter()
            .filter(|c| c.connector_type == ConnectorType::Partner)
        {
            let route = plan.route(connector.route);
            if connector.all_accepted_domains {
                findings.push(refuse(
                    plan,
                    route,
                    "takes all accepted domains",
                    "name the domains: `recipients: [contoso.com]`",
                ));
            }
            if connector.route_all_messages_via_on_premises {
                findings.push(refuse(
                    plan,
                    route,
                    "is the detour of centralized transport",
                    "make the detour through a location: `sends: {via: LOCATION}`",
                ));
            }
        }
    }
}

fn refuse(plan: &Plan, route: &Route, what: &str, help: &str) -> Finding {
    let ends = [route.from, route.to].map(|party| plan.topology.party_name(party));
    Finding::error(
        Code::E004,
        format!(
            "the connector for `{}` {what}, which only connectors to our own servers can: mail from `{}` to `{}` would not follow it",
            route.name, ends[0], ends[1]
        ),
    )
    .at(route.origin.span(), "leads to a server outside the organization")
    .on(Object::Route(route.name.clone()))
    .help(help)
}
