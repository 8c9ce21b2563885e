//! The same spec gives the same bytes, whatever the order of keys, the working folder, the time zone and the language.

use crate::cli::{mailtopo, stderr};
use crate::golden::{TODAY, files, folders, root};
use serde_json::{Value as Json, json};
use serde_yaml::{Mapping, Value};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Where the dice start; each start is another order.
const SEEDS: [u64; 3] = [1, 20, 300];

/// Dice without a clock (xorshift64, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).expect("31 bits") % bound
    }
}

/// The same document with the keys of every mapping in another order.
fn shuffled(value: Value, dice: &mut Dice) -> Value {
    match value {
        Value::Sequence(list) => {
            Value::Sequence(list.into_iter().map(|item| shuffled(item, dice)).collect())
        }
        Value::Mapping(map) => {
            let mut pairs: Vec<(Value, Value)> = map.into_iter().collect();
            for at in (1..pairs.len()).rev() {
                pairs.swap(at, dice.below(at + 1));
            }
            let pairs = pairs
                .into_iter()
                .map(|(key, value)| (key, shuffled(value, dice)));
            Value::Mapping(pairs.collect::<Mapping>())
        }
        scalar => scalar,
    }
}

/// A copy of the example with every YAML file shuffled.
fn shuffle(example: &Path, copy: &Path, seed: u64) {
    let mut dice = Dice(seed);
    for (name, bytes) in files(example) {
        let path = copy.join(&name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        if path.extension().is_some_and(|ending| ending == "yaml") {
            let value: Value = serde_yaml::from_slice(&bytes).expect("YAML");
            let text = serde_yaml::to_string(&shuffled(value, &mut dice)).expect("YAML");
            fs::write(path, text).expect("a file");
        } else {
            fs::write(path, bytes).expect("a file");
        }
    }
}

/// What is compiled, and what is said about it without the places in the text, in an order of its own.
fn compiled(
    spec: &Path,
    here: &Path,
    surroundings: &[(&str, &str)],
) -> (BTreeMap<String, Vec<u8>>, Vec<String>) {
    let scratch = tempfile::tempdir().expect("a folder");
    let out = scratch.path().join("out");
    let report = scratch.path().join("report.json");
    let form = format!("json={}", report.display());
    let (spec, shown) = (spec.to_string_lossy(), out.to_string_lossy());
    let args = [
        "compile",
        &spec,
        "--out",
        &shown,
        "--today",
        TODAY,
        "--quiet",
        "--output-format",
        &form,
    ];
    let output = mailtopo(here, &args)
        .envs(surroundings.iter().copied())
        .output()
        .expect("the program starts");
    // Of a run that fails, one line says so.
    let said = stderr(&output);
    let most = usize::from(!output.status.success());
    assert!(said.lines().count() <= most, "{spec}: {said}");
    let report: Json = serde_json::from_slice(&fs::read(report).expect("a report")).expect("JSON");
    let findings = report["findings"].as_array().expect("findings").iter();
    let mut said: Vec<String> = findings
        .map(|finding| without_places(finding).to_string())
        .collect();
    said.sort();
    (files(&out), said)
}

fn without_places(finding: &Json) -> Json {
    let mut finding = finding.clone();
    finding["labels"] = json!(
        finding["labels"]
            .as_array()
            .expect("labels")
            .iter()
            .map(|label| label["text"].clone())
            .collect::<Vec<_>>()
    );
    finding
}

#[test]
fn keys_folder_time_zone_and_language_do_not_matter() {
    let mut differing = Vec::new();
    let mut specs = folders(&root("examples"));
    // A map with several keys wherever the language has one.
    specs.push(root("tests/it/dense"));
    for example in specs {
        let name = example
            .file_name()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let usual = compiled(&example.join("mailtopo.yaml"), &example, &[]);
        for seed in SEEDS {
            let copy = tempfile::tempdir().expect("a folder");
            shuffle(&example, copy.path(), seed);
            let got = compiled(
                &copy.path().join("mailtopo.yaml"),
                Path::new("/"),
                &[
                    ("TZ", "Pacific/Auckland"),
                    ("LANG", "tr_TR.UTF-8"),
                    ("LC_ALL", "tr_TR.UTF-8"),
                ],
            );
            for (path, bytes) in &usual.0 {
                if got.0.get(path) != Some(bytes) {
                    let text = String::from_utf8_lossy(bytes);
                    let other = got.0.get(path).map(|bytes| String::from_utf8_lossy(bytes));
                    let other = other.as_deref().unwrap_or_default();
                    let lines = text
                        .lines()
                        .zip(other.lines())
                        .find(|(one, other)| one != other);
                    differing.push(format!("{name}, seed {seed}: {path}: {lines:?}"));
                }
            }
            assert_eq!(usual.0.len(), got.0.len(), "{name}");
            if usual.1 != got.1 {
                differing.push(format!(
                    "{name}, seed {seed}: says\n{:#?}\nfor\n{:#?}",
                    got.1, usual.1
                ));
            }
        }
    }
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}
