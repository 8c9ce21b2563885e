//! The text of a draft. Every value is written so that YAML reads back exactly what was meant.

use crate::draft::Draft;
use std::fmt::Write as _;

/// A text as YAML reads it: in double quotes, whose escapes are those of JSON, unless it is a plain word.
pub(super) fn quoted(text: &str) -> String {
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
pub(super) fn mapping(keys: &[(String, String)]) -> String {
    let keys: Vec<String> = keys
        .iter()
        .map(|(key, value)| format!("{key}: {value}"))
        .collect();
    format!("{{{}}}", keys.join(", "))
}

pub(super) fn spec(draft: &Draft) -> String {
    let mut text = "# A draft of what exists. IMPORT.md says what was taken to be so, and what this file does not say.\nversion: 1\n".to_owned();
    for (section, entries) in [
        ("locations", &draft.locations),
        ("domains", &draft.domains),
        ("partners", &draft.partners),
    ] {
        if entries.is_empty() {
            continue;
        }
        _ = writeln!(text, "{section}:");
        for (name, keys) in entries {
            _ = writeln!(text, "  {}: {}", quoted(name), mapping(keys));
        }
    }
    text.push_str("routing: explicit\n");
    for (section, items) in [("routes", &draft.routes), ("rules", &draft.rules)] {
        if items.is_empty() {
            continue;
        }
        _ = writeln!(text, "{section}:");
        for item in items {
            _ = writeln!(text, "  - {}", mapping(&item.keys));
        }
    }
    if !draft.names.is_empty() {
        text.push_str("names:\n");
        for (location, names) in &draft.names {
            let pairs: Vec<(String, String)> = names
                .iter()
                .map(|(derived, existing)| (quoted(derived), quoted(existing)))
                .collect();
            _ = writeln!(text, "  {}: {}", quoted(location), mapping(&pairs));
        }
    }
    text
}
