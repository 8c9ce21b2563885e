//! Items of which each has a name, in the order of the names, and the way from a name to its item.

use crate::values::DomainName;
use foldhash::{HashMap, HashMapExt};
use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Something with a domain name of its own.
pub trait Named {
    /// The name.
    fn name(&self) -> &DomainName;
}

/// Items by their names. Every step asks for some by name, one of them for each name many times over.
#[derive(Clone, Debug)]
pub struct ByName<T> {
    list: Vec<T>,
    positions: HashMap<DomainName, usize>,
}

impl<T> ByName<T> {
    /// The position of the item with this name.
    pub(crate) fn position(&self, name: impl AsRef<str>) -> Option<usize> {
        self.positions.get(name.as_ref()).copied()
    }

    /// The item with this name.
    pub(crate) fn named(&self, name: impl AsRef<str>) -> Option<&T> {
        self.list.get(self.position(name)?)
    }
}

impl<T> Default for ByName<T> {
    fn default() -> Self {
        Self {
            list: Vec::new(),
            positions: HashMap::new(),
        }
    }
}

impl<T: Named> From<Vec<T>> for ByName<T> {
    fn from(mut list: Vec<T>) -> Self {
        list.sort_by(|a, b| a.name().cmp(b.name()));
        let names = list.iter().enumerate();
        Self {
            positions: names.map(|(at, item)| (item.name().clone(), at)).collect(),
            list,
        }
    }
}

impl<T> Deref for ByName<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.list
    }
}

/// What an item has may change; its name stays.
impl<T> std::ops::DerefMut for ByName<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.list
    }
}

impl<'a, T> IntoIterator for &'a ByName<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.iter()
    }
}

impl<T: Hash> Hash for ByName<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.list.hash(state);
    }
}
