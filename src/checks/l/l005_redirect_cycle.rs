//! # L005 redirect-cycle
//!
//! ## What a clean result proves
//!
//! Every redirect leads to a mailbox or away.
//!
//! ## Exact condition
//!
//! `forwards` of mailboxes lead back to the mailbox where they began.
//!
//! ## Severity
//!
//! error: the mail is never delivered.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com, bob@contoso.com]}
//!     mx: cloud
//!     forwards:
//!       - {address: anna@contoso.com, target: bob@contoso.com}
//!       - {address: bob@contoso.com, target: anna@contoso.com}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com, bob@contoso.com]}
//!     mx: cloud
//!     forwards:
//!       - {address: anna@contoso.com, target: bob@contoso.com}
//! ```
//!
//! ## Sources
//!
//! - Forwarding a mailbox: <https://learn.microsoft.com/exchange/recipients-in-exchange-online/manage-user-mailboxes/configure-email-forwarding>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::RedirectCycle, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let to = &astray.evidence.to;
    Finding::error(
        Code::L005,
        format!("mail for `{to}` is redirected until it returns to `{to}`, and is never delivered"),
    )
    .help("take one of these `forwards` away, or let it keep a copy with `keep_copy: true` and end elsewhere")
}
