//! The recipients of one name, in groups that something tells apart: where their mailboxes are, what their directory says
//! of them, or that nobody has the address.

use crate::topology::{Condition, Domain, Forward, Holds, LocationId, PartnerId, Recipient};
use crate::values::{Address, DomainName};
use crate::walk::atoms::Atom;
use crate::walk::conditions::attribute;
use crate::walk::recipients::Meaning;
use crate::walk::{Home, Model};
use std::collections::BTreeMap;

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

/// Recipients of one name with something in common.
pub(super) struct Group {
    pub(super) part: Part,
    pub(super) kind: ClassKind,
    /// An address of theirs.
    pub(super) witness: Address,
    pub(super) meaning: Meaning,
    pub(super) count: u64,
}

impl Group {
    pub(super) fn is_plain(&self) -> bool {
        !self.part.1.starts_with(LISTED)
    }
}

/// What tells the recipients of one name apart.
pub(super) type Part = (ClassKind, String);

/// Begins the properties of a recipient in a list.
pub(super) const LISTED: &str = "listed";

/// The recipients of a name that is no domain of the spec: someone, and a listed mailbox that has an address there.
pub(super) fn unnamed(model: &Model<'_>, name: &DomainName, atom: &Atom) -> Vec<Group> {
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
pub(super) fn nobody(name: &DomainName) -> Vec<Group> {
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
pub(super) fn groups(model: &Model<'_>, domain: &Domain) -> Vec<Group> {
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
