//! Networks against networks: what lies in what, and how much is left over.

use crate::values::Network;

/// A network and what it belongs to.
type Entry<'a, T> = (&'a Network, &'a T);

/// Pairs of an entry and the smallest one around it, each entry once; of equal networks the earlier is the outer one.
///
/// Two networks are nested or disjoint, so one pass over the sorted list with a stack of open ones is enough.
pub(super) fn nested<T>(entries: &[(Network, T)]) -> Vec<(Entry<'_, T>, Entry<'_, T>)> {
    let mut sorted: Vec<(&Network, &T)> = entries
        .iter()
        .map(|(network, item)| (network, item))
        .collect();
    sorted.sort_by_key(|(network, _)| (network.first(), network.prefix_len()));
    let mut open: Vec<(&Network, &T)> = Vec::new();
    let mut pairs = Vec::new();
    for entry in sorted {
        while open.last().is_some_and(|outer| !outer.0.contains(entry.0)) {
            open.pop();
        }
        if let Some(outer) = open.last() {
            pairs.push((*outer, entry));
        }
        open.push(entry);
    }
    pairs
}

/// How many addresses of `allowed` are not in `declared`.
pub(super) fn excess(allowed: &[Network], declared: &[Network]) -> u128 {
    let declared = outermost(declared);
    outermost(allowed)
        .iter()
        .filter(|network| !declared.iter().any(|outer| outer.contains(network)))
        .map(|network| {
            let inside = declared.iter().filter(|inner| network.contains(inner));
            let covered = inside.fold(0_u128, |sum, inner| sum.saturating_add(inner.addresses()));
            network.addresses().saturating_sub(covered)
        })
        .fold(0, u128::saturating_add)
}

fn outermost(networks: &[Network]) -> Vec<Network> {
    let mut sorted = networks.to_vec();
    sorted.sort_by_key(|network| (network.first(), network.prefix_len()));
    let mut kept: Vec<Network> = Vec::new();
    for network in sorted {
        if !kept.last().is_some_and(|outer| outer.contains(&network)) {
            kept.push(network);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn networks(texts: &[&str]) -> Vec<Network> {
        texts
            .iter()
            .map(|text| Network::parse(text).unwrap())
            .collect()
    }

    #[test]
    fn what_is_left_over_is_counted_once() {
        for (allowed, declared, expected) in [
            (
                &["203.0.113.0/24"][..],
                &["203.0.113.40", "203.0.113.41"][..],
                254,
            ),
            (&["203.0.113.0/24", "203.0.113.0/25"], &[], 256),
            (&["203.0.113.40"], &["203.0.113.0/24"], 0),
            (
                &["203.0.113.0/24"],
                &["203.0.113.0/25", "203.0.113.128/25"],
                0,
            ),
            (&["203.0.113.0/24"], &["198.51.100.0/24"], 256),
            (&["::/0"], &[], u128::MAX),
            (&[], &["203.0.113.40"], 0),
        ] {
            assert_eq!(
                excess(&networks(allowed), &networks(declared)),
                expected,
                "{allowed:?} {declared:?}"
            );
        }
    }

    #[test]
    fn each_network_is_paired_with_the_smallest_around_it() {
        let entries: Vec<(Network, usize)> = networks(&[
            "10.0.0.5",
            "10.0.0.0/8",
            "10.0.0.0/24",
            "10.0.1.0/24",
            "192.0.2.1",
            "192.0.2.1",
        ])
        .into_iter()
        .enumerate()
        .map(|(index, network)| (network, index))
        .collect();
        let pairs: Vec<(usize, usize)> = nested(&entries)
            .iter()
            .map(|(outer, inner)| (*outer.1, *inner.1))
            .collect();
        assert_eq!(pairs, [(1, 2), (2, 0), (1, 3), (4, 5)]);
    }
}
