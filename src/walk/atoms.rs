//! The partition of all domain names that no pattern can tell apart.
//!
//! Take the names that occur in any pattern. For each there is the name itself and everything below it that none of the
//! others is nearer to; and there is the rest. Every name lies in exactly one of these 2V+1 atoms, and every pattern
//! holds an atom wholly or not at all: `d` holds the name `d` alone, and whether `d` is above a name depends only on the
//! nearest of the names above it. So what is decided for one witness of an atom is decided for all of it.

use crate::values::{DomainName, Pattern};
use foldhash::{HashSet, HashSetExt};

/// A set of names that all patterns treat alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// The name itself.
    Name(DomainName),
    /// Everything below it that is not at or below a longer of the names.
    Below(DomainName),
    /// Everything that is at or below none of the names.
    Rest,
}

impl std::fmt::Display for Atom {
    /// As the language's pattern for it: `d`, `*.d` for every unnamed name below, `*`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => write!(f, "{name}"),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Rest => f.write_str("*"),
        }
    }
}

/// The names that occur in patterns.
#[derive(Clone, Debug)]
pub struct Atoms {
    names: HashSet<DomainName>,
    /// Each behind those above it.
    list: Vec<DomainName>,
}

impl Atoms {
    /// The atoms of these names, such as the bases of all patterns.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a DomainName>) -> Self {
        let given: Vec<&DomainName> = names.into_iter().collect();
        let names: HashSet<DomainName> = given.iter().copied().cloned().collect();
        let mut list = Vec::with_capacity(names.len());
        let mut listed = HashSet::with_capacity(names.len());
        for name in given {
            let nodes = name.nodes().filter_map(|node| names.get(node));
            let new: Vec<&DomainName> = nodes.filter(|name| listed.insert(*name)).collect();
            list.extend(new.into_iter().rev().cloned());
        }
        Self { names, list }
    }

    /// All atoms.
    pub fn iter(&self) -> impl Iterator<Item = Atom> {
        self.list
            .iter()
            .flat_map(|name| [Atom::Name(name.clone()), Atom::Below(name.clone())])
            .chain([Atom::Rest])
    }

    /// The atom that a name lies in.
    pub fn atom_of(&self, name: &DomainName) -> Atom {
        match name.nodes().find_map(|node| self.names.get(node)) {
            Some(nearest) if nearest == name => Atom::Name(nearest.clone()),
            Some(nearest) => Atom::Below(nearest.clone()),
            None => Atom::Rest,
        }
    }

    /// A name in the atom; `None` where there is none that mail has: it would be too long, or is a top-level domain.
    pub fn witness(&self, atom: &Atom) -> Option<DomainName> {
        let numbers = || (1..=self.names.len() + 1).map(|number| format!("any{number}"));
        let in_atom = |name: &DomainName| self.atom_of(name) == *atom;
        match atom {
            // A top-level domain can be the base of a wildcard, and is no name of a mailbox.
            Atom::Name(name) => name.as_str().contains('.').then(|| name.clone()),
            Atom::Below(name) => std::iter::once("any".to_owned())
                .chain(numbers())
                .filter_map(|label| name.below(&label))
                .find(|name| !self.names.contains(name)),
            Atom::Rest => ["example.net", "example.org", "example.com"]
                .into_iter()
                .map(str::to_owned)
                .chain(numbers().map(|label| format!("{label}.example")))
                .filter_map(|text| DomainName::parse(&text).ok())
                .find(in_atom),
        }
    }

    /// Whether a pattern whose base is among the names holds the atom.
    pub fn holds(&self, pattern: &Pattern, atom: &Atom) -> bool {
        self.witness(atom)
            .is_some_and(|name| pattern.matches(&name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn name() -> impl Strategy<Value = DomainName> {
        proptest::collection::vec("[abc]", 2..5)
            .prop_filter_map("a name", |labels| DomainName::parse(&labels.join(".")).ok())
    }

    fn pattern() -> impl Strategy<Value = Pattern> {
        (name(), any::<bool>()).prop_map(|(name, below)| {
            if below {
                Pattern::Below(name)
            } else {
                Pattern::Exact(name)
            }
        })
    }

    proptest! {
        /// Two names in one atom are told apart by no pattern, and there are at most 2V+1 atoms.
        #[test]
        fn the_atoms_partition_all_names(
            patterns in proptest::collection::vec(pattern(), 0..8),
            names in proptest::collection::vec(name(), 1..40),
        ) {
            let bases: BTreeSet<&DomainName> = patterns.iter().filter_map(Pattern::base).collect();
            let atoms = Atoms::of(bases.iter().copied());
            let all: BTreeSet<Atom> = atoms.iter().collect();
            prop_assert_eq!(all.len(), 2 * bases.len() + 1);
            for name in &names {
                let atom = atoms.atom_of(name);
                prop_assert!(all.contains(&atom));
                for pattern in &patterns {
                    prop_assert_eq!(pattern.matches(name), atoms.holds(pattern, &atom), "{} {}", pattern, name);
                }
            }
            for atom in &all {
                if let Some(witness) = atoms.witness(atom) {
                    prop_assert_eq!(&atoms.atom_of(&witness), atom);
                }
            }
        }
    }

    #[test]
    fn a_name_too_long_to_have_names_below_has_no_witness_there() {
        let long = [
            "a".repeat(63),
            "b".repeat(63),
            "c".repeat(63),
            "d".repeat(57),
            "com".to_owned(),
        ]
        .join(".");
        let name = DomainName::parse(&long).expect("a name of 250 octets");
        let atoms = Atoms::of([&name]);
        assert!(atoms.witness(&Atom::Name(name.clone())).is_some());
        assert_eq!(atoms.witness(&Atom::Below(name)), None);
    }
}
