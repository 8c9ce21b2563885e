//! Split domains: which routes of a location carry the domain itself, where its mailboxes lie beyond several next hops.
//!
//! Postfix has an entry for each listed address, and a gateway or a server of another make asks its directory: each
//! next hop gets a route for the domain. Exchange Server and tenants choose a connector by the domain alone, and know a
//! mailbox elsewhere by an address in the routing domain of its location. Mail for one next hop alone can do without
//! such a name: it gets the domain. This module must not know how a connector looks.

use crate::finding::{Code, Finding, Findings, Object, Operation, written_route};
use crate::platforms::product::Trait;
use crate::routes::{Route, RoutePattern, SendingTree};
use crate::source::Span;
use crate::topology::{Domain, Holder, Holds, LocationId, Party, Topology};
use crate::values::Pattern;
use foldhash::{HashMap, HashMapExt};
use std::collections::{BTreeMap, BTreeSet};

/// The holders beyond one next hop.
struct Group<'a> {
    hop: LocationId,
    holders: Vec<&'a Holder>,
}

impl Group<'_> {
    /// What makes the domain belong to this group, most first: everybody not listed elsewhere, then mailboxes that are
    /// only counted, then the number of addresses.
    fn weight(&self) -> (bool, bool, u64) {
        weight(self.holders.iter().copied())
    }

    /// The holders that are reached under no name of their own.
    fn nameless<'t>(&'t self, topology: &'t Topology) -> impl Iterator<Item = &'t Holder> {
        let holders = self.holders.iter().copied();
        holders.filter(|holder| {
            topology
                .location(holder.location)
                .routing_domain()
                .is_none()
        })
    }
}

/// What makes a domain belong to these holders, most first.
pub(crate) fn weight<'a>(holders: impl Iterator<Item = &'a Holder>) -> (bool, bool, u64) {
    let mut weight = (false, false, 0_u64);
    for holder in holders {
        match &holder.holds {
            Holds::Rest => weight.0 = true,
            Holds::Count(count) => {
                weight.1 = true;
                weight.2 = weight.2.saturating_add(*count);
            }
            Holds::Listed(list) => weight.2 = weight.2.saturating_add(list.len() as u64),
        }
    }
    weight
}

/// The derived routes by their ends.
type Hops = HashMap<(Party, Party), usize>;

/// Gives the domain to the routes that can carry it, and takes it from the others.
pub(super) fn settle(
    topology: &Topology,
    tree: &SendingTree,
    routes: &mut Vec<Route>,
    findings: &mut Findings,
) {
    let mut hops = Hops::new();
    for (at, route) in routes.iter_mut().enumerate() {
        if !route.is_written() && !route.only_by_rule {
            route.recipients.sort();
            hops.insert((route.from, route.to), at);
        }
    }
    let mut changes = Changes::default();
    for domain in topology.domains.iter().filter(|domain| domain.is_split()) {
        findings.extend(handed_back(topology, tree, routes, domain));
        let mut needs = Needs::default();
        for at in places(topology, tree, domain) {
            let mut groups = groups(tree, domain, at);
            let parent = tree.parent(at).map(|parent| parent.value);
            // What a written route or a rule has taken over is decided.
            groups.retain(|group| {
                Some(group.hop) == parent || carries(routes, &hops, at, group.hop, domain)
            });
            if groups.len() > 1 {
                let settling = Settling {
                    topology,
                    hops: &hops,
                    parent,
                    domain,
                    at,
                };
                settling.settle(&groups, &mut changes, &mut needs);
            }
        }
        findings.extend(needs.finding(topology, domain));
        findings.extend(needs.at_edges(topology, domain));
    }
    changes.apply(routes);
}

/// What a gateway makes impossible: it hands the whole domain to one location, which reaches others of the mailboxes through
/// that gateway alone, so that their mail would come back to it.
fn handed_back(
    topology: &Topology,
    tree: &SendingTree,
    routes: &[Route],
    domain: &Domain,
) -> Option<Finding> {
    let closest = |pattern: &Pattern| match pattern {
        Pattern::Exact(_) => usize::MAX,
        _ => pattern.base().map_or(0, |base| base.as_str().len()),
    };
    topology.locations().find_map(|(id, gateway)| {
        let forwards = gateway.handling()?.forwards.iter();
        let (_, target) = forwards
            .filter(|(pattern, _)| pattern.value.matches(&domain.name))
            .max_by_key(|(pattern, _)| closest(&pattern.value))?;
        let to = target.value.location()?;
        let receiver = topology.location(to);
        // These know a mailbox elsewhere by a name of its own, which the gateway follows the MX for.
        let renames = receiver.tenant().is_some() || receiver.exchange_server().is_some();
        let exact = Pattern::Exact(domain.name.clone());
        // Routes past the gateway: written ones, or such as the hybrid wizard makes.
        let past: Vec<&Route> = routes
            .iter()
            .filter(|route| {
                route.enabled
                    && route.from == Party::Location(to)
                    && route.to != Party::Location(id)
                    && route.recipients.iter().any(|at| at.pattern == exact)
            })
            .collect();
        if past.iter().any(|route| route.is_written()) {
            return None;
        }
        let behind = domain.holders.iter().find(|holder| {
            let named = topology.location(holder.location).routing_domain();
            holder.location != to
                && holder.location != id
                && !past.iter().any(|route| route.to == Party::Location(holder.location))
                && !(renames && named.is_some())
                && tree.way(to, holder.location).contains(&id)
        })?;
        let [here, there, holder] =
            [id, to, behind.location].map(|at| topology.location(at).name.as_str());
        Some(
            Finding::error(
                Code::G015,
                format!(
                    "`{here}` hands all mail for `{}` to `{there}`, which reaches the mailboxes at `{holder}` through `{here}` alone: their mail would come back to `{there}`",
                    domain.name.unicode()
                ),
            )
            .at(target.span, "all of it goes there")
            .at(behind.span, "these lie behind it")
            .on(Object::Location(here.to_owned()))
            .on(Object::Domain(domain.name.to_string()))
            .on(Object::Location(there.to_owned()))
            .on(Object::Location(holder.to_owned()))
            .help(format!(
                "write `sends: {{via: {there}}}` at `{holder}`, or a route from `{there}` to `{holder}` for `{}`",
                domain.name
            )),
        )
    })
}

/// The locations that may have several next hops for a domain.
fn places(topology: &Topology, tree: &SendingTree, domain: &Domain) -> BTreeSet<LocationId> {
    let mut places: BTreeSet<LocationId> = BTreeSet::new();
    for holder in domain.holder_ids() {
        places.extend(tree.way_up(holder));
    }
    let tops = places.iter().filter(|at| tree.parent(**at).is_none());
    let others = if tops.count() > 1 {
        tree.roots().collect()
    } else {
        Vec::new()
    };
    let halves: Vec<LocationId> = places
        .iter()
        .flat_map(|at| tree.linked(*at))
        .copied()
        .collect();
    places.extend(others.into_iter().chain(halves));
    places.retain(|at| !topology.location(*at).forwards_only());
    places
}

fn groups<'a>(tree: &SendingTree, domain: &'a Domain, at: LocationId) -> Vec<Group<'a>> {
    let mut groups: BTreeMap<LocationId, Vec<&Holder>> = BTreeMap::new();
    for holder in &domain.holders {
        if let Some(hop) = tree.next_hop(at, holder.location) {
            groups.entry(hop).or_default().push(holder);
        }
    }
    let groups = groups.into_iter();
    groups
        .map(|(hop, holders)| Group { hop, holders })
        .collect()
}

fn carries(
    routes: &[Route],
    hops: &Hops,
    from: LocationId,
    to: LocationId,
    domain: &Domain,
) -> bool {
    let route = hops.get(&(Party::Location(from), Party::Location(to)));
    let route = route.and_then(|at| routes.get(*at));
    let pattern = Pattern::Exact(domain.name.clone());
    route.is_some_and(|route| {
        let found = route
            .recipients
            .binary_search_by(|at| at.pattern.cmp(&pattern));
        found.is_ok()
    })
}

/// A domain at a location that has several next hops for it.
struct Settling<'a> {
    topology: &'a Topology,
    hops: &'a Hops,
    parent: Option<LocationId>,
    domain: &'a Domain,
    at: LocationId,
}

impl Settling<'_> {
    fn settle(&self, groups: &[Group<'_>], changes: &mut Changes, needs: &mut Needs) {
        let by_recipient = self.topology.location(self.at).is(Trait::RoutesByRecipient);
        let exact = Pattern::Exact(self.domain.name.clone());
        let below = self
            .domain
            .subdomains
            .then(|| Pattern::Below(self.domain.name.clone()));
        if by_recipient {
            // The other routes have the domain already; up to the parent leads a route for everything, which is further.
            if let Some(up) = groups.iter().find(|group| Some(group.hop) == self.parent)
                && let Some(route) = self.route(up.hop)
                && let Some(holder) = up.holders.first()
            {
                for pattern in std::iter::once(exact).chain(below) {
                    let span = holder.span;
                    changes.added.push((route, RoutePattern { pattern, span }));
                }
            }
            return;
        }
        let without: Vec<&Group<'_>> = groups
            .iter()
            .filter(|group| group.nameless(self.topology).next().is_some())
            .collect();
        let largest = match without.as_slice() {
            [] => groups.iter().max_by_key(|group| group.weight()),
            some => some.iter().copied().max_by_key(|group| group.weight()),
        };
        let carrier = largest.map(|group| group.hop);
        if let Some(carrier) = carrier
            && self.topology.location(self.at).is_edge()
        {
            needs.edges.insert(self.at, carrier);
        } else if without.len() > 1 {
            // Of groups of one weight each may be the one that carries the domain.
            let most = without.iter().map(|group| group.weight()).max();
            let heaviest = without.iter().filter(|group| Some(group.weight()) == most);
            let is_tie = heaviest.count() > 1;
            let others = without
                .iter()
                .filter(|group| is_tie || Some(group.hop) != carrier);
            let nameless = others.flat_map(|group| group.nameless(self.topology));
            needs.locations.insert(self.at);
            needs
                .holders
                .extend(nameless.map(|holder| (holder.location, holder.span)));
        }
        // Unnamed subdomains end at one holder.
        let below_at = self.domain.main_holder();
        let below_carrier = groups.iter().find(|group| {
            let mut holders = group.holders.iter();
            holders.any(|holder| Some(holder.location) == below_at)
        });
        for group in groups {
            let Some(route) = self.route(group.hop) else {
                continue;
            };
            if Some(group.hop) != carrier {
                changes.take(route, &exact);
            }
            if let Some(below) = &below
                && below_carrier.is_none_or(|other| other.hop != group.hop)
            {
                changes.take(route, below);
            }
        }
    }

    fn route(&self, hop: LocationId) -> Option<usize> {
        let ends = (Party::Location(self.at), Party::Location(hop));
        self.hops.get(&ends).copied()
    }
}

/// The locations that choose by the domain alone, and the holders that they could reach under a name of their own.
#[derive(Default)]
struct Needs {
    locations: BTreeSet<LocationId>,
    holders: BTreeMap<LocationId, Span>,
    /// Edge servers, which know no mailbox by another name, and the next hop that could take the whole domain.
    edges: BTreeMap<LocationId, LocationId>,
}

impl Needs {
    fn at_edges(&self, topology: &Topology, domain: &Domain) -> impl Iterator<Item = Finding> {
        self.edges.iter().map(|(edge, hop)| {
            let location = topology.location(*edge);
            let (here, there) = (&location.name, &topology.location(*hop).name);
            let value = written_route(here, there, domain.name.as_str(), "");
            Finding::error(
                Code::G015,
                format!(
                    "`{here}` knows no recipients, and mailboxes of `{}` lie beyond several next hops: nothing tells mail for some of them from mail for the others",
                    domain.name.unicode()
                ),
            )
            .at(location.span, "an Edge server without a subscription")
            .at(domain.span, "its mailboxes")
            .on(Object::Location(here.clone()))
            .on(Object::Domain(domain.name.to_string()))
            .help(format!("let one location that knows them take all of it, such as `{there}`: `{value}`"))
            .fix(Operation::Item {
                section: "routes",
                value,
            })
        })
    }

    fn finding(&self, topology: &Topology, domain: &Domain) -> Option<Finding> {
        let name = |id: &LocationId| topology.location(*id).name.as_str();
        let listed = |ids: &mut dyn Iterator<Item = &LocationId>| {
            let names: Vec<String> = ids.map(|id| format!("`{}`", name(id))).collect();
            names.join(" and ")
        };
        let here = self.locations.first()?;
        let holders = listed(&mut self.holders.keys());
        let keys: Vec<String> = self
            .holders
            .keys()
            .map(|id| format!("`{0}: {{routing_domain: {0}.{1}}}`", name(id), domain.name))
            .collect();
        let mut finding = Finding::error(
            Code::G015,
            format!(
                "`{}` chooses the next hop by the domain alone, and mailboxes of `{}` lie beyond several next hops: nothing tells mail for those at {holders} from mail for the others, so that nothing is made that takes it there",
                name(here),
                domain.name.unicode()
            ),
        )
        .on(Object::Domain(domain.name.to_string()))
        .help(format!(
            "write a name under which their mailboxes are reached: {}",
            keys.join(", ")
        ));
        for (id, span) in &self.holders {
            finding = finding
                .at(*span, format!("`{}` has no routing domain", name(id)))
                .on(Object::Location(name(id).to_owned()));
        }
        for id in &self.locations {
            finding = finding.on(Object::Location(name(id).to_owned()));
        }
        Some(finding)
    }
}

/// Patterns that routes get and lose.
#[derive(Default)]
struct Changes {
    added: Vec<(usize, RoutePattern)>,
    taken: BTreeMap<usize, BTreeSet<Pattern>>,
}

impl Changes {
    fn take(&mut self, route: usize, pattern: &Pattern) {
        self.taken.entry(route).or_default().insert(pattern.clone());
    }

    fn apply(self, routes: &mut Vec<Route>) {
        for (at, pattern) in self.added {
            if let Some(route) = routes.get_mut(at) {
                route.recipients.push(pattern);
                route.recipients.sort();
            }
        }
        let mut at = 0;
        routes.retain_mut(|route| {
            let taken = self.taken.get(&at);
            at += 1;
            let Some(taken) = taken else {
                return true;
            };
            route
                .recipients
                .retain(|item| !taken.contains(&item.pattern));
            !route.recipients.is_empty()
        });
    }
}
