//! The data of the examples, held against what it must be: `golden/exchange/expected.jsonl`, one object a line.
//!
//! The expectation was made from the scripts of an earlier form and ran through PowerShell. Where the data differs, the
//! table of `docs/decisions/0006-exchange-data.md` says why.

use crate::exchange::{Location, locations};
use crate::golden::root;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

const DECISION: &str = "docs/decisions/0006-exchange-data.md";

/// Location, object and property; `*` stands for any.
type Difference = [String; 3];

/// The expected data by location.
fn expected() -> BTreeMap<String, Value> {
    let text = fs::read_to_string(root("golden/exchange/expected.jsonl")).expect("the expectation");
    let mut all: BTreeMap<String, Value> = BTreeMap::new();
    for line in text.lines() {
        let mut value: Value = serde_json::from_str(line).expect("JSON");
        let at = value["at"].as_str().expect("a location").to_owned();
        match value.get_mut("object") {
            Some(object) => {
                let objects = all.get_mut(&at).expect("the head comes first");
                let objects = objects["Objects"].as_array_mut().expect("a list");
                objects.push(object.take());
            }
            None => {
                all.insert(at, value["head"].take());
            }
        }
    }
    all
}

/// The differences that are explained.
fn explained() -> Vec<Difference> {
    let text = fs::read_to_string(root(DECISION)).expect("the decision");
    let (_, rest) = text
        .split_once("| --- | --- | --- | --- |\n")
        .expect("a table");
    let rows = rest.lines().take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        assert!(cells.len() == 4 && !cells[3].is_empty(), "{row}");
        [cells[0], cells[1], cells[2]].map(|cell| cell.trim_matches('`').to_owned())
    })
    .collect()
}

fn fits(row: &Difference, difference: &Difference) -> bool {
    row.iter()
        .zip(difference)
        .all(|(one, other)| one == "*" || one == other)
}

#[test]
fn the_data_of_the_examples_is_as_expected() {
    let mut found: BTreeSet<Difference> = BTreeSet::new();
    for (at, wanted) in expected() {
        let mut own = locations().iter().filter(|location| location.name == at);
        let own: &Location = own.next().unwrap_or_else(|| panic!("{at} is not written"));
        found.extend(compare(&at, &wanted, &own.data));
    }
    let rows = explained();
    let new: Vec<_> = found
        .iter()
        .filter(|one| !rows.iter().any(|row| fits(row, one)))
        .collect();
    assert!(new.is_empty(), "{DECISION} does not explain\n{new:#?}");
    let old: Vec<_> = rows
        .iter()
        .filter(|row| !found.iter().any(|one| fits(row, one)))
        .collect();
    assert!(
        old.is_empty(),
        "{DECISION} explains what does not differ\n{old:#?}"
    );
}

fn compare(at: &str, wanted: &Value, own: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut differs = |object: &str, key: &str| found.push([at, object, key].map(str::to_owned));
    for key in keys(wanted, own).iter().filter(|key| *key != "Objects") {
        if wanted.get(key) != own.get(key) {
            differs("-", key);
        }
    }
    let (wanted, own) = (by_name(wanted), by_name(own));
    let common: Vec<&str> = wanted
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| own.iter().any(|(other, _)| other == name))
        .collect();
    let order = own
        .iter()
        .map(|(name, _)| name.as_str())
        .filter(|name| common.contains(name));
    if !order.eq(common.iter().copied()) {
        differs("-", "order");
    }
    for (name, object) in &own {
        if !common.contains(&name.as_str()) {
            differs(name, "new");
        }
        let Some((_, wanted)) = wanted.iter().find(|(other, _)| other == name) else {
            continue;
        };
        for key in keys(wanted, object)
            .iter()
            .filter(|key| wanted.get(key.as_str()) != object.get(key.as_str()))
        {
            differs(name, key);
        }
    }
    for (name, _) in wanted
        .iter()
        .filter(|(name, _)| !common.contains(&name.as_str()))
    {
        differs(name, "gone");
    }
    found
}

/// The objects, each with its properties beside what is said of it.
fn by_name(data: &Value) -> Vec<(String, Map<String, Value>)> {
    let objects = data["Objects"].as_array().expect("a list").iter();
    objects
        .map(|object| {
            let mut flat = object.as_object().expect("an object").clone();
            let properties = flat.remove("Properties").unwrap_or_default();
            flat.extend(properties.as_object().cloned().unwrap_or_default());
            let text = |key: &str| object[key].as_str().unwrap_or_default().to_owned();
            (format!("{} {}", text("Kind"), text("Name")), flat)
        })
        .collect()
}

fn keys(one: &impl Keys, other: &impl Keys) -> BTreeSet<String> {
    one.names().chain(other.names()).cloned().collect()
}

trait Keys {
    fn names(&self) -> impl Iterator<Item = &String>;
}

impl Keys for Value {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.as_object().into_iter().flat_map(Map::keys)
    }
}

impl Keys for Map<String, Value> {
    fn names(&self) -> impl Iterator<Item = &String> {
        self.keys()
    }
}
