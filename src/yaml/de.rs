//! A `serde` deserializer over the span tree that goes on behind mistakes.

mod reading;

use crate::finding::{Code, Finding, Operation, nearest};
use crate::source::Span;
use crate::values::shown;
use crate::yaml::access::{Elements, Entries, ListParts, Placed, ShapeParts};
use crate::yaml::error::Error;
use crate::yaml::other_words;
use crate::yaml::scalar::{self, Scalar};
use crate::yaml::tree::{Node, NodeId, NodeKind, YamlTree};
use serde::de::Visitor;
use serde::de::value::BorrowedStrDeserializer;
use std::cell::RefCell;

/// One node of a tree, and where findings go.
#[derive(Clone, Copy)]
pub(super) struct Reader<'de> {
    tree: &'de YamlTree<'de>,
    findings: &'de RefCell<Vec<Finding>>,
    id: NodeId,
}

impl<'de> Reader<'de> {
    /// The root of a tree.
    pub(super) fn new(tree: &'de YamlTree<'de>, findings: &'de RefCell<Vec<Finding>>) -> Self {
        Self {
            tree,
            findings,
            id: 0,
        }
    }

    pub(super) fn with(self, id: NodeId) -> Self {
        Self { id, ..self }
    }

    pub(super) fn after(self) -> NodeId {
        self.tree.after(self.id)
    }

    pub(super) fn span(self) -> Span {
        self.tree.span(self.id)
    }

    pub(super) fn is_refused(self) -> bool {
        self.tree.node(self.id).refused
    }

    pub(super) fn text(self) -> Option<&'de str> {
        self.tree.scalar(self.id)
    }

    pub(super) fn push(self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    pub(super) fn record(self, error: Error) {
        let finding = error.at(self.span()).into_finding();
        let is_here = finding.labels.first().map(|label| label.span) == Some(self.span());
        let word = finding.help.as_deref().and_then(one_word);
        let edit = match (self.text(), word) {
            (Some(old), Some(word)) if is_here => Some(Operation::replace(self.span(), old, word)),
            _ => None,
        };
        self.push(edit.into_iter().fold(finding, Finding::fix));
    }

    fn node(self) -> Node {
        self.tree.node(self.tree.resolve(self.id))
    }

    /// What a scalar without quotes stands for; `Text` for one in quotes, nothing for lists and mappings.
    fn scalar(self) -> Option<Scalar> {
        match self.tree.plain(self.id) {
            Some(text) => Some(scalar::resolve(text)),
            None => self.text().map(|_| Scalar::Text),
        }
    }

    fn is_null(self) -> bool {
        self.scalar() == Some(Scalar::Null)
    }

    /// What stands here, for messages.
    fn found(self) -> String {
        match (self.node().kind, self.scalar()) {
            (NodeKind::List, _) => "a list".to_owned(),
            (NodeKind::Mapping, _) => "a mapping".to_owned(),
            (_, Some(Scalar::Null)) => "nothing".to_owned(),
            (_, Some(Scalar::Text) | None) => {
                format!("the text {}", shown(self.text().unwrap_or_default()))
            }
            (_, Some(Scalar::Bool(_))) => {
                format!("the truth value {}", shown(self.text().unwrap_or_default()))
            }
            (_, Some(_)) => {
                format!("the number {}", shown(self.text().unwrap_or_default()))
            }
        }
    }

    fn wrong_type(self, expected: &str) -> Error {
        let error = Error::new(
            Code::S018,
            format!("expected {expected}, found {}", self.found()),
        );
        let error = if self.is_null() {
            error.help(format!("write {expected}, or remove the key"))
        } else if expected == "a mapping" {
            error.help("write keys with their values: `{KEY: VALUE}`, or `KEY: VALUE` on lines of their own")
        } else {
            error
        };
        error.at(self.span())
    }

    /// A number with more digits than any that is meant is told so, everything else what was expected.
    fn no_whole_number(self) -> Error {
        let text = self.text().unwrap_or_default();
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if !digits || matches!(self.node().kind, NodeKind::List | NodeKind::Mapping) {
            return self.wrong_type("a whole number");
        }
        Error::new(
            Code::S019,
            format!("the number {} is too large here", shown(text)),
        )
        .help("write a smaller one")
        .at(self.span())
    }

    /// Runs a visitor's part and gives its mistake this place.
    fn located<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.at(self.span()))
    }

    fn elements(self) -> Elements<'de> {
        let node = self.node();
        match node.kind {
            NodeKind::List => Elements {
                reader: self,
                next: self.tree.resolve(self.id) + 1,
                left: node.a,
            },
            // A scalar counts as a list of one.
            _ => Elements {
                reader: self,
                next: self.id,
                left: 1,
            },
        }
    }

    fn entries(self, fields: Option<&'static [&'static str]>) -> Entries<'de> {
        let node = self.node();
        let is_mapping = node.kind == NodeKind::Mapping;
        let first = self.tree.resolve(self.id) + 1;
        Entries {
            reader: self,
            first,
            next: first,
            taken: None,
            behind: if is_mapping { node.b } else { 0 },
            fields,
            head: None,
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bad = self.node().kind == NodeKind::Mapping || self.is_null();
        if bad {
            let error = self.wrong_type("a list");
            let error = if self.is_null() {
                error
            } else {
                error.help("put it in a list: `- ` before its first key, or `[` and `]` around it")
            };
            self.record(error);
        }
        let mut elements = self.elements();
        if bad {
            elements.left = 0;
        }
        visitor.visit_seq(ListParts {
            place: self.placed(false),
            bad,
            elements,
        })
    }

    fn map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let bad = self.node().kind != NodeKind::Mapping;
        if bad {
            self.record(self.wrong_type("a mapping"));
        }
        let mut entries = self.entries(None);
        entries.head = Some((self.span(), bad));
        visitor.visit_map(entries)
    }

    fn shape<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let node = self.node();
        let (kind, text) = match node.kind {
            NodeKind::List => (2, None),
            NodeKind::Mapping if node.a == 0 => (4, None),
            NodeKind::Mapping => {
                let key = self.tree.resolve(self.id) + 1;
                (
                    3,
                    if node.a == 1 {
                        self.tree.scalar(key)
                    } else {
                        None
                    },
                )
            }
            _ if self.is_null() => (0, None),
            _ => (1, self.text()),
        };
        visitor.visit_seq(ShapeParts {
            node: self,
            kind,
            text,
            step: 0,
        })
    }

    fn placed(self, recover: bool) -> Placed<'de> {
        Placed {
            node: self,
            span: self.span(),
            recover,
            step: 0,
        }
    }

    /// Text; a number without quotes only where `numbers` are taken as they are written.
    fn words<V: Visitor<'de>>(
        self,
        expected: &str,
        numbers: bool,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let (Some(text), Some(scalar)) = (self.text(), self.scalar()) else {
            return Err(self.wrong_type(expected));
        };
        match scalar {
            Scalar::Text => {}
            Scalar::Null => return Err(self.wrong_type(expected)),
            Scalar::Unsigned(_) | Scalar::Signed(_) | Scalar::Float(_) if numbers => {}
            _ => {
                let error = self.wrong_type(expected);
                return Err(error.help(format!(
                    "if this is meant as text, put it in quotes: {}",
                    shown(&format!("\"{text}\""))
                )));
            }
        }
        self.located(visitor.visit_borrowed_str(text))
    }

    fn whole_number(self, largest: u64) -> Result<u64, Error> {
        match self.scalar() {
            Some(Scalar::Unsigned(value)) if value <= largest => Ok(value),
            Some(Scalar::Unsigned(_) | Scalar::Signed(_)) => {
                let text = shown(self.text().unwrap_or_default());
                let message =
                    format!("{text} is out of range: expected a number from 0 to {largest}");
                Err(Error::new(Code::S019, message).at(self.span()))
            }
            Some(Scalar::Text) if self.is_quoted_number() => {
                Err(self.wrong_type("a whole number").help("remove the quotes"))
            }
            _ => Err(self.no_whole_number()),
        }
    }

    fn is_quoted_number(self) -> bool {
        self.tree.plain(self.id).is_none()
            && self
                .text()
                .is_some_and(|text| matches!(scalar::resolve(text), Scalar::Unsigned(_)))
    }

    fn truth(self) -> Result<bool, Error> {
        if let Some(Scalar::Bool(value)) = self.scalar() {
            return Ok(value);
        }
        let error = self.wrong_type("`true` or `false`");
        let meant = match self.text().map(str::to_ascii_lowercase).as_deref() {
            Some("yes" | "on" | "y" | "true" | "1" | "ja") => true,
            Some("no" | "off" | "n" | "false" | "0" | "nein") => false,
            _ => return Err(error),
        };
        // Only `true` and `false` are truth values; `yes` is text, with quotes and without.
        let quotes = match self.tree.plain(self.id) {
            Some(_) => "",
            None => " without quotes",
        };
        Err(error.help(format!("write `{meant}`{quotes}")))
    }

    fn word<V: Visitor<'de>>(
        self,
        words: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let list = || {
            let quoted: Vec<_> = words.iter().map(|word| format!("`{word}`")).collect();
            match &*quoted {
                [only] => only.clone(),
                _ => format!("one of {}", quoted.join(", ")),
            }
        };
        let Some(text) = self.text().filter(|_| !self.is_null()) else {
            return Err(self.wrong_type(&list()));
        };
        if words.contains(&text) {
            return self.located(visitor.visit_enum(BorrowedStrDeserializer::new(text)));
        }
        let error = Error::new(
            Code::S019,
            format!("expected {}, found {}", list(), shown(text)),
        );
        let near = nearest(text, words.iter().copied());
        Err(match (near, other_words::word(text, words)) {
            (Some(near), _) => error.help(format!("write `{near}`")),
            (None, Some(word)) => error.help(format!("here it is called `{word}`")),
            (None, None) => error,
        }
        .at(self.span()))
    }
}

/// The value that a help asks for and nothing else: what stands there is a slip of the pen.
fn one_word(help: &str) -> Option<&str> {
    let word = help.strip_prefix("write `")?.strip_suffix('`')?;
    let is_plain = !word.contains(|c: char| c.is_whitespace() || matches!(c, '`' | '{' | '['));
    let is_placeholder = word.chars().all(|c| c.is_ascii_uppercase());
    (is_plain && !is_placeholder).then_some(word)
}
