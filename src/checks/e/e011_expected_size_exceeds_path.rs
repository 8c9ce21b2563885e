//! # E011 expected-size-exceeds-path
//!
//! ## What a clean result proves
//!
//! What a location takes is not too large for the locations that its mail goes on to.
//!
//! ## Exact condition
//!
//! On a way that arrives, a location has a smaller `max_message_size` than one before it. A location without the key is passed
//! over: what its product takes by default is not compared.
//!
//! ## Severity
//!
//! warning: messages between both sizes are taken and come back to their senders.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: [mx.filter.example]}, forwards: {contoso.com: hq}, spf: "include:spf.filter.example", max_message_size: 25MB}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, accept_only_from: [filter], sends: {via: filter}, max_message_size: 50MB}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.0/24], certificate: {names: [mx.filter.example]}, forwards: {contoso.com: hq}, spf: "include:spf.filter.example", max_message_size: 25MB}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, accept_only_from: [filter], sends: {via: filter}, max_message_size: 25MB}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - Limits of connectors, servers and organizations: <https://learn.microsoft.com/exchange/mail-flow/message-size-limits>
//! - `message_size_limit`: <https://www.postfix.org/postconf.5.html#message_size_limit>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::topology::LocationId;
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut pairs: BTreeSet<(LocationId, LocationId)> = BTreeSet::new();
    let ways = flows.flows.iter().flat_map(|flow| &flow.trace.ways);
    for way in ways.filter(|way| way.end.ends.arrives()) {
        let sizes = way.places.iter().filter_map(|&at| {
            let size = topology.location(at).max_message_size?;
            Some((at, size.value))
        });
        sizes.reduce(|(from, least), (at, size)| {
            if size < least {
                pairs.insert((from, at));
                (at, size)
            } else {
                (from, least)
            }
        });
    }
    for (from, to) in pairs {
        let (larger, smaller) = (topology.location(from), topology.location(to));
        let (Some(most), Some(least)) = (larger.max_message_size, smaller.max_message_size) else {
            continue;
        };
        findings.push(
            Finding::warning(
                Code::E011,
                format!(
                    "`{}` takes messages of up to {} that go on to `{}`, which takes no more than {}: a larger one bounces to its sender",
                    larger.name, most.value, smaller.name, least.value
                ),
            )
            .at(most.span, "taken here")
            .at(least.span, "and refused here")
            .on(Object::Location(larger.name.clone()))
            .on(Object::Location(smaller.name.clone()))
            .help(format!("write `max_message_size: {}` at `{}`, or more at `{}` where it can take more", least.value, larger.name, smaller.name))
            .fix(Operation::set(Object::Location(larger.name.clone()), "max_message_size", least.value.to_string())),
        );
    }
}
