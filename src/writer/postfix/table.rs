//! Tables that are looked up by key.

use crate::writer::postfix::{aligned, table_value};
use crate::writer::{Refused, shown, visible};

/// A table that is looked up by exact key: `lmdb`, `hash`, `texthash`. Entries are sorted by key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// There may be millions, so they are put in order once, when all are there.
    entries: Vec<Entry>,
    /// The values; entries that follow each other often have the same.
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    /// The key as written.
    key: Box<str>,
    /// The key that Postfix looks up, where it is another one.
    folded: Option<Box<str>>,
    /// Position of the value.
    value: usize,
}

impl Entry {
    fn folded(&self) -> &str {
        self.folded.as_deref().unwrap_or(&self.key)
    }
}

impl Table {
    /// Adds an entry.
    pub fn insert(&mut self, key: impl Into<String>, value: &str) -> Result<(), Refused> {
        let key = table_key(key.into())?;
        let folded = fold(&key);
        if self.values.last().is_none_or(|last| last != value) {
            self.values.push(table_value(value)?.to_owned());
        }
        self.entries.push(Entry {
            folded: folded.map(String::into_boxed_str),
            key: key.into_boxed_str(),
            value: self.values.len() - 1,
        });
        Ok(())
    }

    /// Refuses what adding an entry would refuse; `key` may be the part of one that is not known to be good.
    pub fn ask(key: &str, value: &str) -> Result<(), Refused> {
        refuse_key(key)?;
        table_value(value).map(|_| ())
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The lines of the table, keys padded to one width.
    ///
    /// Postfix folds the case of keys, so one that differs from another in case alone is a duplicate, of which Postfix
    /// would use only the first: such a table is refused, unless both say the same.
    pub fn text(&self) -> Result<String, Refused> {
        let mut entries: Vec<&Entry> = self.entries.iter().collect();
        entries.sort_by(|a, b| a.folded().cmp(b.folded()));
        for pair in entries.windows(2) {
            if let [first, second] = pair
                && first.folded() == second.folded()
                && self.values[first.value] != self.values[second.value]
            {
                return Err(Refused::new(format!(
                    "`{}` stands twice in a Postfix table, with `{}` and with `{}`",
                    second.key, self.values[first.value], self.values[second.value]
                )));
            }
        }
        entries.dedup_by(|second, first| first.folded() == second.folded());
        let rows: Vec<(&str, &str)> = entries
            .into_iter()
            .map(|entry| (&*entry.key, self.values[entry.value].as_str()))
            .collect();
        Ok(aligned(&rows, "  "))
    }
}

fn table_key(key: String) -> Result<String, Refused> {
    refuse_key(&key)?;
    let is_plain = |b: u8| b.is_ascii() && !b.is_ascii_uppercase();
    Ok(if key.bytes().all(is_plain) {
        key
    } else {
        key.to_lowercase()
    })
}

fn refuse_key(key: &str) -> Result<(), Refused> {
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
    Ok(())
}

/// What keys that differ only in what Postfix folds away have in common, where that is not the key; `ß` and `ss` are one
/// too.
pub(crate) fn fold(key: &str) -> Option<String> {
    (!key.is_ascii()).then(|| key.to_uppercase().to_lowercase())
}
