//! # U012 skip-list-missing
//!
//! ## What a clean result proves
//!
//! Where one of our locations hands mail of external senders to a tenant, the tenant looks behind it for the address that SPF
//! is judged by.
//!
//! ## Exact condition
//!
//! Mail from the Internet that arrives reaches a tenant, which it has not passed before, from another location, that location does not rewrite the envelope sender, the
//! route does not keep the cross-premises headers, and the connector that takes the mail in skips neither the last hop nor
//! the public addresses of that location (`EFSkipLastIP`, `EFSkipIPs`).
//!
//! ## Severity
//!
//! error: the tenant compares every external sender's SPF record with the address of our location, which it does not name.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   post: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.25], certificate: mx.contoso.com}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [post]}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com]}, mx: post}
//! routes:
//!   - {name: to cloud, from: post, to: cloud, recipients: [contoso.com], skip_listing: none}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   post: {kind: postfix, hosts: [mx.contoso.com], egress: [203.0.113.25], certificate: mx.contoso.com}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [post]}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com]}, mx: post}
//! routes:
//!   - {name: to cloud, from: post, to: cloud, recipients: [contoso.com], skip_listing: last}
//! ```
//!
//! ## Sources
//!
//! - Enhanced Filtering for Connectors: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/enhanced-filtering-for-connectors>
//! - SPF is judged by the address that connects: <https://www.rfc-editor.org/rfc/rfc7208#section-4>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Configuration;
use crate::routes::{Recognition, Route, RouteId};
use crate::topology::Party;
use crate::walk::{Flows, Way};
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let mut found: BTreeMap<RouteId, (&Way, BTreeSet<usize>)> = BTreeMap::new();
    for flow in &flows.flows {
        if flow.party != Party::Internet {
            continue;
        }
        for way in &flow.trace.ways {
            if let Some(id) = judged_by_our_address(flows, way) {
                let (_, atoms) = found.entry(id).or_insert_with(|| (way, BTreeSet::new()));
                atoms.extend(&flows.class(flow).atoms);
            }
        }
    }
    for (id, (way, atoms)) in found {
        let names = flows.population.patterns(&atoms);
        findings.push(finding(flows, flows.model.plan.route(id), way, &names));
    }
}

/// The route over which a tenant gets mail of external senders from one of our addresses, and judges it by that.
fn judged_by_our_address(flows: &Flows<'_>, way: &Way) -> Option<RouteId> {
    let plan = flows.model.plan;
    if !way.end.ends.arrives() {
        return None;
    }
    // A tenant judges mail where it first comes in, and cannot look behind what comes back to it.
    let is_tenant = |name: &str| {
        let mut locations = plan.topology.locations();
        locations.any(|(_, location)| location.name == name && location.tenant().is_some())
    };
    let before = way.hops.iter().take_while(|hop| !is_tenant(&hop.at));
    let mut over = before.filter_map(|hop| {
        let name = hop.by.strip_prefix("route:")?;
        let mut routes = plan.routes();
        routes.find(|(_, route)| {
            route.name == name
                && plan.topology.party_name(route.from) == hop.at
                && plan.topology.party_name(route.to) == hop.to
        })
    });
    let (id, _) = over.find(|(id, route)| !looks_behind(flows, *id, route))?;
    Some(id)
}

/// Whether whoever takes this mail in is no tenant, or does not judge it by the address that it comes from.
fn looks_behind(flows: &Flows<'_>, id: RouteId, route: &Route) -> bool {
    let plan = flows.model.plan;
    let (Some(from), Some(to)) = (route.from.location(), route.to.location()) else {
        return true;
    };
    let Configuration::ExchangeOnline(tenant) = &plan.place(to).configuration else {
        return true;
    };
    let from = plan.topology.location(from);
    if from.tenant().is_some() || from.rewrites_sender() || route.sends_headers() {
        return true;
    }
    let mut taken_in = tenant.inbound.iter().filter(|it| it.routes.contains(&id));
    taken_in.any(|connector| {
        let listed = |network| connector.ef_skip_ips.iter().any(|it| it.contains(network));
        let mut public = from.egress.iter().filter(|at| !at.value.is_private());
        connector.ef_skip_last_ip
            || (!connector.ef_skip_ips.is_empty() && public.all(|at| listed(&at.value)))
    })
}

fn finding(flows: &Flows<'_>, route: &Route, way: &Way, names: &[String]) -> Finding {
    let topology = &flows.model.plan.topology;
    let (from, to) = (topology.party_name(route.from), topology.party_name(route.to));
    let mut finding = Finding::error(
        Code::U012,
        format!(
            "mail of external senders for {} reaches `{to}` from the address of `{from}`, which their SPF records do not name: SPF fails for all of them",
            listed(names.iter().map(String::as_str))
        ),
    )
    .at(route.origin.span(), format!("`{}` hands it over", route.name))
    .on(Object::Route(route.name.clone()))
    .on(Object::Location(from.to_owned()))
    .on(Object::Location(to.to_owned()))
    .domains(names.iter().cloned());
    finding.trace = way.shown();
    finding.help(match route.accepted_by {
        Recognition::Nothing => format!(
            "let `{to}` know `{from}` (`accepted_by: certificate` or `addresses` on `{}`), so that a connector can look behind it",
            route.name
        ),
        Recognition::Certificate(_) | Recognition::Addresses(_) => {
            format!("write `skip_listing: last` on `{}`", route.name)
        }
    })
}
