//! # L003 mx-returns-to-sender
//!
//! ## What a clean result proves
//!
//! No location looks up an MX that names itself.
//!
//! ## Exact condition
//!
//! A route that follows the MX takes mail at the very location that the MX names.
//!
//! ## Severity
//!
//! error: the location refuses to hand mail to itself (5.4.14), or sends it in a loop.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: internet, recipients: [contoso.com]}
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
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - 5.4.14, routing by DNS in place of a smart host: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-5-4-6-through-5-4-20-in-exchange-online>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::OwnMx, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    let finding = Finding::error(
        Code::L003,
        format!(
            "`{place}` looks up the MX of {} and finds itself, so mail for the mailboxes at `{home}` loops",
            astray.names()
        ),
    );
    let route = astray.last_route().filter(|route| route.is_written());
    match route.filter(|route| route.to.location() == astray.fault.home) {
        Some(route) => finding
            .help(format!("take `smart_hosts: mx` from `{}`: mail is then handed to the hosts of `{home}`", route.name))
            .fix(Operation::Unset { object: Object::Route(route.name.clone()), key: "smart_hosts" }),
        None => finding.help(format!("let the route from `{place}` end at `{home}`, which has hosts")),
    }
}
