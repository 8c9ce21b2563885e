//! # A007 name-tie-break
//!
//! ## What a clean result proves
//!
//! No Send connector of Exchange Server is chosen by its name.
//!
//! ## Exact condition
//!
//! At an Exchange organization, two written routes have a pattern and a cost in common, lead to different locations, and mail
//! comes down to them: the connector whose name comes first is taken.
//!
//! ## Severity
//!
//! warning: it works until a connector is renamed.
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
//!   - {name: line one, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-one.example]}
//!   - {name: line two, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-two.example]}
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
//!   - {name: both lines, from: hq, to: internet, recipients: ["*"], smart_hosts: [relay.isp-one.example, relay.isp-two.example]}
//! ```
//!
//! ## Sources
//!
//! - The last step of the selection: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::checks::competing_routes::{Tie, ties};
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let exchange = |at: &Configuration| matches!(at, Configuration::ExchangeServer(_));
    for tie in ties(flows, exchange) {
        findings.push(finding(flows.model.plan, &tie));
    }
}

fn finding(plan: &Plan, tie: &Tie<'_>) -> Finding {
    let patterns: Vec<String> = tie.patterns.iter().map(ToString::to_string).collect();
    let names = listed(patterns.iter().map(String::as_str));
    let (first, second) = (&tie.first.name, &tie.second.name);
    let place = &plan.topology.location(tie.at).name;
    Finding::warning(
        Code::A007,
        format!(
            "`{first}` and `{second}` are both for {names} at `{place}` and cost the same: Exchange takes `{first}`, because its name comes first"
        ),
    )
    .at(tie.second.origin.span(), "takes no mail for them")
    .at(tie.first.origin.span(), "takes all of it")
    .on(Object::Route(second.clone()))
    .on(Object::Route(first.clone()))
    .on(Object::Location(place.clone()))
    .domains(patterns.iter().cloned())
    .help(format!("write `cost: 2` at `{second}`, or one route with the smart hosts of both"))
}
