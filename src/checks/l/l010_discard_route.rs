//! # L010 discard-route
//!
//! ## What a clean result proves
//!
//! No mail for a mailbox or a partner is thrown away.
//!
//! ## Exact condition
//!
//! Mail for a mailbox of ours or for a partner takes a route with `to: discard`.
//!
//! ## Severity
//!
//! warning: the route says so, but nobody gets the mail, and no sender hears of it. Mail for names that no mailbox and no
//! partner has ends there as it should.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mail: {kind: postfix, hosts: [mail.contoso.com], egress: [203.0.113.25], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//!   lab: {kind: postfix, hosts: [lab.contoso.com], egress: [203.0.113.26], certificate: lab.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: {mail: [ann@contoso.com]}, mx: mail}
//!   lab.contoso.com: {mailboxes: {lab: [bob@lab.contoso.com]}, mx: lab}
//! routes:
//!   - {name: throw away, from: mail, to: discard, recipients: [lab.contoso.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mail: {kind: postfix, hosts: [mail.contoso.com], egress: [203.0.113.25], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//!   lab: {kind: postfix, hosts: [lab.contoso.com], egress: [203.0.113.26], certificate: lab.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: {mail: [ann@contoso.com]}, mx: mail}
//!   lab.contoso.com: {mailboxes: {lab: [bob@lab.contoso.com]}, mx: lab}
//! ```
//!
//! ## Sources
//!
//! - `discard`: <https://www.postfix.org/transport.5.html>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object};
use crate::routes::RouteId;
use crate::walk::{Class, Ends, Flows, ClassKind};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    let mut thrown: BTreeMap<RouteId, Vec<&Class>> = BTreeMap::new();
    for flow in &flows.flows {
        let class = flows.class(flow);
        if !matches!(class.kind, ClassKind::Mailboxes(_) | ClassKind::Partner(_)) {
            continue;
        }
        for way in &flow.trace.ways {
            if let (Ends::Discarded(_), Some(route)) = (&way.end.ends, way.end.route) {
                thrown.entry(route).or_default().push(class);
            }
        }
    }
    for (id, classes) in thrown {
        let route = plan.route(id);
        let names = flows.names_of(classes);
        let shown = listed(names.iter().map(String::as_str));
        findings.push(
            Finding::warning(
                Code::L010,
                format!(
                    "mail for {shown} is thrown away at `{}`: nobody gets it, and no sender hears of it",
                    plan.topology.party_name(route.from)
                ),
            )
            .at(route.origin.span(), "this route ends it")
            .on(Object::Route(route.name.clone()))
            .domains(names)
            .help(format!("take {shown} out of `recipients` of `{}`, or write `to: reject`, so that the sender hears of it", route.name)),
        );
    }
}
