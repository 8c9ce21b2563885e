//! # V004 device-ip-overlap
//!
//! ## What a clean result proves
//!
//! Every address has one right: no two entries let the same machine do different things at the same location.
//!
//! ## Exact condition
//!
//! Addresses of two devices at one location (behind `nat`: their public ones) overlap and differ in `method`, `sends_to`
//! or `trusted`; or addresses of a device overlap with those by which the same location recognizes a partner or another
//! location, or hold a private address of one of its own servers where Exchange has several.
//!
//! ## Severity
//!
//! error: which of the two rights counts is decided by the platform, and it may be the wider one. Servers of one
//! organization that meet the Receive connector of a device cannot log on to one another.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   door-sensor:
//!     addresses: [203.0.113.42]
//!     sends_as: [door@contoso.com]
//!     sends_to: internal
//!     method: direct-send
//!     via: cloud
//!   printers:
//!     addresses: [203.0.113.0/24]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     method: relay
//!     via: cloud
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   door-sensor:
//!     addresses: [203.0.113.42]
//!     sends_as: [door@contoso.com]
//!     sends_to: internal
//!     method: direct-send
//!     via: cloud
//!   printers:
//!     addresses: [203.0.113.64/28]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     method: relay
//!     via: cloud
//! ```
//!
//! ## Sources
//!
//! - `SenderIPAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
//! - Servers that cannot log on to one another: <https://support.microsoft.com/kb/979175>
//! - The most specific range wins: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>

use crate::checks::ranges::nested;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::Recognition;
use crate::source::Span;
use crate::topology::{Device, LocationId, Party};
use crate::values::Network;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Who claims an address at a place.
#[derive(Clone, Copy)]
struct Claim<'a> {
    who: Party,
    device: Option<&'a Device>,
    span: Span,
}

fn run(plan: &Plan, findings: &mut Findings) {
    let mut by_place: BTreeMap<LocationId, Vec<(Network, Claim<'_>)>> = BTreeMap::new();
    for (id, device) in plan.topology.devices() {
        // Whoever logs in or shows a certificate is known by that, not by its address.
        if device.certificate.is_some()
            || device.method.value.logs_on()
        {
            continue;
        }
        let place = by_place.entry(device.via.value).or_default();
        let claim = |span| Claim {
            who: Party::Device(id),
            device: Some(device),
            span,
        };
        if device.nat.is_empty() {
            place.extend(device.addresses.iter().map(|at| (at.value, claim(at.span))));
        } else {
            place.extend(
                device
                    .nat
                    .iter()
                    .map(|at| (Network::from(at.value), claim(at.span))),
            );
        }
    }
    for (&id, place) in &mut by_place {
        let location = plan.topology.location(id);
        let servers = location.exchange_server().map_or(0, |at| at.servers.len());
        for host in location.hosts.iter().filter(|_| servers > 1) {
            let claim = Claim {
                who: Party::Location(id),
                device: None,
                span: host.span,
            };
            let addresses = host.value.addresses.iter().map(|at| Network::from(*at));
            place.extend(
                addresses
                    .filter(Network::is_private)
                    .map(|address| (address, claim)),
            );
        }
    }
    for route in plan
        .routes
        .iter()
        .filter(|route| route.enabled && !matches!(route.from, Party::Device(_)))
    {
        // Who is not recognized comes from its own addresses all the same.
        let networks = match (&route.accepted_by, route.from.location()) {
            (Recognition::Addresses(networks), _) => networks.clone(),
            (Recognition::Nothing, Some(from)) => {
                let egress = plan.topology.location(from).egress.iter();
                egress.map(|at| at.value).collect()
            }
            _ => continue,
        };
        if let Some(place) = route.to.location().and_then(|to| by_place.get_mut(&to)) {
            let claim = Claim {
                who: route.from,
                device: None,
                span: route.origin.span(),
            };
            place.extend(networks.into_iter().map(|network| (network, claim)));
        }
    }
    let mut said = BTreeSet::new();
    for (place, claims) in &by_place {
        for (outer, inner) in nested(claims) {
            let ((wide, a), (narrow, b)) = (outer, inner);
            let pair = (*place, a.who.min(b.who), a.who.max(b.who));
            if a.who != b.who && differ(a, b) && said.insert(pair) {
                findings.push(finding(plan, *place, (*wide, a), (*narrow, b)));
            }
        }
    }
}

fn differ(a: &Claim<'_>, b: &Claim<'_>) -> bool {
    match (a.device, b.device) {
        (Some(a), Some(b)) => {
            (a.method.value, &a.sends_to, a.trusted) != (b.method.value, &b.sends_to, b.trusted)
        }
        (None, None) => false,
        _ => true,
    }
}

fn finding(
    plan: &Plan,
    place: LocationId,
    (wide, a): (Network, &Claim<'_>),
    (narrow, b): (Network, &Claim<'_>),
) -> Finding {
    let [first, second] = [a, b].map(|claim| plan.topology.party_name(claim.who));
    let is_own = b.who == Party::Location(place);
    let place = &plan.topology.location(place).name;
    let object = |claim: &Claim<'_>| {
        let name = plan.topology.party_name(claim.who).to_owned();
        match claim.who {
            Party::Device(_) => Object::Device(name),
            Party::Partner(_) => Object::Partner(name),
            _ => Object::Location(name),
        }
    };
    let shared = if wide == narrow {
        format!("`{narrow}` belongs")
    } else {
        format!("`{narrow}` lies in `{wide}` and belongs")
    };
    let message = if is_own {
        format!("`{narrow}` is a server of `{place}` and lies in `{wide}`, the addresses of `{first}`: mail between the servers of `{place}` meets the connector for `{first}` and waits (451 5.7.3)")
    } else {
        format!("{shared} to `{first}` and to `{second}`, which have different rights at `{place}`: mail from there is taken with those of either")
    };
    Finding::error(Code::V004, message)
    .at(b.span, format!("`{second}`"))
    .at(a.span, format!("`{first}`"))
    .on(object(b))
    .on(object(a))
    .help(format!("name in `{first}` only the addresses that are not those of `{second}`"))
}
