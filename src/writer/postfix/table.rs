//! Tables that are looked up by key.

use super::super::{Refused, shown, visible};
use super::{aligned, table_value};
use std::collections::BTreeMap;

/// A table that is looked up by exact key: `lmdb`, `hash`, `texthash`. Entries are sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// By folded key: the key as written, and the value.
    entries: BTreeMap<String, (String, String)>,
}

impl Table {
    /// Adds an entry. Postfix folds the case of keys, so one that differs from another in case alone is a duplicate, of
    /// which Postfix would use only the first.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), Refused> {
        let written = table_key(key)?;
        let value = table_value(value)?;
        let folded = fold(&written);
        if let Some((_, other)) = self.entries.get(&folded) {
            return Err(Refused::new(format!(
                "`{key}` stands twice in a Postfix table, with `{other}` and with `{value}`"
            )));
        }
        self.entries.insert(folded, (written, value.to_owned()));
        Ok(())
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines of the table, keys padded to one width.
    pub fn text(&self) -> String {
        let rows: Vec<_> = self
            .entries
            .values()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        aligned(&rows, "  ")
    }
}

fn table_key(key: &str) -> Result<String, Refused> {
    let refuse = |why: &str| Err(Refused::new(format!("`{}` {why}", shown(key))));
    visible(key)?;
    if key.is_empty() {
        return refuse("is empty and no key of a Postfix table");
    }
    if key.contains(char::is_whitespace) {
        return refuse("contains white space, which ends the key of a Postfix table");
    }
    if key.starts_with('#') {
        return refuse("would be a comment in a Postfix table");
    }
    // Postfix 3 and later read a quoted key up to the closing quote, and a backslash inside as an escape.
    if key.contains(['"', '\\']) {
        return refuse(
            "contains a quote or a backslash, which Postfix tables read in different ways",
        );
    }
    Ok(key.to_lowercase())
}

/// Keys that differ only in what Postfix folds away; `ß` and `ss` are one too.
fn fold(key: &str) -> String {
    key.to_uppercase().to_lowercase()
}
