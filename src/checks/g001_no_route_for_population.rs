//! # G001 no-route-for-population
//!
//! ## What a clean result proves
//!
//! Mail for every recipient of the spec, from the Internet and from every place with mailboxes, follows routes all the
//! way to the recipient's place.
//!
//! ## Exact condition
//!
//! On the way to a recipient who exists, one of our places has no route for the recipient's domain, so that it follows
//! the MX or keeps the mail; or the message is bounced, waits until it expires, or is handed to somebody the spec does
//! not know. Loops and what only a reading leads to are other findings.
//!
//! ## Severity
//!
//! error; warning where it rests on a condition that nobody can decide offline.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - Without connectors no mail flows to our own servers: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use super::words::listed;
use super::{Check, Run};
use crate::analysis::flows::{classes, home_of, names, senders};
use crate::analysis::{Ends, Model, Way, class_ways};
use crate::finding::{Certainty, Finding, Findings, Object, Severity};
use crate::topology::{DomainId, LocationId};
use std::collections::{BTreeMap, BTreeSet};

/// The check.
pub const CHECK: Check = Check {
    code: "G001",
    name: "no-route-for-population",
    severity: Severity::Error,
    source: include_str!("g001_no_route_for_population.rs"),
    run: Run::Walk(run),
};

/// Where mail fails, and for whom.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone)]
struct Cause {
    /// The place that has no route, where that is it.
    gap: Option<LocationId>,
    ends: String,
    home: LocationId,
}

struct Found {
    way: Way,
    from: String,
    domains: BTreeSet<DomainId>,
    recipients: u64,
}

fn run(model: &Model<'_>, findings: &mut Findings) {
    let mut all: BTreeMap<Cause, Found> = BTreeMap::new();
    for class in classes(model) {
        let Some(home) = home_of(&class) else {
            continue;
        };
        let mut counted = BTreeSet::new();
        for sender in senders(model) {
            for (from, way) in class_ways(model, &sender, &class) {
                let lost = matches!(
                    way.end.ends,
                    Ends::Bounced(_) | Ends::Deferred(_) | Ends::LeftModel(Some(_))
                );
                if !way.readings.is_empty() || !(lost || way.gap.is_some()) {
                    continue;
                }
                let cause = Cause {
                    gap: way.gap,
                    ends: way.end.ends.words(&model.plan.topology),
                    home,
                };
                let found = all.entry(cause.clone()).or_insert_with(|| Found {
                    way: way.clone(),
                    from,
                    domains: BTreeSet::new(),
                    recipients: 0,
                });
                found.domains.extend(&class.domains);
                if counted.insert(cause) {
                    found.recipients += class.recipients;
                }
            }
        }
    }
    for (cause, found) in all {
        findings.push(finding(model, &cause, &found));
    }
}

fn finding(model: &Model<'_>, cause: &Cause, found: &Found) -> Finding {
    let topology = &model.plan.topology;
    let domains: Vec<DomainId> = found.domains.iter().copied().collect();
    let shown = names(model, &domains);
    let home = &topology.location(cause.home).name;
    let of = listed(shown.iter().map(String::as_str));
    let message = match cause.gap {
        Some(gap) => format!(
            "`{}` has no route for {of}, so mail from `{}` for the mailboxes at `{home}` follows the MX and ends `{}`",
            topology.location(gap).name,
            found.from,
            cause.ends
        ),
        None => format!(
            "mail from `{}` for the mailboxes of {of} at `{home}` ends `{}`: {}",
            found.from, cause.ends, found.way.end.why
        ),
    };
    let severity = if found.way.certainty == Certainty::Certain {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut finding = Finding::new("G001", severity, message);
    if let Some(first) = domains.first() {
        let domain = topology.domain(*first);
        let holder = domain
            .holders
            .iter()
            .find(|holder| holder.location == cause.home);
        finding = finding.at(
            holder.map_or(domain.span, |holder| holder.span),
            format!("the mailboxes are at `{home}`"),
        );
    }
    if let Some(gap) = cause.gap {
        let location = topology.location(gap);
        finding = finding
            .at(location.span, "no route starts here for them")
            .on(Object::Location(location.name.clone()));
        let first = shown.first().map_or("", String::as_str);
        finding = finding.help(format!(
            "write a route: `{{from: {}, to: {home}, recipients: [{first}]}}`",
            location.name
        ));
    } else {
        let to = found
            .way
            .places
            .last()
            .map(|at| topology.location(*at).name.clone());
        if let Some(name) = to {
            finding = finding.on(Object::Location(name));
        }
        finding =
            finding.help("`mailtopo trace` with these ends shows every hop and what decided it");
    }
    finding.certainty = found.way.certainty;
    finding.recipients = (found.recipients > 0).then_some(found.recipients);
    finding.trace.clone_from(&found.way.hops);
    finding.domains(shown)
}
