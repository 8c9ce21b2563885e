//! What the oracle and the analysis once saw differently, each with the way that is right.
//!
//! A case is a spec with its `expect`s, and lists of mailboxes beside it. Both must say of every possible way that it ends as expected, in one of the ends
//! where several are written for one message, and each of these must be possible; with `tls`, that no way guarantees less.

use crate::compare::{Count, compare};
use crate::planned;
use crate::readings::Readings;
use crate::start::outcomes;
use crate::world::World;
use mailtopo::testing::plan::Plan;
use mailtopo::testing::topology::Sender;
use mailtopo::testing::values::TlsLevel;
use mailtopo::testing::walk::{Model, trace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

#[test]
fn what_was_seen_differently_once_is_seen_right() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracle/cases");
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    let (lists, paths): (Vec<_>, Vec<_>) = paths
        .into_iter()
        .partition(|path| path.extension().is_some_and(|end| end == "csv"));
    let name = |path: &Path| {
        path.file_name()
            .map(|name| name.to_string_lossy().into_owned())
    };
    let files: BTreeMap<String, Vec<u8>> = lists
        .iter()
        .filter_map(|path| Some((name(path)?, std::fs::read(path).expect("a file"))))
        .collect();
    assert!(paths.len() >= 20, "{} cases", paths.len());
    let mut wrong = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a file");
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let Some(plan) = planned(&text, &files) else {
            wrong.push(format!("{name}: the spec has mistakes"));
            continue;
        };
        wrong.extend(
            judge(&plan)
                .into_iter()
                .map(|what| format!("{name}: {what}")),
        );
        let differ = compare(&plan, &mut Count::default());
        wrong.extend(differ.iter().map(|what| format!("{name}: {what}")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A message, by its sender and recipient.
type Asked = (String, String);

/// An end and the least level of a way to it.
type Found = (String, &'static str);

fn judge(plan: &Plan) -> Vec<String> {
    let mut expected: BTreeMap<Asked, (Sender, BTreeSet<String>, Option<TlsLevel>)> =
        BTreeMap::new();
    for expectation in &plan.topology.expectations {
        let from = &expectation.from.value;
        let key = (format!("{from:?}"), expectation.to.value.to_string());
        let entry = expected
            .entry(key)
            .or_insert_with(|| (from.clone(), BTreeSet::new(), None));
        entry
            .1
            .extend(expectation.ends.iter().map(|at| at.value.clone()));
        entry.2 = entry.2.max(expectation.tls.map(|at| at.value));
    }
    if expected.is_empty() {
        return vec!["nothing is expected".to_owned()];
    }
    let mut wrong = Vec::new();
    for ((_, to), (from, ends, level)) in expected {
        for (who, found) in [
            ("the analysis", analysed(plan, &from, &to)),
            ("the oracle", simulated(plan, &from, &to)),
        ] {
            // An end without a place stands for that end anywhere.
            let is = |found: &String, end: &String| {
                found == end || found.starts_with(&format!("{end} "))
            };
            let all = found
                .iter()
                .all(|(found, _)| ends.iter().any(|end| is(found, end)));
            let each = ends
                .iter()
                .all(|end| found.iter().any(|(found, _)| is(found, end)));
            let kept = found.iter().all(|(_, found)| {
                level.is_none_or(|level| TlsLevel::parse(found).ok() >= Some(level))
            });
            if !(all && each && kept) {
                wrong.push(format!(
                    "{from:?} to {to}: {who} says {found:?}, not {ends:?} {level:?}"
                ));
            }
        }
    }
    wrong
}

fn analysed(plan: &Plan, from: &Sender, to: &str) -> BTreeSet<Found> {
    let address = mailtopo::testing::values::Address::parse(to).expect("an address");
    let said = trace(&Model::of(plan), from, &address);
    said.ways
        .iter()
        .map(|way| (way.end.ends.words(&plan.topology), way.tls.as_str()))
        .collect()
}

fn simulated(plan: &Plan, from: &Sender, to: &str) -> BTreeSet<Found> {
    let world = World::of(plan);
    let mut ends = BTreeSet::new();
    let mut open = vec![Readings::default()];
    while let Some(readings) = open.pop() {
        match outcomes(&world, &readings, from, to) {
            Err(asked) => open.extend(readings.with_every(asked.0)),
            Ok(found) => ends.extend(found.into_iter().map(|outcome| (outcome.ends, outcome.tls))),
        }
    }
    ends
}
