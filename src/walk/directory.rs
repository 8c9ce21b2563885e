//! What an address gets: for every name one answer, and one for each group of addresses that differ from the others of
//! their name.
//!
//! So the mail of any address that somebody may think of is known by following that of a few. This module must not know
//! who asks.

use crate::routes::facts::reached_under;
use crate::topology::{Domain, Holds, Recipient};
use crate::values::{Address, DomainName};
use crate::walk::atoms::{Atom, Atoms};
use crate::walk::classes;
use crate::walk::groups::{LISTED, forwarded, is_plain, properties, unlisted};
use crate::walk::name_key::{Index, Signature};
use crate::walk::{Home, Model};
use foldhash::{HashMap, HashMapExt};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Of more names than these, those that nothing tells apart have one answer.
const MOST_NAMES: usize = 400;

/// Addresses at most that have an answer of their own.
const MOST_ADDRESSES: usize = 10_000;

/// The answers of a plan.
pub(crate) struct Directory {
    /// The answer of each name's addresses that nothing else is said of, by the pattern for the name.
    pub names: BTreeMap<String, usize>,
    /// The answer of each address that differs from those, and of the address with an extension, by the mark that begins it.
    pub addresses: BTreeMap<Address, (usize, BTreeMap<char, usize>)>,
    /// There are more such addresses than are kept.
    pub cut: bool,
    /// For each answer an address that gets it.
    pub answers: Vec<Answer>,
}

/// An address that stands for others.
pub(crate) struct Answer {
    /// The address.
    pub to: Address,
    /// The address without the extension that it has here.
    pub plain: Option<Address>,
    /// It stands for addresses of other names, too.
    pub any_name: bool,
}

/// What decides about a name: the number of its atom unless names are taken together, and whether it is more than one label
/// below a name that objects know, which documents leave open for some wildcards.
type Place = (Signature, usize, bool);

/// What decides about an address: its name, of each mailbox that it can mean where that is and what is special of it, and the
/// mark that begins its extension.
type Key = (Place, Vec<(Home, bool, String)>, Option<char>);

struct Builder<'m, 'a> {
    model: &'m Model<'a>,
    atoms: Atoms,
    index: Index<'a>,
    numbers: HashMap<Atom, usize>,
    known: HashMap<Key, usize>,
    answers: Vec<Answer>,
}

impl Directory {
    /// The answers of a plan.
    pub(crate) fn of(model: &Model<'_>) -> Self {
        let names = classes::names(model);
        let atoms = Atoms::of(&names);
        let list: Vec<Atom> = atoms.iter().collect();
        let numbers = list
            .iter()
            .cloned()
            .enumerate()
            .map(|(at, atom)| (atom, at));
        let mut builder = Builder {
            model,
            numbers: numbers.collect(),
            atoms,
            index: Index::of(model),
            known: HashMap::new(),
            answers: Vec::new(),
        };
        let mut directory = Self {
            names: BTreeMap::new(),
            addresses: BTreeMap::new(),
            cut: false,
            answers: Vec::new(),
        };
        for atom in &list {
            let name = builder.atoms.witness(atom);
            let deeper = name.as_ref().filter(|_| matches!(atom, Atom::Below(_)));
            let deeper = deeper.and_then(|name| name.below("any"));
            if let Some(answer) = name.and_then(|name| builder.of_name(&name)) {
                directory.names.insert(atom.to_string(), answer);
            }
            if let Some(answer) = deeper.and_then(|name| builder.of_name(&name)) {
                directory.names.insert(format!("*.{atom}"), answer);
            }
        }
        let locations = model.plan.topology.locations.iter();
        let marks: BTreeSet<char> = locations.flat_map(|at| at.delimiters().chars()).collect();
        for address in candidates(model, &names) {
            let answer = builder.answer(&address);
            let usual = builder.atoms.atom_of(address.domain()).to_string();
            if directory.names.get(&usual) == Some(&answer) {
                continue;
            }
            if directory.addresses.len() >= MOST_ADDRESSES {
                directory.cut = true;
                break;
            }
            // What has an extension, each location reads in its own way.
            let is_listed = model.people.named(&address).is_some()
                || reached_under(&model.plan.topology, address.domain()).is_some();
            let own = marks.iter().filter(|_| is_listed);
            let extended = own.filter_map(|mark| Some((*mark, builder.extended(&address, *mark)?)));
            let extended = extended.collect();
            directory.addresses.insert(address, (answer, extended));
        }
        directory.answers = builder.answers;
        directory
    }
}

impl Builder<'_, '_> {
    /// The answer of the addresses of a name that nothing else is said of.
    fn of_name(&mut self, name: &DomainName) -> Option<usize> {
        let address = unlisted(self.model, name)?;
        Some(self.answer(&address))
    }

    /// The number of the answer that an address gets.
    fn answer(&mut self, address: &Address) -> usize {
        let key = (self.place(address.domain()), self.meant(address), None);
        self.numbered(key, address.clone(), None)
    }

    /// The same for the address with an extension.
    fn extended(&mut self, plain: &Address, mark: char) -> Option<usize> {
        let address = plain.with_local(&format!("{}{mark}extension", plain.local()))?;
        let key = (self.place(plain.domain()), self.meant(plain), Some(mark));
        Some(self.numbered(key, address, Some(plain.clone())))
    }

    fn numbered(&mut self, key: Key, to: Address, plain: Option<Address>) -> usize {
        let is_name = matches!(self.atoms.atom_of(to.domain()), Atom::Name(_));
        let any_name = self.is_merged() || !is_name;
        let next = self.answers.len();
        let number = *self.known.entry(key).or_insert(next);
        if number == next {
            self.answers.push(Answer {
                to,
                plain,
                any_name,
            });
        }
        number
    }

    fn is_merged(&self) -> bool {
        self.numbers.len() > MOST_NAMES
    }

    fn place(&self, name: &DomainName) -> Place {
        let atom = self.atoms.atom_of(name);
        let labels = |name: &DomainName| name.as_str().split('.').count();
        let is_deep = matches!(&atom, Atom::Below(base) if labels(name) > labels(base) + 1);
        if self.is_merged() {
            (self.index.signature(self.model, name), 0, is_deep)
        } else {
            let number = self.numbers.get(&atom).copied();
            (Signature::new(), number.unwrap_or_default(), is_deep)
        }
    }

    fn meant(&self, address: &Address) -> Vec<(Home, bool, String)> {
        let model = self.model;
        let meanings = model.people.meanings(model.plan, address).into_iter();
        let special = meanings.map(|meaning| {
            let mut text = match (model.people.listed(&meaning.person), meaning.home) {
                (Some(listed), _) if is_plain(model, listed) => LISTED.to_owned(),
                (Some(listed), Home::At(at)) => properties(model, at, listed),
                _ => model
                    .people
                    .forwards(&meaning.person)
                    .iter()
                    .map(|at| forwarded(at))
                    .collect(),
            };
            // Another address of a mailbox leads to the mailbox's own name.
            if meaning.person != *address {
                let own = model.people.has(&meaning.person, address);
                let _ = write!(text, " {own} {:?}", self.place(meaning.person.domain()));
            }
            (meaning.home, meaning.assuming.is_some(), text)
        });
        special.collect()
    }
}

/// Every address that the spec knows, and the same local part at names that reach mailboxes of a location.
fn candidates(model: &Model<'_>, names: &[DomainName]) -> BTreeSet<Address> {
    let topology = &model.plan.topology;
    let mut found = BTreeSet::new();
    let routing: Vec<&DomainName> = names
        .iter()
        .filter(|name| reached_under(topology, name).is_some())
        .collect();
    for recipient in topology.domains.iter().flat_map(listed) {
        let details = recipient.details.as_deref();
        found.insert(recipient.address.clone());
        found.extend(
            details
                .iter()
                .flat_map(|at| at.aliases.iter().flatten())
                .cloned(),
        );
        found.extend(details.and_then(|at| at.target.clone()));
        let local = recipient.address.local();
        found.extend(routing.iter().filter_map(|name| Address::of(local, name)));
        if found.len() > 4 * MOST_ADDRESSES {
            break;
        }
    }
    for domain in &topology.domains {
        found.extend(domain.forwards.iter().map(|at| at.address.clone()));
        let remote = domain.remote_mailboxes.iter();
        found.extend(remote.flat_map(|at| [at.address.clone(), at.target.clone()]));
    }
    found
}

fn listed(domain: &Domain) -> impl Iterator<Item = &Recipient> {
    domain
        .holders
        .iter()
        .flat_map(|holder| match &holder.holds {
            Holds::Listed(list) => list.as_slice(),
            Holds::Count(_) | Holds::Rest => &[],
        })
}
