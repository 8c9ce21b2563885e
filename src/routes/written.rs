//! Written routes: taken as they stand, and winning over derived ones for the same pattern. What depends on their ends
//! is filled in with that of all others.

use crate::routes::{NextHop, Origin, Route, RoutePattern, partners};
use crate::topology::{Party, Recipients, SmartHosts, Topology, WrittenRoute};
use crate::values::Pattern;
use std::collections::BTreeSet;

/// Adds the written routes and takes their patterns from the derived ones.
pub(crate) fn add(topology: &Topology, routes: &mut Vec<Route>) {
    let written: Vec<Route> = topology
        .routes
        .iter()
        .map(|route| as_written(topology, route))
        .collect();
    let mut claimed: BTreeSet<(Party, Pattern)> = BTreeSet::new();
    let mut pairs: BTreeSet<(Party, Party)> = BTreeSet::new();
    for route in written.iter().filter(|route| !route.only_by_rule) {
        match route.from {
            Party::Location(_) => claimed.extend(
                route
                    .recipients
                    .iter()
                    .map(|at| (route.from, at.pattern.clone())),
            ),
            _ => {
                pairs.insert((route.from, route.to));
            }
        }
    }
    routes.retain_mut(|route| {
        if route.only_by_rule {
            return true;
        }
        route
            .recipients
            .retain(|at| !claimed.contains(&(route.from, at.pattern.clone())));
        !route.recipients.is_empty() && !pairs.contains(&(route.from, route.to))
    });
    routes.extend(written);
}

fn as_written(topology: &Topology, written: &WrittenRoute) -> Route {
    let name = written.name.as_ref().map_or_else(
        || {
            format!(
                "{} to {}",
                topology.party_name(written.from.value),
                topology.party_name(written.to.value)
            )
        },
        |name| name.value.clone(),
    );
    let recipients: BTreeSet<RoutePattern> = match &written.recipients.value {
        Recipients::AcceptedDomains => [RoutePattern {
            pattern: Pattern::AcceptedDomains,
            span: written.recipients.span,
        }]
        .into(),
        Recipients::Patterns(patterns) => patterns
            .iter()
            .map(|at| RoutePattern {
                pattern: at.value.clone(),
                span: at.span,
            })
            .collect(),
    };
    let mut route = Route::blank(
        name,
        written.from.value,
        written.to.value,
        recipients.into_iter().collect(),
        Origin::Written(written.span),
    );
    route.is_named = written.name.is_some();
    route.former_name = written.renamed_from.as_ref().map(|at| at.value.clone());
    match &written.smart_hosts {
        SmartHosts::OfReceiver => {}
        SmartHosts::Mx => route.next_hop = NextHop::Mx,
        SmartHosts::Hosts(hosts) => {
            route.next_hop = NextHop::SmartHosts(hosts.iter().map(|at| at.value.clone()).collect());
        }
    }
    route.cost = written.cost;
    route.enabled = written.enabled.value;
    route.only_by_rule = written.only_by_rule;
    route.senders = match written.from.value {
        Party::Partner(id) if written.senders.is_empty() => partners::senders(topology.partner(id)),
        _ => written.senders.iter().map(|at| at.value.clone()).collect(),
    };
    route.senders.sort();
    route.skip_listing_users = written
        .skip_listing_users
        .iter()
        .map(|at| at.value.clone())
        .collect();
    route.transport = written.transport.as_ref().map(|at| at.value.clone());
    route.auth = written.auth.as_ref().map(|at| at.value.clone());
    route.servers = written.servers.iter().map(|at| at.value.clone()).collect();
    route.only_for = written.only_for.iter().map(|at| at.value.clone()).collect();
    route.only_for.sort();
    route.only_for.dedup();
    route.trusted = written.trusted;
    route
}
