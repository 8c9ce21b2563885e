//! # G006 dsn-cannot-return
//!
//! ## What a clean result proves
//!
//! Reports with an empty sender get back wherever ordinary mail does.
//!
//! ## Exact condition
//!
//! A location, or a partner that relays through us, writes to recipients of other organizations and its mail arrives, while
//! one of our locations refuses the same mail with the empty sender, which reports have: a Postfix relays for some sender
//! domains only, or a tenant knows the location by its addresses, so that the sender has to be in an accepted domain. Where it
//! is the certificate that the tenant does not accept, T007 speaks.
//!
//! ## Severity
//!
//! warning: senders do not hear that their mail did not arrive.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: mx}
//! routes:
//!   - {name: out, from: hq, to: mx, recipients: ["*"], senders: [contoso.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.9], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp"}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: mx}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: mx}
//! routes:
//!   - {name: out, from: hq, to: mx, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - Reports need the empty sender: <https://www.rfc-editor.org/rfc/rfc5321#section-4.5.5>
//! - What a tenant relays: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/updated-requirements-smtp-relay>

use crate::checks::Run;
use crate::checks::lost_mail::{Astray, report};
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Configuration;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::ReportLost, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (here, from) = (astray.place(), astray.party());
    let plan = astray.flows.model.plan;
    let last = astray.evidence.way.hops.last();
    let route = last.and_then(|hop| {
        let name = hop.by.strip_prefix("route:")?;
        plan.routes().find(|(_, route)| route.name == name)
    });
    let limits = route.filter(|(_, route)| !route.senders.is_empty());
    let at = astray.fault.at.map(|at| plan.topology.location(at));
    let place = astray.fault.at.map(|at| &plan.place(at).configuration);
    let is_by_hand = matches!(place, Some(Configuration::Checklist));
    let finding = Finding::warning(
        Code::G006,
        format!(
            "reports of {} for {}, which have no sender, are refused when `{from}` hands them to `{here}`, unlike ordinary mail: {}",
            astray.senders(),
            astray.names(),
            astray.evidence.way.end.why
        ),
    );
    match limits {
        Some((_, route)) => {
            let object = Object::Route(route.name.clone());
            let finding = finding
                .at(route.origin.span(), "`senders` leaves out the empty one")
                .on(object.clone())
                .help(if is_by_hand {
                    format!("have `{here}` admit mail without a sender, and take `senders` from `{}`", route.name)
                } else {
                    format!("take `senders` from `{}`: addresses limit it already", route.name)
                });
            if route.is_written() {
                finding.fix(Operation::Unset { object, key: "senders" })
            } else {
                finding
            }
        }
        None if at.is_some_and(|at| at.tenant().is_some()) => finding.help(format!(
            "let `{here}` know the certificate of whoever hands it over, for one of its own domains"
        )),
        None => finding.help(format!(
            "nothing needs to be done where nobody waits for such reports; else let `{from}` reach these names past `{here}`"
        )),
    }
}
