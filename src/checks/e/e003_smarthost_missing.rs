//! # E003 smarthost-missing
//!
//! ## What a clean result proves
//!
//! Every connector toward one of our own locations has a host to hand its mail to.
//!
//! ## Exact condition
//!
//! A route that is on ends at a location whose `smart_hosts` and `hosts` are empty, or hold only private addresses
//! where a tenant sends; a tenant would find our own servers by MX, or by an address that is private or IPv6; or a
//! connector cannot express where a route hands its mail.
//!
//! ## Severity
//!
//! error: the mail waits at the sending end until it expires, or goes back to the MX and round again.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
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
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
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
//! - `SmartHosts` and `UseMXRecord`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::{NextHop, Route};
use crate::topology::{LocationId, Party};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Looks at what other products send; the connectors of a tenant are looked at where they are made.
fn run(plan: &Plan, findings: &mut Findings) {
    let mut by_receiver: BTreeMap<LocationId, Vec<&Route>> = BTreeMap::new();
    for route in plan
        .routes
        .iter()
        .filter(|route| route.enabled && route.next_hop == NextHop::Unknown)
    {
        let from_tenant = route
            .from
            .location()
            .is_some_and(|id| plan.topology.location(id).tenant().is_some());
        if let (Party::Location(_), Party::Location(to), false) =
            (route.from, route.to, from_tenant)
        {
            // The host of a tenant is a fact, and what is withheld for want of it is said elsewhere.
            if plan.topology.location(to).tenant().is_none() {
                by_receiver.entry(to).or_default().push(route);
            }
        }
    }
    for (to, routes) in by_receiver {
        let location = plan.topology.location(to);
        let senders = listed(
            routes
                .iter()
                .map(|route| plan.topology.party_name(route.from)),
        );
        let mut finding = Finding::error(
            Code::E003,
            format!("`{}` has no `hosts`, so {senders} cannot hand it any mail: it waits there and then bounces", location.name),
        )
        .at(location.span, "no host takes its mail")
        .on(Object::Location(location.name.clone()))
        .help(format!("write `hosts: [HOST]` at `{}`, with the name of its own server", location.name));
        for route in routes.iter().filter(|route| has_connectors(plan, route)) {
            finding = finding.withholds(format!("the connector `{}`", route.name));
        }
        if let Some(route) = routes.first() {
            finding = finding.at(route.origin.span(), format!("`{}` ends there", route.name));
        }
        findings.push(finding);
    }
}

/// Whether the sender's product has a connector for each route. Postfix has an entry that lets the mail wait.
fn has_connectors(plan: &Plan, route: &Route) -> bool {
    route.from.location().is_some_and(|from| {
        let location = plan.topology.location(from);
        location.exchange_server().is_some()
    })
}
