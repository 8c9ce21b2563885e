//! `drift --script`: what it writes makes of what exists what was compiled, and touches nothing else.

use crate::cli::{mailtopo, stderr};
use crate::drift::{
    Sample, assert_no_drift, bytes, examples, is_of_product, kind, other, part, state,
};
use crate::exchange::commands::differences;
use crate::exchange::{Location, data_file};
use mailtopo::compile::Input;
use mailtopo::testing::restoring;
use mailtopo::testing::values::Date;
use serde_json::{Value, json};
use std::fs;

/// One of so many properties is changed in an everyday run.
const PART: usize = 13;

/// What was written for a location, read back.
fn written(sample: &Sample, place: &str, changed: &Value) -> Location {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &sample.files["mailtopo.yaml"],
        files: &sample.files,
    };
    let today = Date::parse("2026-01-01").expect("a day");
    let files = restoring(&input, &[(place, &bytes(changed))], today)
        .unwrap_or_else(|why| panic!("{}: {why}", sample.name));
    assert!(files.contains_key("lib/mailtopo-exchange.ps1"));
    let own = files.into_iter().filter_map(|(path, bytes)| {
        let name = path.strip_prefix(place)?.strip_prefix('/')?;
        Some((name.to_owned(), String::from_utf8(bytes).expect("UTF-8")))
    });
    let files: std::collections::BTreeMap<String, String> = own.collect();
    let data = data_file::read(&files["desired.psd1"]).expect("data");
    Location {
        name: sample.name.clone(),
        place: place.to_owned(),
        files,
        data,
    }
}

/// What exists once the calls were made: every managed property of the objects is as the call says, the rest stays.
fn applied(changed: &Value, restored: &Location) -> Value {
    let mut after = changed.clone();
    let all = after["Objects"].as_array_mut().expect("a list");
    for wanted in state(restored)["Objects"].as_array().expect("a list") {
        // These every server has from the start.
        if is_of_product(wanted) {
            continue;
        }
        let is_it =
            |live: &&mut Value| live["Kind"] == wanted["Kind"] && live["Name"] == wanted["Name"];
        let Some(live) = all.iter_mut().find(is_it) else {
            all.push(wanted.clone());
            continue;
        };
        let of_kind = kind(wanted["Kind"].as_str().expect("a kind"));
        let properties = live["Properties"].as_object_mut().expect("a table");
        properties.retain(|name, _| {
            !of_kind.properties.contains(&name.as_str())
                && !of_kind.cleared.contains(&name.as_str())
        });
        for (name, value) in wanted["Properties"].as_object().expect("a table") {
            properties.insert(name.clone(), value.clone());
        }
        for key in ["State", "AnyRecipient"] {
            if let Some(value) = wanted.get(key) {
                live[key] = value.clone();
            }
        }
    }
    after
}

fn assert_is_restored(sample: &Sample, place: &str, changed: &Value, object: &Value, what: &str) {
    let restored = written(sample, place, changed);
    let title = format!(
        "{}/{place}: {} {} {what}",
        sample.name, object["Kind"], object["Name"]
    );
    // What stands beside the object that differs is as it is. On several servers it is one.
    let name = object["Name"].as_str().expect("a name");
    let name = name.split_once('\\').map_or(name, |(_, name)| name);
    let is_it = |wanted: &Value| {
        let is_single = wanted["Kind"]
            .as_str()
            .is_some_and(|kind| kind.ends_with("Config"));
        wanted["Kind"] == object["Kind"] && (is_single || wanted["Name"] == name)
    };
    let mut others = Location {
        name: restored.name.clone(),
        place: restored.place.clone(),
        files: restored.files.clone(),
        data: restored.data.clone(),
    };
    let list = others.data["Objects"].as_array_mut().expect("a list");
    assert!(list.iter().any(is_it), "{title}");
    list.retain(|wanted| !is_it(wanted));
    assert_eq!(applied(changed, &others), *changed, "{title}");
    // The commands are the data, read by a reader of its own.
    assert!(
        differences(&restored).is_empty(),
        "{title}: {:#?}",
        differences(&restored)
    );
    assert!(restored.refused().is_empty(), "{title}");
    let after = applied(changed, &restored);
    assert_no_drift(sample, &[(place, bytes(&after))], &title);
}

#[test]
fn what_is_restored_drifts_no_more() {
    let part = part(PART);
    let mut number = 0;
    for sample in examples() {
        for (place, state) in &sample.states {
            let objects = state["Objects"].as_array().expect("a list");
            for (at, object) in objects.iter().enumerate() {
                // The wizard restores its own, and a lock takes from connectors that it does not own.
                if object["Name"] == "of the hybrid wizard" || is_of_product(object) {
                    continue;
                }
                let is_single = object["Kind"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("Config"));
                number += 1;
                if !is_single && number % part == 0 {
                    let mut gone = state.clone();
                    gone["Objects"].as_array_mut().expect("a list").remove(at);
                    assert_is_restored(&sample, place, &gone, object, "is gone");
                }
                for (property, value) in object["Properties"].as_object().expect("a table") {
                    let Some(other) = other(property, value) else {
                        continue;
                    };
                    number += 1;
                    // The mark of a comment is no difference.
                    if number % part != 0 || property.starts_with("Comment") {
                        continue;
                    }
                    let mut changed = state.clone();
                    changed["Objects"][at]["Properties"][property] = other;
                    assert_is_restored(&sample, place, &changed, object, property);
                }
            }
        }
    }
    assert!(number > 1000, "only {number} changes");
}

#[test]
fn what_the_spec_does_not_have_stays_and_is_named_with_its_command() {
    let samples = examples();
    let sample = samples
        .iter()
        .find(|sample| sample.name == "05-partner-bank")
        .expect("the bank");
    let folder = tempfile::tempdir().expect("a folder");
    for (name, bytes) in &sample.files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    let mut state = sample.states["cloud"].clone();
    let scanner = json!({"Kind": "InboundConnector", "Name": "Test 'scanner'", "Properties": {
        "ConnectorType": "OnPremises", "Enabled": true, "SenderDomains": ["smtp:*;1"], "SenderIPAddresses": ["203.0.113.99"]}});
    state["Objects"]
        .as_array_mut()
        .expect("a list")
        .push(scanner);
    fs::write(folder.path().join("cloud.json"), bytes(&state)).expect("a file");
    let args = [
        "drift",
        "cloud=cloud.json",
        "--today",
        "2026-01-01",
        "--script",
        "fix",
    ];
    let done = mailtopo(folder.path(), &args).output().expect("it runs");
    let said = stderr(&done);
    assert!(said.contains("# Set-InboundConnector "), "{said}");
    assert!(said.contains("'Test ''scanner'''"), "{said}");
    assert!(said.contains("-Enabled $false"), "{said}");
    assert!(!folder.path().join("fix/cloud").exists());
}
