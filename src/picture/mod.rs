//! The topology as a picture: boxes for the parties, arrows for the mail that one hands to another.
//!
//! Parties with the same neighbours, the same kinds of patterns and the same TLS levels are drawn as one stack, because no
//! layout makes hundreds of boxes readable. A party that something was found about stands by itself, as long as a picture
//! has room. This module must not know where a picture is shown.

pub(crate) mod dot;
pub(crate) mod mermaid;
pub(crate) mod svg;

use crate::finding::{Finding, Object, Severity, TraceHop};
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
    /// What was found about them, by its position among all that is shown.
    pub findings: Vec<usize>,
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
    /// What was found about it, by its position among all that is shown.
    pub findings: Vec<usize>,
    /// Mail loops over it.
    pub is_in_loop: bool,
}

/// Boxes up to which parties with findings stand by themselves.
const MOST_BOXES: usize = 60;

/// Findings that a picture shows at most.
const MOST_FINDINGS: usize = 500;

/// What a picture shows of all that was found.
pub(crate) fn shown(findings: &[Finding]) -> Vec<&Finding> {
    let open = findings
        .iter()
        .filter(|at| at.accepted.is_none() && at.severity > Severity::Note);
    open.take(MOST_FINDINGS).collect()
}

/// Mail from one party to another.
#[derive(Clone, Debug, Default)]
struct Link {
    mail: BTreeSet<String>,
    /// What kinds of patterns these are.
    kinds: BTreeSet<&'static str>,
    routes: Option<TlsLevel>,
}

impl Picture {
    /// The picture of a plan, with what was found.
    pub(crate) fn of(plan: &Plan, findings: &[&Finding]) -> Self {
        let links = links(plan);
        let about = about(plan, findings);
        let mut stacks_of = stacks(&plan.topology, &links, &about, findings, true);
        if stacks_of.len() > MOST_BOXES {
            stacks_of = stacks(&plan.topology, &links, &about, findings, false);
        }
        let mut picture = Self::default();
        let mut position: BTreeMap<Party, usize> = BTreeMap::new();
        for (column, parties) in stacks_of {
            position.extend(parties.iter().map(|&party| (party, picture.boxes.len())));
            // What is about a route stands at its arrow.
            let is_named = |party: &Party, number: usize| {
                let name = plan.topology.party_name(*party);
                let mut objects = findings.get(number).into_iter().flat_map(|it| &it.objects);
                objects.any(|object| is_party(object) && object.name() == name)
            };
            let found = parties.iter().flat_map(|party| {
                let numbers = about.get(party).into_iter().flatten().copied();
                numbers.filter(move |number| is_named(party, *number))
            });
            let found: BTreeSet<usize> = found.collect();
            picture.boxes.push(Node {
                label: label(&plan.topology, &parties),
                parties,
                column,
                findings: found.into_iter().collect(),
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
                findings: Vec::new(),
                is_in_loop: false,
            })
            .collect();
        picture.mark(plan, findings);
        picture
    }

    /// Marks the arrows that something was found about.
    fn mark(&mut self, plan: &Plan, findings: &[&Finding]) {
        let names = |node: &Node| -> Vec<String> {
            let parties = node.parties.iter();
            let names = parties.map(|party| plan.topology.party_name(*party).to_owned());
            names.collect()
        };
        let names: Vec<Vec<String>> = self.boxes.iter().map(names).collect();
        let has = |at: usize, name: &str| {
            let mut all = names.get(at).into_iter().flatten();
            all.any(|own| own == name)
        };
        for (number, finding) in findings.iter().enumerate() {
            let routes = plan.routes.iter().filter(|route| {
                let mut objects = finding.objects.iter();
                objects.any(|it| matches!(it, Object::Route(name) if *name == route.name))
            });
            let ends: Vec<[&str; 2]> = routes
                .map(|route| [route.from, route.to].map(|end| plan.topology.party_name(end)))
                .collect();
            let looped = looped(&finding.trace);
            for arrow in &mut self.arrows {
                let is = |from: &str, to: &str| has(arrow.from, from) && has(arrow.to, to);
                if ends.iter().any(|[from, to]| is(from, to)) {
                    arrow.findings.push(number);
                }
                arrow.is_in_loop |= looped.iter().any(|hop| is(&hop.at, &hop.to));
            }
        }
    }
}

/// The hops from where mail passes twice.
fn looped(trace: &[TraceHop]) -> &[TraceHop] {
    let again = trace.last().map(|last| &last.to);
    let first = trace.iter().position(|hop| Some(&hop.at) == again);
    first
        .and_then(|first| trace.get(first..))
        .unwrap_or_default()
}

const fn is_party(object: &Object) -> bool {
    matches!(
        object,
        Object::Location(_) | Object::Partner(_) | Object::Device(_)
    )
}

/// What was found about each party: by its name, or by a route that it sends or receives over.
fn about(plan: &Plan, findings: &[&Finding]) -> BTreeMap<Party, BTreeSet<usize>> {
    let topology = &plan.topology;
    let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    let mut by_route: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (number, finding) in findings.iter().enumerate() {
        for object in &finding.objects {
            let of = match object {
                object if is_party(object) => &mut by_name,
                Object::Route(_) => &mut by_route,
                _ => continue,
            };
            of.entry(object.name()).or_default().insert(number);
        }
    }
    let mut about: BTreeMap<Party, BTreeSet<usize>> = BTreeMap::new();
    for route in &plan.routes {
        for party in [route.from, route.to] {
            let own = by_name.get(topology.party_name(party));
            let found = own.into_iter().chain(by_route.get(route.name.as_str()));
            for numbers in found {
                about.entry(party).or_default().extend(numbers);
            }
        }
    }
    about
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
            let patterns = || route.recipients.iter().map(|at| &at.pattern);
            link.mail.extend(patterns().map(words));
            link.kinds.extend(patterns().map(shape_of));
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

fn shape_of(pattern: &Pattern) -> &'static str {
    match pattern {
        Pattern::Any => "any",
        Pattern::AcceptedDomains => "accepted",
        Pattern::Exact(_) => "exact",
        Pattern::Below(_) => "below",
    }
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

/// What a link is, as far as parties are compared by it: its direction, its other end, its TLS level, and the kinds of
/// patterns.
type Around = (bool, Party, Option<TlsLevel>, BTreeSet<&'static str>);

/// What makes parties alike: their column, their kind, each neighbour, the checks that speak of them, and a party that
/// stands by itself.
type Shape<'a> = (
    u8,
    String,
    BTreeSet<Around>,
    BTreeSet<&'a str>,
    Option<Party>,
);

/// The parties of each box with its column, in the order of the boxes.
fn stacks(
    topology: &Topology,
    links: &BTreeMap<(Party, Party), Link>,
    about: &BTreeMap<Party, BTreeSet<usize>>,
    findings: &[&Finding],
    is_apart: bool,
) -> Vec<(u8, Vec<Party>)> {
    let mut neighbours: BTreeMap<Party, BTreeSet<Around>> = BTreeMap::new();
    for ((from, to), link) in links {
        let out = (true, *to, link.routes, link.kinds.clone());
        neighbours.entry(*from).or_default().insert(out);
        let back = (false, *from, link.routes, link.kinds.clone());
        neighbours.entry(*to).or_default().insert(back);
    }
    let mut alike: BTreeMap<Shape<'_>, Vec<Party>> = BTreeMap::new();
    for (party, around) in neighbours {
        let found = about.get(&party).into_iter().flatten();
        let found = found.filter_map(|number| findings.get(*number));
        let found: BTreeSet<&str> = found.map(|finding| finding.check.as_str()).collect();
        let own = (is_apart && !found.is_empty()).then_some(party);
        let shape = (
            column(topology, links, party),
            kind(topology, party),
            around,
            found,
            own,
        );
        alike.entry(shape).or_default().push(party);
    }
    let mut boxes: Vec<(u8, Vec<Party>)> = Vec::new();
    for ((column, ..), parties) in alike {
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
