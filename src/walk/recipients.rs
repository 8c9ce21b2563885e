//! Who is meant by an address, and where that mailbox is.

use crate::dns::routing;
use crate::plan::Plan;
use crate::routes::facts::reached_under;
use crate::topology::{
    AcceptedType, Domain, Forward, Holds, LocationId, Recipient, Sending, Topology,
};
use crate::values::{Address, DomainName};
use foldhash::{HashMap, HashMapExt};

/// Where a mailbox is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Home {
    /// At one of our places.
    At(LocationId),
    /// Nowhere: the domain is ours and has no such mailbox.
    Nobody,
    /// The domain is not ours.
    Outside,
}

/// One possible meaning of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Meaning {
    /// The mailbox's own address.
    pub person: Address,
    /// Where it is.
    pub home: Home,
    /// What has to be assumed for it, where the spec does not say.
    pub assuming: Option<String>,
}

/// All listed addresses.
pub(crate) struct People<'a> {
    topology: &'a Topology,
    aliases: HashMap<&'a Address, &'a Address>,
    forwards: HashMap<&'a Address, Vec<&'a Forward>>,
    targets: HashMap<&'a Address, &'a Address>,
    /// Targets that their mailbox does not have, by its list.
    lacking: HashMap<&'a Address, &'a Address>,
}

impl<'a> People<'a> {
    pub(super) fn of(plan: &'a Plan) -> Self {
        let topology = &plan.topology;
        let mut people = Self {
            topology,
            aliases: HashMap::new(),
            forwards: HashMap::new(),
            targets: HashMap::new(),
            lacking: HashMap::new(),
        };
        for domain in &topology.domains {
            for holder in &domain.holders {
                let Holds::Listed(recipients) = &holder.holds else {
                    continue;
                };
                for recipient in recipients {
                    let Some(details) = &recipient.details else {
                        continue;
                    };
                    for alias in details.aliases.iter().flatten() {
                        people.aliases.insert(alias, &recipient.address);
                    }
                    if let Some(target) = &details.target {
                        people.targets.insert(&recipient.address, target);
                        if details.aliases.is_none() {
                            people.aliases.entry(target).or_insert(&recipient.address);
                        } else if !has_address(recipient, target) {
                            people.lacking.insert(target, &recipient.address);
                        }
                    }
                }
            }
            for forward in &domain.forwards {
                people
                    .forwards
                    .entry(&forward.address)
                    .or_default()
                    .push(forward);
            }
            for remote in &domain.remote_mailboxes {
                people.targets.insert(&remote.address, &remote.target);
            }
        }
        people
    }

    /// The addresses that listed mailboxes have beside their own.
    pub(super) fn other_addresses(&self) -> impl Iterator<Item = &'a Address> {
        self.aliases.keys().copied()
    }

    /// The list entry of a mailbox, where it has one.
    pub(super) fn listed(&self, person: &Address) -> Option<&'a Recipient> {
        self.listed_at(person).map(|(_, recipient)| recipient)
    }

    /// The same with the place that has the mailbox.
    fn listed_at(&self, person: &Address) -> Option<(LocationId, &'a Recipient)> {
        let id = self.topology.domain_named(person.domain())?;
        self.topology.domain(id).listed(person)
    }

    /// Whether any mailbox is redirected.
    pub(super) fn has_forwards(&self) -> bool {
        !self.forwards.is_empty()
    }

    /// The redirects that act where this mailbox is.
    pub(super) fn forwards(&self, person: &Address) -> &[&'a Forward] {
        self.forwards.get(person).map_or(&[], Vec::as_slice)
    }

    /// The address that reaches a mailbox from Exchange servers that know it as remote.
    pub(super) fn target(&self, person: &Address, home: LocationId) -> Option<Address> {
        if let Some(target) = self.written_target(person) {
            return Some(target.clone());
        }
        self.routing_address(person, home)
    }

    /// The address of a mailbox of a split domain in the routing domain of its location.
    pub(super) fn routing_address(&self, person: &Address, home: LocationId) -> Option<Address> {
        let name = self.topology.location(home).routing_domain()?;
        let id = self.topology.domain_named(person.domain())?;
        let split = self.topology.domain(id).is_split();
        split.then(|| Address::of(person.local(), &name)).flatten()
    }

    /// The address that the spec or a list writes for a mailbox, by which Exchange servers elsewhere reach it.
    pub(super) fn written_target(&self, person: &Address) -> Option<&'a Address> {
        self.targets.get(person).copied()
    }

    /// Whether mail under this address is taken where the mailbox is. A list of a mailbox's addresses is complete; of a
    /// mailbox without one, the address that shall reach it does.
    pub(super) fn has(&self, person: &Address, address: &Address) -> bool {
        let listed = self.listed(person);
        listed.is_none_or(|recipient| has_address(recipient, address))
    }

    /// The mailbox that this address shall reach, and that does not have it.
    pub(super) fn lacks(&self, address: &Address) -> Option<&'a Address> {
        if let Some(person) = self.lacking.get(address) {
            return Some(person);
        }
        // The derived address has the mailbox's local part.
        let at = reached_under(self.topology, address.domain())?;
        self.topology.domains.iter().find_map(|domain| {
            let own = Address::of(address.local(), &domain.name)?;
            let (home, recipient) = domain.listed(&own)?;
            (home == at && domain.is_split()).then_some(&recipient.address)
        })
    }

    /// Everybody an address can mean.
    pub(super) fn meanings(&self, plan: &Plan, address: &Address) -> Vec<Meaning> {
        let certain = |person: &Address, home| {
            vec![Meaning {
                person: person.clone(),
                home,
                assuming: None,
            }]
        };
        let known = self
            .named(address)
            .or_else(|| self.without_extension(address));
        if let Some((home, recipient)) = known {
            return certain(&recipient.address, Home::At(home));
        }
        let person = self.aliases.get(address).copied().unwrap_or(address);
        if let Some((id, below)) = routing::owner(plan, person.domain()) {
            let domain = self.topology.domain(id);
            // Lists are of the domain itself: who exists below it only the place with its mailboxes knows.
            return match domain.main_holder().filter(|_| below) {
                Some(home) => certain(person, Home::At(home)),
                None => self.in_domain(domain, person),
            };
        }
        if let Some(id) = reached_under(self.topology, person.domain()) {
            let delimiters = self.topology.location(id).delimiters();
            let mut forms = plain_forms(person).filter(|(_, mark)| delimiters.contains(*mark));
            let held = self.holds_local_part(id, person)
                || forms.any(|(plain, _)| self.holds_local_part(id, &plain));
            return certain(person, if held { Home::At(id) } else { Home::Nobody });
        }
        certain(person, accepted_by_somebody(plan, person.domain()))
    }

    /// The mailbox that has this address, by a list, and where it is.
    pub(super) fn named(&self, address: &Address) -> Option<(LocationId, &'a Recipient)> {
        let person = self.aliases.get(address).copied().unwrap_or(address);
        self.listed_at(person)
    }

    /// The mailbox that has this address without its extension, where its place knows extensions.
    fn without_extension(&self, address: &Address) -> Option<(LocationId, &'a Recipient)> {
        plain_forms(address).find_map(|(plain, mark)| {
            let found = self.named(&plain)?;
            let known = self.topology.location(found.0).delimiters().contains(mark);
            known.then_some(found)
        })
    }

    /// Whether a tenant has a mailbox that an address in one of its own names reaches: one with the same local part.
    fn holds_local_part(&self, at: LocationId, address: &Address) -> bool {
        let mut held = self.topology.domains.iter().flat_map(|domain| {
            let here = domain.holders.iter().filter(|holder| holder.location == at);
            here.map(move |holder| (domain, holder))
        });
        held.any(|(domain, holder)| {
            let same = Address::of(address.local(), &domain.name);
            same.is_some_and(|same| match &holder.holds {
                // One whose addresses are listed has no other.
                Holds::Listed(_) => domain
                    .listed(&same)
                    .is_some_and(|(home, recipient)| home == at && has_address(recipient, address)),
                Holds::Count(_) | Holds::Rest => domain.listed(&same).is_none(),
            })
        })
    }

    /// The address that the first listed mailbox has in a name which all mailboxes of a location are reached by, too.
    pub(super) fn listed_under(&self, name: &DomainName) -> Option<Address> {
        let at = reached_under(self.topology, name)?;
        let domains = self.topology.domains.iter();
        let mut holders = domains.flat_map(|domain| &domain.holders);
        holders.find_map(|holder| match &holder.holds {
            Holds::Listed(recipients) if holder.location == at => {
                recipients.iter().find_map(|recipient| {
                    let address = Address::of(recipient.address.local(), name)?;
                    has_address(recipient, &address).then_some(address)
                })
            }
            _ => None,
        })
    }

    fn in_domain(&self, domain: &Domain, person: &Address) -> Vec<Meaning> {
        let one = |home, assuming| Meaning {
            person: person.clone(),
            home,
            assuming,
        };
        if domain.sending != Sending::Normal {
            return vec![one(Home::Nobody, None)];
        }
        if let Some(rest) = domain.rest() {
            return vec![one(Home::At(rest), None)];
        }
        let counted: Vec<Meaning> = domain
            .holders
            .iter()
            .filter_map(|holder| {
                let Holds::Count(count) = holder.holds else {
                    return None;
                };
                let name = &self.topology.location(holder.location).name;
                let assumed = format!("`{person}` is one of the {count} mailboxes at `{name}`");
                Some(one(Home::At(holder.location), Some(assumed)))
            })
            .collect();
        match counted.len() {
            0 => {}
            1 => {
                return counted
                    .into_iter()
                    .map(|meaning| one(meaning.home, None))
                    .collect();
            }
            _ => return counted,
        }
        let caught = domain.catch_all.as_ref().and_then(|at| {
            let (home, recipient) = self.listed_at(&at.value)?;
            Some(Meaning {
                person: recipient.address.clone(),
                home: Home::At(home),
                assuming: None,
            })
        });
        vec![caught.unwrap_or_else(|| one(Home::Nobody, None))]
    }
}

/// An address without what stands behind each of its punctuation marks, any of which may begin an extension.
fn plain_forms(address: &Address) -> impl Iterator<Item = (Address, char)> {
    let marks = address.local().char_indices().skip(1);
    marks
        .filter(|(_, mark)| mark.is_ascii_punctuation())
        .filter_map(|(cut, mark)| {
            let plain = address.local().get(..cut)?;
            Some((address.with_local(plain)?, mark))
        })
}

fn has_address(recipient: &Recipient, address: &Address) -> bool {
    let details = recipient.details.as_deref();
    let aliases = details.and_then(|details| details.aliases.as_ref());
    recipient.address == *address || aliases.is_none_or(|aliases| aliases.contains(address))
}

/// Of a name that only `accepts` knows, nobody has a mailbox, unless it is passed on to somebody else's servers.
fn accepted_by_somebody(plan: &Plan, name: &DomainName) -> Home {
    let mut kinds = plan
        .places
        .iter()
        .filter_map(|place| {
            let own = place.accepted.named(name);
            let around = || place.accepted.around(name);
            Some(own.or_else(around)?.kind)
        })
        .peekable();
    if kinds.peek().is_none() || kinds.any(|kind| kind == AcceptedType::ExternalRelay) {
        Home::Outside
    } else {
        Home::Nobody
    }
}
