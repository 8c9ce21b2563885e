//! One assignment of the readings at a time: whoever meets an open question asks, and is asked again with every answer.

use mailtopo::testing::platforms::reading;
use std::collections::BTreeMap;

/// A question that this run has no answer to.
#[derive(Debug)]
pub(crate) struct Open(pub &'static str);

/// The answers of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Readings(BTreeMap<&'static str, &'static str>);

impl Readings {
    /// The answer, or the question.
    pub(crate) fn ask(&self, id: &'static str) -> Result<&'static str, Open> {
        self.0.get(id).copied().ok_or(Open(id))
    }

    /// The same answers, and each of those that this question has.
    pub(crate) fn with_every(&self, id: &'static str) -> Vec<Self> {
        let alternatives = reading(id).map_or(&[][..], |reading| reading.alternatives);
        alternatives
            .iter()
            .map(|(word, _)| {
                let mut more = self.clone();
                more.0.insert(id, word);
                more
            })
            .collect()
    }

    /// Whether what was assumed elsewhere contradicts nothing here.
    pub(crate) fn agrees_with(&self, other: &BTreeMap<&'static str, &'static str>) -> bool {
        other
            .iter()
            .all(|(id, word)| self.0.get(id).is_none_or(|mine| mine == word))
    }

    /// Whether every question in `others` has an answer here; else the first that has none.
    pub(crate) fn first_missing<'a>(
        &self,
        others: impl IntoIterator<Item = &'a BTreeMap<&'static str, &'static str>>,
    ) -> Option<&'static str> {
        others
            .into_iter()
            .flat_map(BTreeMap::keys)
            .find(|id| !self.0.contains_key(*id))
            .copied()
    }
}
