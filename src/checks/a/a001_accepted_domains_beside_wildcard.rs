//! # A001 accepted-domains-beside-wildcard
//!
//! ## What a clean result proves
//!
//! Which connector of Exchange Online takes an accepted domain is the same under both readings of the documented order.
//!
//! ## Exact condition
//!
//! At a tenant, an accepted domain is covered by the wildcard of one connector, another connector is for all accepted
//! domains, none names the domain itself, and mail that comes to the tenant would take different ways (reading R1: the
//! documented list says that all accepted domains win, the documented example that the wildcard does).
//!
//! ## Severity
//!
//! error (possible): under one of the readings the domain's mail goes to the wrong location; warning where it ends alike.
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
//!   sales.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: accepted-domains}
//!   - {name: below contoso, from: cloud, to: shop, recipients: ["*.contoso.com"]}
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
//!   sales.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: accepted-domains}
//!   - {name: below contoso, from: cloud, to: shop, recipients: ["*.contoso.com", sales.contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - The order and the example that contradicts it: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::ambiguity::report;
use crate::checks::Run;
use crate::finding::{Code, Findings, Severity};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(
        flows,
        (Code::A001, "R1", Severity::Error),
        findings,
        |doubt| {
            format!(
                "the documents disagree whether {}, for all accepted domains, or {}, for `{}`, wins",
                doubt.usual.name(),
                doubt.other.name(),
                doubt.other.pattern()
            )
        },
        |doubt| {
            format!(
                "name them at the route that must carry them: add {} to `recipients` of {} or of {}",
                doubt.shown(),
                doubt.other.name(),
                doubt.usual.name()
            )
        },
    );
}
