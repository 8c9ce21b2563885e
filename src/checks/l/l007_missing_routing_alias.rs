//! # L007 missing-routing-alias
//!
//! ## What a clean result proves
//!
//! Every mailbox has the address by which it is reached from elsewhere.
//!
//! ## Exact condition
//!
//! A list names a `target` for a mailbox and its `aliases`, the target is not among them, and mail comes to the mailbox
//! by it.
//!
//! ## Severity
//!
//! error: the mail is refused where the mailbox is (5.1.10).
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: {file: users.csv}, hq: [bob@contoso.com]}, mx: hq}
//! ```
//!
//! ```csv file=users.csv
//! address,target,aliases
//! anna@contoso.com,anna@contoso.mail.onmicrosoft.com,anna.smith@contoso.com
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: {file: users.csv}, hq: [bob@contoso.com]}, mx: hq}
//! ```
//!
//! ```csv file=users.csv
//! address,target,aliases
//! anna@contoso.com,anna@contoso.mail.onmicrosoft.com,anna.smith@contoso.com;anna@contoso.mail.onmicrosoft.com
//! ```
//!
//! ## Sources
//!
//! - Transport routing in hybrid deployments: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::RoutingAlias, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let target = astray.evidence.way.recipient.as_ref();
    let target = target.map_or_else(String::new, ToString::to_string);
    Finding::error(
        Code::L007,
        format!(
            "mail for `{}` reaches `{}` as `{target}`, which its mailbox does not have: it is refused (5.1.10)",
            astray.evidence.to,
            astray.place()
        ),
    )
    .help(format!("add `{target}` to the addresses of the mailbox, and to `aliases` in the list"))
}
