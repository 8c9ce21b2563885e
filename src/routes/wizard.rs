//! What the Hybrid Configuration Wizard makes, and what stays ours beside it.
//!
//! Between servers and a tenant the wizard owns the connectors of both ends. On the servers it makes one Send connector,
//! for the tenant's routing domain, by which they reach the mailboxes that they know as remote. It never makes one for
//! everything, for partners, or for rules. This module must not know how a connector looks.
//! Source: <https://learn.microsoft.com/exchange/transport-routing>

use crate::routes::held_domains::Holdings;
use crate::routes::{Route, RoutePattern};
use crate::topology::{LocationId, Tenant, Topology};
use crate::values::{DomainName, Pattern};
use std::collections::BTreeSet;

/// Marks the routes that the wizard configures. What servers send to the tenant beside them becomes a route of ours.
pub(crate) fn set_apart(topology: &Topology, routes: &mut Vec<Route>) {
    if !topology
        .locations()
        .any(|(_, location)| location.tenant().is_some_and(Tenant::has_hybrid_wizard))
    {
        return;
    }
    let holdings = Holdings::of(topology);
    let mut ours = Vec::new();
    for route in routes.iter_mut().filter(|route| !route.only_by_rule) {
        if !joins(topology, route) {
            continue;
        }
        let tenant = route.to.location().filter(|&to| is_tenant(topology, to));
        let Some(tenant) = tenant else {
            route.by_wizard = true;
            continue;
        };
        let reached: BTreeSet<&Pattern> = holdings.of_location(tenant).collect();
        let (by_wizard, rest): (Vec<RoutePattern>, Vec<RoutePattern>) = route
            .recipients
            .iter()
            .cloned()
            .partition(|at| reached.contains(&at.pattern));
        let by_wizard = if by_wizard.is_empty() {
            coexistence(topology, tenant, &reached, &rest)
        } else {
            by_wizard
        };
        if by_wizard.is_empty() {
            continue;
        }
        if !rest.is_empty() {
            let mut besides = route.clone();
            besides.recipients = rest;
            ours.push(besides);
            route.name.push_str(" by wizard");
            route.recipients = by_wizard;
        }
        route.by_wizard = true;
    }
    routes.extend(ours);
}

/// The routing domain, where a route for everything covers it without naming it.
fn coexistence(
    topology: &Topology,
    tenant: LocationId,
    reached: &BTreeSet<&Pattern>,
    rest: &[RoutePattern],
) -> Vec<RoutePattern> {
    let everything = rest.iter().find(|at| at.pattern == Pattern::Any);
    let routing = topology
        .location(tenant)
        .tenant()
        .and_then(|tenant| DomainName::parse(&tenant.routing_domain()).ok())
        .map(Pattern::Exact)
        .filter(|name| reached.contains(name));
    let (Some(everything), Some(pattern)) = (everything, routing) else {
        return Vec::new();
    };
    vec![RoutePattern {
        pattern,
        span: everything.span,
    }]
}

/// The other half of the hybrid organization: the tenants with a wizard of an Exchange organization, or the Exchange
/// organizations of such a tenant.
pub(crate) fn linked(topology: &Topology, id: LocationId) -> Vec<LocationId> {
    let location = topology.location(id);
    if location.exchange_server().is_none() && location.tenant().is_none() {
        return Vec::new();
    }
    topology
        .locations()
        .map(|(other, _)| other)
        .filter(|&other| are_halves(topology, id, other) || are_halves(topology, other, id))
        .collect()
}

/// Whether the wizard joins this server with this tenant.
fn are_halves(topology: &Topology, server: LocationId, tenant: LocationId) -> bool {
    topology.location(server).exchange_server().is_some()
        && topology
            .location(tenant)
            .tenant()
            .is_some_and(Tenant::has_hybrid_wizard)
}

/// Whether the wizard owns what takes mail at the end of this route: it knows the other side by its certificate, whatever
/// the mail is.
pub(crate) fn joins(topology: &Topology, route: &Route) -> bool {
    let (Some(from), Some(to)) = (route.from.location(), route.to.location()) else {
        return false;
    };
    are_halves(topology, from, to) || are_halves(topology, to, from)
}

fn is_tenant(topology: &Topology, id: LocationId) -> bool {
    topology.location(id).tenant().is_some()
}
