//! A document as a plain value: what is compared, changed and written again without knowing what it means.

use crate::finding::Findings;
use crate::source::FileId;
use crate::yaml::parse;
use crate::yaml::tree::{NodeId, NodeKind, YamlTree};
use std::fmt::Write as _;

/// A node of a document, aliases replaced by what they stand for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// Text, and whether it stands without quotes, so that it may be a number or a truth value.
    Scalar(String, bool),
    /// A list.
    List(Vec<Value>),
    /// Keys and values in the order written.
    Mapping(Vec<(String, Value)>),
}

impl Value {
    /// The document of a text; nothing where it is no YAML that a spec may consist of.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let mut findings = Findings::default();
        let tree = parse::parse(FileId::default(), text, &mut findings)?;
        (!findings.has_errors()).then(|| value(&tree, 0))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping(entries) => {
                let mut entries = entries.iter();
                entries
                    .find(|(known, _)| known == key)
                    .map(|(_, value)| value)
            }
            Self::Scalar(..) | Self::List(_) => None,
        }
    }

    /// The text of a scalar.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Scalar(text, _) => Some(text),
            Self::List(_) | Self::Mapping(_) => None,
        }
    }

    /// The value in flow style, on one line.
    pub(crate) fn flow(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Self::Scalar(text, true) if text.is_empty() => out.push('~'),
            Self::Scalar(text, true) if is_word(text) => out.push_str(text),
            Self::Scalar(text, _) => quote(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    item.write(out);
                }
                out.push(']');
            }
            Self::Mapping(entries) => {
                out.push('{');
                for (at, (key, value)) in entries.iter().enumerate() {
                    if at > 0 {
                        out.push_str(", ");
                    }
                    quote(key, out);
                    out.push_str(": ");
                    value.write(out);
                }
                out.push('}');
            }
        }
    }
}

/// Whether text without quotes is safe in every place: a number, a truth value, a name.
fn is_word(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+');
    let first = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.chars().all(inner)
        && (text.starts_with(first)
            || text
                .strip_prefix(['-', '+'])
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
}

/// Text in double quotes, with the escapes of JSON, which YAML has too.
fn quote(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                out.push('\\');
                out.push(c);
            }
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}') => {
                _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

fn value(tree: &YamlTree<'_>, id: NodeId) -> Value {
    let id = tree.resolve(id);
    let node = tree.node(id);
    let mut next = id + 1;
    let mut child = || {
        let found = value(tree, next);
        next = tree.after(next);
        found
    };
    match node.kind {
        NodeKind::List => Value::List((0..node.a).map(|_| child()).collect()),
        NodeKind::Mapping => {
            let entry = |_| {
                let key = child();
                let key = key.text().unwrap_or_default().to_owned();
                (key, child())
            };
            Value::Mapping((0..node.a).map(entry).collect())
        }
        NodeKind::Plain
        | NodeKind::OwnedPlain
        | NodeKind::Quoted
        | NodeKind::OwnedQuoted
        | NodeKind::Alias => {
            // Nothing is written in two ways.
            let plain = tree.plain(id);
            let text = plain.map_or_else(
                || tree.scalar(id),
                |text| Some(text).filter(|text| *text != "~"),
            );
            Value::Scalar(text.unwrap_or_default().to_owned(), plain.is_some())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Value;

    #[test]
    fn what_is_written_reads_back() {
        let text = "a: 1\nb: &x ['1', \"q\\\"\\n\", yes, 2026-01-01, \"*.a\"]\nc: *x\nd: {e: ~, f: |\n  two\n  lines\n}\n";
        for text in [text, "a: [-1, +2.5, 'a: b', '#c']\nk e y: ''\n"] {
            let text = text.replace(
                "d: {e: ~, f: |\n  two\n  lines\n}\n",
                "d:\n  e:\n  f: |\n    two\n    lines\n",
            );
            let value = Value::parse(&text).expect("a document");
            assert_eq!(
                Value::parse(&value.flow()).as_ref(),
                Some(&value),
                "{}",
                value.flow()
            );
        }
    }
}
