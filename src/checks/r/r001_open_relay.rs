//! # R001 open-relay
//!
//! ## What a clean result proves
//!
//! No location relays mail from the Internet to other organizations.
//!
//! ## Exact condition
//!
//! Mail from the Internet for a recipient that is not ours is accepted by one of our locations, and reaches a recipient or
//! loops. What one of our locations behind it refuses is L013.
//!
//! ## Severity
//!
//! error: any host can send anything to any recipient in our name.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp", also_accepts: [{domain: example.net, type: external-relay}]}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - Who may relay: <https://www.postfix.org/SMTPD_ACCESS_README.html>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::checks::words::as_written;
use crate::finding::{Code, Finding, Findings, Operation};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::OpenRelay, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    if astray.fault.party.is_some() {
        let (place, network) = (astray.place(), astray.party());
        return Finding::error(
            Code::R001,
            format!("`{place}` relays for every host in `{network}` (`trusted_networks`), which holds addresses of external senders: their mail for {} {}", astray.names(), astray.end()),
        )
        .help(format!("name in `trusted_networks` of `{place}` only the networks whose hosts may relay"));
    }
    if let Some(finding) = forwarded(astray) {
        return finding;
    }
    Finding::error(
        Code::R001,
        format!(
            "`{}` accepts mail of external senders for {}, which {}",
            astray.place(),
            astray.names(),
            astray.end()
        ),
    )
    .help(format!(
        "take {} from what `{}` accepts, or let only known senders use that route",
        astray.names(),
        astray.place()
    ))
}

/// A gateway whose `forwards` lead mail for names that are not ours on to others.
fn forwarded(astray: &Astray<'_>) -> Option<Finding> {
    let place = astray.place();
    let topology = astray.topology();
    let location = topology.location(astray.fault.at?);
    let hop = astray.evidence.way.hops.iter().find(|hop| hop.at == *place)?;
    let taken = hop.by.strip_prefix("route:")?;
    let mut routes = astray.flows.model.plan.routes.iter();
    let span = routes.find(|route| route.name == taken)?.origin.span();
    let mut entries = location.handling()?.forwards.iter();
    let pattern = entries.find(|(pattern, _)| pattern.span == span)?.0.value.to_string();
    let all = if pattern == "*" { "every name that is not ours" } else { "names that are not ours" };
    let path = ["locations", place, "forwards", &pattern].map(str::to_owned);
    let finding = Finding::error(
        Code::R001,
        format!("`{place}` accepts mail of external senders for {all} (`forwards`: `{pattern}`), which {}", astray.end()),
    );
    let narrowed = astray.instead_of_everything(astray.fault.at?).filter(|_| pattern == "*");
    if let Some(narrowed) = narrowed {
        let help = format!("{narrowed}: mail that our own locations send through it needs no entry there");
        return Some(finding.help(help).fix(narrowed));
    }
    Some(
        finding.help(format!(
            "take `{}` out of `forwards` of `{place}`: mail that our own locations send through it needs no entry there",
            as_written(&pattern)
        ))
        .fix(Operation::At { path: path.to_vec(), value: None }),
    )
}
