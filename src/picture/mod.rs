//! The topology as a picture: boxes for the parties, arrows for the mail that one hands to another.
//!
//! Parties with the same neighbours and the same TLS levels are drawn as one stack, because no layout makes hundreds of
//! boxes readable. This module must not know where a picture is shown.

pub(crate) mod dot;
pub(crate) mod mermaid;
pub(crate) mod svg;

use crate::plan::Plan;
use crate::platforms::product::Trait;
use crate::routes::Route;
use crate::routes::inherent::{Inherent, inherent};
use crate::topology::{Party, Topology};
use crate::values::{Pattern, TlsLevel};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer alike parties than these are drawn one by one.
const STACKED_FROM: usize = 3;

/// Boxes and arrows.
#[derive(Clone, Debug, Default)]
pub(crate) struct Picture {
    /// The boxes, those that mail comes from before those that it goes to.
    pub boxes: Vec<Node>,
    /// The arrows, sorted by the boxes that they connect.
    pub arrows: Vec<Arrow>,
}

/// A party, or a stack of parties that are alike.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    /// What stands in the box.
    pub label: String,
    /// The parties.
    pub parties: Vec<Party>,
    /// Its column by its role, from the outside to those that only receive.
    pub column: u8,
}

/// Mail from one box to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Arrow {
    /// The position of the box that it starts at.
    pub from: usize,
    /// The position of the box that it leads to.
    pub to: usize,
    /// Which mail.
    pub mail: Vec<String>,
    /// The least TLS level; none for mail that follows an MX record of ours.
    pub tls: Option<TlsLevel>,
}

/// A part of the picture, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Spot {
    /// A box.
    Box(usize),
    /// An arrow.
    Arrow(usize),
}

/// Mail from one party to another.
#[derive(Clone, Debug, Default)]
struct Link {
    mail: BTreeSet<String>,
    routes: Option<TlsLevel>,
}

impl Picture {
    /// The picture of a plan.
    pub(crate) fn of(plan: &Plan) -> Self {
        let links = links(plan);
        let mut picture = Self::default();
        let mut position: BTreeMap<Party, usize> = BTreeMap::new();
        for (column, parties) in stacks(&plan.topology, &links) {
            position.extend(parties.iter().map(|&party| (party, picture.boxes.len())));
            picture.boxes.push(Node {
                label: label(&plan.topology, &parties),
                parties,
                column,
            });
        }
        let mut arrows: BTreeMap<(usize, usize, Option<TlsLevel>), BTreeSet<String>> =
            BTreeMap::new();
        for ((from, to), link) in links {
            if let (Some(&from), Some(&to)) = (position.get(&from), position.get(&to)) {
                arrows
                    .entry((from, to, link.routes))
                    .or_default()
                    .extend(link.mail);
            }
        }
        picture.arrows = arrows
            .into_iter()
            .map(|((from, to, tls), mail)| Arrow {
                from,
                to,
                mail: mail.into_iter().collect(),
                tls,
            })
            .collect();
        picture
    }
}

fn links(plan: &Plan) -> BTreeMap<(Party, Party), Link> {
    let mut links: BTreeMap<(Party, Party), Link> = BTreeMap::new();
    for route in plan.routes.iter().filter(|route| route.enabled) {
        let link = links.entry((route.from, route.to)).or_default();
        let least = link.routes.map_or(route.tls, |tls| tls.min(route.tls));
        link.routes = Some(least);
        if route.only_by_rule {
            link.mail.insert("what a rule chooses".to_owned());
        } else {
            let mail = route.recipients.iter().map(|at| words(&at.pattern));
            link.mail.extend(mail);
        }
    }
    for domain in &plan.topology.domains {
        for at in &domain.mx {
            let link = links.entry((Party::Internet, Party::Location(at.value)));
            link.or_default().mail.insert(domain.name.unicode());
        }
    }
    // A gateway sends on what our own locations hand to it, without any object that says so.
    for (at, by_itself) in inherent(&plan.topology, &plan.routes) {
        let gets_all = |route: &Route| {
            route.enabled && route.to == Party::Location(at) && route.covers_everything()
        };
        if by_itself == Inherent::FollowsMxForOurs && plan.routes.iter().any(gets_all) {
            let link = links
                .entry((Party::Location(at), Party::Internet))
                .or_default();
            link.mail.insert(words(&Pattern::Any));
            link.routes = Some(TlsLevel::Opportunistic);
        }
    }
    links
}

fn words(pattern: &Pattern) -> String {
    match pattern {
        Pattern::Any => "all other mail".to_owned(),
        Pattern::AcceptedDomains => "the accepted domains".to_owned(),
        Pattern::Exact(name) => name.unicode(),
        pattern @ Pattern::Below(_) => pattern.to_string(),
    }
}

/// The column of a party: outside, entry points, other locations, partners that only receive.
fn column(topology: &Topology, links: &BTreeMap<(Party, Party), Link>, party: Party) -> u8 {
    let sends = links.keys().any(|(from, _)| *from == party);
    match party {
        Party::Internet | Party::Device(_) | Party::Network(..) => 0,
        Party::Partner(_) if sends => 0,
        Party::Location(id) => {
            let gateway = topology.location(id).is(Trait::Filter);
            let entered = links.contains_key(&(Party::Internet, party));
            if entered || gateway { 1 } else { 2 }
        }
        Party::Partner(_) | Party::Discard | Party::Reject => 3,
    }
}

/// What makes parties alike: their kind, and each neighbour with the direction and the TLS level.
type Shape = (u8, String, BTreeSet<(bool, Party, Option<TlsLevel>)>);

/// The parties of each box with its column, in the order of the boxes.
fn stacks(topology: &Topology, links: &BTreeMap<(Party, Party), Link>) -> Vec<(u8, Vec<Party>)> {
    let mut neighbours: BTreeMap<Party, BTreeSet<(bool, Party, Option<TlsLevel>)>> =
        BTreeMap::new();
    for ((from, to), link) in links {
        let out = (true, *to, link.routes);
        neighbours.entry(*from).or_default().insert(out);
        let back = (false, *from, link.routes);
        neighbours.entry(*to).or_default().insert(back);
    }
    let mut alike: BTreeMap<Shape, Vec<Party>> = BTreeMap::new();
    for (party, around) in neighbours {
        let shape = (
            column(topology, links, party),
            kind(topology, party),
            around,
        );
        alike.entry(shape).or_default().push(party);
    }
    let mut boxes: Vec<(u8, Vec<Party>)> = Vec::new();
    for ((column, _, _), parties) in alike {
        if parties.len() >= STACKED_FROM {
            boxes.push((column, parties));
        } else {
            boxes.extend(parties.into_iter().map(|party| (column, vec![party])));
        }
    }
    boxes.sort();
    boxes
}

/// The kind of a party in words, for a stack in the plural.
fn kind(topology: &Topology, party: Party) -> String {
    match party {
        Party::Location(id) => topology.location(id).product().label.to_owned(),
        Party::Partner(_) => "partners".to_owned(),
        Party::Device(_) => "devices".to_owned(),
        Party::Internet | Party::Network(..) | Party::Discard | Party::Reject => {
            topology.party_name(party).to_owned()
        }
    }
}

fn label(topology: &Topology, parties: &[Party]) -> String {
    let Some(&first) = parties.first() else {
        return String::new();
    };
    let name = topology.party_name(first);
    match first {
        Party::Location(_) if parties.len() > 1 => {
            format!("{} × {}", parties.len(), kind(topology, first))
        }
        _ if parties.len() > 1 => format!("{} {}", parties.len(), kind(topology, first)),
        Party::Location(_) => format!("{name}: {}", kind(topology, first)),
        Party::Internet => "Internet".to_owned(),
        _ => name.to_owned(),
    }
}
