//! The generated specs use every key of the language.
//!
//! What the generator of the oracle does not know is put into generated specs by turns: `keys.yaml` has a value for each
//! key, and where it belongs.

use crate::corpus::{corpus, only, root};
use crate::surface::Files;
use crate::topology::text;
use serde_yaml::{Mapping, Value};
use std::collections::BTreeSet;
use std::fs;

/// Puts one item of `keys.yaml` into a spec; nothing where the spec has no place for it.
pub(crate) fn with_more_keys(main: &str, files: &mut Files, number: usize) -> Option<String> {
    let text = fs::read_to_string(root("tests/laws/keys.yaml")).expect("the values of keys");
    let all: Vec<Mapping> = serde_yaml::from_str(&text).expect("a list of values");
    let item = Value::Mapping(all.get(number % all.len())?.clone());
    let mut main: Value = serde_yaml::from_str(main).ok()?;
    let below = item.get("in").and_then(Value::as_str).unwrap_or_default();
    let target = if below.is_empty() {
        &mut main
    } else {
        let kind = item.get("kind").and_then(Value::as_str);
        let all = main.get_mut(below)?.as_mapping_mut()?;
        let is_it =
            |value: &Value| kind.is_none() || value.get("kind").and_then(Value::as_str) == kind;
        all.iter_mut().find(|(_, value)| is_it(value))?.1
    };
    for (key, value) in item.get("put")?.as_mapping()? {
        match (target.get_mut(key), value) {
            (Some(Value::Sequence(have)), Value::Sequence(more)) => have.extend(more.clone()),
            (Some(Value::Mapping(have)), Value::Mapping(more)) => {
                have.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
            }
            _ => {
                target.as_mapping_mut()?.insert(key.clone(), value.clone());
            }
        }
    }
    for (name, content) in item
        .get("files")
        .and_then(Value::as_mapping)
        .into_iter()
        .flatten()
    {
        files.insert(self::text(name)?, self::text(content)?.into_bytes());
    }
    serde_yaml::to_string(&main).ok()
}

fn keys_of(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Mapping(map) => {
            for (key, value) in map {
                found.extend(text(key));
                keys_of(value, found);
            }
        }
        Value::Sequence(list) => list.iter().for_each(|value| keys_of(value, found)),
        _ => {}
    }
}

/// The names of all properties in a schema.
fn properties(schema: &serde_json::Value, found: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(map) => {
            if let Some(serde_json::Value::Object(properties)) = map.get("properties") {
                found.extend(properties.keys().cloned());
            }
            map.values().for_each(|value| properties(value, found));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|value| properties(value, found)),
        _ => {}
    }
}

#[test]
fn generated_specs_use_every_key() {
    if only().is_some() {
        return;
    }
    let schema = fs::read_to_string(root("schemas/topology.schema.json")).expect("the schema");
    let mut wanted = BTreeSet::new();
    properties(&serde_json::from_str(&schema).expect("JSON"), &mut wanted);
    let mut used = BTreeSet::new();
    let generated = corpus()
        .iter()
        .filter(|spec| spec.name.starts_with("generated/"));
    // A spec with a mistake in it is followed by no law.
    for spec in generated.filter(|spec| spec.compiled().tracer().is_some()) {
        let documents = spec.files.iter().filter(|(path, _)| path.ends_with("yaml"));
        for (_, bytes) in documents {
            if let Ok(document) = serde_yaml::from_slice(bytes) {
                keys_of(&document, &mut used);
            }
        }
    }
    let missing: Vec<&String> = wanted.difference(&used).collect();
    println!("{} keys of {}", wanted.len() - missing.len(), wanted.len());
    assert!(missing.is_empty(), "no generated spec has {missing:?}");
}
