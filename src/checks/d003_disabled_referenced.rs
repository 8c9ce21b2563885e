//! # D003 disabled-referenced
//!
//! ## What a clean result proves
//!
//! No mail lacks a route because the one it needs is switched off.
//!
//! ## Exact condition
//!
//! Mail for mailboxes of ours has no route at a place, and a route from there that is for its name has `enabled: false`.
//!
//! ## Severity
//!
//! error: the mail goes astray until the route is switched on.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com], enabled: false}
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
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
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com]}
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - `Enabled`: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>

use super::astray::{Astray, report_claimed};
use super::claims::disabled;
use super::{Check, Run};
use crate::analysis::Flows;
use crate::finding::{Finding, Findings, Object, Severity};

/// The check.
pub const CHECK: Check = Check {
    code: "D003",
    name: "disabled-referenced",
    severity: Severity::Error,
    source: include_str!("d003_disabled_referenced.rs"),
    run: Run::Walk(run),
};

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, "D003", findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let route = disabled(astray.flows, astray.fault, astray.evidence);
    let name = route.map_or("", |route| route.name.as_str());
    let mut finding = Finding::error(
        "D003",
        format!(
            "`{name}` is switched off, and `{}` has no other route for {}: mail from {} {}",
            astray.place(),
            astray.names(),
            astray.senders(),
            astray.end()
        ),
    )
    .help(format!("switch it on: `enabled: true` at `{name}`"));
    if let Some(route) = route {
        finding = finding
            .at(route.origin.span(), "is switched off")
            .on(Object::Route(route.name.clone()));
    }
    finding
}
