//! Other names in the same order: every name gets a mark at its end, which is taken out of what is said.

use super::Change;
use super::corpus::{MAIN, Sample};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// It sorts before whatever else a name may go on with, but for `-`, and stands in no text.
const MARK: &str = "00q";

/// Names longer than this would grow past what a product takes.
const LONGEST: usize = 58;

/// Endings under which names are bought or reserved; they stay.
const ENDINGS: [&str; 16] = [
    "mail.onmicrosoft.com",
    "onmicrosoft.com",
    "onmicrosoft.us",
    "onmschina.cn",
    "co.uk",
    "com",
    "de",
    "edu",
    "eu",
    "example",
    "internal",
    "invalid",
    "local",
    "net",
    "org",
    "test",
];

/// Names that a provider assigns, which nobody can rename.
const ASSIGNED: [&str; 4] = [
    "outlook.com",
    "microsoft.com",
    "office365.com",
    "office.com",
];

/// Keys whose texts are no names of the spec, even where they look like one.
const TEXTS: [&str; 8] = [
    "tenant",
    "organization",
    "servers",
    "kind",
    "method",
    "value",
    "header",
    "reason",
];

/// Keys of maps whose keys are such names.
const MAPS: [&str; 6] = [
    "locations",
    "partners",
    "devices",
    "mailboxes",
    "dkim",
    "names",
];

/// Stands for the map below a location in `names`, whose keys are made of names.
const GIVEN: &str = "names of a location";

fn marked(name: &str) -> String {
    if name.len() > LONGEST {
        return name.to_owned();
    }
    format!("{name}{MARK}")
}

fn unmarked(text: &str) -> String {
    text.replace(MARK, "")
}

fn keeps_order<'a>(
    names: impl IntoIterator<Item = &'a str>,
    renamed: impl Fn(&str) -> String,
) -> bool {
    let names: BTreeSet<&str> = names.into_iter().collect();
    let renamed: Vec<String> = names.iter().map(|name| renamed(name)).collect();
    renamed.is_sorted()
}

// ── Locations, partners, devices, routes and rules ──

/// Other names of locations, partners, devices, routes and rules.
pub(crate) fn parties(sample: &Sample, _: usize) -> Option<Change> {
    let names = names(sample);
    let rename = |name: &str| {
        if names.contains(name) {
            marked(name)
        } else {
            name.to_owned()
        }
    };
    let others = ["internet", "internet to", "direct"];
    if !keeps_order(names.iter().map(String::as_str).chain(others), rename) {
        return None;
    }
    let mut renamed = sample.clone();
    for (path, document) in &mut renamed.documents {
        let is_facts =
            path != MAIN && document.get("version").is_some() && document.get("gathered").is_some();
        *document = with_names(document, if is_facts { "locations" } else { "" }, &names);
    }
    for bytes in renamed.texts.values_mut() {
        if let Ok(text) = std::str::from_utf8(bytes) {
            *bytes = cells(text, &names).into_bytes();
        }
    }
    Some(Change {
        sample: renamed,
        forth: Box::new(move |text| {
            if names.contains(text) {
                marked(text)
            } else {
                text.to_owned()
            }
        }),
        back: Box::new(unmarked),
        messages: true,
    })
}

fn names(sample: &Sample) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for document in sample.documents.values() {
        for key in ["locations", "partners", "devices"] {
            let map = document.get(key).and_then(Value::as_mapping);
            names.extend(map.into_iter().flat_map(Mapping::keys).filter_map(text_of));
        }
        for key in ["routes", "rules"] {
            let list = document.get(key).and_then(Value::as_sequence);
            let list = list.into_iter().flatten();
            names.extend(list.filter_map(|item| text_of(item.get("name")?)));
        }
    }
    names
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The value under a key, with every name in it marked.
fn with_names(value: &Value, key: &str, names: &BTreeSet<String>) -> Value {
    match value {
        Value::Mapping(map) => {
            let pairs = map.iter().map(|(inner, value)| {
                let word = text_of(inner).unwrap_or_default();
                let inner = if MAPS.contains(&key) {
                    with_names(inner, key, names)
                } else if key == GIVEN {
                    with_names(inner, "on", names)
                } else {
                    inner.clone()
                };
                // What stands below a name of the spec is known by the map that the name stands in.
                let below = match key {
                    "names" => GIVEN,
                    _ if MAPS.contains(&key) => "",
                    _ => &word,
                };
                (inner, with_names(value, below, names))
            });
            Value::Mapping(pairs.collect())
        }
        Value::Sequence(list) => Value::Sequence(
            list.iter()
                .map(|item| with_names(item, key, names))
                .collect(),
        ),
        _ if TEXTS.contains(&key) => value.clone(),
        scalar => match text_of(scalar) {
            Some(text) => words(key, &text, names).map_or_else(|| scalar.clone(), Value::String),
            None => scalar.clone(),
        },
    }
}

/// A text with the names in it marked: the whole of it, or the parts of an end or of an object.
fn words(key: &str, text: &str, names: &BTreeSet<String>) -> Option<String> {
    if names.contains(text) {
        return Some(marked(text));
    }
    if key == "ends" {
        let (end, places) = text.split_once(' ')?;
        let places = places
            .split(',')
            .map(|place| words("", place, names).unwrap_or_else(|| place.to_owned()));
        return Some(format!("{end} {}", places.collect::<Vec<_>>().join(",")));
    }
    if key == "on" {
        for word in [" to ", " from "] {
            if let Some((a, b)) = text.split_once(word) {
                return Some(format!(
                    "{}{word}{}",
                    words("", a, names)?,
                    words("", b, names)?
                ));
            }
        }
        let (kind, name) = text.split_once(':')?;
        return Some(format!("{kind}:{}", words("on", name, names)?));
    }
    None
}

/// A list with the names in its cells marked.
fn cells(text: &str, names: &BTreeSet<String>) -> String {
    let line = |line: &str| {
        let cells = line.split(',').map(|cell| {
            if names.contains(cell) {
                marked(cell)
            } else {
                cell.to_owned()
            }
        });
        cells.collect::<Vec<_>>().join(",")
    };
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

// ── Labels of domains ──

/// Other labels of domains, but for those that somebody else assigns.
pub(crate) fn labels(sample: &Sample, _: usize) -> Option<Change> {
    let mut found = BTreeSet::new();
    for value in sample.documents.values() {
        every_text(value, &mut |text| {
            found.extend(
                tokens(text)
                    .filter(|token| with_labels(token) != *token)
                    .map(str::to_owned),
            );
        });
    }
    for text in sample.texts.values() {
        let text = String::from_utf8_lossy(text);
        found.extend(
            tokens(&text)
                .filter(|token| with_labels(token) != *token)
                .map(str::to_owned),
        );
    }
    // A certificate in a file keeps its names.
    let is_certificate = |path: &String| {
        Path::new(path)
            .extension()
            .is_some_and(|ending| ending == "pem")
    };
    if sample.texts.keys().any(is_certificate) {
        return None;
    }
    for tenant in tenants(sample) {
        found.extend(["", "mail."].map(|below| format!("{tenant}.{below}onmicrosoft.com")));
    }
    // It stands in SPF records beside names of the spec.
    found.insert("spf.protection.outlook.com".to_owned());
    let backwards = |name: &str| name.rsplit('.').collect::<Vec<_>>().join("\u{1}");
    let reversed: BTreeMap<String, String> = found
        .iter()
        .map(|name| (backwards(name), backwards(&with_labels(name))))
        .collect();
    let lengths: BTreeMap<(usize, &str), usize> = found
        .iter()
        .map(|name| ((name.len(), name.as_str()), with_labels(name).len()))
        .collect();
    let ordered = keeps_order(found.iter().map(String::as_str), with_labels)
        && reversed.values().is_sorted()
        && lengths.values().is_sorted();
    if found.len() < 2 || !ordered {
        return None;
    }
    // The host that a tenant has for a domain is the domain with dashes.
    let hosts: BTreeMap<String, String> = found
        .iter()
        .map(|name| (name.replace('.', "-"), with_labels(name).replace('.', "-")))
        .collect();
    let rename = move |text: &str| renamed(text, &hosts);
    let mut changed = sample.clone();
    for document in changed.documents.values_mut() {
        *document = with_texts(document, "", &rename);
    }
    for bytes in changed.texts.values_mut() {
        if let Ok(text) = std::str::from_utf8(bytes) {
            *bytes = rename(text).into_bytes();
        }
    }
    Some(Change {
        sample: changed,
        forth: Box::new(rename),
        back: Box::new(unmarked),
        messages: true,
    })
}

fn is_part(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '-' | '.' | '_')
}

/// Everything in a text that could be a domain name.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|character| !is_part(character))
        .filter(|token| !token.is_empty())
}

fn renamed(text: &str, hosts: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest
            .find(|character| !is_part(character))
            .unwrap_or(rest.len());
        let (token, after) = rest.split_at(end);
        match token
            .split_once('.')
            .and_then(|(host, zone)| Some((hosts.get(host)?, zone)))
        {
            Some((host, zone)) if is_assigned(token) => out.extend([host, ".", zone]),
            _ => out.push_str(&with_labels(token)),
        }
        let mut characters = after.chars();
        out.extend(characters.next());
        rest = characters.as_str();
    }
    out
}

fn is_assigned(token: &str) -> bool {
    let token = token.trim_end_matches('.').to_ascii_lowercase();
    ASSIGNED
        .iter()
        .any(|zone| token == *zone || token.ends_with(&format!(".{zone}")))
}

/// A name with every label marked but for its ending and labels that are no host's.
fn with_labels(token: &str) -> String {
    let (name, dot) = token
        .strip_suffix('.')
        .map_or((token, ""), |name| (name, "."));
    let lower = name.to_ascii_lowercase();
    let ending = ENDINGS
        .iter()
        .find(|ending| lower.ends_with(&format!(".{ending}")));
    let Some(ending) = ending.filter(|_| !is_assigned(token) && name.len() < 200) else {
        return token.to_owned();
    };
    let (labels, ending) = name.split_at(name.len() - ending.len() - 1);
    let labels = labels.split('.').map(|label| {
        let is_odd = label.is_empty() || label.starts_with('_') || !label.is_ascii();
        if is_odd || label.starts_with("xn--") || label.len() > LONGEST {
            label.to_owned()
        } else {
            format!("{label}{MARK}")
        }
    });
    format!("{}{ending}{dot}", labels.collect::<Vec<_>>().join("."))
}

fn every_text(value: &Value, look: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => look(text),
        Value::Sequence(list) => list.iter().for_each(|item| every_text(item, look)),
        Value::Mapping(map) => {
            for (key, value) in map {
                every_text(key, look);
                every_text(value, look);
            }
        }
        _ => {}
    }
}

/// The names that the provider knows the tenants by.
fn tenants(sample: &Sample) -> BTreeSet<String> {
    let locations = sample
        .documents
        .values()
        .filter_map(|document| document.get("locations")?.as_mapping());
    let all = locations.flat_map(Mapping::values);
    all.filter_map(|location| text_of(location.get("tenant")?))
        .collect()
}

/// The value under a key with every text changed, also those that are keys.
fn with_texts(value: &Value, key: &str, change: &impl Fn(&str) -> String) -> Value {
    match value {
        Value::String(text) if key == "tenant" => Value::String(format!("{text}{MARK}")),
        Value::String(text) => Value::String(change(text)),
        Value::Sequence(list) => Value::Sequence(
            list.iter()
                .map(|item| with_texts(item, key, change))
                .collect(),
        ),
        Value::Mapping(map) => {
            let pairs = map.iter().map(|(inner, value)| {
                let word = inner.as_str().unwrap_or_default();
                let changed = match value {
                    // The name of a record stands without the name of its zone.
                    Value::String(text) if key == "records" && word == "name" => {
                        relative(text).into()
                    }
                    _ => with_texts(value, word, change),
                };
                (with_texts(inner, "", change), changed)
            });
            Value::Mapping(pairs.collect())
        }
        other => other.clone(),
    }
}

fn relative(name: &str) -> String {
    if name == "@" || with_labels(name) != name {
        return with_labels(name);
    }
    let labels = name.split('.').map(|label| {
        if label.starts_with('_') {
            label.to_owned()
        } else {
            format!("{label}{MARK}")
        }
    });
    labels.collect::<Vec<_>>().join(".")
}
