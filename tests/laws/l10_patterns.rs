//! L10: one meaning of a pattern on every product.
//!
//! A name takes a route if and only if a pattern of the route holds it: at every place, for a name at, below and beside
//! each pattern. Where the language's order names one route, it is the one that is taken.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Class, Recipient, messages, senders};
use crate::surface::{Compiled, Path};
use crate::topology::{Topology, domain_of, holds as pattern_holds};
use std::collections::BTreeSet;

#[test]
fn a_route_takes_what_its_patterns_hold() {
    holds("L10", routes_take_what_they_are_for, |_, _| true);
}

/// So many names of a spec are asked for.
const NAMES: usize = 24;

struct Route {
    name: String,
    from: String,
    patterns: Vec<String>,
    cost: u64,
    is_used: bool,
    /// A rule gives it its mail, whatever the name.
    is_by_rule: bool,
    is_written: bool,
    /// It looks the MX up, as the place does without it.
    is_mx: bool,
}

fn routes(compiled: &Compiled) -> Vec<Route> {
    let document = compiled.routes().unwrap_or_default();
    let rows = document["routes"].as_array().cloned().unwrap_or_default();
    let word =
        |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| Route {
            name: word(row, "name"),
            from: word(row, "from"),
            patterns: row["for"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|it| it.as_str().map(str::to_owned))
                .collect(),
            cost: row["cost"].as_u64().unwrap_or(1),
            is_used: row["enabled"] != false && row["only_by_rule"] != true,
            is_by_rule: row["only_by_rule"] == true,
            is_written: row["origin"] == "written",
            is_mx: row["next_hop"]["kind"] == "mx",
        })
        .collect()
}

/// How well a pattern fits: the exact name, then the wildcard with the longest base, then `*`.
fn fit(pattern: &str, name: &str) -> Option<usize> {
    if !pattern_holds(pattern, name) {
        return None;
    }
    Some(match pattern.strip_prefix("*.") {
        Some(base) => 1 + base.len(),
        None if pattern == "*" => 0,
        None => usize::MAX,
    })
}

/// The best fit of a route for a name; nothing where it does not hold it. `accepted-domains` may hold it or not.
fn best(route: &Route, name: &str) -> Option<usize> {
    route
        .patterns
        .iter()
        .filter_map(|pattern| fit(pattern, name))
        .max()
}

fn routes_take_what_they_are_for(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    let routes = routes(compiled);
    let written: Vec<&Route> = routes
        .iter()
        .filter(|it| it.is_written && topology.places.contains_key(&it.from))
        .collect();
    if written.is_empty() {
        return Vec::new();
    }
    let mut names = BTreeSet::new();
    for pattern in written.iter().flat_map(|it| &it.patterns) {
        let base = pattern.trim_start_matches("*.");
        if base == "*" || base == "accepted-domains" {
            continue;
        }
        names.extend([
            base.to_owned(),
            format!("xq7.{base}"),
            format!("xq7.xq7.{base}"),
            format!("xq7-{base}"),
        ]);
    }
    names.insert("xq7-customer.example".to_owned());
    let to: Vec<Recipient> = names
        .into_iter()
        .take(NAMES)
        .map(|name| {
            let listed = topology
                .domain(&name)
                .and_then(|it| it.listed.keys().next().cloned());
            Recipient {
                to: listed.unwrap_or_else(|| format!("x@{name}")),
                class: Class::Other,
            }
        })
        .collect();
    let mut breaches = Breaches::default();
    for message in messages(&topology, compiled, &senders(&topology), &to) {
        let name = domain_of(&message.recipient.to);
        // A redirect, or a routing address, is another name.
        let is_redirected = topology.domain(name).is_some_and(|it| {
            it.forwards
                .iter()
                .any(|it| it.address == message.recipient.to)
        });
        if is_redirected {
            continue;
        }
        for path in &message.trace.paths {
            for (at, hop) in path.hops.iter().enumerate() {
                let Some(place) = topology.places.get(&hop.at) else {
                    continue;
                };
                let shown = |path: &Path| {
                    format!(
                        "{} to {}: {} by {:?}, {} at {}",
                        message.sender.from,
                        message.recipient.to,
                        path.ends,
                        path.places(),
                        hop.by,
                        hop.at
                    )
                };
                let mut add = |kind: String, other: String| breaches.add(kind, shown(path), other);
                let taken = hop
                    .by
                    .strip_prefix("route:")
                    .and_then(|by| routes.iter().find(|it| it.name == by && it.from == hop.at));
                // Exchange hands on by routing addresses, which no one sees from outside.
                let is_rewritten = path.hops[..=at].iter().any(|hop| {
                    let kind = topology
                        .places
                        .get(&hop.at)
                        .map_or("", |it| it.kind.as_str());
                    kind.starts_with("exchange")
                });
                // Whether a wildcard holds the name it is below two documents answer differently.
                let is_open = path.readings.contains_key("R2");
                if let Some(route) = taken
                    && route.is_written
                    && !route.is_by_rule
                    && !is_open
                    && !is_rewritten
                    && best(route, name).is_none()
                    && !route.patterns.iter().any(|it| it == "accepted-domains")
                {
                    add(
                        format!(
                            "{} takes a name that no pattern of the route holds",
                            place.kind
                        ),
                        format!("`{}` is for {:?}", route.name, route.patterns),
                    );
                }
                if !matches!(place.kind.as_str(), "smtp" | "gateway" | "postfix")
                    || hop.by.starts_with("rule:")
                    || is_rewritten
                {
                    continue;
                }
                let here: Vec<&Route> = routes
                    .iter()
                    .filter(|it| it.from == hop.at && it.is_used)
                    .collect();
                // Whether `accepted-domains` holds the name is a question of its own, and a place that knows who holds
                // a mailbox may go toward it.
                let is_plain = here
                    .iter()
                    .all(|it| !it.patterns.iter().any(|it| it == "accepted-domains"));
                let is_ours = topology
                    .domain(name)
                    .is_some_and(|it| it.holders().len() > 1);
                if !is_plain || is_ours {
                    continue;
                }
                let top = here.iter().filter_map(|it| best(it, name)).max();
                let Some(top) = top else {
                    continue;
                };
                let fitting: Vec<&&Route> = here
                    .iter()
                    .filter(|it| best(it, name) == Some(top))
                    .collect();
                let cheapest = fitting.iter().map(|it| it.cost).min().unwrap_or_default();
                let winners: Vec<&str> = fitting
                    .iter()
                    .filter(|it| it.cost == cheapest)
                    .map(|it| it.name.as_str())
                    .collect();
                let has_written = fitting.iter().any(|it| it.is_written && !it.is_mx);
                let by = hop.by.strip_prefix("route:").unwrap_or(&hop.by);
                // A route that looks the MX up needs no entry of a table, and is not named then.
                let wins_by_mx = fitting.iter().any(|it| it.is_mx && it.cost == cheapest);
                let is_taken = winners.contains(&by) || wins_by_mx && by.starts_with("mx ");
                if has_written && !is_taken && !hop.by.starts_with("forwards") {
                    add(
                        format!(
                            "{} does not take the route that the language's order names",
                            place.kind
                        ),
                        format!("the order names {winners:?}, taken is {}", hop.by),
                    );
                }
            }
        }
    }
    breaches.all()
}
