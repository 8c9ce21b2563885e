//! Findings about the SPF records of domains: what all of them have in common.

use crate::finding::{Finding, Object};
use crate::publish::verdict::{Judged, SpfLeg};
use crate::publish::{Published, declared_records, span};
use crate::source::Span;
use crate::spf::Broken;
use crate::topology::{DnsManagement, Domain, DomainId, Topology};
use std::collections::{BTreeMap, BTreeSet};

/// The domains whose records receivers cannot evaluate, by the reason: whoever sends, and for mail that leaves, which may
/// lead further by macros.
pub(crate) fn broken(
    topology: &Topology,
    published: &Published,
    wanted: impl Fn(&Broken) -> bool,
) -> BTreeMap<Broken, Vec<DomainId>> {
    let whoever = published.surveys.iter().flat_map(|(group, survey)| {
        let domains = group.domains.iter();
        domains.flat_map(|id| survey.broken.iter().map(|why| (why, *id)))
    });
    let leaving = published.judged.iter().flat_map(|judged| {
        let why = match judged.proof.as_ref().map(|proof| &proof.spf) {
            Some(SpfLeg::Permerror(why)) => Some(why),
            _ => None,
        };
        why.into_iter()
            .flat_map(|why| envelopes(topology, judged).map(move |id| (why, id)))
    });
    let mut found: BTreeMap<Broken, BTreeSet<DomainId>> = BTreeMap::new();
    for (why, id) in whoever.chain(leaving).filter(|(why, _)| wanted(why)) {
        found.entry(why.clone()).or_default().insert(id);
    }
    let found = found.into_iter();
    found
        .map(|(why, ids)| (why, ids.into_iter().collect()))
        .collect()
}

/// Which mail SPF fails for where receivers give up over a record of these domains. They stop where a term matches, so that
/// what leaves from here may pass all the same.
pub(crate) fn failing(
    topology: &Topology,
    published: &Published,
    domains: &[DomainId],
) -> &'static str {
    let passes = published.judged.iter().any(|judged| {
        let proof = judged.proof.as_ref();
        proof.is_some_and(|proof| matches!(proof.spf, SpfLeg::Pass(_)))
            && envelopes(topology, judged).any(|id| domains.contains(&id))
    });
    if passes {
        "what no earlier term lets pass"
    } else {
        "all of this mail"
    }
}

/// The domains of the spec that mail has its envelope senders in.
pub(crate) fn envelopes<'t>(
    topology: &'t Topology,
    judged: &'t Judged,
) -> impl Iterator<Item = DomainId> + 't {
    let envelope = judged
        .proof
        .as_ref()
        .and_then(|proof| proof.envelope.as_ref());
    let authors = judged.domains.iter();
    authors.filter_map(move |id| {
        let author = &topology.domain(*id).name;
        topology.domain_named(envelope?.name(author))
    })
}

/// Whose record, or of how many, as the subject of a sentence.
pub(crate) fn whose(topology: &Topology, domains: &[DomainId]) -> String {
    let names: Vec<&str> = domains
        .iter()
        .map(|id| topology.domain(*id).name.as_str())
        .collect();
    match names.as_slice() {
        [] => String::new(),
        [one] => format!("the SPF record of `{one}`"),
        [first, _] => format!("the SPF records of `{first}` and one other domain"),
        [first, rest @ ..] => {
            format!(
                "the SPF records of `{first}` and {} other domains",
                rest.len()
            )
        }
    }
}

/// Where the spec has a domain's record: the declared text, else what it is made from.
pub(crate) fn place(domain: &Domain) -> Span {
    let declared = match &domain.dns {
        DnsManagement::External(records) => {
            let first = declared_records(records);
            let texts = records.txt.iter().flatten();
            let mut texts = texts.filter(|at| first.contains(&at.value.as_str()));
            texts.next().map(|at| at.span)
        }
        DnsManagement::Managed | DnsManagement::None => None,
    };
    declared.unwrap_or_else(|| span(domain))
}

/// A finding about the records of domains, with all of them.
pub(crate) fn about(finding: Finding, topology: &Topology, domains: &[DomainId]) -> Finding {
    let name = |id: &DomainId| topology.domain(*id).name.to_string();
    let finding = domains
        .iter()
        .take(20)
        .fold(finding, |finding, id| finding.on(Object::Domain(name(id))));
    finding.domains(domains.iter().map(name))
}
