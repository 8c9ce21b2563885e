//! What each location holds: the names that the others must route to it.

use crate::routes::{RoutePattern, Tree};
use crate::source::Span;
use crate::topology::{Holds, LocationId, Sending, Tenant, Topology};
use crate::values::{DomainName, Pattern};
use std::collections::BTreeMap;

/// Patterns by location: a location's own, or those of everything that sends through it.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    own: Vec<BTreeMap<Pattern, Span>>,
}

impl Holdings {
    /// Reads what is held off the mailboxes of the domains.
    pub fn of(topology: &Topology) -> Self {
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
        for (id, location) in topology.locations() {
            let Some(tenant) = location.tenant() else {
                continue;
            };
            if let Some((name, span)) = routing_domain(topology, id, tenant) {
                own[id.index()].insert(Pattern::Exact(name), span);
            }
        }
        Self { own }
    }

    /// What this location itself holds.
    pub fn of_location(&self, id: LocationId) -> impl Iterator<Item = &Pattern> {
        self.own
            .get(id.index())
            .into_iter()
            .flat_map(BTreeMap::keys)
    }

    /// What `top` and everything that sends through it hold, by pattern.
    pub fn under(&self, tree: &Tree, top: LocationId) -> Vec<RoutePattern> {
        let mut all: BTreeMap<&Pattern, Span> = BTreeMap::new();
        for (index, held) in self.own.iter().enumerate() {
            if tree.is_under(LocationId::from_index(index), top) {
                for (pattern, span) in held {
                    all.entry(pattern).or_insert(*span);
                }
            }
        }
        all.into_iter()
            .map(|(pattern, span)| RoutePattern {
                pattern: pattern.clone(),
                span,
            })
            .collect()
    }
}

/// The name that mailboxes of a tenant are reached by from places which know them as remote, and why it is needed.
pub(crate) fn routing_domain(
    topology: &Topology,
    id: LocationId,
    tenant: &Tenant,
) -> Option<(DomainName, Span)> {
    let name = DomainName::parse(&tenant.routing_domain()).ok()?;
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
