//! Findings about the SPF records of domains: what all of them have in common.

use crate::finding::{Finding, Object};
use crate::publish::{Published, declared_records, span};
use crate::source::Span;
use crate::spf::Broken;
use crate::topology::{DnsManagement, Domain, DomainId, Topology};
use std::collections::BTreeMap;

/// The domains whose records receivers cannot evaluate, by the reason.
pub(crate) fn broken(
    published: &Published,
    wanted: impl Fn(&Broken) -> bool,
) -> BTreeMap<Broken, Vec<DomainId>> {
    let mut found: BTreeMap<Broken, Vec<DomainId>> = BTreeMap::new();
    for (group, survey) in &published.surveys {
        for why in survey.broken.iter().filter(|why| wanted(why)) {
            found.entry(why.clone()).or_default().extend(&group.domains);
        }
    }
    found
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
