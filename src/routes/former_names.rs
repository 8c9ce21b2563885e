//! Names that derived objects had before somebody renamed a location, partner, device or route in the spec.
//!
//! Nobody must write them: they follow from `renamed_from`. This module must not know what the objects are.

use crate::routes::Route;
use crate::topology::{Party, Topology};
use std::collections::BTreeSet;

/// Names that the object of a route may have had: of a written route as it says, else made of the former names of its
/// ends in place of those in `name`.
pub(crate) fn former_names(topology: &Topology, route: &Route, name: &str) -> Vec<String> {
    if route.is_named {
        return route.former_name.iter().cloned().collect();
    }
    let (from, to) = (
        topology.party_name(route.from),
        topology.party_name(route.to),
    );
    for (before, after) in [(from, to), (to, from)] {
        for link in [" to ", " from "] {
            let plain = format!("{before}{link}{after}");
            let Some(rest) = name.strip_prefix(&plain) else {
                continue;
            };
            let parties = if before == from {
                [route.from, route.to]
            } else {
                [route.to, route.from]
            };
            return with_former_names(topology, &parties, |names| {
                format!("{}{rest}", names.join(link))
            });
        }
    }
    Vec::new()
}

/// `name` of these parties with the former name of one of them, or of several, but never of none.
pub(crate) fn with_former_names(
    topology: &Topology,
    parties: &[Party],
    name: impl Fn(&[&str]) -> String,
) -> Vec<String> {
    let current: Vec<&str> = parties
        .iter()
        .map(|party| topology.party_name(*party))
        .collect();
    let mut variants = vec![current.clone()];
    for (index, party) in parties.iter().enumerate() {
        let Some(former) = former_name(topology, *party) else {
            continue;
        };
        // Nobody renames many at once; all combinations of many would be without end.
        if variants.len() > 8 {
            break;
        }
        let renamed = variants.clone().into_iter().map(|mut names| {
            names[index] = former;
            names
        });
        variants.extend(renamed);
    }
    let today = name(&current);
    let names: BTreeSet<String> = variants.iter().map(|names| name(names)).collect();
    names.into_iter().filter(|name| *name != today).collect()
}

fn former_name(topology: &Topology, party: Party) -> Option<&str> {
    let former = match party {
        Party::Location(id) => &topology.location(id).renamed_from,
        Party::Partner(id) => &topology.partner(id).renamed_from,
        Party::Device(id) => &topology.device(id).renamed_from,
        Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => return None,
    };
    former.as_ref().map(|at| at.value.as_str())
}
