//! L13: `ignore` withholds only what cannot be written.
//!
//! Whoever accepts one finding gets the same other findings, and the same files; of an error that was alone, every place
//! has its files. While an error is open, nothing is written.

use crate::breach::{Breach, holds};
use crate::corpus::Spec;
use crate::messages::said;
use crate::surface::{Compiled, Files, Finding};
use crate::topology::Topology;
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// So many findings of a spec are accepted, one after the other.
const ACCEPTED: usize = 3;

#[test]
fn ignore_withholds_only_what_cannot_be_written() {
    holds("L13", ignoring_changes_nothing_else, |_, _| true);
}

/// A finding without the places in the text that it points to.
fn plain(finding: &Finding) -> String {
    format!(
        "{} {} {} {:?} {:?} {}",
        finding.check,
        finding.severity,
        finding.certainty,
        finding.objects,
        finding.domains,
        finding.message
    )
}

fn ignoring_changes_nothing_else(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let mut breaches = Vec::new();
    if compiled.has_errors() != compiled.files.is_none() {
        breaches.push(Breach {
            object: "written beside an error".to_owned(),
            kind: "written beside an error".to_owned(),
            one: format!("files: {}", compiled.files.is_some()),
            other: said(&compiled.findings),
        });
    }
    let (Some(main), Some(topology)) = (spec.main(), Topology::of(spec)) else {
        return breaches;
    };
    // What is found while the spec is read is a mistake of the spec, whatever its code.
    if main.as_mapping().is_none()
        || compiled.tracer().is_none()
        || compiled
            .findings
            .iter()
            .any(|it| it.check.starts_with('S') && it.severity == "error")
    {
        return breaches;
    }
    // Written anew, so that both have the same text but for the entry.
    let before = Compiled::of(&spec.with_main(&main).files);
    let named: BTreeSet<(&str, &str)> = before
        .findings
        .iter()
        .filter(|it| !it.check.starts_with('S') && !it.accepted)
        .filter_map(|it| Some((it.check.as_str(), it.objects.first()?.as_str())))
        .collect();
    for (check, object) in named.into_iter().take(ACCEPTED) {
        let after = Compiled::of(&spec.with_main(&accepting(&main, check, object)).files);
        let is_accepted =
            |it: &Finding| it.check == check && it.objects.iter().any(|its| its == object);
        // What follows from an object that is not written is a finding of its own once that is accepted.
        let mut accepted = before.findings.iter().filter(|it| is_accepted(it));
        let withholds = accepted.any(|it| before.withholds(it));
        let mut add = |kind: &str, one: String, other: String| {
            breaches.push(Breach {
                object: format!("{check} on {object}: {kind}"),
                kind: kind.to_owned(),
                one,
                other,
            });
        };
        let unknown = |it: &&Finding| {
            it.check == "S001" && it.message.contains("nothing in the spec is named")
        };
        if after.findings.iter().any(|it| unknown(&it)) {
            add(
                "ignore does not know the object",
                format!("{check} is on {object}"),
                said(&after.findings),
            );
            continue;
        }
        // What the spec or a product cannot hold is not accepted by anybody, and the entry is told so.
        let in_vain = |it: &Finding| it.check == "S013" && it.message.contains("cannot be ignored");
        if after.findings.iter().any(in_vain) {
            continue;
        }
        let rest = |compiled: &Compiled| -> BTreeSet<String> {
            let rest = compiled
                .findings
                .iter()
                .filter(|it| !is_accepted(it) && !it.accepted);
            rest.map(plain).collect()
        };
        let (was, is) = (rest(&before), rest(&after));
        let gone: Vec<&String> = was.difference(&is).collect();
        let new: Vec<&String> = is.difference(&was).collect();
        if !gone.is_empty() {
            add(
                "a finding goes",
                format!("gone: {gone:?}"),
                format!("new: {new:?}"),
            );
        } else if !new.is_empty() && !withholds {
            add(
                "what it muted comes",
                format!("ignore {check} on {object}"),
                format!("new: {new:?}"),
            );
        }
        if after
            .findings
            .iter()
            .any(|it| is_accepted(it) && !it.accepted)
        {
            add(
                "it is not accepted",
                format!("ignore {check} on {object}"),
                said(&after.findings),
            );
        }
        let is_open = |it: &Finding| it.severity == "error" && !it.accepted && !is_accepted(it);
        if before.findings.iter().any(is_open) || after.findings.iter().any(is_open) {
            continue;
        }
        let Some(files) = &after.files else {
            add(
                "nothing is written",
                format!("ignore {check} on {object}"),
                said(&after.findings),
            );
            continue;
        };
        if let Some(former) = &before.files {
            let (was, is) = (names(former), names(files));
            if was != is {
                add(
                    "another set of files",
                    format!(
                        "without the entry {:?}",
                        was.difference(&is).collect::<Vec<_>>()
                    ),
                    format!("with it {:?}", is.difference(&was).collect::<Vec<_>>()),
                );
            }
        } else {
            let missing = missing(&topology, files);
            if !missing.is_empty() {
                add(
                    "a place has no files",
                    format!("ignore {check} on {object}"),
                    format!("nothing for {missing:?} in {:?}", names(files)),
                );
            }
        }
    }
    breaches
}

fn names(files: &Files) -> BTreeSet<&str> {
    files.keys().map(String::as_str).collect()
}

/// Places of ours, and the runbook, that have no file and that the runbook does not call withheld.
fn missing(topology: &Topology, files: &Files) -> Vec<String> {
    let runbook = files
        .get("RUNBOOK.md")
        .map(|bytes| String::from_utf8_lossy(bytes));
    let Some(runbook) = runbook else {
        return vec!["RUNBOOK.md".to_owned()];
    };
    let is_missing = |name: &str| {
        let folder = format!("{name}/");
        !files.keys().any(|path| path.starts_with(&folder))
            && !runbook.contains(&format!("`{folder}"))
    };
    let ours = topology.places.iter().filter(|(_, place)| place.is_ours());
    ours.map(|(name, _)| name.clone())
        .filter(|name| is_missing(name))
        .collect()
}

/// The document with one entry of `ignore` more.
fn accepting(main: &Value, check: &str, object: &str) -> Value {
    let mut main = main.clone();
    let name = object.split_once(':').map_or(object, |(_, name)| name);
    let entry: BTreeMap<&str, &str> = BTreeMap::from([
        ("check", check),
        ("on", name),
        ("reason", "a law asks what it changes"),
    ]);
    let entry: Mapping = entry
        .into_iter()
        .map(|(key, value)| (key.into(), value.into()))
        .collect();
    if let Some(map) = main.as_mapping_mut() {
        let list = map
            .entry("ignore".into())
            .or_insert_with(|| Value::Sequence(Vec::new()));
        match list {
            Value::Sequence(list) => list.push(entry.into()),
            // A scalar stands for a list of one.
            one => *one = Value::Sequence(vec![one.clone(), entry.into()]),
        }
    }
    main
}
