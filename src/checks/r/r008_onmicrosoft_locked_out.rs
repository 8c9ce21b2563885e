//! # R008 onmicrosoft-locked-out
//!
//! ## What a clean result proves
//!
//! The names that a tenant has of its provider are reached like its other domains.
//!
//! ## Exact condition
//!
//! Mail for an address below `onmicrosoft.com` is refused or lost, because the tenant takes mail from others only, or
//! because its own domains take another way.
//!
//! ## Severity
//!
//! note: nobody should write to these names, and what our own locations relay by them is looked at for the mailboxes it
//! is for (L006).
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - A lock is for every domain of the tenant: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::OwnNameLost, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    Finding::note(
        Code::R008,
        format!(
            "mail from {} for {} {}",
            astray.senders(),
            astray.names(),
            astray.end()
        ),
    )
    .help("do nothing, unless these names are still written to")
}
