//! Derivation: from locations, domains, partners and devices to the routes that are needed in every direction.
//!
//! First the routes with their patterns, then what every place accepts along them, then what only then is known: next
//! hops, and the objects of each product.

use crate::finding::Findings;
use crate::routes::held_domains::Holdings;
use crate::routes::sending_tree::sends_span;
use crate::routes::{Reason, Route, RoutePattern, SendingTree, partners, split, wizard, written};
use crate::source::{At, Span};
use crate::topology::{
    GatewayTarget, Handling, LocationId, Method, Party, Routing, RuleTarget, SendsTo, Topology,
};
use crate::values::Pattern;
use std::collections::{BTreeMap, BTreeSet};

/// Every route there will be, derived or written, by their ends and names.
pub(crate) fn derive(
    topology: &Topology,
    tree: &SendingTree,
    findings: &mut Findings,
) -> Vec<Route> {
    let mut routes = Vec::new();
    if topology.routing == Routing::Derived {
        routes = between_locations(topology, tree);
        routes.extend(partners::routes(topology, tree));
        partners::add_to_ways(topology, tree, &mut routes);
    }
    routes.extend(forwards(topology));
    routes.extend(devices(topology));
    routes.extend(rules(topology));
    leave_to_rules(topology, &mut routes);
    written::add(topology, &mut routes);
    if topology.routing == Routing::Derived {
        split::settle(topology, tree, &mut routes, findings);
    }
    wizard::set_apart(topology, &mut routes);
    name_apart(&mut routes);
    routes.sort_by(|a, b| (a.from, a.to, &a.name).cmp(&(b.from, b.to, &b.name)));
    routes
}

/// Up to the parent, down to the children, across between roots and the halves of a hybrid organization, and out to the
/// Internet.
fn between_locations(topology: &Topology, tree: &SendingTree) -> Vec<Route> {
    let holdings = Holdings::of(topology);
    let below = holdings.under_each(tree);
    let roots: Vec<LocationId> = tree.roots().collect();
    let mut children: Vec<Vec<LocationId>> = vec![Vec::new(); topology.locations.len()];
    for (id, _) in topology.locations() {
        if let Some(parent) = tree.parent(id) {
            children[parent.value.index()].push(id);
        }
    }
    let mut routes = Vec::new();
    for (id, location) in topology.locations() {
        let from = Party::Location(id);
        let span = sends_span(topology, tree, id);
        let everything = vec![RoutePattern {
            pattern: Pattern::Any,
            span,
        }];
        match tree.parent(id) {
            Some(parent) => {
                let centralized = location
                    .tenant()
                    .is_some_and(crate::topology::Tenant::has_centralized_transport);
                let reason = if centralized {
                    Reason::CentralizedTransport
                } else {
                    Reason::ToParent
                };
                routes.push(derived(
                    topology,
                    from,
                    Party::Location(parent.value),
                    everything,
                    At::new(reason, parent.span),
                ));
            }
            None if !location.forwards_only() => {
                routes.push(derived(
                    topology,
                    from,
                    Party::Internet,
                    everything,
                    At::new(Reason::ToInternet, span),
                ));
            }
            None => {}
        }
        if location.forwards_only() {
            continue;
        }
        let parent = tree.parent(id).map(|at| at.value);
        let down = children.get(id.index()).into_iter().flatten().copied();
        let down: Vec<LocationId> = down.collect();
        let roots = roots.iter().filter(|_| parent.is_none()).copied();
        let across: BTreeSet<LocationId> = roots
            .chain(tree.linked(id).iter().copied())
            .filter(|other| *other != id && Some(*other) != parent && !down.contains(other))
            .collect();
        let mut linked = holdings.by_next_hop(tree, id);
        let onward = down
            .into_iter()
            .map(|child| (child, Reason::ToChild))
            .chain(
                across
                    .into_iter()
                    .map(|other| (other, Reason::BetweenRoots)),
            );
        for (other, reason) in onward {
            let patterns = match &mut linked {
                Some(linked) => linked.remove(&other).unwrap_or_default(),
                None => below.get(other.index()).cloned().unwrap_or_default(),
            };
            let (round, straight): (Vec<_>, Vec<_>) = patterns
                .into_iter()
                .partition(|at| past_the_lock(topology, id, other, at).is_some());
            if let Some(first) = straight.first() {
                let span = first.span;
                routes.push(derived(
                    topology,
                    from,
                    Party::Location(other),
                    straight,
                    At::new(reason, span),
                ));
            }
            for at in round {
                let Some(over) = past_the_lock(topology, id, other, &at).map(Party::Location)
                else {
                    continue;
                };
                let reason = At::new(Reason::OverLock, at.span);
                let mut known = routes.iter_mut();
                match known.find(|route| route.from == from && route.to == over) {
                    Some(known) => known.recipients.push(at),
                    None => routes.push(derived(topology, from, over, vec![at], reason)),
                }
            }
        }
    }
    routes
}

/// The place that mail between two tenants goes over, because the second takes mail of strangers from there alone: nothing
/// tells it the first tenant from all others of the provider.
fn past_the_lock(
    topology: &Topology,
    from: LocationId,
    to: LocationId,
    recipients: &RoutePattern,
) -> Option<LocationId> {
    let receiver = topology.location(to);
    let both = topology.location(from).tenant().is_some() && receiver.tenant().is_some();
    let only = receiver.accept_only_from.as_ref().filter(|_| both)?;
    let Pattern::Exact(name) = &recipients.pattern else {
        return None;
    };
    let forwards = |id: LocationId| {
        let handling = topology.location(id).handling();
        let mut forwards = handling.iter().flat_map(|handling| &handling.forwards);
        forwards.any(|(pattern, target)| {
            target.value == Party::Location(to) && pattern.value.matches(name)
        })
    };
    only.value.iter().copied().find(|&id| forwards(id))
}

/// What gateways do with mail that comes in from elsewhere.
fn forwards(topology: &Topology) -> Vec<Route> {
    let mut routes = Vec::new();
    for (id, location) in topology.locations() {
        let Some(Handling { forwards, .. }) = location.handling() else {
            continue;
        };
        let mut by_target: BTreeMap<Party, (Span, BTreeSet<RoutePattern>)> = BTreeMap::new();
        for (pattern, target) in forwards {
            let target: &GatewayTarget = target;
            let entry = by_target
                .entry(target.value)
                .or_insert((pattern.span, BTreeSet::new()));
            entry.1.insert(RoutePattern {
                pattern: pattern.value.clone(),
                span: pattern.span,
            });
        }
        for (target, (span, patterns)) in by_target {
            routes.push(derived(
                topology,
                Party::Location(id),
                target,
                patterns.into_iter().collect(),
                At::new(Reason::Forwards, span),
            ));
        }
    }
    routes
}

/// How the mail of devices is taken.
fn devices(topology: &Topology) -> Vec<Route> {
    topology
        .devices()
        .map(|(id, device)| {
            let one = |pattern| {
                vec![RoutePattern {
                    pattern,
                    span: device.span,
                }]
            };
            let patterns = match (&device.sends_to, device.method.value) {
                (_, Method::DirectSend | Method::HighVolume) | (SendsTo::Internal, _) => {
                    one(Pattern::AcceptedDomains)
                }
                (SendsTo::Anyone, _) => one(Pattern::Any),
                (SendsTo::Patterns(patterns), _) => patterns
                    .iter()
                    .map(|at| RoutePattern {
                        pattern: at.value.clone(),
                        span: at.span,
                    })
                    .collect(),
            };
            derived(
                topology,
                Party::Device(id),
                Party::Location(device.via.value),
                patterns,
                At::new(Reason::Device, device.span),
            )
        })
        .collect()
}

/// Routes that a rule asks for by naming a location or partner.
fn rules(topology: &Topology) -> Vec<Route> {
    let mut wanted: BTreeMap<(LocationId, Party), Span> = BTreeMap::new();
    for rule in &topology.rules {
        if let RuleTarget::Party(party) = rule.route.value {
            wanted
                .entry((rule.at.value, party))
                .or_insert(rule.route.span);
        }
    }
    wanted
        .into_iter()
        .map(|((at, party), span)| {
            let patterns = vec![RoutePattern {
                pattern: Pattern::Any,
                span,
            }];
            let mut route = derived(
                topology,
                Party::Location(at),
                party,
                patterns,
                At::new(Reason::Rule, span),
            );
            route.only_by_rule = true;
            route.name.push_str(" by rule");
            route
        })
        .collect()
}

/// Where enabled rules choose among places that share a domain of the tenant's own, the domain itself chooses none of
/// them: which of two connectors for one domain takes a message is documented nowhere.
fn leave_to_rules(topology: &Topology, routes: &mut Vec<Route>) {
    let mut shared: BTreeMap<(Party, Pattern), usize> = BTreeMap::new();
    let by_domain = |route: &Route| {
        let tenant = route
            .from
            .location()
            .is_some_and(|from| topology.location(from).tenant().is_some());
        tenant && !route.only_by_rule && matches!(route.to, Party::Location(_))
    };
    for route in routes.iter().filter(|route| by_domain(route)) {
        for at in &route.recipients {
            *shared.entry((route.from, at.pattern.clone())).or_default() += 1;
        }
    }
    let chosen: BTreeSet<(Party, Party)> = topology
        .rules
        .iter()
        .filter(|rule| rule.enabled)
        .filter_map(|rule| match rule.route.value {
            RuleTarget::Party(party) => Some((Party::Location(rule.at.value), party)),
            RuleTarget::Route(_) => None,
        })
        .collect();
    let holds = |at: Party, pattern: &Pattern| match pattern {
        Pattern::Exact(name) => topology.domain_named(name).is_some_and(|id| {
            let mut holders = topology.domain(id).holder_ids();
            holders.any(|holder| Party::Location(holder) == at)
        }),
        _ => false,
    };
    routes.retain_mut(|route| {
        if !by_domain(route) || !chosen.contains(&(route.from, route.to)) {
            return true;
        }
        let from = route.from;
        route.recipients.retain(|at| {
            let several = shared
                .get(&(from, at.pattern.clone()))
                .is_some_and(|count| *count > 1);
            !(several && holds(from, &at.pattern))
        });
        !route.recipients.is_empty()
    });
}

/// A derived route whose ends are completed later.
pub(super) fn derived(
    topology: &Topology,
    from: Party,
    to: Party,
    recipients: Vec<RoutePattern>,
    reason: At<Reason>,
) -> Route {
    let (sender, receiver) = (topology.party_name(from), topology.party_name(to));
    let name = match from {
        Party::Location(_) => format!("{sender} to {receiver}"),
        _ => format!("{receiver} from {sender}"),
    };
    Route::blank(
        name,
        from,
        to,
        recipients,
        crate::routes::Origin::Derived(reason),
    )
}

/// A derived name gives way to a written one.
fn name_apart(routes: &mut [Route]) {
    let mut taken: BTreeSet<(Party, String)> = routes
        .iter()
        .filter(|route| route.is_written())
        .map(|route| (route.from, route.name.clone()))
        .collect();
    for route in routes.iter_mut().filter(|route| !route.is_written()) {
        let plain = route.name.clone();
        let mut number = 2;
        while !taken.insert((route.from, route.name.clone())) {
            route.name = format!("{plain} {number}");
            number += 1;
        }
    }
}
