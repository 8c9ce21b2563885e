//! Routes of one location against each other: which are never used, and which tie.

use crate::plan::{Configuration, Plan};
use crate::routes::{NextHop, Route, RouteId};
use crate::topology::{LocationId, Party};
use crate::values::{Pattern, TlsLevel};
use crate::walk::{Class, ClassKind, Flows, Home};
use std::collections::{BTreeMap, BTreeSet};

/// A written route that no mail takes.
pub(super) struct Unused<'a> {
    /// The route.
    pub route: &'a Route,
    /// Where it starts.
    pub at: LocationId,
    /// The classes that it is for, each with the routes that would take them there.
    pub classes: Vec<(&'a Class, Vec<RouteId>)>,
    /// It would take one of them, or nothing would, and none comes.
    pub would_win: bool,
}

/// Written and enabled routes of our places that are on no way; none where there are too many ways to tell.
pub(super) fn unused<'a>(flows: &'a Flows<'_>) -> Vec<Unused<'a>> {
    let mut routes = flows.model.plan.routes();
    if !routes.any(|(_, route)| takes_part(route)) || flows.flows.iter().any(|flow| flow.trace.cut)
    {
        return Vec::new();
    }
    let ways = || flows.flows.iter().flat_map(|flow| &flow.trace.ways);
    let hops = || ways().flat_map(|way| &way.hops);
    let passed: BTreeSet<&str> = hops().map(|hop| hop.at.as_str()).collect();
    let ends: BTreeSet<RouteId> = ways().filter_map(|way| way.end.route).collect();
    let mut used: BTreeSet<&str> = BTreeSet::new();
    let mut by_mx: BTreeSet<&str> = BTreeSet::new();
    for hop in hops() {
        match hop.by.strip_prefix("route:") {
            Some(name) => used.insert(name),
            None => by_mx.insert(&hop.at),
        };
    }
    let mut list = Vec::new();
    for (id, route) in flows.model.plan.routes() {
        let Some(at) = route.from.location() else {
            continue;
        };
        let place = flows.model.plan.topology.location(at).name.as_str();
        // Postfix follows the MX without a table, so a route that says so is in none.
        let is_default = route.covers_everything() && route.next_hop == NextHop::Mx;
        if !takes_part(route)
            || used.contains(route.name.as_str())
            || ends.contains(&id)
            || (is_default && by_mx.contains(place))
        {
            continue;
        }
        let classes: Vec<(&Class, Vec<RouteId>)> = flows
            .population
            .classes
            .iter()
            .filter(|class| {
                let name = class.witness.domain();
                flows.model.pattern_for(at, route, name).is_some()
            })
            .map(|class| (class, flows.model.chosen(at, class)))
            .collect();
        // Where no mail passes, no other route takes it away.
        let would_win = !passed.contains(place)
            || classes.iter().any(|(_, chosen)| chosen.contains(&id))
            || classes.iter().all(|(_, chosen)| chosen.is_empty());
        list.push(Unused {
            route,
            at,
            classes,
            would_win,
        });
    }
    list
}

fn takes_part(route: &Route) -> bool {
    route.is_written() && route.enabled && !route.only_by_rule
}

/// Two routes of one place between which only their names decide, or nothing.
pub(super) struct Tie<'a> {
    /// Where they start.
    pub at: LocationId,
    /// The one whose name comes first.
    pub first: &'a Route,
    /// The other.
    pub second: &'a Route,
    /// What both are for.
    pub patterns: BTreeSet<&'a Pattern>,
}

/// Routes with a start, a pattern and a cost in common.
type Equals<'a> = Vec<(RouteId, &'a Route)>;

/// Ties at places of one product, as `wanted` tells it.
pub(super) fn ties<'a>(
    flows: &'a Flows<'_>,
    wanted: impl Fn(&Configuration) -> bool,
) -> Vec<Tie<'a>> {
    let plan = flows.model.plan;
    let mut equal: BTreeMap<(Party, &Pattern, u32), Equals<'_>> = BTreeMap::new();
    let open = |route: &Route| route.enabled && !route.only_by_rule;
    for (id, route) in plan.routes().filter(|(_, route)| open(route)) {
        for at in &route.recipients {
            let key = (route.from, &at.pattern, route.cost);
            equal.entry(key).or_default().push((id, route));
        }
    }
    let mut ties: BTreeMap<(RouteId, RouteId), Tie<'_>> = BTreeMap::new();
    for ((from, pattern, _), mut routes) in equal {
        let Some(at) = from
            .location()
            .filter(|at| wanted(&plan.place(*at).configuration))
        else {
            continue;
        };
        routes.sort_by_key(|(_, route)| route.name.to_lowercase());
        let [(first_id, first), .., (second_id, second)] = routes.as_slice() else {
            continue;
        };
        if leads_alike(first, second) || !is_open(flows, at, pattern, &routes) {
            continue;
        }
        let tie = ties.entry((*first_id, *second_id)).or_insert_with(|| Tie {
            at,
            first,
            second,
            patterns: BTreeSet::new(),
        });
        tie.patterns.insert(pattern);
    }
    ties.into_values().collect()
}

/// Whether mail for some name comes down to these routes, and where the mailboxes are does not decide.
fn is_open(
    flows: &Flows<'_>,
    at: LocationId,
    pattern: &Pattern,
    routes: &[(RouteId, &Route)],
) -> bool {
    let is_exchange = matches!(
        flows.model.plan.place(at).configuration,
        Configuration::ExchangeServer(_)
    );
    flows.population.classes.iter().any(|class| {
        let name = class.witness.domain();
        let matches = match pattern {
            Pattern::AcceptedDomains => flows.model.accepted(at, name).is_some(),
            pattern => pattern.matches(name),
        };
        let here = matches!(class.kind, ClassKind::Mailboxes(home) | ClassKind::Subdomain(Home::At(home)) if home == at);
        // Who has no mailbox is refused wherever the mail goes.
        if !matches || here || class.kind == ClassKind::Unknown {
            return false;
        }
        let chosen = flows.model.chosen(at, class);
        let leading = flows.model.nearest(at, routes, class);
        routes.iter().any(|(id, _)| chosen.contains(id)) && (is_exchange || leading != 1)
    })
}

/// Two routes to the same hosts with the same TLS make no difference.
pub(super) fn leads_alike(a: &Route, b: &Route) -> bool {
    let target = |route: &Route| -> (Party, NextHop, TlsLevel) {
        (route.to, route.next_hop.clone(), route.tls)
    };
    target(a) == target(b)
}

/// The names of the routes that would take what an unused one is for.
pub(super) fn takers<'a>(plan: &'a Plan, unused: &Unused<'_>) -> BTreeSet<&'a str> {
    let chosen = unused.classes.iter().flat_map(|(_, chosen)| chosen);
    chosen.map(|id| plan.route(*id).name.as_str()).collect()
}
