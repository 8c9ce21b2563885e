//! `import --merge`: the spec stays, comments and all; what exists beside it is added, and what it says otherwise is reported.

use crate::drift::{bytes, examples, is_of_product, other};
use crate::import::{Exports, differing};
use mailtopo::compile::Input;
use mailtopo::testing::values::Date;
use mailtopo::testing::{import, merge};
use serde_json::Value;
use std::collections::BTreeMap;

type Files = BTreeMap<String, Vec<u8>>;

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

fn borrowed<'a>(exports: &'a Exports<'a>) -> Vec<(&'a str, &'a [u8])> {
    let exports = exports.iter();
    exports
        .map(|(place, bytes)| (*place, bytes.as_slice()))
        .collect()
}

fn merged(files: &Files, exports: &Exports<'_>) -> Result<(Files, bool), String> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    merge(&input, &borrowed(exports), today())
}

fn text(files: &Files) -> String {
    String::from_utf8_lossy(&files["mailtopo.yaml"]).into_owned()
}

/// Lines of one text that the other does not have, in their order.
fn lost(before: &str, after: &str) -> Vec<String> {
    let mut rest = after.lines();
    let is_lost = |line: &&str| !rest.any(|other| other == *line);
    before.lines().filter(is_lost).map(str::to_owned).collect()
}

#[test]
fn what_a_spec_has_is_not_added_again() {
    for sample in examples() {
        let states = sample.states.iter();
        let exports: Exports<'_> = states
            .map(|(place, state)| (place.as_str(), bytes(state)))
            .collect();
        let (files, _) =
            merged(&sample.files, &exports).unwrap_or_else(|why| panic!("{}: {why}", sample.name));
        for (name, bytes) in &sample.files {
            // What the spec does not name stays where it is.
            if let Some(after) = files.get(name) {
                let (before, after) = (
                    String::from_utf8_lossy(bytes),
                    String::from_utf8_lossy(after),
                );
                assert_eq!(before, after, "{}/{name}", sample.name);
            }
        }
    }
}

/// The exports of an organization, and the draft that is made of them.
fn drafted(states: &BTreeMap<String, Value>) -> (Exports<'_>, Files) {
    let states = states.iter();
    let exports: Exports<'_> = states
        .map(|(place, state)| (place.as_str(), bytes(state)))
        .collect();
    let (draft, _) = import(&borrowed(&exports), today()).expect("a draft");
    (exports, draft)
}

#[test]
fn what_exists_beside_a_spec_is_added_and_its_lines_stay() {
    let mut looked_at = 0;
    for sample in examples() {
        let (exports, draft) = drafted(&sample.states);
        let whole = text(&draft).replace("routes:", "# what leads where\nroutes:  # in this order");
        let is_route = |line: &&str| line.starts_with("  - {name: ") && line.contains(", from: ");
        for gone in whole.lines().filter(is_route) {
            let rest = whole.replace(&format!("{gone}\n"), "");
            // A list without an item is none.
            if !rest.contains("  - {name: ") {
                continue;
            }
            let files = Files::from([("mailtopo.yaml".to_owned(), rest.clone().into_bytes())]);
            // What rules and names ask for must be there.
            let Ok((after, _)) = merged(&files, &exports) else {
                continue;
            };
            let after_text = text(&after);
            let lost = lost(&rest, &after_text);
            assert!(lost.is_empty(), "{}: {lost:#?}\n{after_text}", sample.name);
            let differ = differing(&after, &exports);
            assert!(
                differ.is_empty(),
                "{} without {gone}: {differ:#?}\n{after_text}",
                sample.name
            );
            looked_at += 1;
        }
    }
    assert!(looked_at > 20, "only {looked_at} routes");
}

/// Several routes of several locations, each exported, in one run.
#[test]
fn several_things_are_added_in_one_run() {
    let (mut looked_at, mut wrong) = (0, Vec::new());
    for sample in examples() {
        let (exports, draft) = drafted(&sample.states);
        let whole = text(&draft);
        let is_route = |line: &str| line.starts_with("  - {name: ") && line.contains(", from: ");
        // A route that a rule or a name asks for stays.
        let is_free = |line: &str| {
            let name = line.split(", from: ").next().unwrap_or_default();
            let name = name.trim_start_matches("  - {name: ").trim_matches('"');
            whole.matches(name).count() == 1
        };
        // All but the first.
        let mut number = 0;
        let kept = whole.lines().filter(|line| {
            let may_go = is_route(line) && is_free(line);
            number += usize::from(may_go);
            !may_go || number == 1
        });
        let rest = kept.collect::<Vec<_>>().join("\n") + "\n";
        let gone = whole.lines().count() - rest.lines().count();
        if gone < 2 || !rest.contains("  - {name: ") {
            continue;
        }
        let files = Files::from([("mailtopo.yaml".to_owned(), rest.clone().into_bytes())]);
        let Ok((after, _)) = merged(&files, &exports) else {
            continue;
        };
        let differ = differing(&after, &exports);
        if !differ.is_empty() || !lost(&rest, &text(&after)).is_empty() {
            wrong.push(format!("{}: {gone} routes: {differ:#?}", sample.name));
        }
        looked_at += gone;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(looked_at > 12, "only {looked_at} routes");
}

#[test]
fn what_a_spec_says_otherwise_stays_and_is_reported() {
    let mut looked_at = 0;
    for sample in examples() {
        for (place, state) in &sample.states {
            let objects = state["Objects"].as_array().expect("a list");
            let connectors = objects.iter().enumerate().filter(|(_, object)| {
                object["Kind"]
                    .as_str()
                    .is_some_and(|kind| kind.ends_with("Connector"))
                    && object["Name"] != "of the hybrid wizard"
                    && !is_of_product(object)
            });
            for (at, object) in connectors {
                let value = &object["Properties"]["Enabled"];
                let Some(off) = other("Enabled", value) else {
                    continue;
                };
                let mut changed = state.clone();
                changed["Objects"][at]["Properties"]["Enabled"] = off;
                let exports = vec![(place.as_str(), bytes(&changed))];
                let (after, is_whole) = merged(&sample.files, &exports).expect("a spec");
                assert_eq!(text(&after), text(&sample.files), "{}", sample.name);
                assert!(!is_whole, "{}", sample.name);
                let page = String::from_utf8_lossy(&after["IMPORT.md"]).into_owned();
                assert!(
                    page.contains("the spec says otherwise"),
                    "{}: {page}",
                    sample.name
                );
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 20, "only {looked_at} connectors");
}
