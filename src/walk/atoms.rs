//! The partition of all domain names that no pattern can tell apart.
//!
//! Take the names that occur in any pattern. For each there is the name itself and everything below it that none of the
//! others is nearer to; and there is the rest. Every name lies in exactly one of these 2V+1 atoms, and every pattern
//! holds an atom wholly or not at all: `d` holds the name `d` alone, and whether `d` is above a name depends only on the
//! nearest of the names above it. So what is decided for one witness of an atom is decided for all of it.

use crate::values::{DomainName, Pattern};
use std::collections::BTreeMap;

/// A set of names that all patterns treat alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atom {
    /// The name itself.
    Name(String),
    /// Everything below it that is not at or below a longer of the names.
    Below(String),
    /// Everything that is at or below none of the names.
    Rest,
}

impl std::fmt::Display for Atom {
    /// As the language's pattern for it: `d`, `*.d` for every unnamed name below, `*`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Below(name) => write!(f, "*.{name}"),
            Self::Rest => f.write_str("*"),
        }
    }
}

/// A trie over reversed labels.
#[derive(Clone, Debug)]
pub struct Atoms {
    vertices: Vec<Vertex>,
}

#[derive(Clone, Debug, Default)]
struct Vertex {
    children: BTreeMap<Box<str>, usize>,
    /// The name, where it is one of the given.
    name: Option<String>,
}

impl Atoms {
    /// The atoms of these names, such as the bases of all patterns.
    pub fn of<'a>(names: impl IntoIterator<Item = &'a DomainName>) -> Self {
        let mut atoms = Self {
            vertices: vec![Vertex::default()],
        };
        for name in names {
            let mut at = 0;
            for label in name.labels().rev() {
                let next = atoms.vertices.len();
                at = *atoms.vertices[at]
                    .children
                    .entry(label.into())
                    .or_insert(next);
                if at == next {
                    atoms.vertices.push(Vertex::default());
                }
            }
            atoms.vertices[at].name = Some(name.to_string());
        }
        atoms
    }

    /// All atoms.
    pub fn iter(&self) -> impl Iterator<Item = Atom> {
        let names = self
            .vertices
            .iter()
            .filter_map(|vertex| vertex.name.clone());
        names
            .flat_map(|name| [Atom::Name(name.clone()), Atom::Below(name)])
            .chain([Atom::Rest])
    }

    /// The atom that a name lies in.
    pub fn atom_of(&self, name: &DomainName) -> Atom {
        let mut nearest = None;
        let mut at = 0;
        let mut left = name.labels().count();
        for label in name.labels().rev() {
            let Some(&next) = self.vertices[at].children.get(label) else {
                break;
            };
            at = next;
            left -= 1;
            if let Some(name) = &self.vertices[at].name {
                nearest = Some((name, left == 0));
            }
        }
        match nearest {
            Some((name, true)) => Atom::Name(name.clone()),
            Some((name, false)) => Atom::Below(name.clone()),
            None => Atom::Rest,
        }
    }

    /// A name in the atom; `None` where there is none, because it would be too long.
    pub fn witness(&self, atom: &Atom) -> Option<DomainName> {
        let numbers = 1..=self.vertices.len();
        let in_atom = |name: &DomainName| self.atom_of(name) == *atom;
        match atom {
            Atom::Name(name) => DomainName::parse(name).ok(),
            Atom::Below(name) => std::iter::once("any".to_owned())
                .chain(numbers.map(|number| format!("any{number}")))
                .filter_map(|label| DomainName::parse(&format!("{label}.{name}")).ok())
                .find(in_atom),
            Atom::Rest => ["example.net", "example.org", "example.com"]
                .into_iter()
                .map(str::to_owned)
                .chain(numbers.map(|number| format!("any{number}.example")))
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
        assert!(atoms.witness(&Atom::Name(long.clone())).is_some());
        assert_eq!(atoms.witness(&Atom::Below(long)), None);
    }
}
