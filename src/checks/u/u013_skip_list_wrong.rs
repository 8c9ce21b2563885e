//! # U013 skip-list-wrong
//!
//! ## What a clean result proves
//!
//! Where a tenant looks behind the hops before it, it finds the address that mail of external senders came from.
//!
//! ## Exact condition
//!
//! A connector into a tenant skips only the last address (`skip_listing: last`), and mail of external senders passes more than
//! one location before the tenant. Or its list holds a private address, which no mail reaches the tenant from, or one that the
//! provider publishes as its own. Or a route is written with a list, and no mail of external senders takes it.
//!
//! ## Severity
//!
//! error: the tenant judges SPF on an address of ours, or on none. warning where only our own mail takes the route: behind it
//! there is nothing but addresses of our network, and SPF fails for what was right before.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [edge]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": edge}}
//!   edge: {kind: postfix, hosts: [edge.contoso.com], egress: [192.0.2.10], certificate: edge.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! routes:
//!   - {name: to cloud, from: edge, to: cloud, recipients: [contoso.com], accepted_by: certificate, skip_listing: last}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [edge]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": edge}}
//!   edge: {kind: postfix, hosts: [edge.contoso.com], egress: [192.0.2.10], certificate: edge.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! routes:
//!   - {name: to cloud, from: edge, to: cloud, recipients: [contoso.com], accepted_by: certificate, skip_listing: [192.0.2.10, 198.51.100.0/24]}
//! ```
//!
//! ## Sources
//!
//! - Servers behind a tenant: <https://nicolasuter.ch/til/mdo-enhanced-filtering/>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/enhanced-filtering-for-connectors>

use crate::checks::Run;
use crate::checks::u::u014_arc_sealer_untrusted::before_tenant;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Configuration;
use crate::routes::{Route, RouteId, published_addresses};
use crate::source::Span;
use crate::topology::{LocationId, Party, SkipListing, WrittenRoute};
use crate::values::Network;
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    let topology = &plan.topology;
    let mut found: BTreeMap<RouteId, (String, Vec<String>)> = BTreeMap::new();
    for (id, route) in plan.routes() {
        let SkipListing::Addresses(list) = &route.skip_listing else {
            continue;
        };
        let Some(tenant) = route.to.location().and_then(|at| topology.location(at).tenant()) else {
            continue;
        };
        let provider = published_addresses(topology, tenant.environment).unwrap_or_default();
        let is_wrong = |network: &Network| {
            network.is_private() || provider.iter().any(|one| one.contains(network))
        };
        let wrong = list.iter().map(|at| at.value).filter(is_wrong);
        let wrong: Vec<String> = wrong.map(|network| network.to_string()).collect();
        if !wrong.is_empty() {
            let why = format!("its list holds {}, from which no hop of ours reaches it", listed(wrong.iter().map(String::as_str)));
            found.insert(id, (why, Vec::new()));
        }
    }
    for way in before_tenant(flows) {
        let [.., before, last] = way.places.as_slice() else {
            continue;
        };
        let over = plan.routes().find(|(id, route)| {
            (route.from, route.to) == (Party::Location(*last), Party::Location(way.tenant))
                && skips_last(flows, way.tenant, *id, route)
        });
        if let Some((id, _)) = over {
            let why = format!("it skips the last address alone, and judges the one of `{}`", topology.location(*before).name);
            let hops = way.places.iter().flat_map(|at| &topology.location(*at).egress);
            let hops = hops.filter(|at| !at.value.is_private());
            found.insert(id, (why, hops.map(|at| at.value.to_string()).collect()));
        }
    }
    of_our_own_mail(flows, findings);
    for (id, (why, hops)) in found {
        let route = plan.route(id);
        let to = topology.party_name(route.to);
        let finding = Finding::error(
            Code::U013,
            format!("`{to}` does not find the address that mail over `{}` came from: {why}", route.name),
        )
        .at(route.origin.span(), "")
        .on(Object::Route(route.name.clone()))
        .on(Object::Location(to.to_owned()));
        findings.push(finding.help(if hops.is_empty() {
            "name the public addresses of the hops before the tenant alone".to_owned()
        } else {
            format!("write `skip_listing: [{}]` on `{}`", hops.join(", "), route.name)
        }));
    }
}

/// Lists that are written on routes which no mail of external senders takes.
fn of_our_own_mail(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    let has_list = |at: &&WrittenRoute| at.skip_listing.as_ref().is_some_and(|list| list.value != SkipListing::None);
    let lists: Vec<Span> = plan.topology.routes.iter().filter(has_list).map(|at| at.span).collect();
    if lists.is_empty() {
        return;
    }
    let external = flows.flows.iter().filter(|flow| matches!(flow.party, Party::Internet | Party::Partner(_)));
    let hops: BTreeSet<(LocationId, LocationId)> = external
        .flat_map(|flow| &flow.trace.ways)
        .flat_map(|way| way.places.iter().copied().zip(way.places.iter().copied().skip(1)))
        .collect();
    for (_, route) in plan.routes().filter(|(_, route)| route.enabled) {
        let (Some(from), Some(to)) = (route.from.location(), route.to.location()) else {
            continue;
        };
        let has_list = route.is_written() && lists.contains(&route.origin.span());
        if !has_list || hops.contains(&(from, to)) || plan.topology.location(to).tenant().is_none() {
            continue;
        }
        let [here, tenant] = [from, to].map(|id| plan.topology.location(id).name.as_str());
        findings.push(
            Finding::warning(
                Code::U013,
                format!(
                    "`{tenant}` looks behind `{here}` for mail over `{}`, which external senders never take: it judges our own mail by the address before `{here}`, for which SPF fails",
                    route.name
                ),
            )
            .at(route.origin.span(), "")
            .on(Object::Route(route.name.clone()))
            .on(Object::Location(tenant.to_owned()))
            .help(format!("write `skip_listing: none` on `{}`", route.name)),
        );
    }
}

/// Whether the connector that takes a route's mail in skips its last address alone.
fn skips_last(flows: &Flows<'_>, tenant: LocationId, id: RouteId, route: &Route) -> bool {
    let Configuration::ExchangeOnline(tenant) = &flows.model.plan.place(tenant).configuration else {
        return false;
    };
    let mut connectors = tenant.inbound.iter();
    !route.sends_headers() && connectors.any(|one| one.ef_skip_last_ip && one.routes.contains(&id))
}
