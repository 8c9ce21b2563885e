//! # R010 ipv6-source
//!
//! ## What a clean result proves
//!
//! Every sender that a tenant must identify by addresses has one that a connector can hold.
//!
//! ## Exact condition
//!
//! A route to a tenant is recognized by addresses, and all of them are IPv6.
//!
//! ## Severity
//!
//! error: `SenderIPAddresses` of an inbound connector holds IPv4 alone, so that no connector knows the sender and its mail
//! is an external sender's.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   printers: {addresses: ["2001:db8::40"], sends_as: [scanner@contoso.com], sends_to: anyone, via: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   printers: {addresses: [203.0.113.40], sends_as: [scanner@contoso.com], sends_to: anyone, via: cloud}
//! ```
//!
//! ## Sources
//!
//! - `SenderIPAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::Recognition;
use crate::topology::Party;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for route in plan.routes.iter().filter(|route| route.enabled) {
        let to = route.to.location().map(|id| topology.location(id));
        let Some(tenant) = to.filter(|to| to.tenant().is_some()) else {
            continue;
        };
        let Recognition::Addresses(networks) = &route.accepted_by else {
            continue;
        };
        if networks.is_empty() || networks.iter().any(|network| !network.is_ipv6()) {
            continue;
        }
        let from = topology.party_name(route.from);
        let (object, span) = match route.from {
            Party::Location(id) => (
                Object::Location(from.to_owned()),
                topology.location(id).span,
            ),
            Party::Partner(id) => (Object::Partner(from.to_owned()), topology.partner(id).span),
            Party::Device(id) => (Object::Device(from.to_owned()), topology.device(id).span),
            Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => continue,
        };
        findings.push(
            Finding::error(
                Code::R010,
                format!(
                    "`{}` knows `{from}` by addresses, of which a connector holds IPv4 alone, and all of them are IPv6: it treats the mail of `{from}` as external",
                    tenant.name
                ),
            )
            .at(span, "has no IPv4 address")
            .on(object)
            .on(Object::Route(route.name.clone()))
            .help(format!(
                "give `{from}` a certificate of a public authority, or an IPv4 address that its mail leaves from"
            )),
        );
    }
}
