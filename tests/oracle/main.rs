//! The oracle: every message of many small topologies, sent by brute force and compared with the analysis.
//!
//! The simulator knows no atoms and no sets. It takes the objects that the compiler would write, as each product's
//! documents say they work, and sends one address after the other through them.

mod cases;
mod compare;
mod drift;
mod generate;
mod less;
mod mail;
mod names;
mod organization;
mod others;
mod pairs;
mod postfix;
mod random;
mod readings;
mod rules;
mod simulate;
mod start;
mod tenant;
mod verdict;
mod world;

use compare::{Count, Disagreement, compare};
use generate::Generated;
use mailtopo::compile::{Input, plan};
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{DnsManagement, Entry, LocationId};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Everyday runs look at so many topologies. `ORACLE=100000 cargo test --release --test oracle -- --nocapture` looks at
/// as many as it says, and `ORACLE_FIRST` at those from there on.
const EVERYDAY: u64 = 1000;

/// So many disagreements are shown.
const SHOWN: usize = 100;

/// What a spec comes to; nothing where it has mistakes.
fn planned(text: &str, files: &BTreeMap<String, Vec<u8>>) -> Option<Plan> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files,
    };
    plan(&input, None).plan.filter(is_entry_known)
}

/// Whether there is an MX record for every domain that receives mail. Where there is none, a finding says so (G016, N004,
/// N017), and the analysis follows what was meant.
fn is_entry_known(plan: &Plan) -> bool {
    let topology = &plan.topology;
    topology.domains.iter().all(|domain| {
        let is_found = |at: LocationId| {
            let location = topology.location(at);
            location.tenant().is_some() || !location.hosts.is_empty()
        };
        let is_found_today = match domain.mx_now.as_ref().map(|at| &at.value) {
            Some(Entry::Location(at)) => is_found(*at),
            _ => true,
        };
        let has_mx = !domain.mx.is_empty() || !matches!(domain.dns, DnsManagement::Managed);
        let are_found = domain.mx.iter().all(|at| is_found(at.value)) && is_found_today;
        !domain.receives() || (has_mx && are_found)
    })
}

/// The topology with a number. Of every second one something is taken out, because nobody thinks of all that may be missing.
fn topology(seed: u64) -> Generated {
    let mut generated = generate::spec(seed);
    if seed % 2 == 1 {
        generated.text = less::less(&generated.text, seed);
    }
    generated
}

/// What came of some topologies.
#[derive(Default)]
struct Tally {
    topologies: u64,
    refused: u64,
    count: Count,
    /// The first disagreement of each topology that has any, by its number.
    found: BTreeMap<u64, Disagreement>,
}

impl Tally {
    fn look_at(&mut self, seed: u64) {
        let generated = topology(seed);
        let Some(plan) = planned(&generated.text, &generated.files) else {
            self.refused += 1;
            return;
        };
        self.topologies += 1;
        if let Some(first) = compare(&plan, &mut self.count).into_iter().next() {
            self.found.insert(seed, first);
        }
    }

    fn add(&mut self, other: Self) {
        self.topologies += other.topologies;
        self.refused += other.refused;
        self.count.messages += other.count.messages;
        self.count.ways += other.count.ways;
        self.count.cut += other.count.cut;
        self.found.extend(other.found);
    }
}

fn number(name: &str, default: u64) -> u64 {
    match std::env::var(name) {
        Ok(text) => text.parse().expect("a number"),
        Err(_) => default,
    }
}

#[test]
fn the_oracle_agrees_with_the_analysis() {
    let wanted = number("ORACLE", EVERYDAY);
    let first = number("ORACLE_FIRST", 0);
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let mut tally = Tally::default();
    let mut next = first;
    // Not every number is a spec without mistakes, so there are several rounds.
    while tally.topologies < wanted {
        let missing = wanted - tally.topologies;
        let rounds: Vec<Tally> = std::thread::scope(|scope| {
            let start = |worker: usize| {
                scope.spawn(move || {
                    let mut tally = Tally::default();
                    (next + worker as u64..next + missing)
                        .step_by(workers)
                        .for_each(|seed| tally.look_at(seed));
                    tally
                })
            };
            let running: Vec<_> = (0..workers).map(start).collect();
            let done = running.into_iter().map(std::thread::ScopedJoinHandle::join);
            done.map(|tally| tally.expect("a worker ends")).collect()
        });
        for round in rounds {
            tally.add(round);
        }
        next += missing;
    }
    println!(
        "{} topologies, {} messages, {} ways; {} more were refused as specs, {} messages have more ways than are kept",
        tally.topologies, tally.count.messages, tally.count.ways, tally.refused, tally.count.cut
    );
    assert!(
        tally.found.is_empty(),
        "{} of {} topologies are seen differently:\n{}",
        tally.found.len(),
        tally.topologies,
        shown(&tally.found)
    );
}

fn shown(found: &BTreeMap<u64, Disagreement>) -> String {
    let mut text = String::new();
    for (seed, disagreement) in found.iter().take(SHOWN) {
        let _ = writeln!(text, "topology {seed}: {disagreement}");
    }
    if let Some(&seed) = found.keys().next() {
        let _ = writeln!(text, "topology {seed} is\n{}", topology(seed));
    }
    text
}
