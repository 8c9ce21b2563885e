//! L14: certainty is what all readings say.
//!
//! Where the vendor's documents leave something open, each way names the readings under which it is taken. A message
//! that is lost under every assignment of them has a certain finding; a finding that is called possible is about mail
//! whose way depends on a reading.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Message, fault, in_regions, region_holds, said, speaks_of, starts};
use crate::surface::{Compiled, Finding, Path};
use crate::topology::{Topology, domain_of};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn certainty_is_what_all_readings_say() {
    holds("L14", certainty_is_what_all_readings_say_of, |_, _| true);
}

/// So many assignments of one message are looked at.
const ASSIGNMENTS: usize = 256;

/// Every assignment of the readings that some way of the message asks for.
fn assignments(message: &Message) -> Vec<BTreeMap<String, String>> {
    let mut words: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for path in &message.trace.paths {
        for (id, word) in &path.readings {
            words.entry(id).or_default().insert(word);
        }
    }
    let mut all = vec![BTreeMap::new()];
    for (id, words) in words {
        let longer = all.iter().flat_map(|one: &BTreeMap<String, String>| {
            words.iter().map(move |word| {
                let mut one = one.clone();
                one.insert(id.to_owned(), (*word).to_owned());
                one
            })
        });
        all = longer.collect();
        if all.len() > ASSIGNMENTS {
            return Vec::new();
        }
    }
    all
}

fn is_taken(path: &Path, assignment: &BTreeMap<String, String>) -> bool {
    let mut readings = path.readings.iter();
    readings.all(|(id, word)| assignment.get(id) == Some(word))
}

fn certainty_is_what_all_readings_say_of(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    let all = spec.messages();
    let routes = starts(compiled);
    let mut breaches = Breaches::default();
    let mut add = |object: String, one: String, other: String| breaches.add(object, one, other);
    for message in all {
        let assignments = assignments(message);
        if assignments.len() < 2 {
            continue;
        }
        // An assumption about the spec is no reading: such a way may not be taken at all.
        let faulty: Vec<&Path> = message
            .trace
            .paths
            .iter()
            .filter(|path| {
                path.assuming.is_empty()
                    && fault(&topology, message, path).is_some_and(|it| it.least != "note")
            })
            .collect();
        let fails = |assignment: &BTreeMap<String, String>| {
            faulty.iter().any(|path| is_taken(path, assignment))
        };
        if !assignments.iter().all(fails) {
            continue;
        }
        let is_said = |path: &&Path| {
            let mut certain = compiled
                .findings
                .iter()
                .filter(|it| it.certainty == "certain" && it.severity != "note");
            certain.any(|it| speaks_of(it, message, path, &routes))
        };
        if !faulty.iter().any(is_said) {
            let ends: BTreeSet<&str> = faulty.iter().map(|path| path.ends.as_str()).collect();
            add(
                "it fails under every reading, and nothing certain says so".to_owned(),
                format!(
                    "{} to {}: {ends:?} under {assignments:?}",
                    message.sender.from, message.recipient.to
                ),
                said(&compiled.findings),
            );
        }
    }
    // Faults of the spec beside the mail have no region.
    let possible: Vec<&Finding> = compiled
        .findings
        .iter()
        .filter(|it| {
            // An expectation has a sender and a recipient of its own, and by which rule a receiver judges DMARC no way says.
            it.certainty == "possible"
                && it.check != "I001"
                && !it.domains.is_empty()
                && !it.readings.contains("dmarc")
        })
        .collect();
    let more = in_regions(&topology, spec, compiled, &possible);
    for finding in possible {
        let in_region = all.iter().chain(&more).filter(|it| {
            // Group U is about the domains of authors.
            let of_authors = finding.check.starts_with('U');
            let address = if of_authors {
                &it.sender.from
            } else {
                &it.recipient.to
            };
            region_holds(finding, domain_of(address))
        });
        let in_region: Vec<&Message> = in_region.collect();
        let depends = |message: &&Message| {
            message
                .trace
                .paths
                .iter()
                .any(|path| !path.readings.is_empty())
        };
        if !in_region.is_empty() && !in_region.iter().any(depends) {
            add(
                format!(
                    "{} is possible, and no way depends on a reading",
                    finding.check
                ),
                format!(
                    "{} for {:?}: {}",
                    finding.check, finding.domains, finding.message
                ),
                in_region
                    .iter()
                    .take(4)
                    .map(|it| format!("{} to {}", it.sender.from, it.recipient.to))
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        }
    }
    breaches.all()
}
