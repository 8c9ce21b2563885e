//! # G010 backup-mx-gap
//!
//! ## What a clean result proves
//!
//! Every host that the MX of a domain names takes its mail, not only the first.
//!
//! ## Exact condition
//!
//! Mail from external senders for mailboxes of ours arrives where it enters at one host of the MX, and goes astray where it enters at
//! another that is tried later.
//!
//! ## Severity
//!
//! error: mail is lost exactly when the first host is not there.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: ["mx.filter.example"]}, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: [gw, cloud]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [gw]}
//!   gw: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: ["mx.filter.example"]}, forwards: {contoso.com: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: gw}
//! ```
//!
//! ## Sources
//!
//! - Every host may be used: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::attribution::other_exchanger;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::G010, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let other = other_exchanger(astray.flows, astray.fault, astray.evidence);
    let [works, fails] = other.map_or(["", ""], |other| {
        [astray.name(other.works), astray.name(other.fails)]
    });
    Finding::error(
        Code::G010,
        format!(
            "the MX of {} names `{fails}` after `{works}`, and mail that enters there {}: it is lost when `{works}` does not answer",
            astray.names(),
            astray.end()
        ),
    )
    .help(format!("take `{fails}` from `mx`, or let it take this mail"))
}
