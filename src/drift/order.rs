//! The order of mail-flow rules: of several that want the same mail, the first decides.

use crate::drift::objects::{Effect, ObjectDrift, PropertyDrift, State};
use crate::plan::{Configuration, Plan};
use crate::topology::LocationId;
use std::collections::BTreeMap;

const PRIORITY: &str = "Priority";

/// Says which rules of a tenant stand elsewhere among each other than they were compiled.
pub(super) fn compare(plan: &Plan, at: LocationId, objects: &mut [ObjectDrift]) {
    let Configuration::ExchangeOnline(tenant) = &plan.place(at).configuration else {
        return;
    };
    let mut stand: Vec<(usize, i64, usize)> = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        let place = tenant
            .rules
            .iter()
            .position(|rule| rule.name == object.planned);
        let (Some(place), Some(priority)) = (place, priority(object)) else {
            continue;
        };
        stand.push((place, priority, index));
    }
    stand.sort_unstable();
    let kept = longest_rise(&stand);
    for (at, &(place, priority, index)) in stand.iter().enumerate() {
        if kept.contains(&at) {
            continue;
        }
        let before = place
            .checked_sub(1)
            .and_then(|before| tenant.rules.get(before));
        let Some(object) = objects.get_mut(index) else {
            continue;
        };
        object.state = State::Differs;
        object.properties.push(PropertyDrift {
            name: PRIORITY.to_owned(),
            actual: Some(vec![priority.to_string()]),
            expected: vec![before.map_or_else(
                || "before all other rules of the spec".to_owned(),
                |before| format!("behind that of {}", before.name),
            )],
            effect: Effect::Followed,
        });
    }
}

/// Puts the rules of a tenant into the order that exists.
pub(super) fn follow(plan: &mut Plan, at: LocationId, objects: &[ObjectDrift]) {
    let place = plan.places.get_mut(at.index());
    let Some(Configuration::ExchangeOnline(tenant)) = place.map(|place| &mut place.configuration)
    else {
        return;
    };
    let here = objects
        .iter()
        .filter(|object| object.at.location() == Some(at));
    let known: BTreeMap<&str, i64> = here
        .filter_map(|object| {
            let name = if object.planned.is_empty() {
                &object.name
            } else {
                &object.planned
            };
            Some((name.as_str(), priority(object)?))
        })
        .collect();
    if tenant
        .rules
        .iter()
        .all(|rule| known.contains_key(rule.name.as_str()))
    {
        tenant
            .rules
            .sort_by_key(|rule| known.get(rule.name.as_str()).copied());
    }
}

fn priority(object: &ObjectDrift) -> Option<i64> {
    let live = object
        .live
        .as_ref()
        .filter(|_| object.kind == "TransportRule")?;
    live.word(PRIORITY).parse().ok()
}

/// The places of a longest part of a list whose priorities do not fall; whatever is not in it has moved.
fn longest_rise(stand: &[(usize, i64, usize)]) -> Vec<usize> {
    // For each place the length of the longest part that ends there, and what comes before it.
    let mut best: Vec<(usize, Option<usize>)> = Vec::new();
    for (at, (_, priority, _)) in stand.iter().enumerate() {
        let before = (0..at).filter(|&it| stand[it].1 <= *priority);
        let longest = before.max_by_key(|&it| (best[it].0, it));
        best.push((longest.map_or(1, |it| best[it].0 + 1), longest));
    }
    let mut at = (0..best.len()).max_by_key(|&it| best[it].0);
    let mut kept = Vec::new();
    while let Some(one) = at {
        kept.push(one);
        at = best[one].1;
    }
    kept
}
