//! What the SPF records of all domains lead to, each looked at once.

use crate::finding::{Finding, Object};
use crate::publish::{Alike, Known, Published, alike, declared_records, span};
use crate::source::Span;
use crate::spf::{Broken, Survey, survey};
use crate::topology::{DnsManagement, Domain, DomainId, Topology};
use crate::walk::Flows;
use std::collections::BTreeMap;

/// What each group of like domains leads to.
pub(crate) fn surveys(flows: &Flows<'_>, published: &Published) -> Vec<(Alike, Survey)> {
    let plan = flows.model.plan;
    let known = Known::of(plan, published);
    let groups = alike(&plan.topology, published).into_iter();
    groups
        .filter_map(|group| {
            let first = plan.topology.domain(*group.domains.first()?);
            let survey = survey(&known, first.name.as_str());
            Some((group, survey))
        })
        .collect()
}

/// The domains whose records receivers cannot evaluate, by the reason.
pub(crate) fn broken(
    flows: &Flows<'_>,
    published: &Published,
    wanted: impl Fn(&Broken) -> bool,
) -> BTreeMap<Broken, Vec<DomainId>> {
    let mut found: BTreeMap<Broken, Vec<DomainId>> = BTreeMap::new();
    for (group, survey) in surveys(flows, published) {
        for why in survey.broken.into_iter().filter(&wanted) {
            found.entry(why).or_default().extend(&group.domains);
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
