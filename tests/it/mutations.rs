//! What must be found when something of a good spec is changed: `mutations/EXAMPLE.yaml` holds a table for every example.
//!
//! A row says in words what was done, takes something away (`remove`: paths) or writes something else (`set`: paths and
//! values), and names the checks whose errors there must be, all of them and no others. `beside` names the checks of
//! warnings and notes that come of it. All of it is written by hand.

use crate::golden::{files, root};
use mailtopo::compile::{Input, check};
use mailtopo::testing::checks::ALL;
use mailtopo::testing::finding::{Finding, Severity};
use mailtopo::testing::values::Date;
use serde::Deserialize;
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Groups of checks that no change of an example can reach, and why.
const OUT_OF_REACH: &[(&str, &str)] = &[("C", "what exists is compared by `drift`")];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutation {
    what: String,
    #[serde(default)]
    remove: Vec<String>,
    #[serde(default)]
    set: BTreeMap<String, Value>,
    errors: BTreeSet<String>,
    #[serde(default)]
    beside: BTreeSet<String>,
}

/// The examples with their tables.
fn tables() -> Vec<(String, Vec<Mutation>)> {
    let tables = files(&root("tests/it/mutations")).into_iter();
    let table = |(name, bytes): (String, Vec<u8>)| {
        let rows = serde_yaml::from_slice(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        (name.trim_end_matches(".yaml").to_owned(), rows)
    };
    tables.map(table).collect()
}

/// The files of an example; its main document is `mailtopo.yaml`.
type Files = BTreeMap<String, Vec<u8>>;

fn said(files: &Files) -> Vec<Finding> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    check(&input, Date::parse("2026-11-25").expect("a day")).findings
}

fn checks(findings: &[Finding], wanted: impl Fn(Severity) -> bool) -> BTreeSet<String> {
    let found = findings.iter().filter(|finding| wanted(finding.severity));
    found.map(|finding| finding.check.to_string()).collect()
}

#[test]
fn every_change_of_a_good_spec_is_found_and_nothing_else_is() {
    let mut wrong = String::new();
    for (example, rows) in tables() {
        let usual = files(&root("examples").join(&example));
        let is_mild = |severity| severity < Severity::Error;
        let before = checks(&said(&usual), is_mild);
        let document: Value = serde_yaml::from_slice(&usual["mailtopo.yaml"]).expect("YAML");
        for row in rows {
            let mut changed = usual.clone();
            let text = serde_yaml::to_string(&mutated(&document, &row)).expect("YAML");
            changed.insert("mailtopo.yaml".to_owned(), text.into_bytes());
            let findings = said(&changed);
            let errors = checks(&findings, |severity| !is_mild(severity));
            let after = checks(&findings, is_mild);
            let beside: BTreeSet<String> = after.difference(&before).cloned().collect();
            if (&errors, &beside) == (&row.errors, &row.beside) {
                continue;
            }
            let _ = writeln!(
                wrong,
                "== {example}: {}\n   errors {errors:?}, wanted {:?}; beside {beside:?}, wanted {:?}",
                row.what, row.errors, row.beside
            );
            for finding in findings.iter().filter(|finding| {
                !is_mild(finding.severity) || beside.contains(finding.check.as_str())
            }) {
                let _ = writeln!(wrong, "   {} {}", finding.check, finding.message);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_tables_are_about_all_examples_and_all_groups_of_checks() {
    let tables = tables();
    let examples: BTreeSet<String> = files(&root("examples"))
        .into_keys()
        .filter_map(|path| Some(path.split_once('/')?.0.to_owned()))
        .collect();
    let named: BTreeSet<String> = tables.iter().map(|(example, _)| example.clone()).collect();
    assert_eq!(named, examples);
    let rows = || tables.iter().flat_map(|(_, rows)| rows);
    assert!(rows().count() >= 80, "{} changes", rows().count());
    let group = |check: &str| check.chars().take(1).collect::<String>();
    let seen: BTreeSet<String> = rows()
        .flat_map(|row| row.errors.iter().chain(&row.beside))
        .map(|check| group(check))
        .collect();
    let wanted = ALL.iter().map(|check| group(check.code.as_str()));
    let missing: BTreeSet<String> = wanted
        .filter(|group| !seen.contains(group))
        .filter(|group| OUT_OF_REACH.iter().all(|(out, _)| out != group))
        .collect();
    assert!(
        missing.is_empty(),
        "no change raises a check of {missing:?}"
    );
}

fn mutated(document: &Value, row: &Mutation) -> Value {
    let mut document = document.clone();
    for (path, value) in &row.set {
        set(&mut document, path, value.clone()).unwrap_or_else(|| panic!("{}: {path}", row.what));
    }
    for path in &row.remove {
        remove(&mut document, path).unwrap_or_else(|| panic!("{}: {path}", row.what));
    }
    document
}

/// What a path leads into, and its last step; maps on the way are made.
fn parent<'a, 'p>(document: &'a mut Value, path: &'p str) -> Option<(&'a mut Value, &'p str)> {
    let (before, last) = path.rsplit_once('/').unwrap_or(("", path));
    let mut at = document;
    for step in before.split('/').filter(|step| !step.is_empty()) {
        at = match at {
            Value::Sequence(list) => list.get_mut(step.parse::<usize>().ok()?)?,
            Value::Mapping(map) => map
                .entry(step.into())
                .or_insert_with(|| Mapping::new().into()),
            _ => return None,
        };
    }
    Some((at, last))
}

fn set(document: &mut Value, path: &str, value: Value) -> Option<()> {
    match parent(document, path)? {
        (Value::Sequence(list), number) => {
            let number = number.parse::<usize>().ok()?;
            if number == list.len() {
                list.push(value);
            } else {
                *list.get_mut(number)? = value;
            }
        }
        (Value::Mapping(map), key) => {
            map.insert(key.into(), value);
        }
        _ => return None,
    }
    Some(())
}

fn remove(document: &mut Value, path: &str) -> Option<()> {
    match parent(document, path)? {
        (Value::Sequence(list), number) => {
            let number = number.parse::<usize>().ok()?;
            (number < list.len()).then(|| list.remove(number))?;
        }
        (Value::Mapping(map), key) => {
            map.remove(key)?;
        }
        _ => return None,
    }
    Some(())
}
