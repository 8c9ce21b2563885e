//! Keys of tables, and how a table is asked for a domain.

use crate::values::{Address, DomainName, Pattern};
use std::collections::BTreeMap;
use std::fmt;

/// A key of a table. Addresses stand before domains, as Postfix asks for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// One address.
    Address(Address),
    /// Every address of exactly this domain.
    Domain(DomainName),
    /// Every address of every name below this one.
    Below(DomainName),
}

impl Key {
    /// The key that stands for a pattern, where one does.
    pub(crate) fn of(pattern: &Pattern) -> Option<Self> {
        match pattern {
            Pattern::Exact(name) => Some(Self::Domain(name.clone())),
            Pattern::Below(name) => Some(Self::Below(name.clone())),
            Pattern::Any | Pattern::AcceptedDomains => None,
        }
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Address(address) => write!(f, "{address}"),
            Self::Domain(name) => write!(f, "{name}"),
            Self::Below(name) => write!(f, ".{name}"),
        }
    }
}

pub(crate) fn by_domain<'a, V>(table: &'a BTreeMap<Key, V>, domain: &DomainName) -> Option<&'a V> {
    entry_for_domain(table, domain).map(|(_, value)| value)
}

/// The domain itself, then what stands for names below its parents, nearest first.
pub(crate) fn entry_for_domain<'a, V>(
    table: &'a BTreeMap<Key, V>,
    domain: &DomainName,
) -> Option<(&'a Key, &'a V)> {
    if table.is_empty() {
        return None;
    }
    Pattern::around(domain)
        .filter_map(|pattern| Key::of(&pattern))
        .find_map(|key| table.get_key_value(&key))
}
