//! Every class of recipients from everybody who may write to it, followed to the end, and what is wrong on the way.

use crate::source::At;
use crate::topology::{LocationId, Party, Sender};
use crate::values::Network;
use crate::walk::Model;
use crate::walk::blame::fault_of;
use crate::walk::classes::{Class, Population};
use crate::walk::equivalent_senders::Alike;
use crate::walk::faults::{Evidence, Fault, FaultKind};
use crate::walk::flows::{self, Flow, holders};
use crate::walk::groups::ClassKind;
use crate::walk::state::{Ends, Message};
use crate::walk::trace::class_trace;
use crate::walk::way::{Trace, Way};
use foldhash::{HashMap, HashMapExt};
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};

/// Open readings of one flow whose assignments are all looked at.
const MOST_READINGS: usize = 6;

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
    alike: Alike,
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

impl<'a> Flows<'a> {
    /// Follows everything.
    pub fn of(model: &'a Model<'a>) -> Self {
        let population = Population::of(model);
        let holders = holders(model);
        let alike = Alike::of(model, &population, &holders);
        Self::followed(model, population, &holders, alike)
    }

    fn followed(
        model: &'a Model<'a>,
        population: Population,
        holders: &[LocationId],
        alike: Alike,
    ) -> Self {
        let flows = flows::all(model, &population, holders, &alike);
        let mut all = Self {
            model,
            population,
            flows,
            faults: BTreeMap::new(),
            alike,
        };
        all.faults = all.faults();
        all
    }

    /// Follows every place for itself.
    #[cfg(test)]
    pub(crate) fn one_by_one(model: &'a Model<'a>) -> Self {
        let population = Population::of(model);
        let alike = Alike::of(model, &population, &[]);
        Self::followed(model, population, &holders(model), alike)
    }

    /// The other places that a flow is followed for.
    pub(crate) fn stands_for(&self, flow: &Flow) -> Vec<LocationId> {
        if flow.also == 0 {
            return Vec::new();
        }
        let same = self.flows.iter().filter(|other| other.class == flow.class);
        let own: BTreeSet<Party> = same.map(|other| other.party).collect();
        let group = self.alike.group_of(flow.party).iter().copied();
        group
            .filter(|id| !own.contains(&Party::Location(*id)))
            .collect()
    }

    /// What shows how mail of a party goes to the first class like this: its own flow, or that of a place which writes alike.
    pub fn to(&self, from: Party, wanted: impl Fn(&Class) -> bool) -> Option<&Flow> {
        let classes = self.population.classes.iter().enumerate();
        let mut wanted = classes.filter(|(_, class)| wanted(class));
        wanted.find_map(|(at, _)| {
            let flows = || self.flows.iter().filter(move |flow| flow.class == at);
            let own = flows().find(|flow| flow.party == from);
            own.or_else(|| {
                let from = from.location()?;
                flows().find(|flow| self.stands_for(flow).contains(&from))
            })
        })
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
            flows: self.flows.iter().map(|flow| 1 + flow.also).sum(),
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
        // By class, because what is shown of a fault has to be mail of a class that keeps it.
        let mut faults: BTreeMap<(Fault, usize), Evidence> = BTreeMap::new();
        for flow in &self.flows {
            let class = self.class(flow);
            let settled = self.under_every_reading(flow);
            let ways = match &settled {
                Some(way) => std::slice::from_ref(way),
                None => flow.trace.ways.as_slice(),
            };
            for way in ways {
                let Some(fault) = fault_of(self.model, flow.party, class, way) else {
                    continue;
                };
                let mut evidence =
                    Evidence::of(way, &flow.trace, class, self.looks(flow.party, way));
                for id in self.stands_for(flow) {
                    let name = self.model.plan.topology.location(id).name.clone();
                    evidence.senders.insert(name);
                }
                add(&mut faults, (fault, flow.class), evidence);
            }
        }
        self.lost_reports(&mut faults);
        self.drop_consequences(&mut faults);
        let mut merged = BTreeMap::new();
        for ((fault, _), evidence) in self.without_echoes(faults) {
            let known = merged.get(&fault).map_or(0, |it: &Evidence| it.recipients);
            let recipients = known + evidence.recipients;
            add(&mut merged, fault, evidence).recipients = recipients;
        }
        merged
    }

    /// What the sender and the places on a way are, whatever they are called.
    fn looks(&self, party: Party, way: &Way) -> Vec<String> {
        let topology = &self.model.plan.topology;
        let networks = |all: &[At<Network>]| all.iter().map(|at| at.value.to_string()).collect();
        let mut looks: Vec<String> = match party {
            Party::Partner(id) => {
                let domains = topology.partner(id).domains.iter();
                domains.map(|at| at.value.to_string()).collect()
            }
            Party::Device(id) => networks(&topology.device(id).addresses),
            _ => Vec::new(),
        };
        looks.extend(
            way.places
                .iter()
                .flat_map(|&at| flows::looks_of(self.model, at)),
        );
        looks
    }

    /// Reports to recipients of others, which have the empty sender, where ordinary mail of the same party arrives. They are
    /// followed only where an object tells them apart from that.
    fn lost_reports(&self, faults: &mut BTreeMap<(Fault, usize), Evidence>) {
        let (model, topology) = (self.model, &self.model.plan.topology);
        let report = Message { sender: None };
        let seen = model.told_apart_by(&report);
        let mut ordinary: HashMap<(Party, usize), &Trace> = HashMap::new();
        for flow in &self.flows {
            let key = (flow.party, flow.class);
            ordinary.entry(key).or_insert(&flow.trace);
        }
        let locations = || topology.locations().map(|(id, _)| id);
        let ways = self.flows.iter().flat_map(|flow| &flow.trace.ways);
        let taking = ways.flat_map(|way| match way.end.ends {
            Ends::Rejected(_) => way
                .places
                .split_last()
                .map_or(&[][..], |(_, before)| before),
            _ => &way.places[..],
        });
        let passed: BTreeSet<LocationId> = taking.copied().collect();
        let anybody = locations().find_map(|id| model.sample(id)).cloned();
        let partners = topology.partners().filter(|(_, partner)| partner.relays);
        // Where no mail passes, no report is made.
        let parties = locations()
            .filter(|id| passed.contains(id))
            .map(Party::Location)
            .chain(partners.map(|(id, _)| Party::Partner(id)));
        for party in parties {
            let from = Sender::Party(party);
            let mut written = model.messages(&from).into_iter();
            let written = written
                .find(|message| message.sender.is_some())
                .unwrap_or_else(|| Message {
                    sender: anybody.clone(),
                });
            if model.told_apart_by(&written) == seen {
                continue;
            }
            for at in flows::others(&self.population) {
                let Some(class) = self.population.classes.get(at) else {
                    continue;
                };
                if class.kind == ClassKind::Outside && !class.is_foreign {
                    continue;
                }
                let known = ordinary.get(&(party, at)).copied();
                let arrives = |trace: &Trace| {
                    let mut ways = trace.ways.iter();
                    !trace.ways.is_empty() && ways.all(|way| way.end.ends.arrives())
                };
                // What a location hands to nobody of ours, nobody of ours refuses.
                let is_asked = |trace: &Trace| trace.ways.iter().any(|way| way.places.len() > 1);
                if known.is_some_and(|trace| !arrives(trace) || !is_asked(trace)) {
                    continue;
                }
                let trace = class_trace(model, &from, &report, class);
                let ways = trace.ways.iter();
                let mut refused = ways
                    .filter(|way| {
                        way.readings.is_empty()
                            && matches!(way.end.ends, Ends::Rejected(Some(_)) | Ends::Bounced(_))
                    })
                    .peekable();
                let is_lost =
                    || known.is_some() || arrives(&class_trace(model, &from, &written, class));
                if refused.peek().is_none() || !is_lost() {
                    continue;
                }
                for way in refused {
                    let handing = way.places.iter().rev().nth(1).copied();
                    let fault = Fault {
                        kind: FaultKind::ReportLost,
                        at: way.places.last().copied(),
                        cycle: Vec::new(),
                        home: None,
                        party: Some(handing.map_or(party, Party::Location)),
                        forwards: None,
                        weak: None,
                    };
                    let mut evidence = Evidence::of(way, &trace, class, self.looks(party, way));
                    evidence.recipients = 0;
                    add(faults, (fault, at), evidence);
                }
            }
        }
    }

    /// A faulty way of a flow that has one under every assignment of the readings that its ways rest on, as if no reading
    /// were open: whichever is right, the mail is lost.
    fn under_every_reading(&self, flow: &Flow) -> Option<Way> {
        let ways = &flow.trace.ways;
        let mut live: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (id, word) in ways.iter().flat_map(|way| &way.readings) {
            live.entry(id).or_default().insert(word);
        }
        // R4 has one answer for every connector that may be used, so that it tells no two ways apart.
        if live.is_empty() || live.len() > MOST_READINGS || live.contains_key("R4") {
            return None;
        }
        let class = self.class(flow);
        let judged: Vec<(&Way, bool)> = ways
            .iter()
            .map(|way| {
                let fault = fault_of(self.model, flow.party, class, &way.settled());
                (way, fault.is_some())
            })
            .collect();
        // A way that rests on no reading shows its fault by itself.
        if judged
            .iter()
            .any(|(way, is_faulty)| *is_faulty && way.readings.is_empty())
        {
            return None;
        }
        let mut assignments: Vec<BTreeMap<&str, &str>> = vec![BTreeMap::new()];
        for (id, words) in &live {
            assignments = assignments
                .into_iter()
                .flat_map(|known| {
                    words.iter().map(move |word| {
                        let mut more = known.clone();
                        more.insert(*id, *word);
                        more
                    })
                })
                .collect();
        }
        let mut shown: Option<&Way> = None;
        for assignment in &assignments {
            let agrees = |way: &Way| {
                let mut readings = way.readings.iter();
                readings.all(|(id, word)| assignment.get(id) == Some(word))
            };
            let faulty = judged
                .iter()
                .filter(|(way, is_faulty)| *is_faulty && agrees(way))
                .map(|(way, _)| *way)
                .min_by_key(|way| (!way.assuming.is_empty(), way.hops.len()))?;
            shown = match shown {
                Some(known) if known.assuming.len() >= faulty.assuming.len() => Some(known),
                _ => Some(faulty),
            };
        }
        shown.map(Way::settled)
    }

    /// Leaves out what another fault of the same mail, or of mail that goes the same way, is the reason of.
    fn drop_consequences(&self, faults: &mut BTreeMap<(Fault, usize), Evidence>) {
        // Mail for names that nobody accepts takes the way of outgoing mail.
        let outgoing: BTreeSet<(FaultKind, Fault)> = faults
            .keys()
            .filter(|(_, class)| self.population.has_rest(*class))
            .filter_map(|(fault, _)| match fault.kind {
                FaultKind::OutgoingLoop => Some((FaultKind::NamelessLoop, fault.clone())),
                FaultKind::NoConnector => Some((FaultKind::UnknownWaits, fault.clone())),
                _ => None,
            })
            .collect();
        // Where strangers reach everybody, what they write to names that nobody has comes back for the same reason.
        let open: BTreeSet<Option<LocationId>> = faults
            .keys()
            .filter(|(fault, class)| {
                fault.kind == FaultKind::OpenRelay && self.population.has_rest(*class)
            })
            .map(|(fault, _)| fault.at)
            .collect();
        faults.retain(|(fault, class), _| {
            let class = self.population.classes.get(*class);
            let is_of_others = class.is_some_and(|class| class.kind == ClassKind::Outside);
            let is_consequence =
                is_of_others && fault.kind == FaultKind::Backscatter && open.contains(&fault.at);
            let mut outgoing = outgoing.iter();
            let is_outgoing = outgoing.any(|(kind, cause)| {
                *kind == fault.kind && cause.at == fault.at && cause.cycle == fault.cycle
            });
            !is_consequence && !is_outgoing
        });
    }

    /// Where mail for mailboxes goes astray, that for unknown addresses of the same names does too, for the same reason. What
    /// loops has that reason only where the other loops among the same locations, or has no route at the same one.
    fn without_echoes(
        &self,
        mut faults: BTreeMap<(Fault, usize), Evidence>,
    ) -> BTreeMap<(Fault, usize), Evidence> {
        let mut troubled: BTreeMap<usize, Vec<Way>> = BTreeMap::new();
        for ((fault, _), evidence) in &faults {
            if fault.is_of_mailboxes() {
                for &atom in &evidence.atoms {
                    let ways = troubled.entry(atom).or_default();
                    ways.push(evidence.way.clone());
                }
            }
        }
        let is_echo = |kind: FaultKind, way: &Way, atom: usize| {
            let above = atom
                .checked_sub(1)
                .filter(|_| self.population.is_below(atom));
            let alike = |atom: &usize| {
                let causes = troubled.get(atom).into_iter().flatten();
                causes.filter(|cause| loops_alike(cause, way))
            };
            // Names below are other names, whose mail is lost for the same reason only where it gets as far.
            let end = |way: &Way| (way.places.last().copied(), way.end.cause);
            let is_loop = matches!(way.end.ends, Ends::Loop(_));
            let is_as_above = |above| alike(above).any(|cause| is_loop || end(cause) == end(way));
            let is_echo_of_above = || above.as_ref().is_some_and(is_as_above);
            alike(&atom).next().is_some() || kind != FaultKind::UnknownWaits && is_echo_of_above()
        };
        faults.retain(|(fault, class), evidence| {
            let class = self.population.classes.get(*class);
            // Which connectors a location has is a reason of its own.
            let may_echo =
                class.is_some_and(Class::is_of_us) || fault.kind != FaultKind::NoConnector;
            if may_echo && fault.is_of_unknown_addresses(&evidence.way) {
                let way = &evidence.way;
                evidence
                    .atoms
                    .retain(|&atom| !is_echo(fault.kind, way, atom));
            }
            !evidence.atoms.is_empty()
        });
        faults
    }
}

/// Adds what shows a fault to what shows it already.
fn add<K: Ord>(faults: &mut BTreeMap<K, Evidence>, fault: K, evidence: Evidence) -> &mut Evidence {
    match faults.entry(fault) {
        Entry::Vacant(entry) => entry.insert(evidence),
        Entry::Occupied(entry) => {
            let known = entry.into_mut();
            known.also(evidence);
            known
        }
    }
}

/// Whether the second way does not loop, or loops for the reason that the first one is lost for.
fn loops_alike(first: &Way, second: &Way) -> bool {
    let Ends::Loop(cycle) = &second.end.ends else {
        return true;
    };
    let is_same = match &first.end.ends {
        Ends::Loop(other) => other.iter().any(|at| cycle.contains(at)),
        _ => false,
    };
    is_same || (first.gap.is_some() && first.gap == second.gap)
}
