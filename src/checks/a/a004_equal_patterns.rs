//! # A004 equal-patterns
//!
//! ## What a clean result proves
//!
//! No mail depends on which of two connectors for the same names is taken.
//!
//! ## Exact condition
//!
//! At a tenant, two enabled connectors are for the same names, and mail for them would take different ways (reading R4:
//! nothing says which of the two wins; a cost is unknown there).
//!
//! ## Severity
//!
//! error (possible): either may be used, and one of the two ways is wrong; warning where both end alike.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: head office, from: cloud, to: hq, recipients: [fabrikam.com, contoso.com]}
//!   - {name: the shop, from: cloud, to: shop, recipients: [contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: head office, from: cloud, to: hq, recipients: [fabrikam.com]}
//!   - {name: the shop, from: cloud, to: shop, recipients: [contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - The documented order: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::ambiguity::report;
use crate::checks::Run;
use crate::finding::{Code, Findings, Severity};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(
        flows,
        (Code::A004, "R4", Severity::Error),
        findings,
        |doubt| {
            format!(
                "{} and {} are both for `{}`, and nothing says which of the two Exchange Online takes",
                doubt.usual.name(),
                doubt.other.name(),
                doubt.usual.pattern()
            )
        },
        |doubt| {
            format!(
                "take `{}` from one of the two, or write one route with both smart hosts",
                doubt.usual.pattern()
            )
        },
    );
}
