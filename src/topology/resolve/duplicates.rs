//! What may stand once: who came first, and what is said of those who come again.

use crate::finding::{Code, Finding};
use crate::source::Span;
use crate::topology::resolve::context::Scope;
use crate::yaml::Slot;
use std::collections::BTreeMap;

/// The things that stand already, and where.
pub(super) struct Once<K>(BTreeMap<K, Span>);

impl<K> Default for Once<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord> Once<K> {
    /// Takes a thing; where it stands already, says so in these words.
    pub(super) fn again(
        &mut self,
        key: K,
        span: Span,
        words: impl FnOnce() -> String,
    ) -> Option<Finding> {
        if let Some(&first) = self.0.get(&key) {
            return Some(twice(words(), span, first));
        }
        self.0.insert(key, span);
        None
    }
}

/// One thing in two places, neither of which wins.
pub(super) fn twice(message: impl Into<String>, span: Span, first: Span) -> Finding {
    Finding::error(Code::S002, message)
        .at(span, "")
        .at(first, "first here")
        .help("keep one of them")
}

/// A key that may stand in one file alone.
pub(super) fn only<'s, T: 's>(
    key: &str,
    slots: impl Iterator<Item = &'s Slot<T>>,
    scope: &mut Scope<'_>,
) -> Option<&'s Slot<T>> {
    let mut first: Option<&Slot<T>> = None;
    for slot in slots {
        let Some(span) = slot.span() else {
            continue;
        };
        match first.and_then(Slot::span) {
            None => first = Some(slot),
            Some(earlier) => {
                let words = format!("`{key}` stands in two files");
                scope.findings.push(twice(words, span, earlier));
            }
        }
    }
    first
}
