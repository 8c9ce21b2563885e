//! # D002 matches-nothing
//!
//! ## What a clean result proves
//!
//! Every route that is written is for mail that can come to the location it starts at.
//!
//! ## Exact condition
//!
//! An enabled route of one of our locations, written and not left to rules, would be chosen for some name, but no mail for any of
//! its names comes there to be relayed: nobody accepts the name, its mailboxes are there already, or nobody sends through
//! the location. What a server that is not ours to configure writes itself, to those who take it, is not followed and counts
//! as mail.
//!
//! ## Severity
//!
//! warning: the route does nothing, and a name in it may be misspelt.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: eop, tenant: contoso}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: filter}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! routing: explicit
//! routes:
//!   - {name: in, from: filter, to: hq, recipients: [contoso.com]}
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//!   - {name: old brand, from: filter, to: hq, recipients: [contosso.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: eop, tenant: contoso}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: filter}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! routing: explicit
//! routes:
//!   - {name: in, from: filter, to: hq, recipients: [contoso.com]}
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - Without connectors no mail flows to our own servers: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::competing_routes::{Unused, unused};
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, nearest};
use crate::topology::{LocationId, Party};
use crate::walk::{Flows, Home, ClassKind};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    // Partners and devices are followed to one mailbox of each place only, so what passes with them is not known.
    let passed: BTreeSet<LocationId> = flows
        .flows
        .iter()
        .filter(|flow| matches!(flow.party, Party::Partner(_) | Party::Device(_)))
        .flat_map(|flow| flow.trace.ways.iter().flat_map(|way| &way.places))
        .copied()
        .collect();
    for unused in unused(flows) {
        // That a list is empty, S023 says.
        if unused.would_win
            && !unused.route.recipients.is_empty()
            && !passed.contains(&unused.at) && !is_for_own_mail(flows, &unused) {
            findings.push(finding(flows, &unused));
        }
    }
}

/// Whether it is what a server that is not ours to configure writes itself to those who take it: that is not followed.
fn is_for_own_mail(flows: &Flows<'_>, unused: &Unused<'_>) -> bool {
    let plan = flows.model.plan;
    let server = plan.topology.location(unused.at);
    let takes = |to: LocationId| {
        let mut patterns = unused.route.recipients.iter();
        patterns.all(|at| plan.place(to).accepted.cover(&at.pattern))
    };
    server.handling().is_some()
        && !server.forwards_only()
        && unused.route.to.location().is_some_and(takes)
}

fn finding(flows: &Flows<'_>, unused: &Unused<'_>) -> Finding {
    let (route, plan) = (unused.route, flows.model.plan);
    let place = &plan.topology.location(unused.at).name;
    let patterns: Vec<String> = route
        .recipients
        .iter()
        .map(|at| at.pattern.to_string())
        .collect();
    let names = listed(patterns.iter().map(String::as_str));
    let here = unused.classes.iter().all(|(class, _)| {
        matches!(class.kind, ClassKind::Mailboxes(home) | ClassKind::Subdomain(Home::At(home)) if home == unused.at)
            || class.kind == ClassKind::Unknown
    });
    let accepted = unused.classes.iter().any(|(class, _)| {
        let name = class.witness.domain();
        flows.model.accepted(unused.at, name).is_some()
    });
    let why = if here && accepted {
        format!("the mailboxes are at `{place}` already")
    } else if accepted {
        format!("nobody sends mail for them through `{place}`")
    } else {
        format!("`{place}` does not accept them, and nobody who may relay there writes to them")
    };
    let known = plan
        .topology
        .domains
        .iter()
        .map(|domain| domain.name.as_str());
    let near = patterns
        .iter()
        .find_map(|name| nearest(name, known.clone()).filter(|near| near != name));
    let help = match near {
        Some(near) if !accepted => format!("did you mean `{near}`? else delete the route"),
        _ => format!("delete `{}`, or accept the names at `{place}`", route.name),
    };
    Finding::warning(
        Code::D002,
        format!("no mail for {names} comes to `{}`: {why}", route.name),
    )
    .at(
        route
            .recipients
            .first()
            .map_or(route.origin.span(), |at| at.span),
        "matches nothing",
    )
    .on(Object::Route(route.name.clone()))
    .help(help)
    .domains(patterns.iter().cloned())
}
