//! What both products say about an accepted domain.

use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::exchange::desired::Recipients;
use crate::routes::Acceptance;
use crate::topology::{Holds, LocationId};
use crate::values::DomainName;
use std::collections::BTreeSet;

/// Those of a list of domains that a sink is told: a file holds all of them, while of many that differ in nothing but their
/// names, which every format holds, one is enough to ask what would be refused.
pub(crate) fn told<T, K: Ord>(
    list: impl IntoIterator<Item = T>,
    sink: Sink,
    kind: impl Fn(&T) -> K,
) -> Vec<T> {
    let mut seen = BTreeSet::new();
    let all = list.into_iter();
    all.filter(|one| sink == Sink::Files || seen.insert(kind(one)))
        .collect()
}

/// The item of the spec that an accepted domain comes from.
pub(crate) fn origin_of_domain(plan: &Plan, here: LocationId, domain: &DomainName) -> String {
    if plan.topology.domain_named(domain).is_some() {
        return format!("domains.{}", domain.as_str());
    }
    let location = plan.topology.location(here);
    let key = if location.accepts.is_some() {
        "accepts"
    } else {
        "also_accepts"
    };
    format!("locations.{}.{key}", location.name)
}

/// Why a place accepts a domain, as a sentence.
pub(crate) fn why_accepted(plan: &Plan, here: LocationId, domain: Option<&DomainName>) -> String {
    let accepted = &plan.place(here).accepted;
    let accepted = domain.and_then(|name| accepted.named(name));
    match accepted.map(|accepted| accepted.why) {
        Some(Acceptance::Holds) => {
            let location = &plan.topology.location(here).name;
            format!("{location} holds mailboxes of it.")
        }
        Some(Acceptance::Entry) => "Internet mail for it enters here.".to_owned(),
        Some(Acceptance::OnTheWay) => {
            "It lies on the way from where its mail enters to where its mailboxes are.".to_owned()
        }
        Some(Acceptance::TenantName | Acceptance::Written) | None => {
            "The spec says that it is accepted here.".to_owned()
        }
    }
}

/// The recipients of a domain that must exist before a location becomes authoritative for it. Nothing for a domain that
/// the spec does not describe.
pub(crate) fn recipients(plan: &Plan, name: &DomainName) -> Option<Recipients> {
    let domain = plan.topology.domain(plan.topology.domain_named(name)?);
    let mut expected: u64 = 0;
    let mut listed = Vec::new();
    for holder in &domain.holders {
        match &holder.holds {
            Holds::Count(count) => expected = expected.saturating_add(*count),
            Holds::Listed(recipients) => {
                expected = expected.saturating_add(recipients.len() as u64);
                listed.extend(recipients.iter().map(|recipient| recipient.address.clone()));
            }
            Holds::Rest => {}
        }
    }
    // Where nobody knows how many there are, there is at least one.
    Some(Recipients {
        domain: name.as_str().to_owned(),
        count: i32::try_from(expected.max(1)).unwrap_or(i32::MAX),
        listed,
    })
}
