//! # A003 nested-wildcards
//!
//! ## What a clean result proves
//!
//! No mail depends on which of two nested wildcards is taken to be nearer.
//!
//! ## Exact condition
//!
//! At a tenant, a name is covered by the wildcards of two connectors, one within the other, and mail for it would take
//! different ways (reading R3: "the most specific connector possible" is not said of two wildcards).
//!
//! ## Severity
//!
//! warning (possible): the inner one is likely meant and likely wins.
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
//!   contoso.com: {mailboxes: hq, subdomains: true, mx: cloud}
//!   eu.contoso.com: {mailboxes: shop, subdomains: true, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: [fabrikam.com, contoso.com, "*.contoso.com"]}
//!   - {name: europe, from: cloud, to: shop, recipients: [eu.contoso.com, "*.eu.contoso.com"]}
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
//!   contoso.com: {mailboxes: hq, subdomains: true, mx: cloud}
//!   eu.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: [fabrikam.com, contoso.com, "*.contoso.com", "*.eu.contoso.com"]}
//!   - {name: europe, from: cloud, to: shop, recipients: [eu.contoso.com]}
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
        (Code::A003, "R3", Severity::Warning),
        findings,
        |doubt| {
            format!(
                "nothing says that of two nested wildcards the inner one wins, `{}` of {} over `{}` of {}",
                doubt.usual.pattern(),
                doubt.usual.name(),
                doubt.other.pattern(),
                doubt.other.name()
            )
        },
        |doubt| {
            format!(
                "write the names below `{}` that exist in place of the wildcard, at {}",
                doubt.usual.pattern().trim_start_matches("*."),
                doubt.usual.name()
            )
        },
    );
}
