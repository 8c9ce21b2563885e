//! Who writes to which classes of recipients, and the ways of that mail.
//!
//! Strangers and every place with mailboxes write to all classes, partners to all classes of mailboxes, and devices to
//! those that they may write to. Each of a sender's envelope senders that objects tell apart is followed. This module must not know what is done with the flows.

use crate::plan::Configuration;
use crate::platforms::postfix::Right;
use crate::topology::{Device, Domain, LocationId, Party, Sender, Topology};
use crate::walk::Model;
use crate::walk::blame::{fault_of, may_write_to};
use crate::walk::classes::{Class, Population};
use crate::walk::equivalent_senders::{Alike, is_common};
use crate::walk::graph::Graph;
use crate::walk::groups::ClassKind;
use crate::walk::state::{Ends, Message};
use crate::walk::trace::class_trace_in;
use crate::walk::way::{Trace, Way};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;
use std::rc::Rc;

/// The mail of one sender to one class.
pub struct Flow {
    /// Who writes.
    pub party: Party,
    /// Position of the class.
    pub class: usize,
    /// Its ways.
    pub trace: Trace,
    /// So many other places write to the class over the same ways.
    pub(crate) also: usize,
}

/// The flows of everybody, in the order of senders and classes. Of places that write alike one is followed for all.
pub(crate) fn all(
    model: &Model<'_>,
    population: &Population,
    holders: &[LocationId],
    alike: &Alike,
) -> Vec<Flow> {
    let mut following = Following {
        walker: Walker::of(model),
        population,
        flows: Vec::new(),
    };
    let mut writers: Vec<Vec<Party>> = vec![Vec::new(); population.classes.len()];
    for (party, classes) in senders(model, population, holders, alike) {
        for class in classes {
            writers[class].push(party);
        }
    }
    let groups = alike.groups().iter();
    let mut groups: Vec<Group> = groups.map(|group| Group::of(model, group)).collect();
    for (at, class) in population.classes.iter().enumerate() {
        following.walker.next_class();
        for &party in &writers[at] {
            following.follow(party, at);
        }
        for group in &mut groups {
            following.group(group, at, class);
        }
    }
    let mut flows = following.flows;
    flows.sort_by_key(|flow| (order(flow.party), flow.class));
    flows
}

/// What a location is, whatever it is called.
pub(super) fn looks_of(model: &Model<'_>, id: LocationId) -> Vec<String> {
    let location = model.plan.topology.location(id);
    let networks = location.egress.iter().map(|at| at.value.to_string());
    let hosts = location.hosts.iter().map(|at| at.value.target.to_string());
    let product = location.kind.product().word.to_owned();
    [product].into_iter().chain(networks).chain(hosts).collect()
}

/// Follows messages to one class after the other, over the states that other mail to the class has reached before.
pub(crate) struct Walker<'f, 'm> {
    model: &'f Model<'m>,
    /// What each party writes, and what all objects see in it.
    messages: HashMap<Party, Rc<[(Message, String)]>>,
    /// The states of mail to the class, by what all objects see in the message.
    graphs: HashMap<String, Graph>,
}

impl<'f, 'm> Walker<'f, 'm> {
    pub(crate) fn of(model: &'f Model<'m>) -> Self {
        Self {
            model,
            messages: HashMap::new(),
            graphs: HashMap::new(),
        }
    }

    /// Forgets the states: those of another class are others.
    pub(crate) fn next_class(&mut self) {
        self.graphs.clear();
    }

    fn seen(model: &Model<'_>, from: &Sender) -> Rc<[(Message, String)]> {
        let messages = model.messages(from).into_iter();
        let seen = messages.map(|message| {
            let seen = model.walks_like(&message);
            (message, seen)
        });
        seen.collect()
    }

    fn messages(&mut self, from: &Sender) -> Rc<[(Message, String)]> {
        let model = self.model;
        match from {
            Sender::Party(party) => {
                let known = self.messages.entry(*party);
                Rc::clone(known.or_insert_with(|| Self::seen(model, from)))
            }
            Sender::As(..) | Sender::Address(_) => Self::seen(model, from),
        }
    }

    /// The ways of all messages of a sender to the class.
    pub(crate) fn traces(&mut self, from: &Sender, to: &Class) -> Vec<Trace> {
        let messages = self.messages(from);
        let traces = messages.iter().map(|(message, seen)| {
            let graph = self.graphs.entry(seen.clone()).or_default();
            class_trace_in(self.model, graph, from, message, to)
        });
        traces.collect()
    }
}

/// Follows the mail of senders, to one class after the other.
struct Following<'f, 'm> {
    walker: Walker<'f, 'm>,
    population: &'f Population,
    flows: Vec<Flow>,
}

/// Places that write alike.
struct Group {
    members: BTreeSet<LocationId>,
    /// The members by what they are: the first that may is followed for all, whatever it is called.
    in_order: Vec<LocationId>,
    /// Those that no flow has been followed from yet.
    unseen: BTreeSet<LocationId>,
}

impl Group {
    fn of(model: &Model<'_>, members: &[LocationId]) -> Self {
        let members: BTreeSet<LocationId> = members.iter().copied().collect();
        let mut in_order: Vec<LocationId> = members.iter().copied().collect();
        in_order.sort_by_cached_key(|&id| looks_of(model, id));
        Self {
            unseen: members.clone(),
            in_order,
            members,
        }
    }
}

impl Following<'_, '_> {
    fn follow(&mut self, party: Party, class: usize) {
        let Some(to) = self.population.classes.get(class) else {
            return;
        };
        let traces = self.walker.traces(&Sender::Party(party), to).into_iter();
        self.flows.extend(traces.map(|trace| Flow {
            party,
            class,
            trace,
            also: 0,
        }));
    }

    /// Each place of a group is followed to what names it, and once to what does not, so that every route that is used is
    /// seen; one of them is followed for all to the rest, and each of them where the place itself has a part in what happens.
    fn group(&mut self, group: &mut Group, at: usize, class: &Class) {
        let Group {
            members,
            in_order,
            unseen,
        } = group;
        let mut alone = class.about(members);
        let Some((first, mut flows)) = self.common_flows(in_order, &alone, at, class) else {
            for &id in &*members {
                self.follow(Party::Location(id), at);
            }
            return;
        };
        let ways = flows.iter().flat_map(|flow| &flow.trace.ways);
        let onward = ways.flat_map(|way| way.places.iter().skip(1));
        alone.extend(onward.filter(|id| members.contains(id)));
        unseen.remove(&first);
        let new: Vec<LocationId> = unseen.difference(&alone).copied().collect();
        for id in new {
            unseen.remove(&id);
            alone.insert(id);
        }
        for flow in &mut flows {
            flow.also = members.len() - alone.len() - 1;
        }
        self.flows.append(&mut flows);
        for id in alone {
            self.follow(Party::Location(id), at);
        }
    }

    /// The flows of a place that nothing names together with the class, where each passes the place once and nothing that is
    /// wrong with it is the place's own.
    fn common_flows(
        &mut self,
        in_order: &[LocationId],
        alone: &BTreeSet<LocationId>,
        at: usize,
        class: &Class,
    ) -> Option<(LocationId, Vec<Flow>)> {
        let first = *in_order.iter().find(|id| !alone.contains(id))?;
        if !is_common(class) {
            return None;
        }
        let party = Party::Location(first);
        let model = self.walker.model;
        let is_settled = |way: &Way| {
            let onward = way.places.get(1..).unwrap_or_default();
            if !way.readings.is_empty() || onward.contains(&first) {
                return false;
            }
            match fault_of(model, party, class, way) {
                Some(fault) => !fault.blames(first),
                None => matches!(
                    way.end.ends,
                    Ends::Delivered(_) | Ends::Rejected(_) | Ends::Bounced(_)
                ),
            }
        };
        let mut flows = Vec::new();
        for trace in self.walker.traces(&Sender::Party(party), class) {
            if trace.cut || !trace.ways.iter().all(is_settled) {
                return None;
            }
            flows.push(Flow {
                party,
                class: at,
                trace,
                also: 0,
            });
        }
        Some((first, flows))
    }
}

/// The places with mailboxes.
pub(crate) fn holders(model: &Model<'_>) -> Vec<LocationId> {
    let domains = model.plan.topology.domains.iter();
    let holders: BTreeSet<LocationId> = domains.flat_map(Domain::holder_ids).collect();
    holders.into_iter().collect()
}

/// The order in which senders are looked at.
const fn order(party: Party) -> (u8, usize) {
    match party {
        Party::Internet => (0, 0),
        Party::Location(id) => (1, id.index()),
        Party::Partner(id) => (2, id.index()),
        Party::Device(id) => (3, id.index()),
        Party::Network(id, _) => (4, id.index()),
        Party::Discard | Party::Reject => (5, 0),
    }
}

/// Who writes and stands for itself alone, and to which classes.
fn senders(
    model: &Model<'_>,
    population: &Population,
    holders: &[LocationId],
    alike: &Alike,
) -> Vec<(Party, Vec<usize>)> {
    let topology = &model.plan.topology;
    let all: Vec<usize> = (0..population.classes.len()).collect();
    let alone = holders.iter().filter(|id| !alike.holds(**id));
    let alone = alone.map(|id| Party::Location(*id));
    let mut senders: Vec<(Party, Vec<usize>)> = std::iter::once(Party::Internet)
        .chain(alone)
        .map(|party| (party, all.clone()))
        .collect();
    let homes = mailboxes(population);
    senders.extend(
        topology
            .partners()
            .map(|(id, _)| (Party::Partner(id), homes.clone())),
    );
    senders.extend(
        topology
            .devices()
            .map(|(id, device)| (Party::Device(id), written_to(population, device))),
    );
    let anyone = anyone(population);
    senders.extend(networks(model).map(|party| (party, anyone.clone())));
    senders
}

/// Trusted networks, one for each right that a location gives to any.
fn networks<'m>(model: &'m Model<'_>) -> impl Iterator<Item = Party> + 'm {
    let mut seen: BTreeSet<(LocationId, Option<Right>)> = BTreeSet::new();
    rights(model)
        .filter(move |(_, right)| seen.insert(*right))
        .map(|(party, _)| party)
}

/// Every trusted network, with the location and the right that it gives.
fn rights<'m>(
    model: &'m Model<'_>,
) -> impl Iterator<Item = (Party, (LocationId, Option<Right>))> + 'm {
    let all = model.plan.topology.trusted_networks();
    all.filter_map(|(party, trusted)| {
        let Party::Network(at, _) = party else {
            return None;
        };
        let right = match &model.plan.place(at).configuration {
            Configuration::Postfix(tables) => tables.right(&trusted.network.value),
            _ => None,
        };
        Some((party, (at, right)))
    })
}

/// The trusted networks that a flow of this one is followed for, itself among them.
pub(crate) fn networks_like(model: &Model<'_>, party: Party) -> Vec<Party> {
    let own = rights(model).find(|(other, _)| *other == party);
    let same = rights(model).filter(|(_, right)| own.is_some_and(|(_, own)| own == *right));
    same.map(|(party, _)| party).collect()
}

/// The classes that a party writes to.
pub(crate) fn classes_of(topology: &Topology, population: &Population, party: Party) -> Vec<usize> {
    match party {
        Party::Device(id) => written_to(population, topology.device(id)),
        _ => (0..population.classes.len()).collect(),
    }
}

/// The classes that a device may write to, and one more, if it may not write to everybody: that of everybody else, where it
/// may not write there.
fn written_to(population: &Population, device: &Device) -> Vec<usize> {
    let mut classes = anyone(population);
    let allowed = |class: &usize| {
        let class = population.classes.get(*class);
        class.is_some_and(|class| may_write_to(device, class))
    };
    let forbidden = classes.iter().copied().filter(|class| !allowed(class));
    let beyond = forbidden.max_by_key(|class| (population.has_rest(*class), *class));
    classes.retain(allowed);
    classes.extend(beyond);
    classes
}

/// Every class of recipients that exist.
fn anyone(population: &Population) -> Vec<usize> {
    let mut classes = mailboxes(population);
    classes.extend(others(population));
    classes
}

/// The classes of recipients of other organizations.
pub(super) fn others(population: &Population) -> Vec<usize> {
    let all = population.classes.iter().enumerate();
    all.filter(|(_, class)| matches!(class.kind, ClassKind::Partner(_) | ClassKind::Outside))
        .map(|(at, _)| at)
        .collect()
}

/// The classes of mailboxes; those by a provider's name only where their place has no other.
fn mailboxes(population: &Population) -> Vec<usize> {
    let home = |class: &Class| match class.kind {
        ClassKind::Mailboxes(home) => Some(home),
        _ => None,
    };
    let named: BTreeSet<LocationId> = population
        .classes
        .iter()
        .filter(|class| !class.by_provider)
        .filter_map(home)
        .collect();
    let all = population.classes.iter().enumerate();
    all.filter(|(_, class)| {
        home(class).is_some_and(|home| !class.by_provider || !named.contains(&home))
    })
    .map(|(at, _)| at)
    .collect()
}
