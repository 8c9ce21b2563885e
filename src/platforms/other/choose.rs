//! Which route takes a name at a place whose product has no objects here: gateways and servers of other makes.
//!
//! They are taken to do what the language says: the most specific pattern, then the lowest cost; what is equal then may
//! each be used.

use crate::platforms::{Choice, Lost, meet};
use crate::routes::Route;
use crate::values::{DomainName, Pattern};
use std::cmp::Reverse;

/// The choices among these routes; positions are those of the slice. `accepted`: the place accepts the name.
pub fn select(routes: &[&Route], accepted: bool, name: &DomainName) -> Vec<Choice> {
    let mut candidates: Vec<Ranked> = routes
        .iter()
        .enumerate()
        .filter(|(_, route)| route.enabled && !route.only_by_rule)
        .filter_map(|(index, route)| {
            specificity(route, accepted, name).map(|rank| (Reverse(rank), route.cost, index))
        })
        .collect();
    candidates.sort_unstable();
    let Some(&(rank, cost, _)) = candidates.first() else {
        return vec![Choice {
            winner: None,
            why: format!("no route is for `{name}`"),
            readings: Vec::new(),
            losers: Vec::new(),
        }];
    };
    let (best, others): (Vec<Ranked>, Vec<Ranked>) = candidates
        .iter()
        .copied()
        .partition(|candidate| candidate.0 == rank && candidate.1 == cost);
    let losers: Vec<Lost> = others
        .iter()
        .map(|candidate| Lost {
            index: candidate.2,
            why: if candidate.0 == rank {
                format!("its cost is {}, not {cost}", candidate.1)
            } else {
                "its pattern is less specific".to_owned()
            },
        })
        .collect();
    best.iter()
        .map(|candidate| Choice {
            winner: Some(candidate.2),
            why: format!("its pattern is the most specific for `{name}`"),
            readings: Vec::new(),
            losers: losers.clone(),
        })
        .collect()
}

/// Rank, cost and position.
type Ranked = (Reverse<usize>, u32, usize);

/// Whether a route is for a name at all, and how closely.
pub fn specificity(route: &Route, accepted: bool, name: &DomainName) -> Option<usize> {
    let met = meet(&route.recipients, |at| &at.pattern, name);
    let takes_accepted = accepted
        && route
            .recipients
            .last()
            .is_some_and(|at| at.pattern == Pattern::AcceptedDomains);
    if met.exact.is_some() {
        return Some(usize::MAX);
    }
    if takes_accepted {
        return Some(usize::MAX - 1);
    }
    met.below
        .first()
        .map(|(_, labels)| *labels)
        .or_else(|| met.any.map(|_| 0))
}

/// Whether a wildcard of the route has this very name as its base, which some products read as covered too.
pub fn covers_apex(route: &Route, name: &DomainName) -> bool {
    meet(&route.recipients, |at| &at.pattern, name)
        .apex
        .is_some()
}
