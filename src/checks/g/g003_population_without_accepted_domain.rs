//! # G003 population-without-accepted-domain
//!
//! ## What a clean result proves
//!
//! Every location that mail for a mailbox gets to accepts the mailbox's domain, or knows the sender as one that may relay.
//!
//! ## Exact condition
//!
//! Mail for a mailbox reaches a location that does not accept the domain from a sender that may not relay there, and is
//! rejected or bounces. Mail that a mailbox forwards is none of this (G001).
//!
//! ## Severity
//!
//! error: all of this mail is refused with 5.7.1 or 5.7.64.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, accepts: [{domain: fabrikam.com}]}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, accepts: [{domain: contoso.com}, {domain: fabrikam.com}]}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Accepted domains: <https://learn.microsoft.com/exchange/mail-flow/accepted-domains/accepted-domains>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::NotAccepted, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    let accepted = match astray.first_name().strip_prefix("*.") {
        Some(above) => format!("{{domain: {above}, subdomains: true}}"),
        None => format!("{{domain: {}}}", astray.first_name()),
    };
    let finding = Finding::error(
        Code::G003,
        format!(
            "`{place}` does not accept {}, so mail from {} for the mailboxes at `{home}` is refused there",
            astray.names(),
            astray.senders()
        ),
    );
    // A domain is verified in one tenant at a time.
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    let model = astray.flows.model;
    let other = location.filter(|at| at.tenant().is_some()).and_then(|at| {
        let mut locations = astray.topology().locations();
        locations.find(|(id, other)| {
            other.name != at.name
                && other.tenant().is_some()
                && model.accepted(*id, astray.evidence.to.domain()).is_some()
        })
    });
    if let Some((_, other)) = other {
        return finding.help(format!("let no route and no host name lead this mail to `{place}`: `{}` accepts it", other.name));
    }
    // A domain stands there once: what it takes more is said where it stands.
    let mut written = location.into_iter().flat_map(|at| &at.also_accepts);
    let above = astray.first_name().strip_prefix("*.");
    if let Some(above) = above.filter(|above| written.any(|it| it.domain.value.as_str() == *above)) {
        return finding.help(format!("write `subdomains: true` beside `domain: {above}` in `also_accepts` of `{place}`"));
    }
    finding
        .help(format!("write `also_accepts: [{accepted}]` at `{place}`, or leave `accepts` away, which derives it"))
        .fix(Operation::Append {
            object: Object::Location(place.to_owned()),
            key: "also_accepts",
            value: accepted,
        })
}
