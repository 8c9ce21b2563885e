//! # N010 dane-without-dnssec
//!
//! ## What a clean result proves
//!
//! Where TLSA records are wanted, senders can trust them.
//!
//! ## Exact condition
//!
//! A domain whose records mailtopo writes has `dane: true`, and its mail enters at a host of ours. Its zone, or that of one
//! of its MX hosts in our zones, is not signed by what `dns.dnssec` says. Where a tenant alone takes the mail, the provider
//! keeps the TLSA records, and the facts tell whether it does.
//!
//! ## Severity
//!
//! error: senders look at TLSA records in signed zones only, so that nothing protects the mail though the spec asks for it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq, dane: true}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq, dane: true}
//! dns:
//!   dnssec: {contoso.com: true}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7672#section-2.2>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::{Exchange, exchanges, managed};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{DnsManagement, Topology};
use crate::values::DomainName;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in managed(topology) {
        let Some(dane) = domain.dane.filter(|dane| dane.value && domain.receives()) else {
            continue;
        };
        let hosts = exchanges(topology, domain).unwrap_or_default();
        let by_provider = |at: &Exchange| topology.location(at.location).tenant().is_some();
        if hosts.iter().all(by_provider) {
            continue;
        }
        let hosts = hosts.iter().filter_map(|exchange| exchange.host.to_domain());
        // Of a host of others that nobody has asked about nothing is known.
        let ours = hosts.filter(|host| is_ours(topology, host) || gathered(topology, host).is_some());
        let names = std::iter::once(domain.name.clone()).chain(ours);
        let unsigned: BTreeSet<DomainName> = names
            .filter(|name| !is_signed(topology, name))
            .map(|name| name.registrable())
            .collect();
        let Some(first) = unsigned.first() else {
            continue;
        };
        findings.push(
            Finding::error(
                Code::N010,
                format!(
                    "senders do not look at the TLSA records for `{}`: not signed is {}",
                    domain.name,
                    listed(unsigned.iter().map(DomainName::as_str))
                ),
            )
            .at(dane.span, "wanted here")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!(
                "sign the zone and write `dnssec: {{{first}: true}}` under `dns`, or take out `dane`"
            )),
        );
    }
}

/// Whether a name lies in a zone that mailtopo writes.
fn is_ours(topology: &Topology, name: &DomainName) -> bool {
    let domain = topology.nearest_domain(name);
    domain.is_some_and(|domain| matches!(domain.dns, DnsManagement::Managed))
}

/// What the spec says of the nearest name at or above it.
fn is_signed(topology: &Topology, name: &DomainName) -> bool {
    let mut nodes = name.nodes();
    let said = nodes.find_map(|node| topology.dns.dnssec.get(node));
    match said {
        Some(at) => at.value,
        None => gathered(topology, name).unwrap_or_default(),
    }
}

/// What the facts say of the nearest name at or above it.
fn gathered(topology: &Topology, name: &DomainName) -> Option<bool> {
    let mut nodes = name.nodes();
    nodes.find_map(|node| topology.facts.records.get(node)?.dnssec)
}
