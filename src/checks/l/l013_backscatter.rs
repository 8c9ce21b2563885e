//! # L013 backscatter
//!
//! ## What a clean result proves
//!
//! Mail from external senders for an address that nobody has is refused by the first of our locations.
//!
//! ## Exact condition
//!
//! The location where mail from the Internet enters takes mail for an unknown address, or for a domain that is nobody's, and a
//! location behind it refuses it, so that a bounce goes to whoever is said to have sent it.
//!
//! ## Severity
//!
//! warning; note where the entry is a tenant, which knows only the recipients that are synchronized to it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, directory: own}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: mx}
//!   fabrikam.com: {mailboxes: {hq: [anna@fabrikam.com]}, mx: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, directory: callout}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: mx}
//!   fabrikam.com: {mailboxes: {hq: [anna@fabrikam.com]}, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - Backscatter: <https://www.postfix.org/BACKSCATTER_README.html>
//! - Recipients are refused at the edge of the tenant: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-directory-based-edge-blocking>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::topology::Kind;
use crate::walk::{Cause, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::Backscatter, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let message = format!(
        "`{place}` takes mail of strangers for unknown addresses of {}, which then {}: the bounce goes to whoever is said to have sent it",
        astray.names(),
        astray.end()
    );
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    if let Some(gateway) = location.filter(|location| matches!(location.kind, Kind::Gateway(_))) {
        return Finding::warning(
            Code::L013,
            format!(
                "`{place}` takes mail of strangers for {}, which then {}: the bounce goes to whoever is said to have sent it",
                astray.names(),
                astray.end()
            ),
        )
        .help(if astray.evidence.way.end.cause == Cause::NoRecipient {
            format!("let `{place}` know every recipient, so that it rejects the others: `directory: complete`")
        } else {
            format!("take {} from `forwards` of `{}`, or let the location that it leads to accept them", astray.names(), gateway.name)
        });
    }
    let by_tenant = astray
        .fault
        .at
        .is_some_and(|at| astray.topology().location(at).tenant().is_some());
    if by_tenant {
        Finding::note(Code::L013, message)
            .help(format!("synchronize the recipients to `{place}` and let it know all of them, where it can be authoritative"))
    } else {
        Finding::warning(Code::L013, message).help(format!(
            "list the recipients, or let `{place}` ask the next hop: `directory: callout` (Postfix)"
        ))
    }
}
