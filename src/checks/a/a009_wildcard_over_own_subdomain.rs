//! # A009 wildcard-over-own-subdomain
//!
//! ## What a clean result proves
//!
//! No mail for our own domains is given to a partner by a wildcard.
//!
//! ## Exact condition
//!
//! Mail for a domain of ours is handed to a partner over a route whose wildcard covers the domain.
//!
//! ## Severity
//!
//! warning where the domain only is accepted; error where it has mailboxes.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.shop.contoso.com], egress: [203.0.113.10], certificate: mail.shop.contoso.com}
//! domains:
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//!   shop.contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   contoso: {domains: [contoso.com, "*.contoso.com"], hosts: [mail.partner.example]}
//! routing: explicit
//! routes:
//!   - {name: the partner, from: cloud, to: contoso, recipients: [contoso.com, "*.contoso.com"]}
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.shop.contoso.com], egress: [203.0.113.10], certificate: mail.shop.contoso.com}
//! domains:
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//!   shop.contoso.com: {mailboxes: hq, mx: cloud}
//! partners:
//!   contoso: {domains: [contoso.com, "*.contoso.com"], hosts: [mail.partner.example]}
//! routing: explicit
//! routes:
//!   - {name: the partner, from: cloud, to: contoso, recipients: [contoso.com, "*.contoso.com"]}
//!   - {name: the shop, from: cloud, to: hq, recipients: [shop.contoso.com]}
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - Wildcards of connectors: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::routes::RouteId;
use crate::topology::PartnerId;
use crate::values::{Address, Pattern};
use crate::walk::{Ends, Flows, ClassKind, Way};
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

/// What shows that a route gives our mail away.
struct Given<'a> {
    way: &'a Way,
    names: BTreeSet<String>,
    recipients: u64,
    has_mailboxes: bool,
}

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let mut given: BTreeMap<(PartnerId, RouteId), Given<'_>> = BTreeMap::new();
    let mut counted = BTreeSet::new();
    for flow in &flows.flows {
        let class = flows.class(flow);
        if !matches!(
            class.kind,
            ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_)
        ) {
            continue;
        }
        for way in &flow.trace.ways {
            let Some(key) = given_away(flows, &flow.trace.to, way) else {
                continue;
            };
            let entry = given.entry(key).or_insert_with(|| Given {
                way,
                names: BTreeSet::new(),
                recipients: 0,
                has_mailboxes: false,
            });
            entry.names.extend(flows.names(class));
            entry.has_mailboxes |= matches!(class.kind, ClassKind::Mailboxes(_));
            if counted.insert((key, flow.class)) {
                entry.recipients += class.recipients;
            }
        }
    }
    for ((partner, route), given) in given {
        findings.push(finding(flows.model.plan, partner, route, given));
    }
}

/// The partner and the route, where a wildcard alone hands a message over that is not redirected there.
pub(in crate::checks) fn given_away(flows: &Flows<'_>, to: &Address, way: &Way) -> Option<(PartnerId, RouteId)> {
    let Ends::HandedOff(partner) = way.end.ends else {
        return None;
    };
    let name = way.recipient.as_ref()?.domain();
    let by = way.hops.last()?.by.strip_prefix("route:")?;
    let (id, route) = flows
        .model
        .plan
        .routes()
        .find(|(_, route)| route.name == by)?;
    let pattern = flows
        .model
        .pattern_for(route.from.location()?, route, name)?;
    let is_wildcard = matches!(pattern.pattern, Pattern::Below(_));
    (is_wildcard && name == to.domain()).then_some((partner, id))
}

fn finding(plan: &Plan, partner: PartnerId, route: RouteId, given: Given<'_>) -> Finding {
    let (partner, route) = (&plan.topology.partner(partner).name, plan.route(route));
    let names = listed(given.names.iter().map(String::as_str));
    let severity = if given.has_mailboxes {
        Severity::Error
    } else {
        Severity::Warning
    };
    let mut finding = Finding::new(
        Code::A009,
        severity,
        format!(
            "mail for {names}, which is ours, is handed to `{partner}`: `{}` covers it by a wildcard",
            route.name
        ),
    )
    .at(route.origin.span(), "takes it")
    .on(Object::Route(route.name.clone()))
    .on(Object::Partner(partner.clone()))
    .help(format!(
        "write a route of its own for {names}, or name in `{}` the domains that are the partner's",
        route.name
    ));
    finding.certainty = given.way.certainty;
    finding.readings = given.way.readings.keys().copied().collect();
    finding.trace = given.way.shown();
    finding.recipients = (given.recipients > 0).then_some(given.recipients);
    finding.domains(given.names)
}
