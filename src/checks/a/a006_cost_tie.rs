//! # A006 cost-tie
//!
//! ## What a clean result proves
//!
//! No route of a Postfix, a gateway or another mail server is chosen among equals.
//!
//! ## Exact condition
//!
//! At a location other than a tenant and an Exchange organization, two written routes have a pattern and a cost in common, lead to
//! different locations, and mail comes down to them.
//!
//! ## Severity
//!
//! warning: a gateway may use either; Postfix has one entry for a pattern, and the route whose name comes first gets it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//! domains:
//!   contoso.com: {mailboxes: {mx: [anna@contoso.com, postmaster@contoso.com]}, mx: mx}
//! routing: explicit
//! routes:
//!   - {name: line one, from: mx, to: internet, recipients: ["*"], smart_hosts: [relay.isp-one.example]}
//!   - {name: line two, from: mx, to: internet, recipients: ["*"], smart_hosts: [relay.isp-two.example]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//! domains:
//!   contoso.com: {mailboxes: {mx: [anna@contoso.com, postmaster@contoso.com]}, mx: mx}
//! routing: explicit
//! routes:
//!   - {name: both lines, from: mx, to: internet, recipients: ["*"], smart_hosts: [relay.isp-one.example, relay.isp-two.example]}
//! ```
//!
//! ## Sources
//!
//! - One entry for a key: <https://www.postfix.org/transport.5.html>

use crate::checks::competing_routes::{Tie, ties};
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let others =
        |at: &Configuration| matches!(at, Configuration::Postfix(_) | Configuration::Checklist);
    for tie in ties(flows, others) {
        findings.push(finding(flows.model.plan, &tie));
    }
}

fn finding(plan: &Plan, tie: &Tie<'_>) -> Finding {
    let patterns: Vec<String> = tie.patterns.iter().map(ToString::to_string).collect();
    let names = listed(patterns.iter().map(String::as_str));
    let (first, second) = (&tie.first.name, &tie.second.name);
    let outcome = match plan.place(tie.at).configuration {
        Configuration::Postfix(_) => {
            format!("only `{first}` is written, because its name comes first")
        }
        _ => "either may be used".to_owned(),
    };
    Finding::warning(
        Code::A006,
        format!(
            "`{first}` and `{second}` are both for {names} at `{}` and cost the same: {outcome}",
            plan.topology.location(tie.at).name
        ),
    )
    .at(tie.second.origin.span(), format!("`{second}`"))
    .at(tie.first.origin.span(), format!("`{first}`"))
    .on(Object::Route(second.clone()))
    .on(Object::Route(first.clone()))
    .on(Object::Location(
        plan.topology.location(tie.at).name.clone(),
    ))
    .domains(patterns.iter().cloned())
    .help("write one route with the smart hosts of both, or a higher `cost` at the one that is not meant")
}
