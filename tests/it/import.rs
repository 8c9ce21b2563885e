//! `import`: what is read back from an export of a plan is that plan.

use crate::cli::{mailtopo, stderr, stdout};
use crate::drift::{bytes, clixml, examples, kind};
use mailtopo::compile::{Input, check, plan};
use mailtopo::testing::finding::Severity;
use mailtopo::testing::values::Date;
use mailtopo::testing::{drift, import};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

type Files = BTreeMap<String, Vec<u8>>;

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

/// Every tenant of the examples, with the state that it exports.
fn tenants() -> Vec<(String, String, Value)> {
    let mut all = Vec::new();
    for sample in examples() {
        for (place, state) in sample.states {
            if state["Product"] != "server" {
                all.push((format!("{}/{place}", sample.name), place, state));
            }
        }
    }
    assert!(all.len() > 15, "only {} tenants", all.len());
    all
}

fn imported(name: &str, place: &str, export: &[u8]) -> (Files, bool) {
    import(place, export, today()).unwrap_or_else(|why| panic!("{name}: {why}"))
}

/// What the spec of an import compiles to, against the export: the properties that differ, comments aside.
fn differing(files: &Files, place: &str, export: &[u8]) -> Vec<String> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    let (_, json) = drift(&input, &[(place, export)], today()).expect("a draft that compiles");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    let objects = json["objects"].as_array().expect("a list").iter();
    objects
        .flat_map(|object| {
            let properties = object["properties"].as_array().expect("a list").iter();
            let names: Vec<String> = properties
                .filter_map(|at| at["name"].as_str().map(str::to_owned))
                .collect();
            let names: Vec<String> = names
                .into_iter()
                .filter(|name| !name.starts_with("Comment"))
                .collect();
            match object["state"].as_str() {
                Some("differs") => names
                    .iter()
                    .map(|name| format!("{} {name}", object["object"]))
                    .collect(),
                Some(state) => vec![format!("{} {state}", object["object"])],
                None => Vec::new(),
            }
        })
        .collect()
}

#[test]
fn what_is_imported_compiles_to_what_was_exported() {
    let mut wrong = Vec::new();
    for (name, place, state) in tenants() {
        for (form, export) in [("state", bytes(&state)), ("clixml", clixml(&state))] {
            let (files, _) = imported(&name, &place, &export);
            let ledger = ledger(&files);
            let not_said = ["unmanaged", "truncated", "not-understood"];
            for entry in ledger["entries"].as_array().expect("a list") {
                // A seal that is trusted belongs to a gateway, which no export of a tenant has.
                let is_seal = entry["object"] == "ArcConfig ArcConfig";
                if !is_seal && not_said.iter().any(|verdict| entry["verdict"] == *verdict) {
                    wrong.push(format!("{name} {form}: {entry}"));
                }
            }
            let found = differing(&files, &place, &export);
            wrong.extend(
                found
                    .into_iter()
                    .map(|what| format!("{name} {form}: {what}")),
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_draft_is_understood() {
    for (name, place, state) in tenants() {
        let (files, _) = imported(&name, &place, &bytes(&state));
        let input = Input {
            name: "mailtopo.yaml",
            bytes: &files["mailtopo.yaml"],
            files: &files,
        };
        let of_spec: Vec<String> = check(&input, today())
            .findings
            .into_iter()
            .filter(|finding| {
                finding.severity == Severity::Error && finding.check.as_str().starts_with('S')
            })
            .map(|finding| finding.message)
            .collect();
        assert!(of_spec.is_empty(), "{name}: {of_spec:#?}");
        assert!(plan(&input, None).plan.is_some(), "{name}");
    }
}

fn ledger(files: &Files) -> Value {
    serde_json::from_slice(&files["import.json"]).expect("JSON")
}

#[test]
fn every_value_has_one_verdict() {
    for (name, place, state) in tenants() {
        let (files, is_whole) = imported(&name, &place, &bytes(&state));
        let ledger = ledger(&files);
        let read: usize = state["Objects"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|object| {
                object["Properties"].as_object().expect("a table").len()
                    + usize::from(object.get("State").is_some())
            })
            .sum();
        let entries = ledger["entries"].as_array().expect("a list");
        let verdicts = ledger["verdicts"].as_object().expect("a table").values();
        let sum: u64 = verdicts
            .map(|count| count.as_u64().expect("a number"))
            .sum();
        assert_eq!(
            (entries.len(), ledger["values"].as_u64()),
            (read, Some(sum)),
            "{name}"
        );
        let title = |at: &Value| format!("{} {}", at["object"], at["property"]);
        let named: BTreeSet<String> = entries.iter().map(title).collect();
        assert_eq!(named.len(), read, "{name}");
        assert!(entries.iter().all(|at| at["reason"] != ""), "{name}");
        let lost: Vec<&Value> = entries
            .iter()
            .filter(|at| at["verdict"] == "not-understood" || at["verdict"] == "truncated")
            .collect();
        assert_eq!(lost.is_empty(), is_whole, "{name}: {lost:#?}");
    }
}

/// One of so many values is changed in an everyday run.
const PART: usize = 7;

#[test]
fn a_changed_value_changes_the_draft_or_a_verdict() {
    let part = if std::env::var_os("LAWS").is_some() {
        1
    } else {
        PART
    };
    let mut number = 0;
    for (name, place, state) in tenants() {
        let (before, _) = imported(&name, &place, &bytes(&state));
        for (at, object) in state["Objects"]
            .as_array()
            .expect("a list")
            .iter()
            .enumerate()
        {
            let own = kind(object["Kind"].as_str().expect("a kind"));
            for (property, value) in object["Properties"].as_object().expect("a table") {
                number += 1;
                if number % part != 0
                    || property.starts_with("Comment")
                    || !own
                        .properties
                        .iter()
                        .chain(own.cleared)
                        .any(|it| it == property)
                {
                    continue;
                }
                // A sender of a connector for own servers restricts nobody, and the rules end by themselves.
                if ["StopRuleProcessing", "Mode", "SenderAddressLocation"]
                    .contains(&property.as_str())
                {
                    continue;
                }
                let other = match value {
                    Value::Bool(truth) => Value::from(!truth),
                    Value::Array(items) if items.len() > 1 => items[1..].to_vec().into(),
                    Value::Array(_) => json!(["other.example"]),
                    _ => "other.example".into(),
                };
                let mut changed = state.clone();
                changed["Objects"][at]["Properties"][property] = other;
                let Ok((after, _)) = import(&place, &bytes(&changed), today()) else {
                    continue;
                };
                let kept = |files: &Files| {
                    (
                        files["mailtopo.yaml"].clone(),
                        ledger(files)["entries"].clone(),
                    )
                };
                let is_silent = kept(&before) == kept(&after);
                assert!(!is_silent, "{name}: {} {property}", object["Name"]);
            }
        }
    }
    assert!(number > 500, "only {number} values");
}

#[test]
fn the_program_writes_a_folder_that_compiles() {
    let (_, place, state) = tenants()
        .into_iter()
        .find(|(name, ..)| name.starts_with("05-"))
        .expect("a tenant");
    let folder = tempfile::tempdir().expect("a folder");
    let mut more = state.clone();
    more["Objects"][0]["Properties"]["NoTableKnows"] = "hunter2".into();
    fs::write(folder.path().join("state.json"), bytes(&state)).expect("a file");
    fs::write(folder.path().join("more.json"), bytes(&more)).expect("a file");
    fs::write(folder.path().join("hq.json"), bytes(&json!({"Format": 1, "What": "state", "Whole": true, "Product": "server", "Objects": []}))).expect("a file");
    let run = |args: &[&str]| mailtopo(folder.path(), args).output().expect("it runs");
    let named = format!("{place}=state.json");
    let done = run(&["import", &named, "--out", "spec"]);
    assert_eq!(
        done.status.code(),
        Some(0),
        "{}{}",
        stdout(&done),
        stderr(&done)
    );
    assert!(stdout(&done).contains("values: "), "{}", stdout(&done));
    let same = run(&["drift", "spec/mailtopo.yaml", &named]);
    assert!(!stdout(&same).contains("C004"), "{}", stdout(&same));
    let lost = run(&["import", &format!("{place}=more.json"), "--out", "other"]);
    assert_eq!(lost.status.code(), Some(1), "{}", stderr(&lost));
    let page = fs::read_to_string(folder.path().join("other/IMPORT.md")).expect("a page");
    assert!(
        page.contains("NoTableKnows") && page.contains("## Assumed"),
        "{page}"
    );
    for file in ["IMPORT.md", "import.json", "mailtopo.yaml"] {
        let text = fs::read_to_string(folder.path().join("other").join(file)).expect("a file");
        assert!(!text.contains("hunter2"), "{file}");
    }
    for (args, part) in [
        (
            vec!["import", "state.json", "--out", "x"],
            "names no location",
        ),
        (vec!["import", "A=state.json", "--out", "x"], "is no name"),
        (vec!["import", "hq=hq.json", "--out", "x"], "only tenants"),
        (
            vec!["import", "a=state.json", "b=state.json", "--out", "x"],
            "one tenant",
        ),
        (
            vec!["import", "a=state.json", "a=state.json", "--out", "x"],
            "name it alone",
        ),
    ] {
        let refused = run(&args);
        assert_eq!(refused.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&refused).contains(part),
            "{args:?}: {}",
            stderr(&refused)
        );
    }
    assert!(!folder.path().join("x").exists());
}
