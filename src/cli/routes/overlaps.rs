//! Which of several routes takes a domain that each of them is for.
//!
//! The answer is that of the walk, so that it is the same one that `check` and `trace` give.

use crate::plan::Plan;
use crate::routes::Route;
use crate::topology::{Holds, LocationId, Party, Sender};
use crate::values::{Address, DomainName, Pattern};
use crate::walk::{Model, trace};
use foldhash::{HashMap, HashMapExt};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// So many domains are asked about at each place.
const ASKED: usize = 100;

/// Domains at a place for which the same routes compete, with the same outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Overlap {
    /// The place.
    pub(super) at: String,
    /// The domains.
    pub(super) domains: Vec<String>,
    /// What takes their mail; several where the documents or the spec leave it open.
    pub(super) wins: Vec<Winner>,
    /// What would have taken it otherwise.
    pub(super) instead_of: Vec<String>,
}

/// A route that wins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(super) struct Winner {
    /// The route.
    pub(super) by: String,
    /// The readings of the documents under which it does.
    pub(super) readings: BTreeMap<&'static str, &'static str>,
}

/// All overlaps, by place.
pub(super) fn overlaps(plan: &Plan) -> Vec<Overlap> {
    let model = Model::of(plan);
    let places = plan.topology.locations();
    places
        .flat_map(|(id, _)| at_place(plan, &model, id))
        .collect()
}

fn at_place(plan: &Plan, model: &Model<'_>, at: LocationId) -> Vec<Overlap> {
    let mut found: BTreeMap<(BTreeSet<Winner>, BTreeSet<String>), Vec<String>> = BTreeMap::new();
    for name in contested(plan, model, at) {
        let (wins, losers) = outcome(plan, model, at, &name);
        if !losers.is_empty() || wins.len() > 1 {
            found
                .entry((wins, losers))
                .or_default()
                .push(name.unicode());
        }
    }
    found
        .into_iter()
        .map(|((wins, losers), domains)| Overlap {
            at: plan.topology.location(at).name.clone(),
            domains,
            wins: wins.into_iter().collect(),
            instead_of: losers.into_iter().collect(),
        })
        .collect()
}

/// Domains that two routes are for by more than `*`, which everything else wins over.
fn contested(plan: &Plan, model: &Model<'_>, at: LocationId) -> Vec<DomainName> {
    let routes: Vec<&Route> = plan
        .routes
        .iter()
        .filter(|route| route.from == Party::Location(at) && route.enabled && !route.only_by_rule)
        .collect();
    if routes.len() < 2 {
        return Vec::new();
    }
    let mut names: BTreeSet<&DomainName> = BTreeSet::new();
    let mut wanted: HashMap<&Pattern, BTreeSet<usize>> = HashMap::new();
    for (index, route) in routes.iter().enumerate() {
        for recipients in &route.recipients {
            if let Pattern::Exact(name) = &recipients.pattern {
                names.insert(name);
            }
            wanted.entry(&recipients.pattern).or_default().insert(index);
        }
    }
    names.extend(plan.topology.domains.iter().map(|domain| &domain.name));
    let is_contested = |name: &DomainName| {
        let accepted = model.accepted(at, name).map(|_| Pattern::AcceptedDomains);
        let patterns = Pattern::around(name).chain(accepted);
        let mut found: BTreeSet<usize> = BTreeSet::new();
        for pattern in patterns {
            found.extend(wanted.get(&pattern).into_iter().flatten().copied());
        }
        found.len() > 1
    };
    names
        .into_iter()
        .filter(|name| is_contested(name))
        .take(ASKED)
        .cloned()
        .collect()
}

/// The first hop of a message from this place.
fn outcome(
    plan: &Plan,
    model: &Model<'_>,
    at: LocationId,
    name: &DomainName,
) -> (BTreeSet<Winner>, BTreeSet<String>) {
    let (mut wins, mut losers) = (BTreeSet::new(), BTreeSet::new());
    let Some(to) = somebody(plan, at, name) else {
        return (wins, losers);
    };
    let place = &plan.topology.location(at).name;
    for way in trace(model, &Sender::Party(Party::Location(at)), &to).ways {
        let Some(hop) = way.hops.first().filter(|hop| hop.at == *place) else {
            continue;
        };
        losers.extend(hop.instead_of.iter().map(|lost| lost.by.clone()));
        wins.insert(Winner {
            by: hop.by.clone(),
            readings: way.readings,
        });
    }
    losers.retain(|by| wins.iter().all(|winner| winner.by != *by));
    (wins, losers)
}

/// A recipient whose mailbox is elsewhere.
fn somebody(plan: &Plan, at: LocationId, name: &DomainName) -> Option<Address> {
    let domain = plan
        .topology
        .domain_named(name)
        .map(|id| plan.topology.domain(id));
    let elsewhere = domain
        .into_iter()
        .flat_map(|domain| &domain.holders)
        .filter(|holder| holder.location != at);
    let listed = elsewhere
        .filter_map(|holder| match &holder.holds {
            Holds::Listed(list) => list.first(),
            Holds::Count(_) | Holds::Rest => None,
        })
        .map(|recipient| recipient.address.clone())
        .next();
    listed.or_else(|| Address::of("postmaster", name))
}
