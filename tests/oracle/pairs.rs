//! `diff` against the oracle: a spec and the same spec with something taken out of it.
//!
//! What `diff` shows has to be seen by the oracle as well, and what the oracle sees has to be shown.

use crate::compare::{loops_apart, recipients, senders};
use crate::generate;
use crate::less::less;
use crate::readings::Readings;
use crate::simulate::Outcome;
use crate::start::outcomes;
use crate::world::World;
use crate::{number, planned};
use mailtopo::testing::Compared;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::{Domain, Holds, LocationId, Party, Sender};
use mailtopo::testing::values::Pattern;
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};

/// Everyday runs look at so many pairs. `DIFF_PAIRS=10000 cargo test --release --test oracle pairs` looks at as many as it
/// says.
const EVERYDAY: u64 = 30;

type Files = BTreeMap<String, Vec<u8>>;

/// A spec as text, with the files beside it.
struct Side {
    files: Files,
    plan: Plan,
}

impl Side {
    fn of(text: &str, beside: &Files) -> Option<Self> {
        let plan = planned(text, beside)?;
        let mut files = beside.clone();
        files.insert("mailtopo.yaml".to_owned(), text.as_bytes().to_vec());
        Some(Self { files, plan })
    }
}

impl Side {
    fn text(&self) -> String {
        let files = self.files.iter();
        let files: Vec<String> = files
            .map(|(name, bytes)| format!("# {name}\n{}\n", String::from_utf8_lossy(bytes)))
            .collect();
        files.concat()
    }
}

/// A spec without mistakes, and another that lacks something of it.
fn pair(seed: u64) -> Option<(Side, Side)> {
    let whole = generate::spec(seed);
    let less = Side::of(&less(&whole.text, seed), &whole.files)?;
    let whole = Side::of(&whole.text, &whole.files)?;
    Some((whole, less))
}

/// What comes of a message under each assignment of the readings.
fn seen(world: &World<'_>, from: &Sender, to: &str) -> BTreeSet<(String, BTreeSet<Outcome>)> {
    let mut all = BTreeSet::new();
    let mut open = vec![Readings::default()];
    while let Some(readings) = open.pop() {
        match outcomes(world, &readings, from, to) {
            Err(asked) => open.extend(readings.with_every(asked.0)),
            Ok(found) => {
                let found = found.into_iter().map(loops_apart).collect();
                all.insert((format!("{readings:?}"), found));
            }
        }
    }
    all
}

/// Everybody by name who writes: of locations those that hold mailboxes.
fn parties(plan: &Plan) -> BTreeMap<String, Sender> {
    let domains = &plan.topology.domains;
    let holders: BTreeSet<LocationId> = domains.iter().flat_map(Domain::holder_ids).collect();
    let writes = |(_, sender): &(String, Sender)| match sender {
        Sender::Party(Party::Location(id)) => holders.contains(id),
        Sender::Party(_) => true,
        Sender::Address(_) | Sender::As(..) => false,
    };
    senders(plan).into_iter().filter(writes).collect()
}

/// Whether mail of somebody to an address is what `diff` follows: partners and devices write to mailboxes.
fn is_followed(from: &Sender, to: &str, plan: &Plan) -> bool {
    let is_listed = || {
        let holders = plan.topology.domains.iter().flat_map(|it| &it.holders);
        holders.into_iter().any(|holder| match &holder.holds {
            Holds::Listed(list) => list.iter().any(|one| one.address.to_string() == to),
            _ => false,
        })
    };
    match from {
        Sender::Party(Party::Partner(_) | Party::Device(_)) => is_listed(),
        _ => true,
    }
}

fn words(value: &Json) -> Vec<&str> {
    let list = value.as_array().map(Vec::as_slice).unwrap_or_default();
    list.iter().filter_map(Json::as_str).collect()
}

fn holds(pattern: &str, domain: &str) -> bool {
    Pattern::parse(pattern).is_ok_and(|pattern| crate::names::holds(&pattern, domain))
}

/// What `diff` says that the oracle does not see, and the reverse.
fn disagreements(old: &Side, new: &Side) -> Vec<String> {
    let found = Compared::of("mailtopo.yaml", &old.files, &new.files, "2026-01-01");
    let found = found.expect("two specs without mistakes");
    let said = found.json().expect("a document");
    let (before, after) = (World::of(&old.plan), World::of(&new.plan));
    let (here, there) = (parties(&old.plan), parties(&new.plan));
    let mut wrong = Vec::new();
    let changes = said["changes"].as_array().expect("a list");
    for change in changes {
        // What receivers make of mail in our name is no part of it either, and is seen in no path.
        if words(&change["what"]) == ["authentication"] {
            continue;
        }
        let text = |key: &str| change["witness"][key].as_str().expect("a text");
        let (from, to) = (text("from"), text("to"));
        // Addresses and records of what leaves are no part of what the oracle follows.
        let is_seen = words(&change["what"])
            .iter()
            .any(|what| ["end", "path"].contains(what));
        if let (Some(one), Some(other), true) = (here.get(from), there.get(from), is_seen) {
            let ways = seen(&before, one, to);
            // Where mailboxes are only counted, no address can be named that nobody has.
            let of_nobody = words(&change["whose"]) == ["unknown addresses"];
            let mut outcomes = ways.iter().flat_map(|(_, outcomes)| outcomes);
            if of_nobody && outcomes.any(|it| it.ends.starts_with("delivered")) {
                continue;
            }
            if ways == seen(&after, other, to) {
                let said = format!("the oracle sees no change from {from} to {to}: {ways:#?}");
                wrong.push(format!("{said}\n{change:#}"));
            }
        }
    }
    let to_both: BTreeSet<String> = recipients(&old.plan)
        .union(&recipients(&new.plan))
        .cloned()
        .collect();
    let come_or_gone: Vec<&str> = [&said["sources_added"], &said["sources_removed"]]
        .into_iter()
        .flat_map(words)
        .collect();
    for (name, one) in &here {
        let Some(other) = there.get(name) else {
            continue;
        };
        let is_internet = matches!(one, Sender::Party(Party::Internet));
        let came_or_went = |key: &&str| key.split_once(':').is_some_and(|(_, at)| at == name);
        if !is_internet && come_or_gone.iter().any(came_or_went) {
            continue;
        }
        for to in &to_both {
            // Addresses that a provider gave follow those that they stand for, and those of others that mail is redirected to
            // are nobody's mailbox here.
            if to.ends_with(".onmicrosoft.com") || to.ends_with("@outside.example") {
                continue;
            }
            let is_followed = is_followed(one, to, &old.plan) && is_followed(other, to, &new.plan);
            if !is_followed || seen(&before, one, to) == seen(&after, other, to) {
                continue;
            }
            let domain = crate::names::domain_of(to);
            let is_said = changes.iter().any(|change| {
                words(&change["from"]).contains(&name.as_str())
                    && [&change["domains"], &change["also_possible"]]
                        .into_iter()
                        .flat_map(words)
                        .any(|pattern| holds(pattern, domain))
            });
            if !is_said {
                wrong.push(format!("no change from {name} to {to}\n{}", found.human()));
            }
        }
    }
    wrong
}

#[test]
fn what_differs_is_what_the_oracle_sees_differ() {
    let wanted = number("DIFF_PAIRS", EVERYDAY);
    let first = number("DIFF_PAIRS_FIRST", 0);
    let mut looked_at = 0;
    let mut wrong = Vec::new();
    let mut seed = first;
    while looked_at < wanted {
        if let Some((old, new)) = pair(seed) {
            looked_at += 1;
            for (one, other) in [(&old, &new), (&new, &old)] {
                if let Some(first) = disagreements(one, other).into_iter().next() {
                    let [one, other] = [one, other].map(Side::text);
                    wrong.push(format!(
                        "pair {seed}: {first}\n-- old\n{one}-- new\n{other}"
                    ));
                }
            }
        }
        seed += 1;
    }
    println!("{looked_at} pairs of {seed} specs");
    assert!(
        wrong.is_empty(),
        "{} comparisons are seen differently:\n{}",
        wrong.len(),
        wrong.iter().take(8).cloned().collect::<Vec<_>>().join("\n")
    );
}
