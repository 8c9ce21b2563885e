//! The classes of recipients that cover every name and every mailbox, each with a witness.
//!
//! Names that no object, record or directory can tell apart are one class, and so are the recipients of a class with
//! the same home and the same properties. What is decided for the witness of a class is decided for all of it; how many
//! classes there are depends on the topology, not on the number of domains or mailboxes.

use crate::topology::{
    Condition, Domain, Forward, Holds, LocationId, PartnerId, Recipient, Sending, Topology,
};
use crate::values::{Address, DomainName, Pattern};
use crate::walk::atoms::{Atom, Atoms};
use crate::walk::conditions::attribute;
use crate::walk::name_key::{Index, Signature};
use crate::walk::recipients::Meaning;
use crate::walk::{Home, Model};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// What the recipients of a class are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ClassKind {
    /// Mailboxes at a place.
    Mailboxes(LocationId),
    /// Addresses of our own names that nobody has.
    Unknown,
    /// Addresses below one of our domains, at a name that nothing names.
    Subdomain(Home),
    /// Recipients of a partner.
    Partner(PartnerId),
    /// Everybody else's.
    Outside,
}

/// Recipients that nothing can tell apart.
#[derive(Clone, Debug)]
pub struct Class {
    /// What they are.
    pub kind: ClassKind,
    /// One of them.
    pub witness: Address,
    pub(crate) meaning: Meaning,
    /// Positions of the atoms they are in.
    pub(crate) atoms: Vec<usize>,
    /// They are called by a name that a tenant has of its provider.
    pub by_provider: bool,
    /// How many are listed or counted; 0 for those that do not exist.
    pub recipients: u64,
    /// All of its names are below such that nobody receives with.
    pub(crate) idle: bool,
    /// None of its recipients has properties of its own.
    pub(crate) is_plain: bool,
    /// What tells its recipients from others of the same kind and name.
    pub(super) properties: String,
    /// Some of its names is another organization's: no domain or wildcard of ours claims it.
    pub(crate) is_foreign: bool,
    /// Places that some object names together with it, sorted.
    pub(super) about: Vec<LocationId>,
}

impl Class {
    /// Whether an object names the place together with this class: a route from there or to there, a record, a directory.
    pub(crate) fn is_about(&self, at: LocationId) -> bool {
        self.about.binary_search(&at).is_ok()
    }

    /// Whether its names are ours, whoever has an address there.
    pub(super) const fn is_of_us(&self) -> bool {
        match self.kind {
            ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_) => true,
            ClassKind::Outside => !self.is_foreign,
            ClassKind::Partner(_) => false,
        }
    }

    /// Those of the places that it is so named together with.
    pub(crate) fn about(&self, among: &BTreeSet<LocationId>) -> BTreeSet<LocationId> {
        let about = self.about.iter().copied();
        about.filter(|id| among.contains(id)).collect()
    }
}

/// All classes.
#[derive(Clone, Debug)]
pub struct Population {
    /// The classes.
    pub classes: Vec<Class>,
    pub(super) atoms: Vec<Atom>,
    /// Positions of the atoms below names that nobody receives with.
    idle: BTreeSet<usize>,
}

impl Population {
    /// The classes of a plan.
    pub fn of(model: &Model<'_>) -> Self {
        Self::over(model, &names(model))
    }

    /// The classes of a plan, as these names divide them, which must be sorted and hold all names of the plan.
    pub(super) fn over(model: &Model<'_>, names: &[DomainName]) -> Self {
        let topology = &model.plan.topology;
        let atoms = Atoms::of(names);
        let own: HashSet<&str> = topology
            .domains
            .iter()
            .flat_map(|domain| domain.name.nodes())
            .collect();
        // A route to a location of ours for a wildcard around our own domains claims every name below it.
        let to_ours = model
            .plan
            .routes
            .iter()
            .filter(|route| route.to.location().is_some());
        let wildcards: HashSet<&str> = to_ours
            .flat_map(|route| &route.recipients)
            .filter_map(|at| match &at.pattern {
                Pattern::Below(base) => Some(base.as_str()),
                _ => None,
            })
            .filter(|base| own.contains(base))
            .collect();
        let routes = model.plan.routes.iter().filter(|route| route.enabled);
        let routed: HashSet<(&str, bool)> = routes
            .flat_map(|route| &route.recipients)
            .filter_map(|at| match &at.pattern {
                Pattern::Exact(name) => Some((name.as_str(), false)),
                Pattern::Below(base) => Some((base.as_str(), true)),
                _ => None,
            })
            .collect();
        let is_routed = |name: &DomainName| {
            let mut above = name.parents();
            routed.contains(&(name.as_str(), false)) || above.any(|it| routed.contains(&(it, true)))
        };
        let places = model.plan.places.iter();
        let accepted: HashSet<&str> = places
            .flat_map(|place| &place.accepted)
            .map(|item| item.domain.as_str())
            .collect();
        let claimed = |name: &DomainName| {
            topology.domain_named(name).is_some()
                || name.parents().any(|above| {
                    wildcards.contains(above)
                        || accepted.contains(above)
                        || topology.domain_named(above).is_some()
                })
        };
        let mut counts: BTreeMap<(Signature, Part), Class> = BTreeMap::new();
        let index = Index::of(model);
        let list: Vec<Atom> = atoms.iter().collect();
        let idle: BTreeSet<usize> = (0..list.len())
            .filter(|&at| list.get(at).is_some_and(|atom| is_idle(topology, atom)))
            .collect();
        for (at, atom) in list.iter().enumerate() {
            let Some(name) = atoms.witness(atom) else {
                continue;
            };
            let signature = index.signature(model, &name);
            let domain = match atom {
                Atom::Name(_) => topology.domain_named(&name),
                Atom::Below(_) | Atom::Rest => None,
            };
            let groups = match domain {
                Some(id) if topology.domain(id).sending == Sending::Normal => {
                    groups(model, topology.domain(id))
                }
                // Nobody has an address there, which matters only where a route takes mail for it.
                Some(_) if is_routed(&name) => nobody(&name),
                Some(_) => Vec::new(),
                None => unnamed(model, &name, atom),
            };
            for group in groups {
                let is_plain = group.is_plain();
                let class = counts
                    .entry((signature.clone(), group.part.clone()))
                    .or_insert_with(|| Class {
                        is_plain,
                        properties: group.part.1.clone(),
                        about: index.about(model, &name, group.meaning.home),
                        kind: group.kind,
                        by_provider: domain.is_none()
                            && matches!(group.kind, ClassKind::Mailboxes(_) | ClassKind::Unknown),
                        witness: group.witness.clone(),
                        meaning: group.meaning.clone(),
                        atoms: Vec::new(),
                        recipients: 0,
                        idle: true,
                        is_foreign: false,
                    });
                class.is_foreign |= *atom == Atom::Rest || idle.contains(&at) || !claimed(&name);
                if class.idle && !idle.contains(&at) {
                    class.idle = false;
                    class.witness = group.witness;
                    class.meaning = group.meaning;
                }
                class.recipients += group.count;
                if class.atoms.last() != Some(&at) {
                    class.atoms.push(at);
                }
            }
        }
        Self {
            classes: counts.into_values().collect(),
            atoms: list,
            idle,
        }
    }

    /// Whether a class holds the names that nothing names.
    pub(super) fn has_rest(&self, class: usize) -> bool {
        let atoms = self.classes.get(class).map(|class| class.atoms.last());
        let rest = self.atoms.len().checked_sub(1);
        atoms.flatten().copied() == rest
    }

    /// The names of atoms, as patterns. `*` says all of the names below others too where none of them is left out, and
    /// those below names that nobody sends or receives with.
    pub(crate) fn patterns(&self, atoms: &BTreeSet<usize>) -> Vec<String> {
        let rest = self.atoms.len().checked_sub(1);
        let has_rest = rest.is_some_and(|rest| atoms.contains(&rest));
        let is_busy = |at: usize| self.is_below(at) && !self.idle.contains(&at);
        let all = has_rest && (0..self.atoms.len()).all(|at| !is_busy(at) || atoms.contains(&at));
        let said = atoms
            .iter()
            .filter(|&&at| !has_rest || !self.is_below(at) || (is_busy(at) && !all));
        said.filter_map(|&at| Some(self.atoms.get(at)?.to_string()))
            .collect()
    }

    /// Whether the atom is the rest of names below the one before it.
    pub(crate) fn is_below(&self, atom: usize) -> bool {
        matches!(self.atoms.get(atom), Some(Atom::Below(_)))
    }
}

/// Whether it is what lies below a name that nobody receives with.
fn is_idle(topology: &Topology, atom: &Atom) -> bool {
    let Atom::Below(base) = atom else {
        return false;
    };
    let id = topology.domain_named(base);
    id.is_some_and(|id| topology.domain(id).sending != Sending::Normal)
}

/// Recipients of one name with something in common.
struct Group {
    part: Part,
    kind: ClassKind,
    /// An address of theirs.
    witness: Address,
    meaning: Meaning,
    count: u64,
}

impl Group {
    fn is_plain(&self) -> bool {
        !self.part.1.starts_with(LISTED)
    }
}

/// What tells the recipients of one name apart.
type Part = (ClassKind, String);

/// Begins the properties of a recipient in a list.
pub(super) const LISTED: &str = "listed";

/// Every name that an object, a directory or a partner has a word for.
pub(super) fn names(model: &Model<'_>) -> Vec<DomainName> {
    let plan = model.plan;
    let topology = &plan.topology;
    let rules = topology.rules.iter().flat_map(|rule| {
        let conditions = rule.when.iter().chain(&rule.unless);
        conditions.filter_map(|at| match &at.value {
            Condition::RecipientDomain(patterns) => Some(patterns),
            _ => None,
        })
    });
    let patterns = plan
        .routes
        .iter()
        .flat_map(|route| route.recipients.iter().map(|at| &at.pattern))
        .chain(
            topology
                .partners
                .iter()
                .flat_map(|partner| partner.domains.iter().map(|at| &at.value)),
        )
        .chain(rules.flatten());
    let accepted = plan
        .places
        .iter()
        .flat_map(|place| place.accepted.iter().map(|accepted| &accepted.domain));
    let mut names: Vec<DomainName> = patterns
        .filter_map(Pattern::base)
        .chain(accepted)
        .chain(topology.domains.iter().map(|domain| &domain.name))
        .chain(plan.apart.names())
        .cloned()
        .collect();
    // They come in a few lists that are sorted already, which this sort knows to merge.
    names.sort();
    names.dedup();
    names
}

/// The recipients of a name that is no domain of the spec: someone, and a listed mailbox that has an address there.
fn unnamed(model: &Model<'_>, name: &DomainName, atom: &Atom) -> Vec<Group> {
    let ours = crate::dns::routing::owner(model.plan, name).is_some();
    let group = |(person, text): (Address, &str)| {
        let meaning = model
            .people
            .meanings(model.plan, &person)
            .into_iter()
            .next()?;
        let kind = match (meaning.home, model.partner_of(name)) {
            (home, _) if ours && *atom != Atom::Rest => ClassKind::Subdomain(home),
            (Home::At(at), _) => ClassKind::Mailboxes(at),
            (Home::Nobody, _) => ClassKind::Unknown,
            (Home::Outside, Some(partner)) => ClassKind::Partner(partner),
            (Home::Outside, None) => ClassKind::Outside,
        };
        Some(Group {
            part: (kind, text.to_owned()),
            kind,
            witness: person,
            meaning,
            count: 0,
        })
    };
    let someone = Address::of("someone", name).map(|person| (person, ""));
    let listed = model.people.listed_under(name);
    let listed = listed.map(|person| (person, LISTED));
    someone
        .into_iter()
        .chain(listed)
        .filter_map(group)
        .collect()
}

/// The recipients of a domain that nobody receives with.
fn nobody(name: &DomainName) -> Vec<Group> {
    let person = Address::of("someone", name);
    let group = person.map(|person| Group {
        part: (ClassKind::Unknown, "nobody".to_owned()),
        kind: ClassKind::Unknown,
        witness: person.clone(),
        meaning: Meaning {
            person,
            home: Home::Nobody,
            assuming: None,
        },
        count: 0,
    });
    group.into_iter().collect()
}

/// A domain's recipients.
fn groups(model: &Model<'_>, domain: &Domain) -> Vec<Group> {
    let mut groups: BTreeMap<Part, Group> = BTreeMap::new();
    let mut add = |kind: ClassKind, text: String, meaning: &dyn Fn() -> Meaning, count: u64| {
        let part = (kind, text);
        let group = groups.entry(part).or_insert_with_key(|part| {
            let meaning = meaning();
            Group {
                part: part.clone(),
                kind,
                witness: meaning.person.clone(),
                meaning,
                count: 0,
            }
        });
        group.count += count;
    };
    let unlisted = unlisted(model, &domain.name);
    for holder in &domain.holders {
        let home = Home::At(holder.location);
        let kind = ClassKind::Mailboxes(holder.location);
        let meaning = |person: &Address| Meaning {
            person: person.clone(),
            home,
            assuming: None,
        };
        match &holder.holds {
            Holds::Listed(recipients) => {
                // Nearly all of a long list have no property at all.
                let plain = |recipient: &&Recipient| is_plain(model, recipient);
                let count = recipients.iter().filter(plain).count();
                if let Some(first) = recipients.iter().find(plain) {
                    let count = u64::try_from(count).unwrap_or(u64::MAX);
                    add(kind, String::new(), &|| meaning(&first.address), count);
                }
                for recipient in recipients.iter().filter(|recipient| !plain(recipient)) {
                    let text = properties(model, holder.location, recipient);
                    add(kind, text, &|| meaning(&recipient.address), 1);
                }
            }
            Holds::Count(_) | Holds::Rest => {
                let count = match holder.holds {
                    Holds::Count(count) => count,
                    Holds::Rest | Holds::Listed(_) => 0,
                };
                if let Some(person) = &unlisted {
                    add(kind, "unlisted".to_owned(), &|| meaning(person), count);
                }
            }
        }
    }
    // A forward acts where the mailbox is, whether a list has its address or not; one of an address that nobody has is to act
    // at the place of the domain, and does at some.
    for forward in &domain.forwards {
        let person = &forward.address;
        if model.people.listed(person).is_some() {
            continue;
        }
        for meaning in model.people.meanings(model.plan, person) {
            let home = match meaning.home {
                Home::At(home) => Some(home),
                Home::Nobody => domain.main_holder(),
                Home::Outside => None,
            };
            let Some(home) = home else { continue };
            let text = forwarded(forward);
            add(ClassKind::Mailboxes(home), text, &|| meaning.clone(), 1);
        }
    }
    if let Some(person) = unlisted.clone()
        && domain.receives()
        && !domain.is_listed()
        && domain.catch_all.is_none()
    {
        // Where mailboxes are counted, or not even that, an address that no list has may exist and may not. Where there are
        // none, mail for the domain comes all the same.
        let meaning = Meaning {
            person,
            home: Home::Nobody,
            assuming: None,
        };
        add(
            ClassKind::Unknown,
            "nobody".to_owned(),
            &|| meaning.clone(),
            0,
        );
    }
    if domain.is_listed()
        && let Some(person) = unlisted
    {
        for meaning in model.people.meanings(model.plan, &person) {
            let kind = match meaning.home {
                Home::At(at) => ClassKind::Mailboxes(at),
                Home::Nobody | Home::Outside => ClassKind::Unknown,
            };
            add(kind, "nobody".to_owned(), &|| meaning.clone(), 0);
        }
    }
    groups.into_values().collect()
}

pub(super) fn is_plain(model: &Model<'_>, recipient: &Recipient) -> bool {
    let reached_otherwise = recipient
        .details
        .as_ref()
        .is_some_and(|details| details.target.is_some() || details.aliases.is_some());
    !reached_otherwise
        && model.plan.apart.of_address(&recipient.address).is_none()
        && model.plan.topology.rules.is_empty()
        && (!model.people.has_forwards() || model.people.forwards(&recipient.address).is_empty())
}

/// What tells listed recipients of one place apart: redirects, targets, and what rules look at.
pub(super) fn properties(model: &Model<'_>, home: LocationId, recipient: &Recipient) -> String {
    use std::fmt::Write as _;
    let mut text = String::from(LISTED);
    for forward in model.people.forwards(&recipient.address) {
        let _ = write!(text, " forward {}{}", forward.target, forward.keep_copy);
    }
    if let Some(said) = model.plan.apart.of_address(&recipient.address) {
        let _ = write!(text, " {said}");
    }
    let rules = &model.plan.topology.rules;
    if let Some(details) = &recipient.details {
        let target = details
            .target
            .as_ref()
            .map(|target| target.domain().as_str());
        // Where all addresses of a mailbox are listed, the one that it is reached by may be none of them.
        let reached = model.people.target(&recipient.address, home);
        let has = |aliases: &Vec<Address>| reached.as_ref().is_none_or(|at| aliases.contains(at));
        let has_address = details.aliases.as_ref().map(has);
        let _ = write!(text, " {target:?}{has_address:?}");
        if !rules.is_empty() {
            let _ = write!(text, "{:?}", details.groups);
        }
    }
    for rule in rules {
        for condition in rule.when.iter().chain(&rule.unless) {
            match &condition.value {
                Condition::Recipient(list) => {
                    let meant = list.contains(&recipient.address);
                    text.push(if meant { '1' } else { '0' });
                }
                // Cities there may be many; all that counts of them is what the rules find there.
                city @ (Condition::RecipientCity(_) | Condition::RecipientDepartment(_)) => {
                    let found = attribute(city, recipient.details.as_deref());
                    let _ = write!(text, "{found:?}");
                }
                _ => {}
            }
        }
    }
    text
}

/// What tells a mailbox apart that is in no list and forwards.
pub(super) fn forwarded(forward: &Forward) -> String {
    format!("{LISTED} forward {}{}", forward.target, forward.keep_copy)
}

/// An address of the domain that no list has.
pub(super) fn unlisted(model: &Model<'_>, name: &DomainName) -> Option<Address> {
    std::iter::once("someone".to_owned())
        .chain((1..1000).map(|number| format!("someone{number}")))
        .filter_map(|local| Address::of(&local, name))
        .find(|address| {
            model.people.listed(address).is_none() && model.people.forwards(address).is_empty()
        })
}
