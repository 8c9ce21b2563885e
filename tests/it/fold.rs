//! `import --fold`: the short draft of an export is written as the long one is, and is no longer than what people write.

use crate::drift::{Sample, bytes, examples};
use crate::import::differing;
use mailtopo::compile::{Input, plan};
use mailtopo::testing::emit::emit;
use mailtopo::testing::finding::Findings;
use mailtopo::testing::import_folded;
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::values::Date;
use std::collections::{BTreeMap, BTreeSet};

type Files = BTreeMap<String, Vec<u8>>;

fn today() -> Date {
    Date::parse("2026-01-01").expect("a day")
}

/// What is compiled from a spec.
fn compiled(files: &Files) -> Files {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: &files["mailtopo.yaml"],
        files,
    };
    let plan = plan(&input, Some(today())).plan.expect("a plan");
    let (tree, _) = emit(&plan, &Findings::default(), Form::Thin);
    tree.iter()
        .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
        .collect()
}

/// What each location of an example would export, were it as compiled: the state of Exchange, the folder of Postfix.
pub(crate) fn exports(sample: &Sample) -> Vec<(String, Files)> {
    let states = sample.states.iter();
    let mut all: Vec<(String, Files)> = states
        .map(|(place, state)| {
            let file = (String::new(), bytes(state));
            (place.clone(), Files::from([file]))
        })
        .collect();
    let written = compiled(&sample.files);
    let hosts = written
        .keys()
        .filter_map(|path| path.strip_suffix("/main.cf"));
    for host in hosts {
        let own = written.iter().filter_map(|(path, bytes)| {
            let name = path.strip_prefix(host)?.strip_prefix('/')?;
            Some((name.to_owned(), bytes.clone()))
        });
        all.push((host.to_owned(), own.collect()));
    }
    all
}

fn imported(exports: &[(String, Files)], folds: bool) -> Files {
    let exports: Vec<(&str, Files)> = exports
        .iter()
        .map(|(place, files)| (place.as_str(), files.clone()))
        .collect();
    import_folded(&exports, folds, today()).expect("a draft")
}

/// The lines that are written for a spec, but for comments.
fn lines(files: &Files) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for (path, bytes) in compiled(files) {
        let is_object = path.ends_with("desired.psd1")
            || path.starts_with("dns/")
            || path.ends_with("main.cf")
            || !path.contains('.');
        if !is_object {
            continue;
        }
        for line in String::from_utf8_lossy(&bytes).lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            let bare = words.join(" ");
            // Where an object comes from and why it is there are words for people.
            let is_said = bare.is_empty()
                || bare.starts_with(['#', ';'])
                || ["Comment", "Comments", "From", "Why", "FormerNames"]
                    .iter()
                    .any(|key| bare.starts_with(&format!("{key} ")));
            if !is_said {
                lines.insert(format!("{path}: {bare}"));
            }
        }
    }
    lines
}

/// The lines of a spec that say something.
fn length(spec: &[u8]) -> usize {
    let text = String::from_utf8_lossy(spec);
    let lines = text.lines().map(str::trim);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .count()
}

/// How many routes a draft writes.
fn routes(files: &Files) -> usize {
    let draft = String::from_utf8_lossy(&files["mailtopo.yaml"]);
    let ends = |line: &&str| line.starts_with("  - {name: ") && line.contains(", from: ");
    draft.lines().filter(ends).count()
}

/// Examples whose folded export is longer, and why.
const LONGER: [(&str, &str); 0] = [];

#[test]
fn a_folded_draft_is_written_as_the_long_one_and_no_longer_than_the_example() {
    let mut longer = Vec::new();
    let (mut before, mut after) = (0, 0);
    let all = examples();
    for sample in &all {
        let exports = exports(sample);
        let (long, short) = (imported(&exports, false), imported(&exports, true));
        let name = &sample.name;
        let draft = String::from_utf8_lossy(&short["mailtopo.yaml"]).into_owned();
        if std::env::var_os("SHOW").is_some() {
            println!(
                "=== {name}\n{}---\n{draft}",
                String::from_utf8_lossy(&long["mailtopo.yaml"])
            );
        }
        let (one, two) = (lines(&long), lines(&short));
        let differ: Vec<_> = one.symmetric_difference(&two).collect();
        assert!(differ.is_empty(), "{name}: {differ:#?}\n{draft}");
        let states: Vec<(&str, Vec<u8>)> = sample
            .states
            .iter()
            .map(|(place, state)| (place.as_str(), bytes(state)))
            .collect();
        let differ = differing(&short, &states);
        assert!(differ.is_empty(), "{name}: {differ:#?}\n{draft}");
        before += routes(&long);
        after += routes(&short);
        if length(&short["mailtopo.yaml"]) > length(&sample.files["mailtopo.yaml"]) {
            longer.push(name.as_str());
        }
    }
    let known: Vec<&str> = LONGER.iter().map(|(name, _)| *name).collect();
    assert_eq!(longer, known);
    println!("{after} of {before} routes are written still");
    assert!(
        after * 3 < before * 2,
        "{after} of {before} routes are written still"
    );
}
