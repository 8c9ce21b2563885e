//! What each location holds: the names that the others must route to it.

use crate::routes::{RoutePattern, SendingTree};
use crate::source::Span;
use crate::topology::{Holds, LocationId, Sending, Topology};
use crate::values::{DomainName, Pattern};
use std::collections::BTreeMap;

/// Patterns by location: a location's own, or those of everything that sends through it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings {
    own: Vec<BTreeMap<Pattern, Span>>,
}

impl Holdings {
    /// Reads what is held off the mailboxes of the domains.
    pub(crate) fn of(topology: &Topology) -> Self {
        let mut own = vec![BTreeMap::new(); topology.locations.len()];
        for domain in topology
            .domains
            .iter()
            .filter(|d| d.sending == Sending::Normal)
        {
            for holder in &domain.holders {
                let held: &mut BTreeMap<_, _> = &mut own[holder.location.index()];
                held.insert(Pattern::Exact(domain.name.clone()), holder.span);
                if domain.subdomains {
                    held.insert(Pattern::Below(domain.name.clone()), holder.span);
                }
            }
        }
        for (id, _) in topology.locations() {
            if let Some((name, span)) = routing_domain(topology, id) {
                own[id.index()].insert(Pattern::Exact(name), span);
            }
        }
        Self { own }
    }

    /// What this location itself holds.
    pub(crate) fn of_location(&self, id: LocationId) -> impl Iterator<Item = &Pattern> {
        self.own
            .get(id.index())
            .into_iter()
            .flat_map(BTreeMap::keys)
    }

    /// What each location and everything that sends through it hold, by pattern; in one pass from the leaves to the roots.
    pub(crate) fn under_each(&self, tree: &SendingTree) -> Vec<Vec<RoutePattern>> {
        let mut all: Vec<BTreeMap<&Pattern, Span>> = vec![BTreeMap::new(); self.own.len()];
        for (index, held) in self.own.iter().enumerate() {
            for at in tree.way_up(LocationId::from_index(index)) {
                let Some(below) = all.get_mut(at.index()) else {
                    continue;
                };
                for (pattern, span) in held {
                    below.entry(pattern).or_insert(*span);
                }
            }
        }
        all.into_iter().map(in_order).collect()
    }

    /// What is held beyond each next hop of a location that the hybrid wizard links with another; none for all others.
    pub(crate) fn by_next_hop(
        &self,
        tree: &SendingTree,
        from: LocationId,
    ) -> Option<BTreeMap<LocationId, Vec<RoutePattern>>> {
        if tree.linked(from).is_empty() {
            return None;
        }
        let mut hops: BTreeMap<LocationId, BTreeMap<&Pattern, Span>> = BTreeMap::new();
        for (index, held) in self.own.iter().enumerate() {
            if let Some(hop) = tree.next_hop(from, LocationId::from_index(index)) {
                let beyond = hops.entry(hop).or_default();
                for (pattern, span) in held {
                    beyond.entry(pattern).or_insert(*span);
                }
            }
        }
        let hops = hops.into_iter();
        Some(hops.map(|(hop, held)| (hop, in_order(held))).collect())
    }
}

fn in_order(held: BTreeMap<&Pattern, Span>) -> Vec<RoutePattern> {
    held.into_iter()
        .map(|(pattern, span)| RoutePattern {
            pattern: pattern.clone(),
            span,
        })
        .collect()
}

/// The name under which mailboxes of a location are reached from products that route by domain alone, and why it is
/// needed: a part of a split domain is there, or a target address ends in it.
pub(crate) fn routing_domain(topology: &Topology, id: LocationId) -> Option<(DomainName, Span)> {
    let name = topology.location(id).routing_domain()?;
    let split = topology
        .domains
        .iter()
        .filter(|domain| domain.is_split())
        .find_map(|domain| domain.holders.iter().find(|holder| holder.location == id));
    if let Some(holder) = split {
        return Some((name, holder.span));
    }
    let remote = topology.domains.iter().find_map(|domain| {
        let written = domain
            .remote_mailboxes
            .iter()
            .find(|remote| *remote.target.domain() == name);
        written
            .map(|remote| remote.span)
            .or_else(|| listed_target(domain, &name))
    });
    remote.map(|span| (name, span))
}

fn listed_target(domain: &crate::topology::Domain, name: &DomainName) -> Option<Span> {
    domain
        .holders
        .iter()
        .find_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => recipients
                .iter()
                .find(|recipient| {
                    let target = recipient
                        .details
                        .as_ref()
                        .and_then(|details| details.target.as_ref());
                    target.is_some_and(|target| target.domain() == name)
                })
                .map(|recipient| recipient.span),
            Holds::Count(_) | Holds::Rest => None,
        })
}
