//! Every class of mail and how it ends, as the analysis followed it.

use crate::finding::Certainty;
use crate::topology::{Party, Topology};
use crate::walk::{Class, ClassKind, Flow, Flows, Home, Way, networks_like};
use crate::writer::html::Html;
use std::collections::{BTreeMap, BTreeSet};

/// Names that one cell shows at most.
pub(super) const SHOWN: usize = 40;

/// The ways of some mail, each with its end, in words.
type Ways = Vec<String>;

/// Who has which ways for the mail of a class.
type Outcomes = BTreeMap<Ways, BTreeSet<String>>;

/// The rows of the proof: which mail, from whom, over which path and how it ends. Classes whose mail goes alike stand in
/// one row.
pub(super) fn rows(flows: &Flows<'_>) -> Vec<Vec<Html>> {
    let topology = &flows.model.plan.topology;
    let mut by_class: BTreeMap<usize, Outcomes> = BTreeMap::new();
    for flow in &flows.flows {
        let senders = by_class
            .entry(flow.class)
            .or_default()
            .entry(ways(topology, flow))
            .or_default();
        senders.insert(sender(topology, flow.party));
        let alike = flows.stands_for(flow).into_iter();
        senders.extend(alike.map(|id| sender(topology, Party::Location(id))));
        let networks = networks_like(flows.model, flow.party).into_iter();
        senders.extend(networks.map(|party| sender(topology, party)));
    }
    let mut alike: BTreeMap<(ClassKind, &Outcomes), Vec<&Class>> = BTreeMap::new();
    for (class, outcomes) in &by_class {
        if let Some(class) = flows.population.classes.get(*class) {
            alike.entry((class.kind, outcomes)).or_default().push(class);
        }
    }
    let mut rows = Vec::new();
    for ((kind, outcomes), classes) in alike {
        // An address that nobody has cannot be told from one that is only counted.
        let example = classes.first().filter(|_| kind != ClassKind::Unknown);
        let example = example.map_or(String::new(), |at| format!(", such as `{}`", at.witness));
        let mail = mail(topology, kind, &flows.names_of(classes)) + &example;
        for (ways, senders) in outcomes {
            rows.push(vec![
                Html::prose(&mail),
                Html::prose(&some(senders.iter().cloned())),
                Html::lines(ways.iter().map(|way| Html::prose(way))),
            ]);
        }
    }
    rows
}

fn ways(topology: &Topology, flow: &Flow) -> Ways {
    let found = flow.trace.ways.iter();
    let mut ways: Ways = found.map(|way| words(topology, way)).collect();
    ways.sort();
    ways.dedup();
    if flow.trace.cut {
        ways.push("more paths than are followed: not proved".to_owned());
    }
    if ways.is_empty() {
        ways.push("none: nobody can send it".to_owned());
    }
    ways
}

/// A way in words: where it goes, how it ends, the least TLS level.
fn words(topology: &Topology, way: &Way) -> String {
    let end = way.end.ends.words(topology);
    let sure = match way.certainty {
        Certainty::Certain => "",
        Certainty::Assumed => " (assumed)",
        Certainty::Possible => " (possible)",
    };
    let hops: Vec<String> = way.hops.iter().map(|hop| format!("`{}`", hop.to)).collect();
    if hops.is_empty() {
        return format!("stays there: `{end}`{sure}");
    }
    format!("→ {}: `{end}`{sure}, TLS {}", hops.join(" → "), way.tls)
}

fn sender(topology: &Topology, party: Party) -> String {
    match party {
        Party::Internet => "the Internet".to_owned(),
        Party::Location(_) => format!("mailboxes at `{}`", topology.party_name(party)),
        _ => format!("`{}`", topology.party_name(party)),
    }
}

fn mail(topology: &Topology, kind: ClassKind, names: &[String]) -> String {
    let names = || some(names.iter().map(|name| format!("`{name}`")));
    match kind {
        ClassKind::Mailboxes(at) => {
            format!("mailboxes at `{}`: {}", topology.location(at).name, names())
        }
        ClassKind::Unknown => format!("unknown addresses of {}", names()),
        ClassKind::Subdomain(Home::At(at)) => format!(
            "unknown subdomains, mailboxes at `{}`: {}",
            topology.location(at).name,
            names()
        ),
        ClassKind::Subdomain(Home::Nobody | Home::Outside) => {
            format!("unknown subdomains: {}", names())
        }
        ClassKind::Partner(id) => format!("partner `{}`: {}", topology.partner(id).name, names()),
        ClassKind::Outside => format!("external recipients: {}", names()),
    }
}

fn some(names: impl Iterator<Item = String>) -> String {
    let mut names: Vec<String> = names.collect();
    let more = names.len().saturating_sub(SHOWN);
    names.truncate(SHOWN);
    if more > 0 {
        names.push(format!("{more} more"));
    }
    names.join(", ")
}
