//! What `drift` says of a zone, beside what independent readers find: dnspython, octoDNS and JSON. One record is added, removed or
//! changed, in each of the forms in which zones are kept.

use crate::{TODAY, folders, peers, zones_of};
use mailtopo::compile::Input;
use mailtopo::testing::drift_folder;
use mailtopo::testing::values::Date;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// One of so many changes is looked at in an everyday run; `LAWS` asks for all.
const PART: usize = 4;

#[test]
fn a_zone_differs_in_what_its_own_readers_find() {
    let today = Date::parse(TODAY).expect("a day");
    let (mut specs, mut zones) = (Vec::new(), Vec::new());
    for spec in folders(&["examples"]) {
        let Some(files) = spec.compiled().and_then(|asked| asked.files()) else {
            continue;
        };
        for (origin, text) in zones_of(&files) {
            zones.push(json!([origin, text]));
            specs.push((origin, spec.files.clone()));
        }
    }
    let part = std::env::var("LAWS").map_or(PART, |_| 1);
    let answers = peers::python(
        "differences.py",
        "dnspython octodns octodns-bind tfparse",
        &json!({"zones": zones, "part": part}),
    );
    let (mut looked_at, mut wrong) = (0, Vec::new());
    let mut specs = specs.iter();
    let mut spec: Option<&(String, BTreeMap<String, Vec<u8>>)> = None;
    for answer in answers.as_array().expect("a list") {
        let text = |at: usize| answer[at].as_str().expect("a text");
        let what = text(1);
        // Each zone begins unchanged.
        if what == "bind: nothing" {
            spec = specs.next();
        }
        let (origin, files) = spec.expect("a zone");
        assert_eq!(origin, text(0));
        looked_at += 1;
        let live = BTreeMap::from([(text(2).to_owned(), text(3).as_bytes().to_vec())]);
        let input = Input {
            name: "mailtopo.yaml",
            bytes: &files["mailtopo.yaml"],
            files,
        };
        let (_, said) = drift_folder(&input, "dns", &live, today)
            .unwrap_or_else(|why| panic!("{origin}: {what}: {why}"));
        let said: Value = serde_json::from_str(&said).expect("JSON");
        let objects = said["objects"].as_array().expect("a list").iter();
        let differing = objects.filter(|object| {
            ["differs", "missing", "unknown"]
                .map(Value::from)
                .contains(&object["state"])
        });
        let said: BTreeSet<String> = differing
            .map(|object| object["object"].as_str().expect("a name"))
            .map(|title| title.trim_end_matches('.').to_lowercase())
            .collect();
        let found = answer[4].as_array().expect("a list").iter();
        let found: BTreeSet<String> = found
            .map(|key| key.as_str().expect("a name").to_owned())
            .collect();
        if said != found {
            wrong.push(format!(
                "{origin}: {what}: drift {said:?}, its reader {found:?}"
            ));
        }
    }
    println!("{looked_at} zones, of every {part}th change");
    assert!(looked_at > 100, "only {looked_at}");
    assert!(wrong.is_empty(), "{} differ: {wrong:#?}", wrong.len());
}
