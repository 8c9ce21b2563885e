//! # G004 mx-entry-cannot-forward
//!
//! ## What a clean result proves
//!
//! Every gateway that mail enters at hands the mail of every domain on.
//!
//! ## Exact condition
//!
//! Mail for a mailbox enters at a gateway whose `forwards` has no pattern for the domain.
//!
//! ## Severity
//!
//! error: the gateway refuses the mail.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//!   fabrikam.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], certificate: mx.filter.example, forwards: {contoso.com: cloud, fabrikam.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//!   fabrikam.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - A filter in front of the tenant: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::lost_mail::{Astray, report_where};
use crate::checks::Run;
use crate::checks::attribution::claim;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::topology::LocationId;
use crate::walk::{Evidence, Fault, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_where(flows, findings, finding, |fault, evidence| {
        let mut same = same_entry(flows, fault, evidence);
        // A gateway forwards a domain to one location, so mailboxes at several locations lack one entry.
        same.next().is_some_and(|(first, _)| first == fault)
    });
}

/// The faults that one entry of `forwards` would mend, this one among them, in their order.
fn same_entry<'a>(
    flows: &'a Flows<'_>,
    fault: &'a Fault,
    evidence: &'a Evidence,
) -> impl Iterator<Item = (&'a Fault, &'a Evidence)> {
    let region = flows.region(evidence);
    flows.faults.iter().filter_map(move |(other, shows)| {
        let same = other.kind == FaultKind::NotForwarded
            && other.at == fault.at
            && flows.region(shows) == region
            && claim(flows, other, shows).is_none();
        same.then_some((other, shows))
    })
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let homes: Vec<LocationId> = same_entry(astray.flows, astray.fault, astray.evidence)
        .filter_map(|(fault, _)| fault.home)
        .collect();
    let routes = &astray.flows.model.plan.routes;
    let hands_on = |from: LocationId, to: LocationId| {
        from == to
            || routes.iter().any(|route| {
                route.enabled
                    && route.from.location() == Some(from)
                    && route.to.location() == Some(to)
            })
    };
    let mut able = homes.iter().copied();
    let target = able.find(|&from| homes.iter().all(|&to| hands_on(from, to)));
    let target = target.or_else(|| homes.first().copied());
    let name = target.map_or("", |at| astray.name(at));
    let others = homes.iter().filter(|&&at| Some(at) != target);
    let others = listed(others.map(|&at| astray.name(at)));
    let onward = if others.is_empty() {
        String::new()
    } else {
        format!("; `{name}` sends mail for {others} on")
    };
    let entries = astray.region.iter().map(|pattern| (pattern.clone(), name.to_owned()));
    let entry = Operation::SetAll {
        object: Object::Location(place.to_owned()),
        key: "forwards",
        entries: entries.collect(),
    };
    let finding = Finding::error(
        Code::G004,
        format!(
            "`{place}` forwards nothing for {}, so mail from {} for the mailboxes at {} stops there",
            astray.names(),
            astray.senders(),
            listed(homes.iter().map(|&at| astray.name(at)))
        ),
    );
    // What is written for the same names comes before an entry of `forwards`.
    let taken = routes.iter().find(|route| {
        let names = || route.recipients.iter().map(|one| &one.pattern);
        route.is_written()
            && route.from.location() == astray.fault.at
            && names().any(|name| astray.region.contains(&name.to_string()))
    });
    match taken {
        Some(route) => finding.help(format!(
            "take {} from `recipients` of `{}`, and {entry}, and the same to the gateway itself{onward}",
            astray.names(),
            route.name
        )),
        None => finding
            .help(format!("{entry}, and the same to the gateway itself{onward}"))
            .fix(entry),
    }
}
