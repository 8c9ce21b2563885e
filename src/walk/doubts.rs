//! Mail whose way depends on what the documents leave open.
//!
//! Found among the ways that were followed, so that only what some message really meets is reported: two ways of one
//! message that part at a place because a question was answered differently there, and lead elsewhere.

use crate::finding::TraceHop;
use crate::platforms::reading;
use crate::topology::LocationId;
use crate::values::Address;
use crate::walk::groups::ClassKind;
use crate::walk::state::Ends;
use crate::walk::survey::Flows;
use crate::walk::way::Way;
use std::collections::{BTreeMap, BTreeSet};

/// A question that the documents leave open, at the place where mail parts by it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Doubt {
    /// The reading, such as `R1`.
    pub question: &'static str,
    /// The place that chooses.
    pub at: LocationId,
    /// The route that takes the mail where the texts are taken as they come; `None`: it follows the MX.
    pub usual: Option<String>,
    /// The route that takes it otherwise.
    pub other: Option<String>,
}

/// Everything that shows a doubt.
#[derive(Clone, Debug)]
pub struct Parting {
    /// A way where the texts are taken as they come.
    pub usual: Way,
    /// A way otherwise.
    pub other: Way,
    /// How many hops both have in common.
    pub common: usize,
    /// To whom.
    pub to: Address,
    /// The ways end differently, or with different TLS, for names of ours or of a partner.
    pub matters: bool,
    /// All questions that have to be answered so.
    pub readings: BTreeSet<&'static str>,
    /// Positions of the atoms concerned.
    pub(crate) atoms: BTreeSet<usize>,
    /// How many listed or counted recipients are concerned.
    pub recipients: u64,
}

impl Parting {
    /// Where the mail goes next; `None`: nowhere.
    pub fn next(way: &Way, common: usize) -> Option<&TraceHop> {
        way.hops.get(common).map(|hop| &**hop)
    }
}

impl Flows<'_> {
    /// Every doubt that some mail meets and that makes a difference to it.
    pub fn doubts(&self) -> BTreeMap<Doubt, Parting> {
        let mut doubts: BTreeMap<Doubt, Parting> = BTreeMap::new();
        let mut counted = BTreeSet::new();
        for flow in &self.flows {
            let class = self.class(flow);
            let ways = &flow.trace.ways;
            for (usual, other) in pairs(ways) {
                let common = in_common(usual, other);
                let Some(doubt) = self.doubt(usual, other, common) else {
                    continue;
                };
                let ends_differ = ends(ways, usual, common) != ends(ways, other, common);
                let to = |way: &Way| Parting::next(way, common).map(|hop| hop.to.clone());
                if !ends_differ && to(usual) == to(other) && usual.tls == other.tls {
                    continue;
                }
                let parting = doubts.entry(doubt.clone()).or_insert_with(|| Parting {
                    usual: usual.clone(),
                    other: other.clone(),
                    common,
                    to: flow.trace.to.clone(),
                    matters: false,
                    readings: BTreeSet::new(),
                    atoms: BTreeSet::new(),
                    recipients: 0,
                });
                let unnamed = class
                    .atoms
                    .iter()
                    .all(|&atom| self.population.is_below(atom));
                let known = match class.kind {
                    ClassKind::Outside => false,
                    ClassKind::Partner(_) => !unnamed,
                    // Hardly anybody writes to the names that a tenant has of its provider.
                    ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_) => {
                        !class.by_provider
                    }
                };
                parting.matters |= known && (ends_differ || usual.tls != other.tls);
                parting.readings.extend(unusual(other));
                parting.readings.insert(doubt.question);
                parting.atoms.extend(&class.atoms);
                if counted.insert((doubt, flow.class)) {
                    parting.recipients += class.recipients;
                }
            }
        }
        doubts
    }

    /// The names concerned as patterns, in order.
    pub fn doubtful_names(&self, parting: &Parting) -> Vec<String> {
        self.population.patterns(&parting.atoms)
    }

    fn doubt(&self, usual: &Way, other: &Way, common: usize) -> Option<Doubt> {
        let hops = [usual.hops.get(common), other.hops.get(common)];
        let at = &hops.iter().flatten().next()?.at;
        let mut locations = self.model.plan.topology.locations();
        let (at, _) = locations.find(|(_, location)| location.name == *at)?;
        let [usual, chosen] = hops.map(|hop| {
            let route = hop?.by.strip_prefix("route:")?;
            Some(route.to_owned())
        });
        let question = unusual(other).into_iter().next().unwrap_or("R4");
        (usual != chosen).then_some(Doubt {
            question,
            at,
            usual,
            other: chosen,
        })
    }
}

/// Each way that rests on an unusual answer, beside the usual one it parts from last; and ways between which nothing
/// decides.
fn pairs(ways: &[Way]) -> Vec<(&Way, &Way)> {
    if ways.iter().all(|way| way.readings.is_empty()) {
        return Vec::new();
    }
    let (usual, others): (Vec<&Way>, Vec<&Way>) =
        ways.iter().partition(|way| unusual(way).is_empty());
    let mut pairs: Vec<(&Way, &Way)> = others
        .iter()
        .filter_map(|other| {
            let nearest = usual
                .iter()
                .rev()
                .max_by_key(|way| (in_common(way, other), way.assuming == other.assuming))?;
            Some((*nearest, *other))
        })
        .collect();
    let mut open = usual.iter().filter(|way| way.readings.contains_key("R4"));
    if let Some(first) = open.next() {
        pairs.extend(open.map(|other| (*first, *other)));
    }
    pairs
}

/// The questions that a way answers otherwise than the texts say first, in order.
fn unusual(way: &Way) -> BTreeSet<&'static str> {
    let answers = way.readings.iter().filter(|(id, word)| {
        let first = reading(id).and_then(|entry| entry.alternatives.first());
        first.is_some_and(|(first, _)| first != *word)
    });
    answers.map(|(id, _)| *id).collect()
}

fn in_common(a: &Way, b: &Way) -> usize {
    let hops = a.hops.iter().zip(&b.hops);
    hops.take_while(|(one, other)| one.by == other.by && one.at == other.at && one.to == other.to)
        .count()
}

/// How mail can end that takes the same turn as this way after these hops.
fn ends<'a>(ways: &'a [Way], like: &Way, common: usize) -> BTreeSet<&'a Ends> {
    let turn = |way: &Way| {
        way.hops
            .get(common)
            .map(|hop| (hop.at.clone(), hop.by.clone()))
    };
    ways.iter()
        .filter(|way| in_common(way, like) >= common && turn(way) == turn(like))
        .map(|way| &way.end.ends)
        .collect()
}
