//! # L001 loop
//!
//! ## What a clean result proves
//!
//! No message to any recipient of the spec goes round for ever, whether the recipient exists or not.
//!
//! ## Exact condition
//!
//! From the Internet or from a place with mailboxes, a message to some class of recipients comes back to a place as it
//! was when it first got there. A message that carries something it did not carry before (a header of a rule, the headers
//! of centralized transport, a rewritten recipient) is not as it was.
//!
//! ## Severity
//!
//! error; warning where only a reading, or a condition that nobody can decide offline, leads there. Exchange ends a loop
//! with 5.4.6 or 5.4.14, Postfix with too many hops.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, directory: own}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - How loops end: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-5-4-6-through-5-4-20-in-exchange-online>

use super::words::listed;
use super::{Check, Run};
use crate::analysis::flows::{Class, classes, names, senders};
use crate::analysis::{Ends, Home, Model, Way, class_ways};
use crate::finding::{Certainty, Finding, Findings, Object, Severity};
use crate::topology::{DomainId, LocationId};
use std::collections::{BTreeMap, BTreeSet};

/// The check.
pub const CHECK: Check = Check {
    code: "L001",
    name: "loop",
    severity: Severity::Error,
    source: include_str!("l001_loop.rs"),
    run: Run::Walk(run),
};

/// What loops over the same places for the same reason.
struct Loop {
    way: Way,
    domains: BTreeSet<DomainId>,
    recipients: u64,
    senders: BTreeSet<String>,
}

fn run(model: &Model<'_>, findings: &mut Findings) {
    let mut loops: BTreeMap<(Vec<LocationId>, bool), Loop> = BTreeMap::new();
    for class in classes(model) {
        let mut counted = BTreeSet::new();
        for sender in senders(model) {
            for (from, way) in class_ways(model, &sender, &class) {
                // A missing route is another finding, which says what to add.
                if way.gap.is_some() && class.home() != Home::Nobody {
                    continue;
                }
                let Ends::Loop(cycle) = &way.end.ends else {
                    continue;
                };
                let mut places = cycle.clone();
                places.sort_unstable();
                places.dedup();
                let key = (places, class.home() == Home::Nobody);
                note(
                    &mut loops,
                    &key,
                    &class,
                    from,
                    way,
                    counted.insert(key.clone()),
                );
            }
        }
    }
    for ((places, unknown), found) in loops {
        findings.push(finding(model, &places, unknown, &found));
    }
}

fn note(
    loops: &mut BTreeMap<(Vec<LocationId>, bool), Loop>,
    key: &(Vec<LocationId>, bool),
    class: &Class,
    from: String,
    way: Way,
    first: bool,
) {
    let found = loops.entry(key.clone()).or_insert_with(|| Loop {
        way: way.clone(),
        domains: BTreeSet::new(),
        recipients: 0,
        senders: BTreeSet::new(),
    });
    // The surest and shortest way is the one to show.
    if (way.certainty, way.hops.len()) < (found.way.certainty, found.way.hops.len()) {
        found.way = way;
    }
    found.domains.extend(&class.domains);
    found.senders.insert(from);
    if first {
        found.recipients += class.recipients;
    }
}

fn finding(model: &Model<'_>, places: &[LocationId], unknown: bool, found: &Loop) -> Finding {
    let topology = &model.plan.topology;
    let where_names = || places.iter().map(|at| topology.location(*at).name.as_str());
    let domains: Vec<DomainId> = found.domains.iter().copied().collect();
    let shown = names(model, &domains);
    let whose = if unknown {
        "unknown recipients"
    } else {
        "recipients"
    };
    let rounds = if places.len() == 1 {
        format!("comes back to {}", listed(where_names()))
    } else {
        format!("goes round between {}", listed(where_names()))
    };
    let message = format!(
        "mail for {whose} of {} {rounds} until the hop limit",
        listed(shown.iter().map(String::as_str))
    );
    let severity = if found.way.certainty == Certainty::Certain {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut finding = Finding::new("L001", severity, message);
    for name in found
        .way
        .hops
        .iter()
        .filter_map(|hop| hop.by.strip_prefix("route:"))
    {
        let route = model.plan.routes.iter().find(|route| route.name == name);
        if let Some(route) = route {
            let object = Object::Route(route.name.clone());
            if !finding.objects.contains(&object) {
                finding = finding
                    .at(route.origin.span(), format!("`{name}` takes it on"))
                    .on(object);
            }
        }
    }
    if finding.labels.is_empty()
        && let Some(first) = domains.first()
    {
        finding = finding.at(topology.domain(*first).span, "");
    }
    for name in where_names() {
        finding = finding.on(Object::Location(name.to_owned()));
    }
    finding.certainty = found.way.certainty;
    finding.readings = found.way.readings.keys().copied().collect();
    finding.trace.clone_from(&found.way.hops);
    finding.recipients = (!unknown && found.recipients > 0).then_some(found.recipients);
    let first = where_names().next().unwrap_or_default();
    finding
        .help(if unknown {
            format!("let one of them know every recipient, so that it refuses the others: `{first}: {{directory: complete}}`")
        } else {
            "give one of them a route to the place that holds the mailboxes".to_owned()
        })
        .domains(shown)
}
