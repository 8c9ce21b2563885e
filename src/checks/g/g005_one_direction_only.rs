//! # G005 one-direction-only
//!
//! ## What a clean result proves
//!
//! Of two locations with mailboxes, each can write to the other if one can.
//!
//! ## Exact condition
//!
//! Mail from the mailboxes of one location arrives at those of another, nothing but the mail back has no route, and by the MX it
//! arrives not at all or with less TLS than the location demands (where it arrives as demanded, G001 is a note).
//!
//! ## Severity
//!
//! error: answers take a way that nobody wrote, or none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com, tls: verified}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com, tls: verified}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: back, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - Two connectors, one for each direction: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Operation};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::G005, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    let ends = astray.evidence.way.end.ends.words(astray.topology());
    let value = astray.route_to_write(place, home);
    Finding::error(
        Code::G005,
        format!(
            "mail from `{home}` reaches `{place}` over routes, and no route leads back: mail of `{place}` for {} follows the MX and ends `{ends}`",
            astray.names()
        ),
    )
    .help(format!("write the route back: `{value}`"))
    .fix(Operation::Item {
        section: "routes",
        value,
    })
}
