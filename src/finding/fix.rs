//! What to write, as an operation on the spec: the words of a help text and an edit of the text at once.

use crate::finding::Object;
use crate::finding::words::{as_written, listed_up_to};
use crate::source::Span;
use std::fmt;

/// A change of the spec in its own terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Operation {
    /// Another text in place of the one that stands there.
    Replace {
        /// Where.
        span: Span,
        /// The text that stands there, alone or as a word among others.
        old: String,
        /// The text.
        text: String,
    },
    /// The entry or the item that stands there goes.
    Remove {
        /// Where.
        span: Span,
    },
    /// A key of an object gets a value.
    Set {
        /// The object.
        object: Object,
        /// The key, and those below it.
        keys: Vec<String>,
        /// The value, as it is written.
        value: String,
    },
    /// A mapping under a key of an object gets more entries.
    SetAll {
        /// The object.
        object: Object,
        /// The key of the mapping.
        key: &'static str,
        /// The entries, each a name and its value as it is written.
        entries: Vec<(String, String)>,
    },
    /// A key of an object goes.
    Unset {
        /// The object.
        object: Object,
        /// The key.
        key: &'static str,
    },
    /// A list of an object gets one more item.
    Append {
        /// The object.
        object: Object,
        /// The key of the list.
        key: &'static str,
        /// The item, as it is written.
        value: String,
    },
    /// What stands at a path gets another value, or goes.
    At {
        /// Keys from the root on; an item of a list is named by its `name`.
        path: Vec<String>,
        /// The value, as it is written.
        value: Option<String>,
    },
    /// What stands somewhere is written anew.
    Anew {
        /// Where.
        span: Span,
        /// What stands there then, as it is written.
        value: String,
    },
    /// A list at a path gets one more item.
    AppendAt {
        /// Keys from the root on, those of the list among them.
        path: Vec<String>,
        /// The item, as it is written.
        value: String,
    },
    /// A section gets one more item.
    Item {
        /// The section.
        section: &'static str,
        /// The item, as it is written.
        value: String,
    },
    /// A section gets one more entry.
    Entry {
        /// The section.
        section: &'static str,
        /// Its name.
        name: String,
        /// Its value, as it is written.
        value: String,
    },
}

impl Operation {
    /// Another text in place of one.
    pub(crate) fn replace(span: Span, old: &str, text: impl Into<String>) -> Self {
        Self::Replace {
            span,
            old: old.to_owned(),
            text: text.into(),
        }
    }

    /// One more route between two ends, for recipients as they are written in a list, with more keys where it needs any.
    pub(crate) fn route(from: &str, to: &str, recipients: &str, more: &str) -> Self {
        Self::Item {
            section: "routes",
            value: written_route(from, to, recipients, more),
        }
    }

    /// A key of an object with its value.
    pub(crate) fn set(object: Object, key: &str, value: impl Into<String>) -> Self {
        Self::Set {
            object,
            keys: vec![key.to_owned()],
            value: value.into(),
        }
    }
}

/// A route as it is written, called after its ends.
pub(crate) fn written_route(from: &str, to: &str, recipients: &str, more: &str) -> String {
    let comma = if more.is_empty() { "" } else { ", " };
    format!(
        "{{name: {from} to {to}, from: {from}, to: {to}, recipients: [{recipients}]{comma}{more}}}"
    )
}

/// So many entries are written out in words; the edit has them all.
const MOST_ENTRIES: usize = 20;

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Replace { text, .. } => write!(f, "did you mean `{text}`?"),
            Self::Remove { .. } => f.write_str("remove this entry"),
            Self::Set {
                object,
                keys,
                value,
            } => match keys.as_slice() {
                [key] => write!(f, "write `{key}: {value}` at `{}`", object.name()),
                [key, inner] => write!(
                    f,
                    "add `{inner}: {value}` to `{key}` of `{}`",
                    object.name()
                ),
                keys => write!(
                    f,
                    "write `{}: {value}` at `{}`",
                    keys.join("."),
                    object.name()
                ),
            },
            Self::SetAll {
                object,
                key,
                entries,
            } => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(name, value)| format!("{}: {value}", as_written(name)))
                    .collect();
                let all = listed_up_to(MOST_ENTRIES, entries.iter().map(String::as_str));
                write!(f, "add {all} to `{key}` of `{}`", object.name())
            }
            Self::Unset { object, key } => write!(f, "take `{key}` from `{}`", object.name()),
            Self::Append { object, key, value } if *key == "recipients" => {
                write!(f, "add `{value}` to `{key}` of `{}`", object.name())
            }
            Self::Append { object, key, value } => {
                write!(f, "write `{key}: [{value}]` at `{}`", object.name())
            }
            Self::At {
                path,
                value: Some(value),
            } => write!(f, "write `{value}` as `{}`", path.join(".")),
            Self::At { path, value: None } => write!(f, "take `{}` out", path.join(".")),
            Self::Anew { value, .. } => write!(f, "write `{value}`"),
            Self::AppendAt { path, value } => write!(f, "add `{value}` to `{}`", path.join(".")),
            Self::Item { section, value } => write!(f, "add `{value}` to `{section}`"),
            Self::Entry {
                section,
                name,
                value,
            } => write!(f, "write `{name}: {value}` under `{section}`"),
        }
    }
}

/// Whether an edit may be applied without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// The finding goes, nothing new appears, and no mail is lost or worse.
    Safe,
    /// The finding goes, and other mail changes too.
    Unsafe,
}

/// An edit of the texts of a spec.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Edit {
    /// The file, as messages name it.
    pub file: String,
    /// The first byte.
    pub start: usize,
    /// The byte behind the last.
    pub end: usize,
    /// What stands there instead.
    pub text: String,
}

/// An edit that was tried, with what it does.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Offer {
    /// What it does, in words.
    pub title: String,
    /// Whether it may be applied without a decision.
    pub applicability: Applicability,
    /// The edits, sorted, none over another.
    pub edits: Vec<Edit>,
}
