//! # R004 filter-bypass
//!
//! ## What a clean result proves
//!
//! Mail from the Internet passes the gateway that the MX names.
//!
//! ## Exact condition
//!
//! The MX of a domain is a gateway, and an external sender who hands mail to a location behind it gets it into a mailbox. Such a
//! location is a tenant, or an Exchange Server or Postfix with a public address or a name in `hosts`.
//!
//! ## Severity
//!
//! error: whoever knows the tenant's name passes the filter by. warning at an Exchange Server or a Postfix, which a firewall may
//! keep other senders from.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - Step 4, the lock: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::platforms::product::Trait;
use crate::topology::{Domain, Location, LocationId, Party};
use crate::walk::{FaultKind, Flows};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::Bypass, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let at = astray.fault.at;
    let is_tenant = |at| astray.topology().location(at).tenant().is_some();
    let severity = if at.is_none_or(is_tenant) {
        Severity::Error
    } else {
        Severity::Warning
    };
    let admitted = before(astray);
    let names: Vec<&str> = admitted.iter().map(|location| location.name.as_str()).collect();
    let lock = Operation::set(
        Object::Location(place.to_owned()),
        "accept_only_from",
        format!("[{}]", names.join(", ")),
    );
    let finding = Finding::new(
        Code::R004,
        severity,
        format!(
            "everybody can hand mail for {} to `{place}` past the gateway that the MX names",
            astray.names()
        ),
    );
    let mut entries = astray.topology().domains.iter().flat_map(|domain| &domain.mx);
    if entries.any(|entry| Some(entry.value) == at) {
        return finding.help(format!(
            "`{place}` is the MX of other domains, so that it cannot reject all senders but the gateway: let these domains enter at the gateway too"
        ));
    }
    if admitted.is_empty() {
        return finding.help(format!(
            "say who hands this mail to `{place}` (`forwards` of the gateway), and then admit only that: `accept_only_from`"
        ));
    }
    // A lock admits those whose addresses or whose tenant is known, and nobody else.
    let unknown = admitted.iter().find(|location| location.tenant().is_none() && location.egress.is_empty());
    match unknown {
        Some(unknown) => finding.help(format!(
            "{lock}, and before that `egress` at `{}`, by which it is identified",
            unknown.name
        )),
        None => finding.mend(lock),
    }
}

/// The locations that hand over the mail which is to be admitted: gateways, else all that send to the location. Nobody
/// knows them while a gateway that the MX names hands its mail to nobody.
fn before<'a>(astray: &Astray<'a>) -> Vec<&'a Location> {
    let plan = astray.flows.model.plan;
    let concerned = |domain: &&Domain| astray.region.contains(&domain.name.to_string());
    let mut entries = plan.topology.domains.iter().filter(concerned).flat_map(|domain| &domain.mx);
    let hands_on = |at: LocationId| {
        let mut routes = plan.routes.iter().filter(|route| route.enabled);
        routes.any(|route| route.from == Party::Location(at) && route.to.location().is_some())
    };
    let ends = |at: LocationId| plan.topology.location(at).is(Trait::Filter) && !hands_on(at);
    if entries.any(|entry| ends(entry.value)) {
        return Vec::new();
    }
    let to = astray.fault.at.map(Party::Location);
    let routes = plan.routes.iter();
    let senders: BTreeSet<LocationId> = routes
        .filter(|route| route.enabled && Some(route.to) == to)
        .filter_map(|route| route.from.location())
        .collect();
    let all: Vec<&Location> = senders.iter().map(|&at| plan.topology.location(at)).collect();
    let is_gateway = |location: &&&Location| location.is(Trait::Filter);
    let gateways: Vec<&Location> = all.iter().filter(is_gateway).copied().collect();
    if gateways.is_empty() { all } else { gateways }
}
