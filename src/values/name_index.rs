//! Values by the domain patterns that they are for, so that a name finds its own without a look at all others.

use crate::values::{DomainName, Pattern};
use foldhash::{HashMap, HashMapExt};

/// Values by pattern.
#[derive(Clone, Debug)]
pub(crate) struct NameIndex<T> {
    exact: HashMap<DomainName, Vec<T>>,
    /// Those of `*.base`, by the base.
    below: HashMap<DomainName, Vec<T>>,
    any: Vec<T>,
}

/// How closely a pattern fits a name, the closest last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Fit {
    /// `*`.
    Any,
    /// `*.base`, by the labels of the base.
    Below(usize),
    /// `*.name` for the name itself, which no pattern of the language holds and some products read so.
    Apex,
    /// The name.
    Exact,
}

impl<T> Default for NameIndex<T> {
    fn default() -> Self {
        Self {
            exact: HashMap::new(),
            below: HashMap::new(),
            any: Vec::new(),
        }
    }
}

impl<T> NameIndex<T> {
    /// Adds a value. `accepted-domains` is for names that are not known here: it stands with `*`.
    pub(crate) fn insert(&mut self, pattern: &Pattern, value: T) {
        let list = match pattern {
            Pattern::Exact(name) => self.exact.entry(name.clone()).or_default(),
            Pattern::Below(base) => self.below.entry(base.clone()).or_default(),
            Pattern::Any | Pattern::AcceptedDomains => &mut self.any,
        };
        list.push(value);
    }

    /// Every value whose pattern fits the name, the closest first; `*.name` for the name itself among them.
    pub(crate) fn about(&self, name: &DomainName) -> impl Iterator<Item = (Fit, &T)> {
        let exact = self.exact.get(name).into_iter().flatten();
        let apex = self.below.get(name).into_iter().flatten();
        let below = name.parents().filter_map(|base| {
            let list = self.below.get(base)?;
            let fit = Fit::Below(base.split('.').count());
            Some(list.iter().map(move |value| (fit, value)))
        });
        exact
            .map(|value| (Fit::Exact, value))
            .chain(apex.map(|value| (Fit::Apex, value)))
            .chain(below.flatten())
            .chain(self.always().map(|value| (Fit::Any, value)))
    }

    /// Every value whose pattern holds the name, the closest first.
    pub(crate) fn matching(&self, name: &DomainName) -> impl Iterator<Item = (Fit, &T)> {
        self.about(name).filter(|(fit, _)| *fit != Fit::Apex)
    }

    /// The values that are for every name.
    pub(crate) fn always(&self) -> impl Iterator<Item = &T> {
        self.any.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closest_pattern_comes_first() {
        let mut index = NameIndex::default();
        for text in ["*", "*.com", "*.contoso.com", "contoso.com", "fabrikam.com"] {
            index.insert(&Pattern::parse(text).expect("a pattern"), text);
        }
        let name = DomainName::parse("contoso.com").expect("a name");
        let about: Vec<&str> = index.about(&name).map(|(_, text)| *text).collect();
        assert_eq!(about, ["contoso.com", "*.contoso.com", "*.com", "*"]);
        let matching: Vec<Fit> = index.matching(&name).map(|(fit, _)| fit).collect();
        assert_eq!(matching, [Fit::Exact, Fit::Below(1), Fit::Any]);
    }
}
