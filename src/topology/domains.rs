//! All domains, and the way from a name to its domain.

use crate::topology::{Domain, DomainId};
use crate::values::DomainName;
use foldhash::{HashMap, HashMapExt};
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Domains in the order of their names. Every step asks for domains by name, some for each of them many times over.
#[derive(Clone, Debug, Default)]
pub struct Domains {
    list: Vec<Domain>,
    ids: HashMap<DomainName, DomainId>,
}

impl Domains {
    /// The domain of this name.
    pub fn named(&self, name: &str) -> Option<DomainId> {
        self.ids.get(name).copied()
    }
}

impl From<Vec<Domain>> for Domains {
    fn from(mut list: Vec<Domain>) -> Self {
        list.sort_by(|a, b| a.name.cmp(&b.name));
        let mut ids = HashMap::with_capacity(list.len());
        for (index, domain) in list.iter().enumerate() {
            ids.insert(domain.name.clone(), DomainId::from_index(index));
        }
        Self { list, ids }
    }
}

impl Deref for Domains {
    type Target = [Domain];

    fn deref(&self) -> &[Domain] {
        &self.list
    }
}

/// Tests change what a domain has; its name stays.
#[cfg(test)]
impl std::ops::DerefMut for Domains {
    fn deref_mut(&mut self) -> &mut [Domain] {
        &mut self.list
    }
}

impl<'a> IntoIterator for &'a Domains {
    type Item = &'a Domain;
    type IntoIter = std::slice::Iter<'a, Domain>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl Hash for Domains {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}
