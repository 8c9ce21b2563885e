//! # A013 equal-mx-different-end
//!
//! ## What a clean result proves
//!
//! Hosts of an MX with the same preference lead to the same end.
//!
//! ## Exact condition
//!
//! Mail from external senders for mailboxes of ours arrives where it enters at one host of the MX, and goes astray where it enters at
//! another with the same preference.
//!
//! ## Severity
//!
//! error: about half of the mail is lost.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   gw1: {kind: gateway, hosts: [{name: mx1.filter.example, preference: 10}], egress: [192.0.2.1], certificate: mx1.filter.example, forwards: {contoso.com: hq}}
//!   gw2: {kind: gateway, hosts: [{name: mx2.filter.example, preference: 10}], egress: [192.0.2.2], certificate: mx2.filter.example}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: [gw1, gw2]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   gw1: {kind: gateway, hosts: [{name: mx1.filter.example, preference: 10}], egress: [192.0.2.1], certificate: mx1.filter.example, forwards: {contoso.com: hq}}
//!   gw2: {kind: gateway, hosts: [{name: mx2.filter.example, preference: 10}], egress: [192.0.2.2], certificate: mx2.filter.example, forwards: {contoso.com: hq}}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: [gw1, gw2]}
//! ```
//!
//! ## Sources
//!
//! - Hosts of equal preference are used at random: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::attribution::other_exchanger;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::A013, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let other = other_exchanger(astray.flows, astray.fault, astray.evidence);
    let [works, fails] = other.map_or(["", ""], |other| {
        [astray.name(other.works), astray.name(other.fails)]
    });
    Finding::error(
        Code::A013,
        format!(
            "the MX of {} names `{works}` and `{fails}` with the same preference, and mail that enters at `{fails}` {}",
            astray.names(),
            astray.end()
        ),
    )
    .help(format!("let `{fails}` do with this mail what `{works}` does, or take it from `mx`"))
}
