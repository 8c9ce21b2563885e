//! The text of a draft. Every value is written so that YAML reads back exactly what was meant.

use crate::draft::{Draft, Found, Item, Key, Pairs, zones};
use std::collections::BTreeMap;

/// A text as YAML reads it: in double quotes, whose escapes are those of JSON, unless it is a plain word.
pub(crate) fn quoted(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.')
        && !["true", "false", "null"].contains(&text);
    if is_plain {
        text.to_owned()
    } else {
        serde_json::Value::from(text).to_string()
    }
}

/// A list of texts.
pub(super) fn list<T: AsRef<str>>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items
        .into_iter()
        .map(|item| quoted(item.as_ref()))
        .collect();
    format!("[{}]", items.join(", "))
}

/// A mapping on one line.
pub(crate) fn mapping(keys: &[(String, String)]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    format!("{{{}}}", keys.join(", "))
}

pub(super) fn spec(draft: &Draft) -> String {
    let lines = lines(draft).into_iter();
    lines.map(|(line, _)| line + "\n").collect()
}

/// The lines of the spec, each with the objects that it was made of.
pub(super) fn lines(draft: &Draft) -> Vec<(String, &[Key])> {
    const NOBODY: &[Key] = &[];
    let mut lines: Vec<(String, &[Key])> = vec![
        ("# A draft of what exists. IMPORT.md says what was taken to be so, and what this file does not say.".to_owned(), NOBODY),
        ("version: 1".to_owned(), NOBODY),
    ];
    for (section, entries) in [
        ("locations", &draft.locations),
        ("domains", &draft.domains),
        ("partners", &draft.partners),
        ("devices", &draft.devices),
    ] {
        if !entries.is_empty() {
            lines.push((format!("{section}:"), NOBODY));
        }
        for (name, keys) in entries {
            let made_of = draft.made_of.get(name).map_or(NOBODY, Vec::as_slice);
            lines.push((format!("  {}: {}", quoted(name), mapping(keys)), made_of));
        }
    }
    if !draft.zones.is_empty() {
        lines.push(("dns:".to_owned(), NOBODY));
        lines.push(("  zones:".to_owned(), NOBODY));
    }
    let zones = draft.zones.iter();
    lines.extend(zones.flat_map(|(name, zone)| zones::lines(name, zone)));
    if !draft.derives {
        lines.push(("routing: explicit".to_owned(), NOBODY));
    }
    for (section, items) in [("routes", &draft.routes), ("rules", &draft.rules)] {
        if !items.is_empty() {
            lines.push((format!("{section}:"), NOBODY));
        }
        for item in items {
            lines.push((format!("  - {}", mapping(&item.keys)), &item.objects));
        }
    }
    // A name that several routes share stands once.
    let mut named: BTreeMap<&str, BTreeMap<&str, (&str, &Item)>> = BTreeMap::new();
    for item in draft.routes.iter().chain(&draft.folded) {
        for (location, derived, existing) in &item.names {
            let names = named.entry(location).or_default();
            names.insert(derived, (existing, item));
        }
    }
    if !named.is_empty() {
        lines.push(("names:".to_owned(), NOBODY));
    }
    for (location, names) in named {
        lines.push((format!("  {}:", quoted(location)), NOBODY));
        for (derived, (existing, item)) in names {
            let line = format!("    {}: {}", quoted(derived), quoted(existing));
            lines.push((line, &item.objects));
        }
    }
    let mut place = "";
    for (key, found) in &draft.found {
        let (location, kind, name) = key;
        if place.is_empty() {
            lines.push(("found:".to_owned(), NOBODY));
        }
        if place != location {
            lines.push((format!("  {}:", quoted(location)), NOBODY));
            place = location;
        }
        let title = quoted(&format!("{kind} {name}"));
        let line = format!("    {title}: {}", mapping(&said(found)));
        lines.push((line, std::slice::from_ref(key)));
    }
    lines
}

/// Properties with their values, as text.
pub(crate) fn said(found: &Found) -> Pairs {
    let said = found
        .iter()
        .map(|(name, values)| (quoted(name), list(values)));
    said.collect()
}
