//! Every class of recipients from everybody who may write to it, followed to the end.
//!
//! Strangers and every place with mailboxes write to all classes, partners to all classes of mailboxes, and devices to
//! those that they may write to.

use super::Model;
use super::faults::{Evidence, Fault, fault_of};
use super::population::{Class, Kind, Population};
use super::trace::{Trace, class_trace};
use crate::topology::{Device, Domain, LocationId, Party, Sender, SendsTo};
use std::collections::{BTreeMap, BTreeSet};

/// All flows of a plan, and what is wrong with them.
pub struct Flows<'a> {
    /// What they run through.
    pub model: &'a Model<'a>,
    /// The classes they go to.
    pub population: Population,
    /// The flows.
    pub flows: Vec<Flow>,
    /// What is wrong, with all that shows it.
    pub faults: BTreeMap<Fault, Evidence>,
}

/// How much was followed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Classes of recipients.
    pub classes: usize,
    /// Senders.
    pub sources: usize,
    /// Pairs of both.
    pub flows: usize,
    /// Readings on which some way rests.
    pub readings: Vec<&'static str>,
}

/// The mail of one sender to one class.
pub struct Flow {
    /// Who writes.
    pub party: Party,
    /// Position of the class.
    pub class: usize,
    /// Its ways.
    pub trace: Trace,
}

impl<'a> Flows<'a> {
    /// Follows everything.
    pub fn of(model: &'a Model<'a>) -> Self {
        let population = Population::of(model);
        let mut flows = Vec::new();
        for (party, classes) in senders(model, &population) {
            for class in classes {
                let Some(to) = population.classes.get(class) else {
                    continue;
                };
                let trace = class_trace(model, &Sender::Party(party), to);
                flows.push(Flow {
                    party,
                    class,
                    trace,
                });
            }
        }
        let mut all = Self {
            model,
            population,
            flows,
            faults: BTreeMap::new(),
        };
        all.faults = all.faults();
        all
    }

    /// The class of a flow.
    pub fn class(&self, flow: &Flow) -> &Class {
        &self.population.classes[flow.class]
    }

    /// How much was followed.
    pub fn extent(&self) -> Extent {
        let sources: BTreeSet<Party> = self.flows.iter().map(|flow| flow.party).collect();
        let ways = self.flows.iter().flat_map(|flow| &flow.trace.ways);
        let readings: BTreeSet<&'static str> =
            ways.flat_map(|way| way.readings.keys().copied()).collect();
        Extent {
            classes: self.population.classes.len(),
            sources: sources.len(),
            flows: self.flows.len(),
            readings: readings.into_iter().collect(),
        }
    }

    /// The names of a class as patterns, in order.
    pub fn names(&self, class: &Class) -> Vec<String> {
        self.names_of([class])
    }

    /// The names of several classes as patterns, in order.
    pub fn names_of<'c>(&self, classes: impl IntoIterator<Item = &'c Class>) -> Vec<String> {
        let atoms = classes.into_iter().flat_map(|class| &class.atoms);
        self.population.patterns(&atoms.copied().collect())
    }

    /// The affected names as patterns, in order.
    pub fn region(&self, evidence: &Evidence) -> Vec<String> {
        self.population.patterns(&evidence.atoms)
    }

    fn faults(&self) -> BTreeMap<Fault, Evidence> {
        let mut faults: BTreeMap<Fault, Evidence> = BTreeMap::new();
        let mut counted: BTreeSet<(Fault, usize)> = BTreeSet::new();
        for flow in &self.flows {
            let class = self.class(flow);
            for way in &flow.trace.ways {
                let Some(fault) = fault_of(self.model, flow.party, class, way) else {
                    continue;
                };
                let evidence = faults
                    .entry(fault.clone())
                    .or_insert_with(|| Evidence::new(way, &flow.trace, class.idle));
                evidence.also(way, &flow.trace, class.idle);
                evidence.atoms.extend(&class.atoms);
                if counted.insert((fault, flow.class)) {
                    evidence.recipients += class.recipients;
                }
            }
        }
        self.without_echoes(faults)
    }

    /// Where mail for mailboxes goes astray, that for unknown addresses of the same names does too, for the same reason.
    fn without_echoes(&self, faults: BTreeMap<Fault, Evidence>) -> BTreeMap<Fault, Evidence> {
        let troubled: BTreeSet<usize> = faults
            .iter()
            .filter(|(fault, _)| fault.home.is_some())
            .flat_map(|(_, evidence)| evidence.atoms.iter().copied())
            .collect();
        let is_echo = |atom: usize| {
            troubled.contains(&atom)
                || (self.population.is_below(atom)
                    && atom
                        .checked_sub(1)
                        .is_some_and(|above| troubled.contains(&above)))
        };
        faults
            .into_iter()
            .filter_map(|(fault, mut evidence)| {
                if fault.home.is_none() && fault.is_about_routes() {
                    evidence.atoms.retain(|&atom| !is_echo(atom));
                }
                (!evidence.atoms.is_empty()).then_some((fault, evidence))
            })
            .collect()
    }
}

/// Who writes, and to which classes.
fn senders(model: &Model<'_>, population: &Population) -> Vec<(Party, Vec<usize>)> {
    let topology = &model.plan.topology;
    let all: Vec<usize> = (0..population.classes.len()).collect();
    let holders: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(Domain::holder_ids)
        .collect();
    let holders = holders.into_iter().map(Party::Location);
    let mut senders: Vec<(Party, Vec<usize>)> = std::iter::once(Party::Internet)
        .chain(holders)
        .map(|party| (party, all.clone()))
        .collect();
    let homes = mailboxes(population, |_| true);
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
    senders
}

fn written_to(population: &Population, device: &Device) -> Vec<usize> {
    match &device.sends_to {
        SendsTo::Internal => mailboxes(population, |_| true),
        SendsTo::Patterns(patterns) => mailboxes(population, |class| {
            let domain = class.witness.domain();
            patterns.iter().any(|at| at.value.matches(domain))
        }),
        SendsTo::Anyone => {
            let mut classes = mailboxes(population, |_| true);
            classes.extend(population.rest());
            classes
        }
    }
}

/// The classes of mailboxes; those by a provider's name only where their place has no other.
fn mailboxes(population: &Population, wanted: impl Fn(&Class) -> bool) -> Vec<usize> {
    let wanted = |class: &&Class| wanted(class);
    let home = |class: &Class| match class.kind {
        Kind::Mailboxes(home) => Some(home),
        _ => None,
    };
    let named: BTreeSet<LocationId> = population
        .classes
        .iter()
        .filter(wanted)
        .filter(|class| !class.by_provider)
        .filter_map(home)
        .collect();
    let all = population.classes.iter().enumerate();
    all.filter(|(_, class)| wanted(class))
        .filter(|(_, class)| {
            home(class).is_some_and(|home| !class.by_provider || !named.contains(&home))
        })
        .map(|(at, _)| at)
        .collect()
}
