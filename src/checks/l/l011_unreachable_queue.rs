//! # L011 unreachable-queue
//!
//! ## What a clean result proves
//!
//! Every name has a Send connector at every Exchange organization that mail for it comes to.
//!
//! ## Exact condition
//!
//! Mail comes to an Exchange organization, and no Send connector has an address space for its domain.
//!
//! ## Severity
//!
//! error: it waits in the unreachable queue until it expires.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [fabrikam.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [contoso.com, fabrikam.com]}
//! ```
//!
//! ## Sources
//!
//! - How a Send connector is selected: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::NoConnector, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    Finding::error(
        Code::L011,
        format!(
            "`{place}` has no Send connector for {}: mail from {} waits in the unreachable queue and then bounces",
            astray.names(),
            astray.senders()
        ),
    )
    .help(format!("give `{place}` a route for {}", astray.names()))
}
