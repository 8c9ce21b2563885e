//! The envelope senders of each party: one for each group that no object tells apart.

use crate::dns::routing::owner;
use crate::plan::{Configuration, Plan};
use crate::routes::Route;
use crate::topology::{
    Domain, DomainId, Holder, Holds, LocationId, PartnerEnvelope, Party, Sender, SendsAs,
    SendsInOurName,
};
use crate::values::{Address, DomainName, Pattern};
use crate::walk::Model;
use crate::walk::name_index::Lookup;
use crate::walk::state::Message;
use std::collections::{HashMap, HashSet};
use std::fmt::Write as _;
use std::rc::Rc;

/// What every object that looks at envelope senders sees in one.
pub(crate) type Seen = Rc<str>;

impl Model<'_> {
    /// An address with a mailbox at a place.
    pub(crate) fn sample(&self, at: LocationId) -> Option<&Address> {
        self.samples.get(at.index())?.as_ref()
    }

    /// An address in a domain that nothing in the spec names.
    pub(crate) fn external_address(&self) -> Option<&Address> {
        self.stranger.as_ref()
    }

    /// Who writes at a place, the sample first: one for each group of the domains with mailboxes there that no object tells
    /// apart.
    fn writers(&self, at: LocationId) -> Vec<Option<Address>> {
        let all = self.writers.get_or_init(|| {
            let samples = self.samples.iter();
            let mut all: Vec<Vec<Option<Address>>> =
                samples.map(|sample| vec![sample.clone()]).collect();
            if self.watching.is_empty() && self.plan.topology.rules.is_empty() {
                return all;
            }
            let mut seen_at: HashMap<LocationId, HashSet<Seen>> = HashMap::new();
            for (id, domain) in self.plan.topology.domains() {
                for holder in &domain.holders {
                    let writers = all.get_mut(holder.location.index());
                    let (Some(writers), Some(writer)) = (writers, held_by(domain, holder)) else {
                        continue;
                    };
                    let sample = self.sample(holder.location);
                    if sample == Some(&writer) {
                        continue;
                    }
                    let of_domain = match holder.holds {
                        Holds::Listed(_) => None,
                        Holds::Count(_) | Holds::Rest => self.seen_in_domain(id),
                    };
                    let seen = of_domain.unwrap_or_else(|| self.seen_in(Some(&writer)));
                    let known = seen_at.entry(holder.location);
                    let known = known.or_insert_with(|| HashSet::from([self.seen_in(sample)]));
                    if known.insert(seen) {
                        writers.push(Some(writer));
                    }
                }
            }
            all
        });
        all.get(at.index()).cloned().unwrap_or_default()
    }

    /// What every object that looks at envelope senders sees in one.
    pub(crate) fn seen_in(&self, sender: Option<&Address>) -> Seen {
        let message = Message {
            sender: sender.cloned(),
        };
        self.told_apart_by(&message).into()
    }

    /// What every object sees in anybody with an address in a domain.
    pub(crate) fn seen_in_domain(&self, id: DomainId) -> Option<Seen> {
        let all = self.domains_seen.get_or_init(|| {
            // The same is seen in most.
            let mut known: HashSet<Seen> = HashSet::new();
            let mut one = |domain: &Domain| {
                let someone = Address::of("someone", &domain.name)?;
                let seen = self.seen_in(Some(&someone));
                let same = known.get(&seen).cloned();
                Some(same.unwrap_or_else(|| {
                    known.insert(Rc::clone(&seen));
                    seen
                }))
            };
            let domains = self.plan.topology.domains.iter();
            domains.map(&mut one).collect()
        });
        all.get(id.index())?.clone()
    }

    /// The messages that a sender can write: one for each group of envelope senders that no object tells apart.
    pub(crate) fn messages(&self, from: &Sender) -> Vec<Message> {
        let topology = &self.plan.topology;
        let stranger = || self.stranger.clone();
        let mut senders: Vec<Option<Address>> = match from {
            Sender::Address(address) => vec![Some(address.clone())],
            Sender::As(_, sender) => vec![sender.clone()],
            Sender::Party(Party::Location(at)) => self.writers(*at),
            Sender::Party(Party::Internet) => vec![stranger()],
            Sender::Party(Party::Network(at, _)) => {
                let written = self.writers(*at).into_iter();
                std::iter::once(stranger()).chain(written).collect()
            }
            Sender::Party(Party::Partner(id)) => {
                let partner = topology.partner(*id);
                let domains = partner.domains.iter();
                let own = domains.filter_map(|at| someone("someone", &at.value));
                // What is written in our name has the envelope senders that the partner takes bounces at.
                let bounces = match partner.envelope.as_ref().map(|at| &at.value) {
                    Some(PartnerEnvelope::Domain(name)) => Some(name),
                    Some(PartnerEnvelope::Same) | None => None,
                };
                let ours = partner
                    .sends_as
                    .iter()
                    .map(|at| match (&at.value, bounces) {
                        (_, Some(name)) => Address::of("bounces", name),
                        (SendsInOurName::Domain(name), None) => Address::of("someone", name),
                        (SendsInOurName::Address(address), None) => Some(address.clone()),
                    });
                own.map(Some).chain(ours).collect()
            }
            Sender::Party(Party::Device(id)) => {
                let device = topology.device(*id);
                let names = device.sends_as.iter();
                let mut senders: Vec<Option<Address>> = names
                    .map(|at| match &at.value {
                        SendsAs::Address(address) => Some(address.clone()),
                        SendsAs::Pattern(pattern) => someone("device", pattern),
                    })
                    .collect();
                senders.retain(Option::is_some);
                if senders.is_empty() {
                    // Nobody says who it writes as: it does as people at its place do.
                    senders = self.writers(device.via.value);
                }
                senders
            }
            Sender::Party(Party::Discard | Party::Reject) => Vec::new(),
        };
        if senders.is_empty() {
            senders.push(stranger());
        }
        let mut messages: Vec<Message> = Vec::new();
        let mut seen = HashSet::new();
        let only = senders.len() == 1;
        for sender in senders {
            let message = Message { sender };
            if only || seen.insert(self.told_apart_by(&message)) {
                messages.push(message);
            }
        }
        messages
    }

    /// What has to be the same of two messages for all states behind the first hop to be the same, in all their words: what
    /// every object sees in them, and the sender himself where the refusal of a Postfix may name him.
    pub(crate) fn walks_like(&self, message: &Message) -> String {
        let mut seen = self.told_apart_by(message);
        let mut watching = self.watching.iter();
        let names_sender = watching.any(|at| self.plan.topology.location(*at).tenant().is_none());
        if let Some(sender) = message.sender.as_ref().filter(|_| names_sender) {
            let _ = write!(seen, " {sender}");
        }
        seen
    }

    /// What every object that looks at envelope senders sees in this one, as a text to compare.
    pub(crate) fn told_apart_by(&self, message: &Message) -> String {
        let sender = message.sender.as_ref();
        let mut seen = String::new();
        for &at in &self.watching {
            match &self.plan.place(at).configuration {
                Configuration::ExchangeOnline(tenant) => {
                    let is_own =
                        sender.is_some_and(|from| self.accepted(at, from.domain()).is_some());
                    let _ = write!(seen, "{is_own}");
                    for (_, connector) in self.inbound_of(at, tenant, message) {
                        let _ = write!(seen, "{:?}", connector.name);
                    }
                }
                Configuration::Postfix(tables) => {
                    let _ = write!(seen, "{}", tables.sees_in(sender));
                }
                Configuration::Checklist => {
                    for route in entries(self.plan, at) {
                        let _ = write!(
                            seen,
                            "{}",
                            Pattern::admit(&route.senders, message.sender_domain())
                        );
                    }
                }
                Configuration::ExchangeServer(_) => {}
            }
        }
        if self.rewriting {
            // A Postfix that rewrites senders leaves ours alone, and whoever rewrites leaves the empty one empty.
            let _ = write!(seen, "{:?}", sender.map(|from| self.is_ours(from.domain())));
        }
        for rule in &self.plan.topology.rules {
            for condition in rule.when.iter().chain(&rule.unless) {
                if let Some(truth) = self.holds_of_sender(&condition.value, sender) {
                    let _ = write!(seen, "{truth:?}");
                }
            }
        }
        seen
    }
}

/// The locations with an object that looks at envelope senders.
pub(crate) fn watching(plan: &Plan) -> Vec<LocationId> {
    let watches = |id: &LocationId| match &plan.place(*id).configuration {
        Configuration::ExchangeOnline(_) => true,
        Configuration::Postfix(tables) => {
            let mut limits = tables.limits.iter();
            !tables.senders.is_empty()
                || !tables.sender_relay.is_empty()
                || limits.any(|limit| !limit.senders.is_empty())
        }
        Configuration::Checklist => entries(plan, *id).any(|route| !route.senders.is_empty()),
        Configuration::ExchangeServer(_) => false,
    };
    let locations = plan.topology.locations().map(|(id, _)| id);
    locations.filter(watches).collect()
}

/// The routes into a place.
fn entries(plan: &Plan, at: LocationId) -> impl Iterator<Item = &Route> {
    let routes = plan.routes_at(at).map(|(_, route)| route);
    routes.filter(move |route| route.to == Party::Location(at))
}

/// An address in a pattern.
fn someone(local: &str, pattern: &Pattern) -> Option<Address> {
    match pattern {
        Pattern::Exact(name) => Address::of(local, name),
        Pattern::Below(base) => Address::parse(&format!("{local}@any.{base}")).ok(),
        Pattern::Any | Pattern::AcceptedDomains => None,
    }
}

/// Of each place an address with a mailbox there: a listed one, else any of a domain that is counted there or accepted.
pub(crate) fn samples(plan: &Plan) -> Vec<Option<Address>> {
    let mut samples: Vec<Option<Address>> = vec![None; plan.places.len()];
    for domain in &plan.topology.domains {
        for holder in &domain.holders {
            if let Some(sample @ None) = samples.get_mut(holder.location.index()) {
                *sample = held_by(domain, holder);
            }
        }
    }
    for (sample, place) in samples.iter_mut().zip(&plan.places) {
        if sample.is_none() {
            let accepted = place.accepted.first();
            *sample = accepted.and_then(|item| Address::of("someone", &item.domain));
        }
    }
    samples
}

/// An address with one of the mailboxes.
fn held_by(domain: &Domain, holder: &Holder) -> Option<Address> {
    match &holder.holds {
        Holds::Listed(list) => list.first().map(|recipient| recipient.address.clone()),
        Holds::Count(_) | Holds::Rest => Address::of("someone", &domain.name),
    }
}

/// Somebody whose domain nobody here has.
pub(crate) fn stranger(plan: &Plan, lookup: &Lookup<'_>) -> Option<Address> {
    [
        "example.net",
        "example.org",
        "example.com",
        "stranger.example",
    ]
    .into_iter()
    .filter_map(|name| DomainName::parse(name).ok())
    .find(|name| owner(plan, name).is_none() && lookup.partner_of(name).is_none())
    .and_then(|name| Address::of("someone", &name))
}
