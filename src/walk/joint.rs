//! The classes of recipients of two plans together: recipients that neither of them can tell apart.
//!
//! Both plans divide the same names, those that either of them knows. Within a name, recipients are matched by their
//! addresses where a list has them, and by the location that holds them where they are only counted. This module must
//! not know what changes between the plans.

mod pairs;

use crate::topology::{Domain, Forward, Holds, LocationId, Sending};
use crate::values::{Address, DomainName};
use crate::walk::atoms::{Atom, Atoms};
use crate::walk::classes::{Class, Population, names};
use crate::walk::groups::{ClassKind, LISTED, forwarded, is_plain, properties};
use crate::walk::{Home, Model};
use pairs::{moves, pairs, pairs_of_one};
use std::collections::{BTreeMap, BTreeSet};

/// Recipients that neither plan can tell apart.
pub(crate) struct JointClass {
    /// What they are in the old plan.
    pub old: Class,
    /// What they are in the new plan.
    pub new: Class,
    /// Positions of the atoms they are in.
    pub atoms: BTreeSet<usize>,
    /// How many are listed or counted.
    pub recipients: u64,
    /// Which recipients of one plan are which of the other is assumed.
    pub assumed: bool,
}

/// The joint classes of two plans.
pub(crate) struct Joint {
    /// The classes.
    pub classes: Vec<JointClass>,
    /// The names of both, as the old plan divides them.
    pub old: Population,
    /// The names of both, as the new plan divides them.
    pub new: Population,
}

/// One plan with its classes by atom.
struct Half<'a> {
    model: &'a Model<'a>,
    population: Population,
    by_atom: Vec<Vec<usize>>,
}

/// A class of one plan: one of its population, or that of an address which the plan has no class for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    Class(usize),
    Alone(Address),
}

/// Recipients of one atom that both plans treat alike.
struct Share {
    old: Member,
    new: Member,
    witness: Address,
    recipients: u64,
    assumed: bool,
}

impl Joint {
    /// The joint classes of two plans.
    pub(crate) fn of(old: &Model<'_>, new: &Model<'_>) -> Self {
        let other = other_addresses(old, new);
        let mut all: Vec<DomainName> = names(old);
        all.extend(names(new));
        all.extend(other.keys().map(|name| (*name).clone()));
        all.sort_unstable();
        all.dedup();
        let atoms = Atoms::of(&all);
        let (old, new) = (Half::of(old, &all), Half::of(new, &all));
        let mut found: BTreeMap<(Member, Member, bool), JointClass> = BTreeMap::new();
        for (at, atom) in atoms.iter().enumerate() {
            let Some(name) = atoms.witness(&atom) else {
                continue;
            };
            let other = match &atom {
                Atom::Name(_) => other.get(&name).map_or(&[][..], Vec::as_slice),
                _ => &[],
            };
            for share in shares(&old, &new, at, &atom, &name, other) {
                let key = (share.old.clone(), share.new.clone(), share.assumed);
                let class = found.entry(key).or_insert_with(|| JointClass {
                    old: old.class(&share.old, &share.witness),
                    new: new.class(&share.new, &share.witness),
                    atoms: BTreeSet::new(),
                    recipients: 0,
                    assumed: share.assumed,
                });
                class.atoms.insert(at);
                class.recipients += share.recipients;
            }
        }
        Self {
            classes: found.into_values().collect(),
            old: old.population,
            new: new.population,
        }
    }
}

/// Addresses that a mailbox has beside its own, by domain: those in another domain, whose mail goes another way, and those
/// that it has in one of the plans alone.
fn other_addresses<'a>(
    old: &Model<'a>,
    new: &Model<'a>,
) -> BTreeMap<&'a DomainName, Vec<&'a Address>> {
    let mut found: BTreeMap<&DomainName, BTreeSet<&Address>> = BTreeMap::new();
    let both = old.people.other_addresses();
    for address in both.chain(new.people.other_addresses()) {
        let person = |model: &Model<'a>| {
            let named = model.people.named(address);
            named.map(|(_, recipient)| &recipient.address)
        };
        let (one, other) = (person(old), person(new));
        let is_at_home = one.is_some_and(|person| person.domain() == address.domain());
        if one != other || !is_at_home {
            found.entry(address.domain()).or_default().insert(address);
        }
    }
    let found = found.into_iter();
    found
        .map(|(name, addresses)| (name, addresses.into_iter().collect()))
        .collect()
}

impl<'a> Half<'a> {
    fn of(model: &'a Model<'a>, names: &[DomainName]) -> Self {
        let population = Population::over(model, names);
        let mut by_atom = vec![Vec::new(); population.atoms.len()];
        for (index, class) in population.classes.iter().enumerate() {
            for &at in &class.atoms {
                if let Some(classes) = by_atom.get_mut(at) {
                    classes.push(index);
                }
            }
        }
        Self {
            model,
            population,
            by_atom,
        }
    }

    /// The domain of the spec that receives under exactly this name.
    fn domain(&self, atom: &Atom, name: &DomainName) -> Option<&'a Domain> {
        let topology = &self.model.plan.topology;
        let id = topology
            .domain_named(name)
            .filter(|_| matches!(atom, Atom::Name(_)))?;
        Some(topology.domain(id)).filter(|domain| domain.sending == Sending::Normal)
    }

    fn classes(&self, at: usize) -> impl Iterator<Item = (usize, &Class)> {
        let here = self.by_atom.get(at).into_iter().flatten();
        here.filter_map(|&index| Some((index, self.population.classes.get(index)?)))
    }

    /// Where the mailbox is that has this address by a list, and what else decides about its mail.
    fn listed(&self, address: &Address) -> Option<(LocationId, String)> {
        let (home, recipient) = self.model.people.named(address)?;
        let text = if is_plain(self.model, recipient) {
            String::new()
        } else {
            properties(self.model, home, recipient)
        };
        Some((home, text))
    }

    /// The classes of an address that a list of either plan has.
    fn of_listed(&self, at: usize, domain: Option<&Domain>, address: &Address) -> Vec<Member> {
        let wanted: Option<(LocationId, String)> = match (self.listed(address), domain) {
            (Some(listed), _) => Some(listed),
            (None, None) => return self.unlisted(at),
            (None, Some(domain)) => {
                let mut forwards = domain.forwards.iter();
                let forward: Option<&Forward> = forwards.find(|at| at.address == *address);
                let meanings = || self.model.people.meanings(self.model.plan, address);
                let home = meanings()
                    .into_iter()
                    .find_map(|meaning| match meaning.home {
                        Home::At(home) => Some(home),
                        Home::Nobody | Home::Outside => None,
                    });
                match (forward, home) {
                    (Some(forward), Some(home)) => Some((home, forwarded(forward))),
                    _ => return self.unlisted(at),
                }
            }
        };
        let found = self.classes(at).find(|(_, class)| {
            wanted.as_ref().is_some_and(|(home, text)| {
                class.kind == ClassKind::Mailboxes(*home) && class.properties == *text
            })
        });
        vec![found.map_or_else(
            || Member::Alone(address.clone()),
            |(index, _)| Member::Class(index),
        )]
    }

    /// The classes of addresses that no list has.
    fn unlisted(&self, at: usize) -> Vec<Member> {
        self.classes(at)
            .filter(|(_, class)| !class.properties.starts_with(LISTED))
            .filter(|(_, class)| !self.is_of_list(at, class))
            .filter(|(_, class)| class.kind != ClassKind::Unknown || !self.has_rest(at))
            .map(|(index, _)| Member::Class(index))
            .collect()
    }

    /// Whether every address that no list has is taken for a mailbox at one location: then no address can be named that nobody
    /// has.
    fn has_rest(&self, at: usize) -> bool {
        let Some(Atom::Name(name)) = self.population.atoms.get(at) else {
            return false;
        };
        let topology = &self.model.plan.topology;
        let id = topology.domain_named(name);
        id.is_some_and(|id| topology.domain(id).rest().is_some())
    }

    /// Whether it is the class of the plain entries of a list.
    fn is_of_list(&self, at: usize, class: &Class) -> bool {
        let Some(Atom::Name(name)) = self.population.atoms.get(at) else {
            return false;
        };
        let topology = &self.model.plan.topology;
        let is_domain = topology.domain_named(name).is_some();
        is_domain && class.properties.is_empty()
    }

    /// What a class is called in both plans.
    fn label(&self, member: &Member) -> String {
        let name = |at: LocationId| self.model.name(at).to_owned();
        match self.kind(member) {
            Some(ClassKind::Mailboxes(at)) => name(at),
            Some(ClassKind::Subdomain(Home::At(at))) => format!("below {}", name(at)),
            Some(ClassKind::Partner(id)) => {
                format!("partner {}", self.model.plan.topology.partner(id).name)
            }
            Some(ClassKind::Subdomain(_)) => "below".to_owned(),
            Some(ClassKind::Unknown) => "unknown".to_owned(),
            Some(ClassKind::Outside) => "outside".to_owned(),
            None => "none".to_owned(),
        }
    }

    fn kind(&self, member: &Member) -> Option<ClassKind> {
        match member {
            Member::Class(index) => Some(self.population.classes.get(*index)?.kind),
            Member::Alone(_) => None,
        }
    }

    fn has_mailboxes(&self, member: &Member) -> bool {
        matches!(self.kind(member), Some(ClassKind::Mailboxes(_)))
    }

    /// How many mailboxes of a domain are only counted at the location that the class is of.
    fn count(&self, domain: Option<&Domain>, member: &Member) -> u64 {
        let (Some(domain), Some(ClassKind::Mailboxes(at))) = (domain, self.kind(member)) else {
            return 0;
        };
        let counts = domain.holders.iter().filter(|holder| holder.location == at);
        counts
            .map(|holder| match holder.holds {
                Holds::Count(count) => count,
                Holds::Listed(_) | Holds::Rest => 0,
            })
            .sum()
    }

    /// The class with this witness.
    fn class(&self, member: &Member, witness: &Address) -> Class {
        let known = match member {
            Member::Class(index) => self.population.classes.get(*index).cloned(),
            Member::Alone(_) => None,
        };
        let mut class = known.unwrap_or_else(|| self.alone(witness));
        let meanings = self.model.people.meanings(self.model.plan, witness);
        let same = |home: Home| home == class.meaning.home;
        if let Some(meaning) = meanings.into_iter().find(|meaning| same(meaning.home)) {
            class.witness = witness.clone();
            class.meaning.person = meaning.person;
        }
        class
    }

    /// A class of one address, for which the plan has no other.
    fn alone(&self, address: &Address) -> Class {
        let meanings = self.model.people.meanings(self.model.plan, address);
        let meaning = meanings.into_iter().next();
        let meaning = meaning.unwrap_or(crate::walk::recipients::Meaning {
            person: address.clone(),
            home: Home::Nobody,
            assuming: None,
        });
        let kind = match meaning.home {
            Home::At(at) => ClassKind::Mailboxes(at),
            Home::Nobody => ClassKind::Unknown,
            Home::Outside => ClassKind::Outside,
        };
        Class {
            kind,
            witness: address.clone(),
            meaning,
            atoms: Vec::new(),
            by_provider: false,
            recipients: 0,
            idle: false,
            is_plain: false,
            properties: String::new(),
            is_foreign: false,
            about: Vec::new(),
        }
    }
}

/// The recipients of one atom, by what both plans make of them.
fn shares(
    old: &Half<'_>,
    new: &Half<'_>,
    at: usize,
    atom: &Atom,
    name: &DomainName,
    other: &[&Address],
) -> Vec<Share> {
    let domains = (old.domain(atom, name), new.domain(atom, name));
    let mut found: BTreeMap<(Member, Member, bool), (Address, u64)> = BTreeMap::new();
    let listed: BTreeSet<&Address> = [domains.0, domains.1]
        .into_iter()
        .flatten()
        .flat_map(addresses)
        .collect();
    for &address in &listed {
        let olds = old.of_listed(at, domains.0, address);
        let news = new.of_listed(at, domains.1, address);
        for (one, other, assumed) in pairs_of_one(old, new, &olds, &news, address) {
            let share = found
                .entry((one, other, assumed))
                .or_insert_with(|| (address.clone(), 0));
            share.1 += 1;
        }
    }
    // Of addresses that mailboxes alike have, one stands for all. They are no recipients more.
    let mut alike: BTreeSet<[Option<(LocationId, String)>; 2]> = BTreeSet::new();
    for &address in other.iter().filter(|address| !listed.contains(*address)) {
        if !alike.insert([old.listed(address), new.listed(address)]) {
            continue;
        }
        let olds = old.of_listed(at, domains.0, address);
        let news = new.of_listed(at, domains.1, address);
        for (one, other, assumed) in pairs_of_one(old, new, &olds, &news, address) {
            found
                .entry((one, other, assumed))
                .or_insert_with(|| (address.clone(), 0));
        }
    }
    let witness = std::iter::once("someone".to_owned())
        .chain((1..1000).map(|number| format!("someone{number}")))
        .filter_map(|local| Address::of(&local, name))
        .find(|address| {
            !listed.contains(address) && is_unlisted(old, address) && is_unlisted(new, address)
        });
    if let Some(witness) = witness {
        let (olds, news) = (old.unlisted(at), new.unlisted(at));
        if !olds.is_empty() || !news.is_empty() {
            let moves = moves(old, new, domains, &olds, &news);
            let moved_to = |member: &Member| -> u64 {
                let moves = moves.iter().filter(|(_, to, _)| to == member);
                moves.map(|(_, _, count)| count).sum()
            };
            let kept = pairs(old, new, &olds, &news, &witness, &moves);
            let kept = kept.into_iter().map(|(one, other, assumed)| {
                let count = match new.count(domains.1, &other) {
                    0 => old.count(domains.0, &one),
                    count => count - moved_to(&other),
                };
                (one, other, assumed, count)
            });
            // Which of several the moved ones are, a count does not say.
            let assumed = moves.len() > 1;
            let moved = moves
                .iter()
                .map(|(from, to, count)| (from.clone(), to.clone(), assumed, *count));
            for (one, other, assumed, count) in kept.chain(moved) {
                let share = found
                    .entry((one, other, assumed))
                    .or_insert_with(|| (witness.clone(), 0));
                share.1 += count;
            }
        }
    }
    let shares = found.into_iter();
    shares
        .map(|((old, new, assumed), (witness, recipients))| Share {
            old,
            new,
            witness,
            recipients,
            assumed,
        })
        .collect()
}

fn is_unlisted(half: &Half<'_>, address: &Address) -> bool {
    half.model.people.named(address).is_none() && half.model.people.forwards(address).is_empty()
}

/// The addresses that a domain lists, and those that it only forwards.
fn addresses(domain: &Domain) -> impl Iterator<Item = &Address> {
    let listed = domain
        .holders
        .iter()
        .flat_map(|holder| match &holder.holds {
            Holds::Listed(recipients) => recipients.as_slice(),
            Holds::Count(_) | Holds::Rest => &[],
        });
    listed
        .map(|recipient| &recipient.address)
        .chain(domain.forwards.iter().map(|forward| &forward.address))
}
