//! # D001 shadowed-route
//!
//! ## What a clean result proves
//!
//! Every route that is written takes some mail.
//!
//! ## Exact condition
//!
//! An enabled route of one of our locations, written and not left to rules, is chosen for no name at all, because others are
//! chosen for every name it is for.
//!
//! ## Severity
//!
//! error where the others lead elsewhere or demand other TLS; note where they do the same.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: old line, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-one.example], cost: 9}
//!   - {name: new line, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-two.example]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: new line, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-two.example]}
//! ```
//!
//! ## Sources
//!
//! - How Exchange chooses a connector: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::checks::competing_routes::{Unused, leads_alike, takers, ties, unused};
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::Route;
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    // Who lost by its name alone is spoken of there.
    let tied: BTreeSet<&str> = ties(flows, |_| true)
        .iter()
        .flat_map(|tie| [&tie.first.name, &tie.second.name])
        .map(String::as_str)
        .collect();
    for unused in unused(flows) {
        let shadowed = !unused.would_win && !unused.classes.is_empty();
        if shadowed && !tied.contains(unused.route.name.as_str()) {
            findings.push(finding(plan, &unused));
        }
    }
}

fn finding(plan: &Plan, unused: &Unused<'_>) -> Finding {
    let route = unused.route;
    let takers: BTreeSet<&str> = takers(plan, unused);
    let names = listed(takers.iter().copied());
    let others: Vec<&Route> = plan
        .routes
        .iter()
        .filter(|other| takers.contains(other.name.as_str()))
        .collect();
    let alike = others.iter().all(|other| leads_alike(route, other));
    let one = takers.len() == 1;
    let (severity, outcome) = match (alike, one) {
        (true, true) => (Severity::Note, "does the same"),
        (true, false) => (Severity::Note, "do the same"),
        (false, true) => (Severity::Error, "leads elsewhere"),
        (false, false) => (Severity::Error, "lead elsewhere"),
    };
    let take = if one { "takes" } else { "take" };
    let patterns = route.recipients.iter().map(|at| at.pattern.to_string());
    let mut finding = Finding::new(
        Code::D001,
        severity,
        format!(
            "no mail takes `{}`: {names} {take} everything that it is for and {outcome}",
            route.name
        ),
    )
    .at(route.origin.span(), "takes no mail")
    .on(Object::Route(route.name.clone()))
    .help(format!(
        "delete `{}`, or give it a lower `cost` or the more specific names that it must carry",
        route.name
    ))
    .domains(patterns);
    for other in others {
        finding = finding.at(other.origin.span(), format!("`{}`", other.name));
    }
    finding
}
