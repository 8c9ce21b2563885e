//! # L001 loop
//!
//! ## What a clean result proves
//!
//! No message to a mailbox of the spec and no outgoing message loops.
//!
//! ## Exact condition
//!
//! A message to a mailbox, from whoever may write to it, or a message from our own senders to another organization returns to a location as it was when it first got there. A
//! message that carries something it did not carry before (a header of a rule, the headers of centralized transport, a
//! rewritten recipient) is not as it was. Unknown recipients, missing routes and redirects have checks of their own.
//!
//! ## Severity
//!
//! error: Exchange ends a loop with 5.4.6 or 5.4.14, Postfix with too many hops.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, also_accepts: [{domain: fabrikam.com, type: internal-relay}]}
//!   branch: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [mail.fabrikam.com], egress: [203.0.113.11], certificate: mail.fabrikam.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: branch, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: branch out, from: branch, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com, fabrikam.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, also_accepts: [{domain: fabrikam.com, type: internal-relay}]}
//!   branch: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [mail.fabrikam.com], egress: [203.0.113.11], certificate: mail.fabrikam.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: branch, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: branch out, from: branch, to: cloud, recipients: ["*"]}
//!   - {name: hq in, from: cloud, to: hq, recipients: [contoso.com]}
//!   - {name: branch in, from: cloud, to: branch, recipients: [fabrikam.com]}
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
    report(flows, FaultKind::Loop, findings, finding);
    report(flows, FaultKind::OutgoingLoop, findings, outgoing);
}

fn outgoing(astray: &Astray<'_>) -> Finding {
    let finding = Finding::error(
        Code::L001,
        format!(
            "mail from {} for recipients of other organizations ({}) {}",
            astray.senders(),
            astray.names(),
            astray.rounds()
        ),
    );
    astray.break_loop(finding, || format!(
        "let one of them send this mail to the Internet: a route with `to: internet`; `mailtopo trace --from {} --to {}` shows every hop",
        astray.evidence.from, astray.evidence.to
    ))
}

fn finding(astray: &Astray<'_>) -> Finding {
    let finding = Finding::error(
        Code::L001,
        format!("mail for {} {}", astray.names(), astray.rounds()),
    );
    astray.break_loop(finding, || {
        "give one of them a route to the location that holds the mailboxes".to_owned()
    })
}
