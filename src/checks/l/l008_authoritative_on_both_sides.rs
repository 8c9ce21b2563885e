//! # L008 authoritative-on-both-sides
//!
//! ## What a clean result proves
//!
//! A location that is authoritative for a domain knows every recipient of it.
//!
//! ## Exact condition
//!
//! A location accepts a domain as authoritative, knows only its own mailboxes, and mail for a mailbox elsewhere comes to
//! it.
//!
//! ## Severity
//!
//! error: the mail is refused as for an unknown recipient.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own, accepts: [{domain: contoso.com, type: authoritative}]}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - Authoritative and internal relay: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/manage-accepted-domains>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::HalfDirectory, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    Finding::error(
        Code::L008,
        format!(
            "`{place}` refuses mail from {} for the mailboxes of {} at `{home}`: it is authoritative and does not know them",
            astray.senders(),
            astray.names()
        ),
    )
    .help(format!(
        "write `type: internal-relay` for {} at `{place}`, or let it know every recipient: `directory: complete`",
        astray.names()
    ))
}
