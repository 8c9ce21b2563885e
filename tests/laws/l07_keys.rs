//! L7: every key has an effect, or a finding says that it has none.
//!
//! A key is removed, and its value changed to other legal ones. If neither changes a file, a way or a finding, the key
//! means nothing. Every run takes a part of the keys of each spec; `LAWS` takes all.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::{Spec, more};
use crate::surface::Compiled;
use crate::topology::{LEVELS, Topology, text};
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn every_key_has_an_effect() {
    holds("L7", keys_have_effects, |_, spec| {
        let written = ["examples/", "cases/", "field/", "checks/"];
        written.iter().any(|start| spec.name.starts_with(start)) && !spec.name.ends_with("-failing")
    });
}

/// One of so many keys is asked for in an everyday run.
const PART: u64 = 12;

/// Keys that are for people, or for `diff` or `drift` alone; and expectations, of which several hold.
const SILENT: [&str; 9] = [
    "expect",
    "found",
    "organization",
    "reason",
    "renamed_from",
    "gathered",
    "version",
    "test_recipient",
    "ttl",
];

/// So many ways are compared where nothing is written.
const WAYS: usize = 12;

#[derive(Clone, Debug)]
enum Step {
    Key(Value),
    Item(usize),
}

/// Every leaf, with the way to it.
fn leaves(value: &Value, way: &mut Vec<Step>, found: &mut Vec<Vec<Step>>) {
    match value {
        Value::Mapping(map) if !map.is_empty() => {
            for (key, value) in map {
                way.push(Step::Key(key.clone()));
                leaves(value, way, found);
                way.pop();
            }
        }
        Value::Sequence(list) if !list.is_empty() => {
            for (at, value) in list.iter().enumerate() {
                way.push(Step::Item(at));
                leaves(value, way, found);
                way.pop();
            }
        }
        _ => found.push(way.clone()),
    }
}

/// Puts something at the end of a way, or takes it away.
fn change(value: &mut Value, way: &[Step], new: Option<&Value>) -> Option<()> {
    let (step, rest) = way.split_first()?;
    match (step, value) {
        (Step::Key(key), Value::Mapping(map)) if rest.is_empty() => match new {
            Some(new) => map.insert(key.clone(), new.clone()).map(|_| ()),
            None => map.remove(key).map(|_| ()),
        },
        (Step::Item(at), Value::Sequence(list)) if rest.is_empty() => {
            match new {
                Some(new) => *list.get_mut(*at)? = new.clone(),
                None => drop(list.remove(*at)),
            }
            Some(())
        }
        (Step::Key(key), Value::Mapping(map)) => change(map.get_mut(key)?, rest, new),
        (Step::Item(at), Value::Sequence(list)) => change(list.get_mut(*at)?, rest, new),
        _ => None,
    }
}

fn get<'a>(value: &'a Value, way: &[Step]) -> Option<&'a Value> {
    way.iter().try_fold(value, |value, step| match step {
        Step::Key(key) => value.get(key),
        Step::Item(at) => value.get(*at),
    })
}

/// The way to a key in words that do not depend on names: a location is named by its kind.
fn words(main: &Value, way: &[Step]) -> String {
    let mut words: Vec<String> = Vec::new();
    for (at, step) in way.iter().enumerate() {
        let above = words.last().map(String::as_str);
        let word = match step {
            Step::Item(_) => continue,
            Step::Key(key) => text(key).unwrap_or_default(),
        };
        let is_name = matches!(
            above,
            Some(
                "locations"
                    | "domains"
                    | "partners"
                    | "devices"
                    | "mailboxes"
                    | "dkim"
                    | "forwards"
                    | "zones"
            )
        );
        words.push(match (above, is_name) {
            (Some("locations"), _) => {
                let place = get(main, &way[..=at]);
                place
                    .and_then(|it| it.get("kind"))
                    .and_then(text)
                    .unwrap_or_default()
            }
            (_, true) => "NAME".to_owned(),
            _ => word,
        });
    }
    words.join(".")
}

/// Other values of the same type; some of them may be mistakes at this key.
fn others(topology: &Topology, key: &str, value: &Value) -> Vec<Value> {
    let all: Vec<Value> = match value {
        Value::Bool(is) => vec![(!is).into()],
        Value::Number(number) => vec![(number.as_i64().unwrap_or(1) + 7).into()],
        Value::String(word) if topology.places.contains_key(word) => topology
            .places
            .keys()
            .map(|it| it.as_str().into())
            .collect(),
        Value::String(word) if LEVELS.contains(&word.as_str()) && key != "accepted_by" => {
            ["none", "encrypted", "verified"]
                .iter()
                .map(|it| (*it).into())
                .collect()
        }
        Value::String(word) if word.parse::<std::net::Ipv4Addr>().is_ok() => {
            vec!["192.0.2.201".into()]
        }
        Value::String(word) if word.contains('@') => {
            vec![format!("xq7-{word}").into()]
        }
        Value::String(word) => {
            let mut more: Vec<Value> = match word.as_str() {
                "authoritative" => vec!["internal-relay".into()],
                "internal-relay" => vec!["authoritative".into()],
                "own" => vec!["complete".into()],
                "complete" => vec!["own".into()],
                "certificate" | "addresses" => vec!["nothing".into()],
                "nothing" => vec!["addresses".into(), "certificate".into()],
                "managed" => vec!["none".into()],
                "internal" => vec!["anyone".into()],
                "anyone" => vec!["internal".into()],
                "relay" => vec!["direct-send".into()],
                "public" => vec!["private".into(), "self-signed".into()],
                "private" | "self-signed" => vec!["public".into()],
                _ => Vec::new(),
            };
            if word.contains('.') && !word.contains([' ', '/', ':']) {
                more.push(format!("xq7.{word}").into());
            }
            more
        }
        _ => Vec::new(),
    };
    all.into_iter().filter(|it| it != value).collect()
}

/// Everything that a key may have an effect on.
fn outcome(compiled: &Compiled, asked: &[(String, String)]) -> BTreeSet<String> {
    let mut all: BTreeSet<String> = compiled
        .findings
        .iter()
        .map(|it| {
            format!(
                "{} {} {} {:?} {:?} {} {}",
                it.check, it.severity, it.certainty, it.objects, it.domains, it.message, it.help
            )
        })
        .collect();
    match &compiled.files {
        Some(files) => {
            // Two files say everything that the spec says, whether or not anything follows from it.
            let again = ["manifest.json", "AS-BUILT.html"];
            for (path, bytes) in files
                .iter()
                .filter(|(path, _)| !again.contains(&path.as_str()))
            {
                let text = String::from_utf8_lossy(bytes);
                // A comment is no effect, but one in prose is.
                let is_prose = path.strip_suffix(".md").is_some();
                let lines = text
                    .lines()
                    .filter(|line| is_prose || !line.trim_start().starts_with(['#', ';']));
                // Two objects may have a line in common.
                let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
                for line in lines {
                    let count = seen.entry(line).or_default();
                    *count += 1;
                    all.insert(format!("{path}: {line} {count}"));
                }
            }
        }
        None => {
            if let Some(tracer) = compiled.tracer() {
                for (from, to) in asked {
                    let paths = tracer
                        .trace(from, to)
                        .map(|it| it.paths)
                        .unwrap_or_default();
                    all.insert(format!("{from} {to} {paths:?}"));
                }
            }
        }
    }
    all
}

fn has_mistake(compiled: &Compiled) -> bool {
    compiled
        .findings
        .iter()
        .any(|it| it.check.starts_with('S') && it.severity == "error")
}

fn keys_have_effects(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(main)) = (Topology::of(spec), spec.main()) else {
        return Vec::new();
    };
    // Where nothing is written, most effects cannot be seen.
    if has_mistake(compiled) || compiled.files.is_none() {
        return Vec::new();
    }
    let asked: Vec<(String, String)> = spec
        .messages()
        .iter()
        .take(WAYS)
        .map(|it| (it.sender.from.clone(), it.recipient.to.clone()))
        .collect();
    let usual = outcome(&Compiled::of(&spec.with_main(&main).files), &asked);
    let mut ways = Vec::new();
    leaves(&main, &mut Vec::new(), &mut ways);
    let mut breaches = Breaches::default();
    for way in ways {
        let name = words(&main, &way);
        let key = name.rsplit('.').next().unwrap_or_default();
        if name.split('.').any(|it| SILENT.contains(&it))
            || more().is_none() && !is_in_part(spec, &name)
        {
            continue;
        }
        let Some(value) = get(&main, &way) else {
            continue;
        };
        let mut tried: Vec<Option<Value>> = vec![None];
        tried.extend(others(&topology, key, value).into_iter().take(3).map(Some));
        let mut legal = Vec::new();
        let mut has_effect = false;
        for new in tried {
            let mut changed = main.clone();
            if change(&mut changed, &way, new.as_ref()).is_none() {
                continue;
            }
            let after = Compiled::of(&spec.with_main(&changed).files);
            if has_mistake(&after) {
                continue;
            }
            if outcome(&after, &asked) != usual {
                has_effect = true;
                break;
            }
            legal.push(new.map_or_else(|| "removed".to_owned(), |new| format!("{new:?}")));
        }
        // A default that is written changes nothing when it goes, but another value does.
        let is_word = value
            .as_str()
            .is_some_and(|it| !it.contains(['.', ':', '@']));
        let is_free = value.is_string() && !is_word && !legal.is_empty();
        let is_sure = is_free || legal.iter().any(|it| it != "removed");
        if !has_effect && is_sure {
            let legal = legal.join(", ");
            breaches.add(
                name,
                format!("it is {value:?}"),
                format!("no file, way or finding changes when it is {legal}"),
            );
        }
    }
    breaches.all()
}

/// The same part of the keys in every run.
fn is_in_part(spec: &Spec, name: &str) -> bool {
    let bytes = spec.name.bytes().chain(name.bytes());
    let sum = bytes.fold(14_695_981_039_346_656_037_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(1_099_511_628_211)
    });
    let is_example = spec.name.starts_with("examples/") || spec.name.starts_with("cases/");
    (sum >> 20) % (if is_example { PART / 4 } else { PART }) == 0
}
