//! # A002 apex-of-wildcard
//!
//! ## What a clean result proves
//!
//! No mail for a domain depends on whether a wildcard of its subdomains covers the domain itself.
//!
//! ## Exact condition
//!
//! At a tenant, mail for a name takes another way if `*.NAME` on a connector covers NAME itself than if it does not
//! (reading R2: the text of the parameter says all subdomains, its first example the domain and all subdomains).
//!
//! ## Severity
//!
//! error (possible): under one of the readings the mail takes a way that nobody wrote; warning where it ends alike, or where
//! the name is neither ours nor a partner's.
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
//!   - {name: head office, from: cloud, to: hq, recipients: [fabrikam.com]}
//!   - {name: the shop, from: cloud, to: shop, recipients: ["*.contoso.com"]}
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
//!   - {name: the shop, from: cloud, to: shop, recipients: ["*.contoso.com", contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - `RecipientDomains`: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>

use crate::checks::ambiguity::report;
use crate::checks::Run;
use crate::finding::{Code, Findings, Severity};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(
        flows,
        (Code::A002, "R2", Severity::Error),
        findings,
        |doubt| {
            format!(
                "the documents disagree whether `{}` of {} covers {} too",
                doubt.other.pattern(),
                doubt.other.name(),
                doubt.shown()
            )
        },
        |doubt| {
            format!(
                "write both: `recipients: [{0}, \"*.{0}\"]` at {1}, or a route of its own for `{0}`",
                doubt.first(),
                doubt.other.name()
            )
        },
    );
}
