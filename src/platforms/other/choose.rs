//! Which route takes a name at a location whose product has no objects here: gateways and servers of other makes.
//!
//! They are taken to do what the language says ([`LANGUAGE`]).

use crate::platforms::{Choice, Fitting, Lost, Named, TOLD};
use crate::routes::order::{Claim, Key, LANGUAGE};
use crate::routes::{AcceptedDomain, Route};
use crate::values::{DomainName, Fit, NameIndex, Pattern};

/// The routes by the names that they are for. `accepted-domains` stands for the names that the location accepts.
pub(crate) fn index<'r>(
    routes: impl Iterator<Item = &'r Route>,
    accepted: &[AcceptedDomain],
) -> NameIndex<Named> {
    let mut index = NameIndex::default();
    for (object, route) in routes.enumerate() {
        for (at, item) in route.recipients.iter().enumerate() {
            let mut named = Named::new(object, at);
            if item.pattern != Pattern::AcceptedDomains {
                index.insert(&item.pattern, named);
                continue;
            }
            named.is_written_out = false;
            for pattern in accepted.iter().flat_map(AcceptedDomain::patterns) {
                index.insert(&pattern, named);
            }
        }
    }
    index
}

/// The choices among these routes, of which positions in `fitting` tell; `distance` says how far the holder of the mailbox
/// is from the end of a route, where that is known.
pub(crate) fn select(
    routes: &[&Route],
    fitting: &Fitting,
    name: &DomainName,
    distance: impl Fn(&Route) -> Option<usize>,
) -> Vec<Choice> {
    let mut candidates: Vec<(usize, Claim<'_>)> = Vec::new();
    for (fit, named) in fitting {
        let Some(route) = routes.get(named.object) else {
            continue;
        };
        if route.enabled && !route.only_by_rule && *fit != Fit::Apex {
            let claim = Claim {
                fit: *fit,
                is_written_out: named.is_written_out,
                cost: route.cost,
                distance: distance(route),
                name: &route.name,
            };
            candidates.push((named.object, claim));
        }
    }
    let claims: Vec<Claim<'_>> = candidates.iter().map(|(_, claim)| *claim).collect();
    let mut winners: Vec<(usize, Claim<'_>)> = Vec::new();
    for at in LANGUAGE.first(&claims) {
        if let Some(found) = candidates.get(at)
            && winners.iter().all(|(index, _)| *index != found.0)
        {
            winners.push(*found);
        }
    }
    winners.sort_by_key(|(index, _)| *index);
    let Some((_, best)) = winners.first() else {
        return vec![Choice {
            winner: None,
            why: format!("no route is for `{name}`"),
            readings: Vec::new(),
            losers: Vec::new(),
        }];
    };
    let mut losers: Vec<Lost> = Vec::new();
    for (index, claim) in &candidates {
        let is_told = losers.iter().any(|lost| lost.index == *index)
            || winners.iter().any(|(winner, _)| winner == index);
        if losers.len() == TOLD || is_told {
            continue;
        }
        let why = match LANGUAGE.compare(best, claim).1 {
            Some(Key::Cost) => format!("its cost is {}, not {}", claim.cost, best.cost),
            Some(Key::WrittenOut) => {
                "`accepted-domains` gives way to a name that is written".to_owned()
            }
            Some(Key::TowardHolder) => "it leads to the mailbox over more locations".to_owned(),
            _ => "its pattern is less specific".to_owned(),
        };
        losers.push(Lost { index: *index, why });
    }
    winners
        .iter()
        .map(|(index, _)| Choice {
            winner: Some(*index),
            why: format!("its pattern is the most specific for `{name}`"),
            readings: Vec::new(),
            losers: losers.clone(),
        })
        .collect()
}
