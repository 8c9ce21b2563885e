//! # R002 over-wide-ip-relay
//!
//! ## What a clean result proves
//!
//! Whoever may relay by its address is a device or a location that the spec names.
//!
//! ## Exact condition
//!
//! `accepted_by: {addresses: […]}` of a route from a device or location to a location of ours holds addresses that are
//! not among the `addresses` (or `nat`) of the device or the `egress` of the location.
//!
//! ## Severity
//!
//! warning: every machine with one of these addresses can send mail to any recipient in our name.
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
//!   printers:
//!     addresses: [203.0.113.40, 203.0.113.41]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     via: cloud
//! routes:
//!   - {name: Printers, from: printers, to: cloud, recipients: ["*"], accepted_by: {addresses: [203.0.113.0/24]}}
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
//!   printers:
//!     addresses: [203.0.113.40, 203.0.113.41]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     via: cloud
//! routes:
//!   - {name: Printers, from: printers, to: cloud, recipients: ["*"], accepted_by: {addresses: [203.0.113.40, 203.0.113.41]}}
//! ```
//!
//! ## Sources
//!
//! - `SenderIPAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use crate::checks::ranges::excess;
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::source::At;
use crate::topology::{AcceptedBy, Party};
use crate::values::Network;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for route in topology.routes.iter().filter(|route| route.enabled.value) {
        let Some(At {
            value: AcceptedBy::Networks(networks),
            ..
        }) = &route.accepted_by
        else {
            continue;
        };
        let Some(to) = route.to.value.location().map(|id| topology.location(id)) else {
            continue;
        };
        if to.handling().is_some() {
            continue;
        }
        let (object, what, declared): (Object, &str, Vec<Network>) = match route.from.value {
            Party::Device(id) => {
                let device = topology.device(id);
                let nat = device.nat.iter().map(|at| Network::from(at.value));
                let own = device.addresses.iter().map(|at| at.value);
                (
                    Object::Device(device.name.clone()),
                    "addresses",
                    own.chain(nat).collect(),
                )
            }
            Party::Location(id) => {
                let location = topology.location(id);
                (
                    Object::Location(location.name.clone()),
                    "egress",
                    location.egress.iter().map(|at| at.value).collect(),
                )
            }
            _ => continue,
        };
        let allowed: Vec<Network> = networks.iter().map(|at| at.value).collect();
        let more = excess(&allowed, &declared);
        let (true, Some(first)) = (more > 0, networks.first()) else {
            continue;
        };
        let from = topology.party_name(route.from.value);
        let exact: Vec<String> = declared.iter().map(ToString::to_string).collect();
        let (addresses, are) = if more == 1 {
            ("address", "is")
        } else {
            ("addresses", "are")
        };
        findings.push(
            Finding::warning(
                Code::R002,
                format!("{more} {addresses} that {are} not among the `{what}` of `{from}` may relay mail through `{}` to any recipient", to.name),
            )
            .at(first.span, format!("wider than `{from}`"))
            .on(object)
            .on(Object::Location(to.name.clone()))
            .help(if exact.is_empty() {
                format!("write the `{what}` of `{from}`, and name no others here")
            } else {
                format!("name {} here, or delete `accepted_by`, which does the same", listed(exact.iter().map(String::as_str)))
            }),
        );
    }
}
