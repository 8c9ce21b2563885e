//! # G006 dsn-cannot-return
//!
//! ## What a clean result proves
//!
//! Reports with an empty sender get back wherever ordinary mail does.
//!
//! ## Exact condition
//!
//! A Postfix lets a location or partner relay for some sender domains only (`senders`), so that its reports, which have the
//! empty sender, are refused. Exchange takes such reports as an external sender's.
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

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::routes::Recognition;
use crate::topology::Party;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for route in plan.routes.iter().filter(|route| route.enabled) {
        let Some(to) = route.to.location() else {
            continue;
        };
        // A device sends no reports.
        let relays = match route.from {
            Party::Location(_) => route.covers_everything(),
            Party::Partner(id) => plan.topology.partner(id).relays,
            _ => false,
        };
        let is_postfix = matches!(plan.place(to).configuration, Configuration::Postfix(_));
        let known = route.accepted_by != Recognition::Nothing;
        if !relays || !is_postfix || !known || route.senders.is_empty() {
            continue;
        }
        let [from, to] = [route.from, route.to].map(|party| plan.topology.party_name(party));
        let senders: Vec<String> = route.senders.iter().map(ToString::to_string).collect();
        findings.push(
            Finding::warning(
                Code::G006,
                format!(
                    "`{to}` relays for `{from}` where the sender is in {}, so reports of `{from}`, which have no sender, are refused",
                    listed(senders.iter().map(String::as_str))
                ),
            )
            .at(route.origin.span(), "`senders` leaves out the empty one")
            .on(Object::Route(route.name.clone()))
            .help(format!("take `senders` from `{}`: the addresses of `{from}` limit it already", route.name))
            .fix(Operation::Unset { object: Object::Route(route.name.clone()), key: "senders" }),
        );
    }
}
