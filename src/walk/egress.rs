//! Where mail leaves, by the domain of its envelope sender: what SPF has to say, read off the ways of the mail itself.
//!
//! A hop is an exit if whoever takes the mail is not ours, or is a tenant or gateway of ours that takes it like a stranger's:
//! both judge it by its envelope sender. A location that rewrites the sender, and a tenant that forwards to the Internet, end
//! what the domain has to answer for (RFC 7208, section 2.4).

mod senders;

use senders::Senders;

use crate::finding::Certainty;
use crate::plan::{Configuration, Plan};
use crate::platforms::product::Trait;
use crate::topology::{
    Device, Domain, DomainId, LocationId, Method, Partner, PartnerEnvelope, PartnerId, Party,
    Sender, SendsAs, SendsInOurName, Topology,
};
use crate::values::{Address, DomainName};
use crate::walk::flows::classes_of;
use crate::walk::sample_senders::Seen;
use crate::walk::state::{Ends, Envelope, Message};
use crate::walk::survey::Flows;
use crate::walk::trace::class_trace;
use crate::walk::way::Way;
use foldhash::{HashMap, HashMapExt};
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

/// A hop that a receiver judges by the envelope sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exit {
    /// Who hands the mail over.
    pub by: Party,
    /// To somebody who is not ours.
    pub outside: bool,
}

/// The same on one way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// Who hands it over.
    pub by: LocationId,
    /// To somebody who is not ours.
    pub outside: bool,
    /// Whose envelope sender it has.
    pub sender: Envelope,
    /// Our places that it has passed, in order; the last is the one that hands it over.
    pub passed: Vec<LocationId>,
    /// A mailbox of ours has forwarded it.
    pub forwarded: bool,
}

/// Why mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// Its author has written it to somebody who is not ours.
    Written,
    /// A mailbox of ours has forwarded it.
    Forwarded,
    /// A mailing list of this place sends it on to its members.
    List(LocationId),
    /// What could not be delivered goes back to its sender.
    Bounce,
    /// Its author is away, and his mailbox answers (RFC 3834).
    Reply,
}

/// Mail of some authors where it is judged for the first time: at its last hop of ours, or at whoever sends in our name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Departure {
    /// Who writes; `Internet` stands for strangers whose mail we forward.
    pub source: Party,
    /// Who hands it over.
    pub by: Party,
    /// To somebody who is not ours.
    pub outside: bool,
    /// Whose envelope sender it has.
    pub envelope: Envelope,
    /// Our places that it has passed, in order.
    pub passed: Vec<LocationId>,
    /// Why.
    pub reason: Reason,
}

impl Departure {
    /// Mail of a source on this way.
    pub fn of(source: Party, leaving: &Leaving) -> Self {
        Self {
            source,
            by: Party::Location(leaving.by),
            outside: leaving.outside,
            envelope: leaving.sender.clone(),
            passed: leaving.passed.clone(),
            reason: if leaving.forwarded {
                Reason::Forwarded
            } else {
                Reason::Written
            },
        }
    }
}

/// Whose mail leaves so, and how sure it is that it does.
#[derive(Clone, Debug, Default)]
pub struct Authors {
    /// The domains of the authors that are ours.
    pub domains: BTreeSet<DomainId>,
    /// How sure.
    pub certainty: Certainty,
}

/// The exits of all mail.
#[derive(Clone, Debug, Default)]
pub struct Egress {
    domains: BTreeMap<DomainId, BTreeSet<Exit>>,
    locations: BTreeSet<LocationId>,
    departures: BTreeMap<Departure, Authors>,
    replies: BTreeMap<Departure, Authors>,
}

impl Egress {
    /// Of all mail that is followed.
    pub fn of(flows: &Flows<'_>) -> Self {
        let mut egress = Self::default();
        let senders = Senders::of(flows.model);
        // What the flows say of each sender that they are about.
        let mut followed: BTreeMap<(Party, Seen), Vec<(Leaving, Certainty)>> = BTreeMap::new();
        let mut seen_in: HashMap<&Option<Address>, Seen> = HashMap::new();
        for flow in &flows.flows {
            let leavings = leavings(&flow.trace.ways);
            egress.note(&flows.model.plan.topology, &leavings);
            if flow.party == Party::Internet {
                egress.note_strangers(&leavings);
            }
            let sender = &flow.trace.sender;
            let seen = seen_in.entry(sender);
            let seen = seen.or_insert_with(|| flows.model.seen_in(sender.as_ref()));
            for other in flows.stands_for(flow) {
                let own = flow.party.location();
                let there = |at: LocationId| if Some(at) == own { other } else { at };
                let moved = leavings.iter().cloned().map(|(leaving, certainty)| {
                    let moved = Leaving {
                        by: there(leaving.by),
                        passed: leaving.passed.iter().copied().map(there).collect(),
                        ..leaving
                    };
                    (moved, certainty)
                });
                let known = followed.entry((Party::Location(other), Rc::clone(seen)));
                known.or_default().extend(moved);
            }
            let known = followed.entry((flow.party, Rc::clone(seen)));
            known.or_default().extend(leavings);
        }
        let mut of_lists: BTreeMap<LocationId, Vec<(Leaving, Certainty)>> = BTreeMap::new();
        for (party, seen, address, domains) in senders.all() {
            let known = followed.get(&(party, Rc::clone(seen)));
            let exits = known.cloned().unwrap_or_else(|| {
                let leavings = follow(flows, party, address);
                egress.note(&flows.model.plan.topology, &leavings);
                leavings
            });
            if let Some(at) = party.location().filter(|at| sends_on(flows, *at)) {
                of_lists
                    .entry(at)
                    .or_default()
                    .extend(exits.iter().cloned());
            }
            for (leaving, certainty) in &exits {
                let departure = Departure::of(party, leaving);
                egress.reply(flows.model.plan, &departure, domains, *certainty);
                egress.depart(departure, domains, *certainty);
            }
            let kept = exits
                .into_iter()
                .filter(|(leaving, _)| leaving.sender == Envelope::Kept);
            let exits: BTreeSet<Exit> = kept
                .map(|(leaving, _)| Exit {
                    by: Party::Location(leaving.by),
                    outside: leaving.outside,
                })
                .collect();
            for domain in domains {
                egress.domains.entry(*domain).or_default().extend(&exits);
            }
        }
        egress.add_lists(flows, &senders, &of_lists);
        egress.add_bounces(&flows.model.plan.topology);
        egress.add_others(&flows.model.plan.topology);
        egress
    }

    /// Mail that lists send on: it has come to them on a way that was followed, and leaves as their own mail does.
    fn add_lists(
        &mut self,
        flows: &Flows<'_>,
        senders: &Senders,
        of_lists: &BTreeMap<LocationId, Vec<(Leaving, Certainty)>>,
    ) {
        let topology = &flows.model.plan.topology;
        let mut authors: BTreeMap<Party, BTreeSet<DomainId>> = BTreeMap::new();
        for (party, _, _, domains) in senders.all() {
            authors.entry(party).or_default().extend(domains);
        }
        let to_lists = flows.flows.iter().filter(|_| !of_lists.is_empty());
        for flow in to_lists {
            let own = flow.party.location();
            let others = flows.stands_for(flow).into_iter().map(Party::Location);
            let list = topology.nearest_domain(flow.trace.to.domain());
            let writers: Vec<Party> = [flow.party].into_iter().chain(others).collect();
            for way in &flow.trace.ways {
                let (Ends::Delivered(at), Some(list)) = (&way.end.ends, list) else {
                    continue;
                };
                let leavings = of_lists.get(at).into_iter().flatten();
                for ((leaving, certainty), writer) in
                    leavings.flat_map(|one| writers.iter().map(move |writer| (one, writer)))
                {
                    let domains = authors.get(writer);
                    let is_known = domains.is_some() || *writer == Party::Internet;
                    if !leaving.outside || leaving.forwarded || !is_known {
                        continue;
                    }
                    let there = |place: LocationId| match (Some(place) == own, writer) {
                        (true, Party::Location(other)) => *other,
                        _ => place,
                    };
                    let before = way.places.iter().copied().filter(|place| place != at);
                    let departure = Departure {
                        source: *writer,
                        by: Party::Location(leaving.by),
                        outside: true,
                        envelope: Envelope::Replaced(list.name.clone()),
                        passed: before.map(there).chain(leaving.passed.clone()).collect(),
                        reason: Reason::List(*at),
                    };
                    let certainty = way.certainty.min(*certainty);
                    self.depart(departure, domains.into_iter().flatten(), certainty);
                }
            }
        }
    }

    /// Automatic replies of the mailboxes whose mail leaves so, which have no envelope sender: they take its way, except where
    /// a Postfix chooses the way by the sender.
    fn reply(
        &mut self,
        plan: &Plan,
        written: &Departure,
        domains: &BTreeSet<DomainId>,
        certainty: Certainty,
    ) {
        let by_sender = |at: &LocationId| match &plan.place(*at).configuration {
            Configuration::Postfix(tables) => !tables.sender_relay.is_empty(),
            _ => false,
        };
        let is_written = written.outside && written.reason == Reason::Written;
        let Some(home) = written.source.location().filter(|_| is_written) else {
            return;
        };
        if written.passed.iter().any(by_sender) {
            return;
        }
        let held = |id: &&DomainId| {
            let mut holders = plan.topology.domain(**id).holder_ids();
            holders.any(|at| at == home)
        };
        let departure = Departure {
            envelope: Envelope::Empty,
            reason: Reason::Reply,
            ..written.clone()
        };
        let authors = self.replies.entry(departure).or_insert(Authors {
            certainty,
            ..Authors::default()
        });
        authors.domains.extend(domains.iter().filter(held));
        authors.certainty = authors.certainty.min(certainty);
    }

    /// Bounces of those that hand over mail themselves. What a provider does with its own is its matter.
    fn add_bounces(&mut self, topology: &Topology) {
        for at in self.locations.clone() {
            let location = topology.location(at);
            if !location.is(Trait::OwnServer) || location.helo_name().is_none() {
                continue;
            }
            let departure = Departure {
                source: Party::Location(at),
                by: Party::Location(at),
                outside: true,
                envelope: Envelope::Empty,
                passed: vec![at],
                reason: Reason::Bounce,
            };
            self.depart(departure, [], Certainty::Certain);
        }
    }

    /// The exits of mail with a sender of this domain.
    pub fn of_domain(&self, domain: DomainId) -> impl Iterator<Item = Exit> {
        self.domains.get(&domain).into_iter().flatten().copied()
    }

    /// Our own locations that hand any mail to others.
    pub const fn locations(&self) -> &BTreeSet<LocationId> {
        &self.locations
    }

    /// All mail that leaves or is sent in our name, with whose it is.
    pub fn departures(&self) -> impl Iterator<Item = (&Departure, &Authors)> {
        self.departures.iter()
    }

    /// The automatic replies of mailboxes, with whose they are.
    pub fn replies(&self) -> impl Iterator<Item = (&Departure, &Authors)> {
        self.replies.iter()
    }

    /// Mail of these domains leaves so.
    fn depart<'d>(
        &mut self,
        departure: Departure,
        domains: impl IntoIterator<Item = &'d DomainId>,
        certainty: Certainty,
    ) {
        let new = Authors {
            certainty,
            ..Authors::default()
        };
        let authors = self.departures.entry(departure).or_insert(new);
        authors.domains.extend(domains);
        authors.certainty = authors.certainty.min(certainty);
    }

    /// Mail of strangers leaves where a mailbox of ours forwards it.
    fn note_strangers(&mut self, leavings: &[(Leaving, Certainty)]) {
        for (leaving, certainty) in leavings {
            if leaving.forwarded && leaving.outside {
                let departure = Departure::of(Party::Internet, leaving);
                self.depart(departure, [], *certainty);
            }
        }
    }

    /// What does not depend on the sender the mail was written with.
    fn note(&mut self, topology: &Topology, leavings: &[(Leaving, Certainty)]) {
        for (leaving, _) in leavings {
            if leaving.outside {
                self.locations.insert(leaving.by);
            }
            if let Envelope::Replaced(name) = &leaving.sender
                && let Some(domain) = topology.domain_named(name)
            {
                self.domains.entry(domain).or_default().insert(Exit {
                    by: Party::Location(leaving.by),
                    outside: leaving.outside,
                });
            }
        }
    }

    /// Partners and devices that hand over mail in our name themselves.
    fn add_others(&mut self, topology: &Topology) {
        for (id, domain) in topology.domains() {
            for (partner, written) in topology.partners() {
                if let Some(departure) = in_our_name(partner, written, domain) {
                    self.add(id, departure, topology);
                }
            }
            for (device, written) in topology.devices() {
                if written.method.value == Method::DirectSend && sends_as(written, &domain.name) {
                    let departure = by_itself(Party::Device(device), false, Envelope::Kept);
                    self.add(id, departure, topology);
                }
            }
        }
    }

    /// Adds what somebody hands over who is no location of ours.
    fn add(&mut self, author: DomainId, departure: Departure, topology: &Topology) {
        let of = match &departure.envelope {
            Envelope::Replaced(name) => topology.domain_named(name),
            Envelope::Kept | Envelope::Rewritten | Envelope::Empty => Some(author),
        };
        if let Some(of) = of {
            let exits = self.domains.entry(of).or_default();
            exits.insert(Exit {
                by: departure.by,
                outside: departure.outside,
            });
        }
        self.depart(departure, [&author], Certainty::Certain);
    }
}

/// Mail that a partner sends to others in the name of a domain, if it does.
pub(crate) fn in_our_name(id: PartnerId, partner: &Partner, domain: &Domain) -> Option<Departure> {
    let ours = partner.sends_as.iter().any(|at| match &at.value {
        SendsInOurName::Domain(name) => *name == domain.name,
        SendsInOurName::Address(address) => *address.domain() == domain.name,
    });
    // What it sends with envelope senders of another domain is for the record of that one.
    let envelope = match partner.envelope.as_ref().map(|at| &at.value) {
        Some(PartnerEnvelope::Domain(name)) if *name != domain.name => {
            Envelope::Replaced(name.clone())
        }
        Some(_) | None => Envelope::Kept,
    };
    ours.then(|| by_itself(Party::Partner(id), true, envelope))
}

/// Mail of somebody who hands it over, too.
const fn by_itself(by: Party, outside: bool, envelope: Envelope) -> Departure {
    Departure {
        source: by,
        by,
        outside,
        envelope,
        passed: Vec::new(),
        reason: Reason::Written,
    }
}

/// Whether a device writes with this name.
pub(crate) fn sends_as(device: &Device, domain: &DomainName) -> bool {
    device.sends_as.iter().any(|at| match &at.value {
        SendsAs::Address(address) => address.domain() == domain,
        SendsAs::Pattern(pattern) => pattern.matches(domain),
    })
}

/// Whether a place has mailing lists that keep the author.
fn sends_on(flows: &Flows<'_>, at: LocationId) -> bool {
    let lists = flows.model.plan.topology.location(at).mailing_lists;
    lists.is_some_and(|lists| !lists.rewrites_author)
}

fn leavings(ways: &[Way]) -> Vec<(Leaving, Certainty)> {
    let mut found: Vec<(Leaving, Certainty)> = Vec::new();
    for way in ways {
        for leaving in &way.leavings {
            match found.iter_mut().find(|(known, _)| known == leaving) {
                Some((_, certainty)) => *certainty = way.certainty.min(*certainty),
                None => found.push((leaving.clone(), way.certainty)),
            }
        }
    }
    found
}

/// The mail of a sender that no flow is about.
fn follow(flows: &Flows<'_>, party: Party, sender: &Address) -> Vec<(Leaving, Certainty)> {
    let model = flows.model;
    let mut found = Vec::new();
    for at in classes_of(&model.plan.topology, &flows.population, party) {
        if let Some(class) = flows.population.classes.get(at) {
            let message = Message {
                sender: Some(sender.clone()),
            };
            let trace = class_trace(model, &Sender::Party(party), &message, class);
            found.extend(leavings(&trace.ways));
        }
    }
    found
}
