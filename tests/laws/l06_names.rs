//! L6: names of locations do not matter.
//!
//! Every location, partner and device gets a new name, once in the order of the old ones and once in another order. Ends,
//! levels of TLS, egress, findings and records are the same under the renaming. Where a finding refuses what only names
//! decide, only that finding has to be the same.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::random::Random;
use crate::surface::{Compiled, MAIN};
use crate::topology::{Topology, text};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn names_of_locations_do_not_matter() {
    holds("L6", names_do_not_matter, |_, _| true);
}

/// Refusals of what only names decide: Send connectors with one address space and cost, clients that several connectors
/// match, a domain of two tenants, and groups of mailboxes of which nothing tells mail for one from mail for the others.
const TIES: [&str; 4] = ["A007", "A011", "G014", "G015"];

/// Keys whose texts are no names of the spec, even where they look like one.
const TEXTS: [&str; 11] = [
    "tenant",
    "organization",
    "servers",
    "kind",
    "method",
    "value",
    "header",
    "reason",
    "data",
    "check",
    "auth",
];

/// Keys of maps whose keys are names.
const MAPS: [&str; 7] = [
    "locations",
    "partners",
    "devices",
    "mailboxes",
    "dkim",
    "forwards",
    "names",
];

/// Stands for the map below a location in `names`, whose keys are made of names.
const GIVEN: &str = "names of a location";

/// A new name: no text has it, and all are equally long.
fn named(rank: usize) -> String {
    format!("q{rank:02}z")
}

type Renaming = BTreeMap<String, String>;

/// The names of the spec, each with one whose place in the order is that of the permutation.
fn renaming(names: &BTreeSet<String>, ranks: &[usize]) -> Renaming {
    let new = ranks.iter().map(|&rank| named(rank));
    names.iter().cloned().zip(new).collect()
}

fn renamed(value: &Value, key: &str, names: &Renaming) -> Value {
    match value {
        Value::Mapping(map) => {
            let pairs = map.iter().map(|(inner, value)| {
                let word = text(inner).unwrap_or_default();
                let is_name = MAPS.contains(&key);
                let inner = if is_name {
                    renamed(inner, "", names)
                } else if key == GIVEN {
                    renamed(inner, "on", names)
                } else {
                    inner.clone()
                };
                // What stands below a name belongs to the map that the name stands in.
                let below = match key {
                    "forwards" => "to",
                    "names" => GIVEN,
                    _ if is_name => "",
                    _ => word.as_str(),
                };
                (inner, renamed(value, below, names))
            });
            Value::Mapping(pairs.collect::<Mapping>())
        }
        Value::Sequence(list) => {
            Value::Sequence(list.iter().map(|item| renamed(item, key, names)).collect())
        }
        _ if TEXTS.contains(&key) => value.clone(),
        scalar => match text(scalar) {
            Some(word) => {
                new_words(key, &word, names).map_or_else(|| scalar.clone(), Value::String)
            }
            None => scalar.clone(),
        },
    }
}

/// The text with the names in it changed: the whole of it, or the parts of an end or of an object.
fn new_words(key: &str, word: &str, names: &Renaming) -> Option<String> {
    if let Some(new) = names.get(word) {
        return Some(new.clone());
    }
    if key == "ends" {
        let (end, places) = word.split_once(' ')?;
        let places = places
            .split(',')
            .map(|place| names.get(place).map_or(place, String::as_str));
        return Some(format!("{end} {}", places.collect::<Vec<_>>().join(",")));
    }
    if key == "on" || key == "route" {
        for between in [" to ", " from "] {
            if let Some((one, other)) = word.split_once(between)
                && let (Some(one), Some(other)) = (names.get(one), names.get(other))
            {
                return Some(format!("{one}{between}{other}"));
            }
        }
        let (kind, name) = word.split_once(':')?;
        return Some(format!("{kind}:{}", new_words("on", name, names)?));
    }
    None
}

/// Everything that may not change, in the words of the old names.
fn outcome(spec: &Spec, names: &Renaming, asked: &[(String, String)]) -> BTreeMap<String, String> {
    let mut files = spec.files.clone();
    for (path, bytes) in &mut files {
        let new = if crate::corpus::has_ending(path, "yaml") {
            let Ok(value) = serde_yaml::from_slice::<Value>(bytes) else {
                continue;
            };
            // The facts of a location stand under its name.
            let is_facts = path != MAIN && value.get("gathered").is_some();
            let key = if is_facts { "locations" } else { "" };
            serde_yaml::to_string(&renamed(&value, key, names)).expect("YAML")
        } else {
            let Ok(text) = std::str::from_utf8(bytes) else {
                continue;
            };
            let line = |line: &str| {
                let cells = line
                    .split(',')
                    .map(|cell| names.get(cell).map_or(cell, String::as_str));
                cells.collect::<Vec<_>>().join(",")
            };
            text.split('\n').map(line).collect::<Vec<_>>().join("\n")
        };
        *bytes = new.into_bytes();
    }
    let back = |text: &str| {
        let mut text = text.to_owned();
        for (old, new) in names {
            text = text.replace(new.as_str(), old);
        }
        text
    };
    let compiled = Compiled::of(&files);
    let mut said = BTreeMap::new();
    let mut findings: Vec<String> = compiled
        .findings
        .iter()
        .map(|it| {
            let objects: BTreeSet<String> = it.objects.iter().map(|object| back(object)).collect();
            format!(
                "{} {} {} {objects:?} {:?}",
                it.check, it.severity, it.certainty, it.domains
            )
        })
        .collect();
    findings.sort();
    let is_tie = |line: &&String| TIES.iter().any(|tie| line.starts_with(&format!("{tie} ")));
    let ties: Vec<String> = findings.iter().filter(is_tie).cloned().collect();
    if !ties.is_empty() {
        return BTreeMap::from([("findings".to_owned(), ties.join("\n"))]);
    }
    said.insert("findings".to_owned(), findings.join("\n"));
    if let Some(tracer) = compiled.tracer() {
        for (from, to) in asked {
            let new = names.get(from).unwrap_or(from);
            let Ok(trace) = tracer.trace(new, to) else {
                continue;
            };
            let ways: BTreeSet<String> = trace
                .paths
                .iter()
                .map(|it| {
                    let (end, places) = it.ends.split_once(' ').unwrap_or((&it.ends, ""));
                    let places: BTreeSet<String> = places.split(',').map(back).collect();
                    let egress: BTreeSet<&String> = it.egress.iter().collect();
                    let tls = if ["loop", "left-model"].contains(&end) {
                        ""
                    } else {
                        &it.tls
                    };
                    format!(
                        "{end} {places:?} {} tls {tls} from {egress:?}",
                        it.certainty
                    )
                })
                .collect();
            said.insert(
                format!("{from} to {to}"),
                ways.into_iter().collect::<Vec<_>>().join("\n"),
            );
        }
    }
    for (path, bytes) in compiled.files.iter().flatten() {
        let is_record = path.starts_with("dns/");
        if is_record {
            let text = back(&String::from_utf8_lossy(bytes));
            let lines: BTreeSet<&str> = text
                .lines()
                .filter(|line| !line.trim_start().starts_with(';'))
                .collect();
            said.insert(back(path), lines.into_iter().collect::<Vec<_>>().join("\n"));
        }
    }
    said
}

fn names_do_not_matter(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    let places = topology.places.keys();
    let parties = topology.partners.keys().chain(topology.devices.keys());
    let names: BTreeSet<String> = places.chain(parties).cloned().collect();
    if names.len() < 2 || compiled.tracer().is_none() {
        return Vec::new();
    }
    let mut asked: Vec<(String, String)> = spec
        .messages()
        .iter()
        .map(|it| (it.sender.from.clone(), it.recipient.to.clone()))
        .collect();
    asked.truncate(60);
    let straight: Vec<usize> = (0..names.len()).collect();
    let usual = outcome(spec, &renaming(&names, &straight), &asked);
    let mut breaches = Breaches::default();
    for mut ranks in permutations(spec, names.len()) {
        ranks.truncate(names.len());
        let permuted = outcome(spec, &renaming(&names, &ranks), &asked);
        for (what, was) in &usual {
            let is = permuted.get(what).map_or("", String::as_str);
            if was == is {
                continue;
            }
            let kind = match what.as_str() {
                "findings" => "findings",
                path if path.starts_with("dns/") => "records",
                _ => "ways",
            };
            breaches.add(
                kind,
                format!("{what}, named in the old order: {}", only(was, is)),
                format!("in the order {ranks:?}: {}", only(is, was)),
            );
        }
    }
    breaches.all()
}

/// The lines of a text that the other does not have.
fn only(text: &str, other: &str) -> String {
    let other: BTreeSet<&str> = other.lines().collect();
    let lines = text.lines().filter(|line| !other.contains(line));
    lines.collect::<Vec<_>>().join(" / ")
}

/// The reversed order and another one, the same for the same spec.
fn permutations(spec: &Spec, count: usize) -> Vec<Vec<usize>> {
    let reversed: Vec<usize> = (0..count).rev().collect();
    let seed = spec.name.bytes().fold(7_u64, |sum, byte| {
        sum.wrapping_mul(31).wrapping_add(u64::from(byte))
    });
    let mut random = Random::new(seed);
    let mut mixed: Vec<usize> = (0..count).collect();
    for at in (1..count).rev() {
        mixed.swap(at, random.below(at + 1));
    }
    vec![reversed, mixed]
}
