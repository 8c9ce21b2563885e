//! # U002 spf-too-many-lookups
//!
//! ## What a clean result proves
//!
//! Receivers can evaluate every SPF record that is written, as far as it is known what stands behind its names.
//!
//! ## Exact condition
//!
//! The terms of a record cost more than ten DNS lookups: one for each `include`, `a`, `mx` and `exists`, and those of
//! the records that an `include` or `redirect` leads to. Their content is taken from the spec's own zones, from declared
//! records and from `records` of the facts; a name of which nobody knows the content costs one. A record that leads back
//! to itself has no end, and of an `mx` term no more than ten hosts are looked at.
//!
//! ## Severity
//!
//! error: at the eleventh lookup the check ends in an error, whoever sends.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.newsletter.example, spf.shop.example]}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.newsletter.example: {txt: ["v=spf1 a:a.newsletter.example a:b.newsletter.example a:c.newsletter.example a:d.newsletter.example -all"]}
//!   spf.shop.example: {txt: ["v=spf1 mx:shop.example a:a.shop.example a:b.shop.example a:c.shop.example -all"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.newsletter.example, spf.shop.example]}}
//! dns:
//!   spf: {flatten: true}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.newsletter.example: {txt: ["v=spf1 a:a.newsletter.example ip4:192.0.2.0/28 -all"]}
//!   a.newsletter.example: {a: [192.0.2.17]}
//!   spf.shop.example: {txt: ["v=spf1 ip4:198.51.100.0/28 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4>

use crate::checks::Run;
use crate::checks::spf_records::{about, broken, failing, place, whose};
use crate::finding::{Code, Finding, Findings};
use crate::plan::Plan;
use crate::publish::{Known, Published, networks_behind};
use crate::spf::{Broken, MOST_LOOKUPS, Mechanism, Term};
use crate::topology::{DomainId, Flatten};
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

/// Why a record takes too much.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Why {
    /// It leads back to a name that it came from.
    Circle(String),
    /// A name has too many exchangers.
    Exchangers(String),
    /// What each term takes is too much together.
    Costs(Vec<(String, usize)>),
    /// It takes too much for mail that leaves, whose macros lead further.
    Leaving,
}

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeMap<(Why, bool), Vec<DomainId>> = BTreeMap::new();
    for (group, survey) in &published.surveys {
        let total = survey.lookups();
        let why = if let Some(name) = &survey.circle {
            Why::Circle(name.clone())
        } else if total > MOST_LOOKUPS {
            Why::Costs(survey.costs.clone())
        } else {
            continue;
        };
        found.entry((why, group.declared)).or_default().extend(&group.domains);
    }
    let said: BTreeSet<DomainId> = found.values().flatten().copied().collect();
    let others = broken(topology, published, |why| matches!(why, Broken::Exchangers(_) | Broken::Lookups));
    for (why, mut domains) in others {
        let why = if let Broken::Exchangers(name) = why {
            Why::Exchangers(name)
        } else {
            domains.retain(|id| !said.contains(id));
            Why::Leaving
        };
        if !domains.is_empty() {
            found.insert((why, false), domains);
        }
    }
    for ((why, declared), domains) in found {
        if let Some(&first) = domains.first() {
            let finding = finding(flows.model.plan, published, why, declared, &domains);
            let span = place(topology.domain(first));
            let (finding, label) = finding;
            findings.push(about(finding.at(span, label), topology, &domains));
        }
    }
}

/// The fewest includes that bring the record to ten lookups if addresses stand in their place; of as few, those with the
/// fewest networks.
fn proposal(known: &Known<'_>, costs: &[(String, usize)], domain: Option<&str>) -> Option<Vec<String>> {
    const MOST: usize = 12;
    let total: usize = costs.iter().map(|(_, cost)| cost).sum();
    let wanted = total.checked_sub(MOST_LOOKUPS)?;
    let mut candidates: Vec<(usize, usize, String)> = Vec::new();
    for (text, cost) in costs {
        let Some(term) = Term::parse(text) else { continue };
        let Mechanism::Include(name) = &term.mechanism else {
            continue;
        };
        if let Some(networks) = networks_behind(known, &term, domain?) {
            candidates.push((*cost, networks.len(), name.clone()));
        }
    }
    candidates.sort_by(|a, b| (b.0, a.1, &a.2).cmp(&(a.0, b.1, &b.2)));
    candidates.truncate(MOST);
    let sets = 1_u32..1 << candidates.len();
    let chosen = |set: u32| {
        let numbered = candidates.iter().enumerate();
        numbered.filter(move |(at, _)| set >> at & 1 == 1).map(|(_, one)| one)
    };
    let good = sets.filter(|set| chosen(*set).map(|one| one.0).sum::<usize>() >= wanted);
    let best = good.min_by_key(|set| {
        let networks: usize = chosen(*set).map(|one| one.1).sum();
        let names: Vec<&String> = chosen(*set).map(|one| &one.2).collect();
        (set.count_ones(), networks, names)
    })?;
    let mut names: Vec<String> = chosen(best).map(|one| one.2.clone()).collect();
    names.sort();
    Some(names)
}

/// Whether a term names a host whose addresses could stand there.
fn is_by_host(term: &str) -> bool {
    let mechanism = Term::parse(term).map(|term| term.mechanism);
    matches!(mechanism, Some(Mechanism::A(..) | Mechanism::Mx(..)))
}

fn finding(
    plan: &Plan,
    published: &Published,
    why: Why,
    declared: bool,
    domains: &[DomainId],
) -> (Finding, String) {
    let topology = &plan.topology;
    let whose = whose(topology, domains);
    let fails = failing(topology, published, domains);
    match why {
        Why::Circle(name) => (
            Finding::error(
                Code::U002,
                format!("{whose} would lead back to `{name}` for ever, and receivers stop at {MOST_LOOKUPS} DNS lookups: SPF fails for {fails}"),
            )
            .help(format!("take out the include that leads to `{name}`")),
            String::new(),
        ),
        Why::Exchangers(name) => (
            Finding::error(
                Code::U002,
                format!("{whose} would have receivers look at all mail exchangers of `{name}`, which has more than {MOST_LOOKUPS}: SPF fails for {fails}"),
            )
            .help("write the addresses in place of the `mx` term"),
            String::new(),
        ),
        Why::Leaving => (
            Finding::error(
                Code::U002,
                format!("{whose} would take more than {MOST_LOOKUPS} DNS lookups for mail that leaves, as its macros lead further, and receivers stop there: SPF fails for this mail"),
            )
            .help("write the addresses in place of the term with the macro"),
            String::new(),
        ),
        Why::Costs(costs) => {
            let total: usize = costs.iter().map(|(_, cost)| cost).sum();
            let table: Vec<String> = costs
                .iter()
                .map(|(term, cost)| format!("{cost} for `{term}`"))
                .collect();
            let known = Known::of(plan, published);
            let proposal = (!declared).then(|| proposal(&known, &costs, domains.first().map(|id| topology.domain(*id).name.as_str())));
            let cure = match proposal.flatten() {
                Some(names) => format!(
                    "write `spf: {{flatten: [{}]}}` under `dns`, which replaces these names by addresses",
                    names.join(", ")
                ),
                None if declared && costs.iter().any(|(term, _)| is_by_host(term)) => {
                    "have addresses put in place of terms that name hosts: `ip4:` and `ip6:` take no lookup".to_owned()
                }
                None if declared => "have one of them taken out".to_owned(),
                None if topology.dns.spf.flatten == Flatten::All => {
                    "take one of them out, or send from one location less".to_owned()
                }
                None => "take one of them out; `flatten` replaces names by addresses where the facts have their content".to_owned(),
            };
            (
                Finding::error(
                    Code::U002,
                    format!("{whose} would take {total} DNS lookups, and receivers stop at {MOST_LOOKUPS}: SPF fails for {fails}"),
                )
                .help(cure),
                table.join(", "),
            )
        }
    }
}
