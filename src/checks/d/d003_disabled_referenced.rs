//! # D003 disabled-referenced
//!
//! ## What a clean result proves
//!
//! No mail lacks a route because the one it needs is switched off.
//!
//! ## Exact condition
//!
//! Mail for mailboxes of ours has no route at a location, and a route from there that is for its name has `enabled: false`; or
//! another route takes the mail to where it is lost, and the one that is switched off leads to the mailboxes.
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

use crate::checks::attribution::disabled;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let mut all = Findings::default();
    report_claimed(flows, Code::D003, &mut all, finding);
    // Mail of some goes round where that of others is refused: it is one route that is off.
    let mut said: BTreeSet<(Option<Object>, Vec<String>)> = BTreeSet::new();
    all.retain(|finding| said.insert((finding.objects.first().cloned(), finding.domains.clone())));
    findings.extend(all.into_sorted());
}

fn finding(astray: &Astray<'_>) -> Finding {
    let route = disabled(astray.flows, astray.fault, astray.evidence);
    let name = route.map_or("", |route| route.name.as_str());
    let (names, senders, end) = (astray.names(), astray.senders(), astray.end());
    let gap = astray.fault.at.filter(|&at| {
        let from = route.and_then(|route| route.from.location());
        from == Some(at)
    });
    let mut finding = Finding::error(
        Code::D003,
        if gap.is_some() {
            let place = astray.place();
            format!("`{name}` is switched off, and `{place}` has no other route for {names}: mail from {senders} {end}")
        } else {
            format!("`{name}` is switched off, so mail from {senders} for {names} goes another way and {end}")
        },
    )
    .help(format!("switch it on: `enabled: true` at `{name}`"));
    if let Some(route) = route {
        finding = finding
            .at(route.origin.span(), "is switched off")
            .on(Object::Route(route.name.clone()))
            .fix(Operation::set(Object::Route(route.name.clone()), "enabled", "true"));
    }
    finding
}
