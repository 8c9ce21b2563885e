//! The classes of messages that cover everything, each with a witness.
//!
//! Domains that no object, record or directory can tell apart are one class, and so are the recipients of a class with
//! the same home and the same properties. Every class has one recipient who stands for all, from every kind of sender;
//! the number of walks depends on the topology, not on the number of domains or mailboxes.

use super::people::Meaning;
use super::{Home, Model};
use crate::policy::table;
use crate::topology::{
    Condition, DnsManagement, Domain, DomainId, Holds, LocationId, Party, Sender, Sending,
};
use crate::values::{Address, DomainName};
use std::collections::BTreeMap;

/// Recipients that nothing can tell apart.
#[derive(Clone, Debug)]
pub struct Class {
    /// One of them.
    pub witness: Address,
    pub(super) meaning: Meaning,
    /// Domains with such recipients, by name.
    pub domains: Vec<DomainId>,
    /// How many are listed or counted; 0 for those that do not exist.
    pub recipients: u64,
}

impl Class {
    /// Where their mailboxes are.
    pub const fn home(&self) -> Home {
        self.meaning.home
    }
}

/// All classes of recipients in the domains of the spec.
pub fn classes(model: &Model<'_>) -> Vec<Class> {
    let mut classes: BTreeMap<(String, String), Class> = BTreeMap::new();
    for (id, domain) in model.plan.topology.domains() {
        if domain.sending != Sending::Normal {
            continue;
        }
        let signature = signature(model, domain);
        for (part, meaning, recipients) in groups(model, domain) {
            let witness = meaning.person.clone();
            let class = classes
                .entry((signature.clone(), part))
                .or_insert_with(|| Class {
                    witness,
                    meaning,
                    domains: Vec::new(),
                    recipients: 0,
                });
            class.recipients += recipients;
            if class.domains.last() != Some(&id) {
                class.domains.push(id);
            }
        }
    }
    classes.into_values().collect()
}

/// Everybody who may write to our recipients: strangers, and the mailboxes of every place that holds some.
pub fn senders(model: &Model<'_>) -> Vec<Sender> {
    let holders = model.plan.topology.locations().filter(|(id, _)| {
        let mut domains = model.plan.topology.domains.iter();
        domains.any(|domain| domain.holder_ids().any(|holder| holder == *id))
    });
    std::iter::once(Party::Internet)
        .chain(holders.map(|(id, _)| Party::Location(id)))
        .map(Sender::Party)
        .collect()
}

/// Everything that decides about a domain's mail, in a form that is equal where it decides equally.
fn signature(model: &Model<'_>, domain: &Domain) -> String {
    use std::fmt::Write as _;
    let plan = model.plan;
    let mut text = String::new();
    let _ = write!(
        text,
        "{:?}{}",
        domain.mx.iter().map(|at| at.value).collect::<Vec<_>>(),
        domain.subdomains
    );
    if let Some(now) = &domain.mx_now {
        let _ = write!(text, "{:?}", now.value);
    }
    if let DnsManagement::External(records) = &domain.dns {
        let _ = write!(
            text,
            "{:?}",
            records
                .mx
                .as_ref()
                .map(|mx| mx.iter().map(|at| &at.value).collect::<Vec<_>>())
        );
    }
    for holder in &domain.holders {
        let kind = match holder.holds {
            Holds::Count(_) => 'c',
            Holds::Listed(_) => 'l',
            Holds::Rest => 'r',
        };
        let _ = write!(text, ";{}{kind}", holder.location.index());
    }
    let _ = write!(text, ";{}", domain.catch_all.is_some());
    for (id, _) in plan.topology.locations() {
        let accepted = model
            .accepted(id, &domain.name)
            .map(|(at, below)| (at.kind, at.subdomains, below));
        let _ = write!(text, ";{accepted:?}");
    }
    for (id, route) in plan.routes() {
        if let Some(rank) = table::specificity(route, false, &domain.name) {
            let _ = write!(text, ";{}:{rank}", id.index());
        }
        if table::covers_apex(route, &domain.name) {
            let _ = write!(text, "a{}", id.index());
        }
    }
    for rule in &plan.topology.rules {
        for condition in rule.when.iter().chain(&rule.unless) {
            if let Condition::RecipientDomain(patterns) = &condition.value {
                let _ = write!(
                    text,
                    "{}",
                    patterns.iter().any(|pattern| pattern.matches(&domain.name))
                );
            }
        }
    }
    text
}

/// A domain's recipients: what they have in common, one of them and how many there are.
fn groups(model: &Model<'_>, domain: &Domain) -> Vec<(String, Meaning, u64)> {
    let mut groups: BTreeMap<String, (Meaning, u64)> = BTreeMap::new();
    let unlisted = unlisted(model, &domain.name);
    for holder in &domain.holders {
        let home = Home::At(holder.location);
        match &holder.holds {
            Holds::Listed(recipients) => {
                for recipient in recipients {
                    let key = format!(
                        "{}{}",
                        holder.location.index(),
                        properties(model, &recipient.address)
                    );
                    let meaning = || Meaning {
                        person: recipient.address.clone(),
                        home,
                        assuming: None,
                    };
                    groups.entry(key).or_insert_with(|| (meaning(), 0)).1 += 1;
                }
            }
            Holds::Count(_) | Holds::Rest => {
                let Some(person) = unlisted.clone() else {
                    continue;
                };
                let count = match holder.holds {
                    Holds::Count(count) => count,
                    _ => 0,
                };
                let meaning = Meaning {
                    person,
                    home,
                    assuming: None,
                };
                groups
                    .entry(format!("{} unlisted", holder.location.index()))
                    .or_insert((meaning, 0))
                    .1 += count;
            }
        }
    }
    if domain.is_listed()
        && let Some(person) = unlisted
    {
        for meaning in model.people.meanings(model.plan, &person) {
            groups.insert("nobody".to_owned(), (meaning, 0));
        }
    }
    groups
        .into_iter()
        .map(|(part, (meaning, count))| (part, meaning, count))
        .collect()
}

/// What tells listed recipients of one place apart: redirects, targets, and what rules look at.
fn properties(model: &Model<'_>, address: &Address) -> String {
    let mut text = String::new();
    let people = &model.people;
    for forward in people.forwards(address) {
        text.push_str(&format!(" forward {}{}", forward.target, forward.keep_copy));
    }
    let details = people
        .listed(address)
        .and_then(|recipient| recipient.details.as_deref());
    if let Some(details) = details {
        let target = details
            .target
            .as_ref()
            .map(|target| target.domain().as_str());
        text.push_str(&format!(" {target:?}{}", details.aliases.is_some()));
        if !model.plan.topology.rules.is_empty() {
            text.push_str(&format!(
                "{:?}{:?}{:?}",
                details.city, details.department, details.groups
            ));
        }
    }
    for rule in &model.plan.topology.rules {
        for condition in rule.when.iter().chain(&rule.unless) {
            if let Condition::Recipient(list) = &condition.value {
                text.push_str(if list.contains(address) { "1" } else { "0" });
            }
        }
    }
    text
}

/// An address of the domain that no list has.
fn unlisted(model: &Model<'_>, name: &DomainName) -> Option<Address> {
    std::iter::once("someone".to_owned())
        .chain((1..1000).map(|number| format!("someone{number}")))
        .filter_map(|local| Address::parse(&format!("{local}@{name}")).ok())
        .find(|address| model.people.listed(address).is_none())
}

/// Names of domains, and how many recipients they have in a class.
pub fn names(model: &Model<'_>, domains: &[DomainId]) -> Vec<String> {
    domains
        .iter()
        .map(|id| model.plan.topology.domain(*id).name.to_string())
        .collect()
}

/// The location where a class is at home.
pub const fn home_of(class: &Class) -> Option<LocationId> {
    match class.meaning.home {
        Home::At(at) => Some(at),
        Home::Nobody | Home::Outside => None,
    }
}
