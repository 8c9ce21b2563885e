//! Recipients that are looked at alone, although the spec says nothing of them that it does not say of others.
//!
//! Classes of recipients come from what a spec says. What exists may say something else of one name or address, such as an entry
//! of a table that somebody added by hand: its mail has to be followed by itself.

use crate::values::{Address, DomainName, Pattern};
use std::collections::BTreeMap;

/// What is said of them alone, as texts to compare.
#[derive(Clone, Debug, Default)]
pub(crate) struct Apart {
    names: BTreeMap<Pattern, String>,
    addresses: BTreeMap<Address, String>,
}

impl Apart {
    /// Looks at names alone.
    pub(crate) fn name(&mut self, pattern: Pattern, said: &str) {
        self.names.entry(pattern).or_default().push_str(said);
    }

    /// Looks at an address alone.
    pub(crate) fn address(&mut self, address: &Address, said: &str) {
        let known = self.addresses.entry(address.clone()).or_default();
        known.push_str(said);
    }

    /// What is said of an address.
    pub(crate) fn of_address(&self, address: &Address) -> Option<&str> {
        self.addresses.get(address).map(String::as_str)
    }

    /// The names that something is said of.
    pub(crate) fn names(&self) -> impl Iterator<Item = &DomainName> {
        self.names.keys().filter_map(Pattern::base)
    }

    /// What is said of a name: by the position of the first pattern of which the same is said, and how near it is.
    pub(crate) fn of_name(&self, name: &DomainName) -> Vec<usize> {
        if self.names.is_empty() {
            return Vec::new();
        }
        let found = Pattern::around(name).enumerate().filter_map(|(depth, at)| {
            let said = self.names.get(&at)?;
            let first = self.names.values().position(|other| other == said)?;
            Some([depth.min(1), first])
        });
        found.flatten().collect()
    }
}
