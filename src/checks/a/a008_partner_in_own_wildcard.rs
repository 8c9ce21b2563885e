//! # A008 partner-in-own-wildcard
//!
//! ## What a clean result proves
//!
//! No partner's mail is taken by a route that is meant for our own names.
//!
//! ## Exact condition
//!
//! Mail of our own for a partner follows a route between our own locations that is for a wildcard or for all accepted domains,
//! and does not arrive.
//!
//! ## Severity
//!
//! error: the partner gets no mail.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dns: external}
//!   hr.contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   payroll: {domains: [pay.contoso.com]}
//! routing: explicit
//! routes:
//!   - {name: below us, from: cloud, to: hq, recipients: [hr.contoso.com, "*.contoso.com"], hybrid_headers: false}
//!   - {name: to the cloud, from: hq, to: cloud, recipients: [contoso.com]}
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
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
//!   contoso.com: {mailboxes: cloud, mx: cloud, dns: external}
//!   hr.contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   payroll: {domains: [pay.contoso.com]}
//! routing: explicit
//! routes:
//!   - {name: below us, from: cloud, to: hq, recipients: [hr.contoso.com], hybrid_headers: false}
//!   - {name: to the cloud, from: hq, to: cloud, recipients: [contoso.com]}
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - Partner connectors: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-for-secure-mail-flow-with-a-partner>

use crate::checks::attribution::swallowed;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Operation};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::A008, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let taken = swallowed(astray.flows, astray.fault, astray.evidence);
    let (route, pattern) = taken.map_or(("", String::new()), |(route, pattern)| {
        (route.name.as_str(), pattern.to_string())
    });
    let from = astray.evidence.way.places.first();
    let from = from.map_or("", |at| astray.name(*at));
    let own = astray.route_to_write(from, astray.party());
    Finding::error(
        Code::A008,
        format!(
            "mail for `{}` of the partner `{}` is taken by `{route}`, whose `{pattern}` is for our own names, and {}",
            astray.first_name(),
            astray.party(),
            astray.end()
        ),
    )
    .help(format!(
        "name it on a route of its own: `{own}`, or name in `{route}` the domains that are ours"
    ))
    .fix(Operation::Item {
        section: "routes",
        value: own,
    })
}
