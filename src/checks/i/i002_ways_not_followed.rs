//! # I002 ways-not-followed
//!
//! ## What a clean result proves
//!
//! Every way of every message was followed to its end.
//!
//! ## Exact condition
//!
//! A message from one sender to one recipient has more than 1,024 ways, most often because every rule that nobody can decide offline
//! doubles their number.
//!
//! ## Severity
//!
//! error: what was found holds, but a way that was not followed may be the one on which mail is lost.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   stamp: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [stamp.contoso.com], egress: [203.0.113.10], certificate: stamp.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! rules:
//!   - {name: Team 1, at: cloud, when: {recipient_member_of: [team1@contoso.com]}, route: stamp, unless_header: {name: X-Team-1, value: "yes", set: true}}
//!   - {name: Team 2, at: cloud, when: {recipient_member_of: [team2@contoso.com]}, route: stamp, unless_header: {name: X-Team-2, value: "yes", set: true}}
//!   - {name: Team 3, at: cloud, when: {recipient_member_of: [team3@contoso.com]}, route: stamp, unless_header: {name: X-Team-3, value: "yes", set: true}}
//!   - {name: Team 4, at: cloud, when: {recipient_member_of: [team4@contoso.com]}, route: stamp, unless_header: {name: X-Team-4, value: "yes", set: true}}
//!   - {name: Team 5, at: cloud, when: {recipient_member_of: [team5@contoso.com]}, route: stamp, unless_header: {name: X-Team-5, value: "yes", set: true}}
//!   - {name: Team 6, at: cloud, when: {recipient_member_of: [team6@contoso.com]}, route: stamp, unless_header: {name: X-Team-6, value: "yes", set: true}}
//!   - {name: Team 7, at: cloud, when: {recipient_member_of: [team7@contoso.com]}, route: stamp, unless_header: {name: X-Team-7, value: "yes", set: true}}
//!   - {name: Team 8, at: cloud, when: {recipient_member_of: [team8@contoso.com]}, route: stamp, unless_header: {name: X-Team-8, value: "yes", set: true}}
//!   - {name: Team 9, at: cloud, when: {recipient_member_of: [team9@contoso.com]}, route: stamp, unless_header: {name: X-Team-9, value: "yes", set: true}}
//!   - {name: Team 10, at: cloud, when: {recipient_member_of: [team10@contoso.com]}, route: stamp, unless_header: {name: X-Team-10, value: "yes", set: true}}
//!   - {name: Team 11, at: cloud, when: {recipient_member_of: [team11@contoso.com]}, route: stamp, unless_header: {name: X-Team-11, value: "yes", set: true}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   stamp: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [stamp.contoso.com], egress: [203.0.113.10], certificate: stamp.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! rules:
//!   - {name: Teams, at: cloud, when: {recipient_member_of: [team1@contoso.com, team2@contoso.com, team3@contoso.com, team4@contoso.com]}, route: stamp, unless_header: {name: X-Team, value: "yes", set: true}}
//! ```
//!
//! ## Sources
//!
//! - How rules follow each other: <https://learn.microsoft.com/exchange/security-and-compliance/mail-flow-rules/mail-flow-rules>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::source::Span;
use crate::walk::{Flows, MOST_WAYS, Trace, trace};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let cut: Vec<_> = flows.flows.iter().filter(|flow| flow.trace.cut).collect();
    if let Some(first) = cut.first() {
        let senders: BTreeSet<&str> = cut.iter().map(|flow| flow.trace.from.as_str()).collect();
        let names = flows.names_of(cut.iter().map(|flow| flows.class(flow)));
        let domain = topology.domain_named(first.trace.to.domain());
        let span = domain.map_or(topology.span, |id| topology.domain(id).span);
        let mail = format!(
            "mail from {} for {}",
            listed(senders),
            listed(names.iter().map(String::as_str))
        );
        let finding = finding(&mail, &first.trace, span, "whose mail it is");
        let rules = topology.rules.iter();
        let shown = rules.fold(finding, |finding, rule| {
            finding.at(rule.name.span, "may act on it or not")
        });
        findings.push(shown.domains(names));
    }
    for expected in &topology.expectations {
        let trace = trace(flows.model, &expected.from.value, &expected.to.value);
        if trace.cut {
            let mail = format!("mail from `{}` to `{}`", trace.from, trace.to);
            let what = "what is expected was not looked for on all of them";
            findings.push(finding(&mail, &trace, expected.span, what));
        }
    }
}

fn finding(mail: &str, trace: &Trace, span: Span, label: &str) -> Finding {
    Finding::error(
        Code::I002,
        format!("{mail} has more than {MOST_WAYS} ways, and the rest were not followed: nothing is said of how they end"),
    )
    .at(span, label)
    .help(format!(
        "leave less open: one rule for several groups, conditions that the lists of mailboxes decide, one route where several are equal; `mailtopo trace --from {} --to {}` shows the first ways",
        trace.from, trace.to
    ))
}
