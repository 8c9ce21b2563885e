//! # L009 unknown-recipients-end
//!
//! ## What a clean result proves
//!
//! Mail for an address that nobody has comes to an end.
//!
//! ## Exact condition
//!
//! Mail for an address that no mailbox has loops between locations that pass on what they do not know; or mail of our
//! own mailboxes for a name below one of our domains that nobody accepts does. Or mail of our own mailboxes for an
//! address that nobody has waits until it expires.
//!
//! ## Severity
//!
//! error; warning where only our own mailboxes write to such names, or the mail waits: whoever mistypes an address hears
//! of it after days. Exchange ends the loop with 5.4.6 or 5.4.14,
//! Postfix with too many hops.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, directory: own}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}, directory: own}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com], hq: [bob@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - How loops end: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-5-4-6-through-5-4-20-in-exchange-online>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::topology::Sending;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::UnknownLoop, findings, unknown);
    report(flows, FaultKind::NamelessLoop, findings, nameless);
    report(flows, FaultKind::UnknownWaits, findings, waits);
}

fn unknown(astray: &Astray<'_>) -> Finding {
    let first = astray.fault.cycle.first().map_or("", |&at| astray.name(at));
    let finding = Finding::error(
        Code::L009,
        format!(
            "mail for unknown addresses of {} {}",
            astray.names(),
            astray.rounds()
        ),
    );
    let topology = astray.topology();
    let is_idle = |name: &String| {
        let domain = topology.domain_named(name.as_str());
        domain.is_some_and(|id| topology.domain(id).sending != Sending::Normal)
    };
    if let Some(route) = astray.last_route().filter(|_| astray.region.iter().all(is_idle)) {
        return finding.help(format!(
            "nobody receives mail there: take {} from `{}`",
            astray.names(),
            route.name
        ));
    }
    astray.break_loop(finding, || {
        format!("let one of them know every recipient, so that it refuses the others: `{first}: {{directory: complete}}`")
    })
}

fn nameless(astray: &Astray<'_>) -> Finding {
    let finding = Finding::warning(
        Code::L009,
        format!(
            "mail from {} for {}, which nobody accepts, {}",
            astray.senders(),
            astray.names(),
            astray.rounds()
        ),
    );
    astray.break_loop(finding, || {
        "name the domains that exist in the route, in place of a wildcard".to_owned()
    })
}

fn waits(astray: &Astray<'_>) -> Finding {
    let finding = Finding::warning(
        Code::L009,
        format!(
            "mail from {} for an address that nobody has at {} {}",
            astray.senders(),
            astray.names(),
            astray.end()
        ),
    );
    match astray.last_route() {
        Some(route) => finding.help(format!(
            "name the domains that exist in `{}`, so that whoever mistypes an address hears of it at once",
            route.name
        )),
        None => finding.help(format!(
            "give `{}` a route for {}, or let it refuse what nobody has",
            astray.place(),
            astray.names()
        )),
    }
}
