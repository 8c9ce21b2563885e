//! # A015 reading-dependent-spec
//!
//! ## What a clean result proves
//!
//! Every mail takes the same way under every reading of the documents.
//!
//! ## Exact condition
//!
//! Some mail would take another way under another answer to a question that the documents leave open. The finding names the
//! question and the names concerned. Questions with a check of their own (A001 to A004, A012, L004) are listed here too; those about the
//! depth of wildcards (R9) and unnamed subdomains (R8) are listed here alone.
//!
//! ## Severity
//!
//! note; warning where the mail would end differently and no other check speaks of the question.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   a.b.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: head office, from: cloud, to: hq, recipients: [fabrikam.com]}
//!   - {name: the shop, from: cloud, to: shop, recipients: ["*.contoso.com"]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   a.b.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: head office, from: cloud, to: hq, recipients: [fabrikam.com]}
//!   - {name: the shop, from: cloud, to: shop, recipients: [a.b.contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - The documented order: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>
//! - `RecipientDomains`: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>
//! - Unnamed subdomains: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/enable-mail-flow-for-subdomains>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Certainty, Finding, Findings, Object, Severity};
use crate::platforms::{Reading, reading};
use crate::walk::{FaultKind, Flows};
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

/// Questions that other checks speak of.
const ELSEWHERE: [&str; 4] = ["R1", "R2", "R3", "R4"];

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let mut questions: BTreeMap<&str, Question> = BTreeMap::new();
    for (doubt, parting) in flows.doubts() {
        let question = questions.entry(doubt.question).or_default();
        question.matters |= parting.matters;
        question.names.extend(flows.doubtful_names(&parting));
        question
            .routes
            .extend(doubt.usual.into_iter().chain(doubt.other));
    }
    for (id, question) in questions {
        if let Some(reading) = reading(id) {
            findings.push(finding(flows, reading, question));
        }
    }
}

#[derive(Default)]
struct Question {
    matters: bool,
    names: BTreeSet<String>,
    routes: BTreeSet<String>,
}

/// Whether another check speaks of the question: L004 does where mail makes the detour again by one answer to it.
fn is_said_elsewhere(flows: &Flows<'_>, reading: &Reading) -> bool {
    let mut faults = flows.faults.iter();
    ELSEWHERE.contains(&reading.id)
        || faults.any(|(fault, evidence)| {
            fault.kind == FaultKind::DetourAgain && evidence.way.readings.contains_key(reading.id)
        })
}

fn finding(flows: &Flows<'_>, reading: &Reading, question: Question) -> Finding {
    let plan = flows.model.plan;
    let severity = if question.matters && !is_said_elsewhere(flows, reading) {
        Severity::Warning
    } else {
        Severity::Note
    };
    let names = listed(question.names.iter().map(String::as_str));
    let asked = reading.question.trim_end_matches('?');
    let mut finding = Finding::new(
        Code::A015,
        severity,
        format!(
            "the way of mail for {names} depends on what the documents leave open ({}): {asked}",
            reading.id
        ),
    )
    .help(match reading.neutralised_by {
        Some(way) => format!("nothing depends on it with {way}"),
        None => "no setting decides it: ask the vendor, or send a message and see".to_owned(),
    });
    for name in question.routes {
        if let Some(route) = plan.routes.iter().find(|route| route.name == name) {
            finding = finding
                .at(route.origin.span(), format!("`{name}` is for some of them"))
                .on(Object::Route(name));
        }
    }
    finding.certainty = Certainty::Possible;
    finding.readings = vec![reading.id];
    finding.domains(question.names)
}
