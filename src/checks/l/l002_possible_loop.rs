//! # L002 possible-loop
//!
//! ## What a clean result proves
//!
//! No choice that a product or a document leaves open leads mail round.
//!
//! ## Exact condition
//!
//! As a loop (L001), but only where one of several exchangers or equal routes is taken, a rule acts that nobody can
//! decide offline, or under one reading of the vendors' documents.
//!
//! ## Severity
//!
//! warning: some of the mail bounces with 5.4.6 or 5.4.14, or none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   archive: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [archive.contoso.com], egress: [203.0.113.10], certificate: archive.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! rules:
//!   - {name: Lawyers, at: cloud, when: {sender_member_of: [lawyers@contoso.com]}, route: archive}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   archive: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [archive.contoso.com], egress: [203.0.113.10], certificate: archive.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! rules:
//!   - {name: Lawyers, at: cloud, when: {sender_member_of: [lawyers@contoso.com]}, route: archive, unless_header: {name: X-Contoso-Archived, value: "yes", set: true}}
//! ```
//!
//! ## Sources
//!
//! - How loops end: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-5-4-6-through-5-4-20-in-exchange-online>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::PossibleLoop, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let way = &astray.evidence.way;
    let condition = if way.readings.is_empty() {
        format!(" if {}", way.assuming.join(" and "))
    } else {
        " under one reading of the documents".to_owned()
    };
    let finding = Finding::warning(
        Code::L002,
        format!("mail for {} {}{condition}", astray.names(), astray.rounds()),
    );
    astray.break_loop(finding, || {
        format!(
            "name {} on the route that must take it, so that nothing is left open",
            astray.names()
        )
    })
}
