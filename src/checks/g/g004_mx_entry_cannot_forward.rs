//! # G004 mx-entry-cannot-forward
//!
//! ## What a clean result proves
//!
//! Every gateway that mail enters at hands the mail of every domain on.
//!
//! ## Exact condition
//!
//! Mail for a mailbox enters at a gateway whose `forwards` has no pattern for the domain.
//!
//! ## Severity
//!
//! error: the gateway refuses the mail.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//!   fabrikam.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], certificate: mx.filter.example, forwards: {contoso.com: cloud, fabrikam.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//!   fabrikam.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - A filter in front of the tenant: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::NotForwarded, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    Finding::error(
        Code::G004,
        format!(
            "`{place}` forwards nothing for {}, so mail from {} for the mailboxes at `{home}` stops there",
            astray.names(),
            astray.senders()
        ),
    )
    .help(format!(
        "add `{}: {home}` to `forwards` of `{place}`, and the same to the gateway itself",
        astray.first_name()
    ))
}
