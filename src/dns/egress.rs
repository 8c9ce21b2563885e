//! The places at which mail leaves the organization.

use crate::routes::facts::tenant_named;
use crate::routes::{Origin, Reason, Route};
use crate::topology::{Kind, LocationId, Party, Topology};
use crate::values::{DomainName, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// The last own hops of mail for outside, by the location that it starts at.
pub(crate) struct Exits<'a> {
    topology: &'a Topology,
    routes: BTreeMap<LocationId, Vec<&'a Route>>,
    known: BTreeMap<LocationId, BTreeSet<LocationId>>,
}

impl<'a> Exits<'a> {
    /// Of these routes.
    pub(crate) fn of(topology: &'a Topology, routes: &'a [Route]) -> Self {
        let mut by_start: BTreeMap<LocationId, Vec<&Route>> = BTreeMap::new();
        for route in routes.iter().filter(|route| route.enabled) {
            if let Party::Location(from) = route.from
                && leads_outside(topology, route)
            {
                by_start.entry(from).or_default().push(route);
            }
        }
        Self {
            topology,
            routes: by_start,
            known: BTreeMap::new(),
        }
    }

    /// Where mail that starts at this location leaves.
    pub(crate) fn from(&mut self, start: LocationId) -> &BTreeSet<LocationId> {
        if !self.known.contains_key(&start) {
            let exits = self.walk(start);
            self.known.insert(start, exits);
        }
        self.known.entry(start).or_default()
    }

    fn walk(&self, start: LocationId) -> BTreeSet<LocationId> {
        let mut exits = BTreeSet::new();
        let mut seen = BTreeSet::from([(start, true)]);
        let mut open = vec![(start, true)];
        while let Some((at, sent_through)) = open.pop() {
            // A service that hands everything back sends nothing to the Internet by itself.
            let hands_back = !sent_through && hands_everything_back(self.topology, at);
            let mut decided = false;
            for route in self.routes.get(&at).into_iter().flatten() {
                decided |= route.covers_everything() && !route.only_by_rule;
                match route.to {
                    Party::Location(next) => {
                        let through = is_upward(route);
                        if seen.insert((next, through)) {
                            open.push((next, through));
                        }
                    }
                    Party::Internet | Party::Partner(_) if !hands_back || route.is_written() => {
                        exits.insert(at);
                    }
                    _ => {}
                }
            }
            if !decided && !hands_back && delivers_by_itself(self.topology, at) {
                exits.insert(at);
            }
        }
        exits
    }
}

/// Whether the mail was handed over in order to be sent to the Internet.
const fn is_upward(route: &Route) -> bool {
    match &route.origin {
        Origin::Written(_) => !route.only_by_rule,
        Origin::Derived(at) => matches!(at.value, Reason::ToParent | Reason::CentralizedTransport),
    }
}

fn hands_everything_back(topology: &Topology, id: LocationId) -> bool {
    let forwards = match &topology.location(id).kind {
        Kind::Gateway(handling) | Kind::Smtp(handling) => &handling.forwards,
        _ => return false,
    };
    forwards.iter().any(|(pattern, target)| {
        pattern.value == Pattern::Any && matches!(target.value, Party::Location(_))
    })
}

/// What a platform does where no route matches: Exchange Server alone keeps the mail.
const fn delivers_by_itself_kind(kind: &Kind) -> bool {
    !matches!(kind, Kind::ExchangeServer(_))
}

fn delivers_by_itself(topology: &Topology, id: LocationId) -> bool {
    delivers_by_itself_kind(&topology.location(id).kind)
}

fn leads_outside(topology: &Topology, route: &Route) -> bool {
    route.recipients.iter().any(|wanted| match &wanted.pattern {
        Pattern::Any => true,
        Pattern::AcceptedDomains => false,
        Pattern::Exact(name) => !is_inside(topology, name),
        Pattern::Below(base) => {
            !is_inside(topology, base)
                && !topology
                    .domains
                    .iter()
                    .any(|domain| base.is_below(&domain.name))
        }
    })
}

fn is_inside(topology: &Topology, name: &DomainName) -> bool {
    topology.domain_named(name).is_some() || tenant_named(topology, name).is_some()
}
