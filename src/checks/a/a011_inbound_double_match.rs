//! # A011 inbound-double-match
//!
//! ## What a clean result proves
//!
//! Every source of mail matches one inbound connector of a tenant.
//!
//! ## Exact condition
//!
//! Two enabled inbound connectors of the type `OnPremises` treat mail differently, and an address or a certificate name of
//! one lies within that of the other. Or two routes share a connector, because nothing tells their senders apart, and ask
//! for different `skip_listing`. Devices are V004.
//!
//! ## Severity
//!
//! error: whether the mail counts as internal, or is looked at again, depends on which of the two is taken.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   lab: {kind: postfix, hosts: [lab.contoso.com], certificate: {names: [lab.contoso.com], issuer: private}, egress: [203.0.113.0/28], delivers_to: "lmtp:unix:private/lmtp", sends: {via: cloud}}
//!   office: {kind: postfix, hosts: [office.contoso.com], certificate: {names: [office.contoso.com], issuer: private}, egress: [203.0.113.9], delivers_to: "lmtp:unix:private/lmtp", sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   lab.contoso.com: {mailboxes: {lab: [postmaster@lab.contoso.com]}, mx: cloud}
//!   office.contoso.com: {mailboxes: {office: [postmaster@office.contoso.com]}, mx: cloud}
//! routes:
//!   - {name: office in, from: office, to: cloud, recipients: ["*"], trusted: true}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   lab: {kind: postfix, hosts: [lab.contoso.com], certificate: {names: [lab.contoso.com], issuer: private}, egress: [203.0.113.0/29], delivers_to: "lmtp:unix:private/lmtp", sends: {via: cloud}}
//!   office: {kind: postfix, hosts: [office.contoso.com], certificate: {names: [office.contoso.com], issuer: private}, egress: [203.0.113.9], delivers_to: "lmtp:unix:private/lmtp", sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   lab.contoso.com: {mailboxes: {lab: [postmaster@lab.contoso.com]}, mx: cloud}
//!   office.contoso.com: {mailboxes: {office: [postmaster@office.contoso.com]}, mx: cloud}
//! routes:
//!   - {name: office in, from: office, to: cloud, recipients: ["*"], trusted: true}
//! ```
//!
//! ## Sources
//!
//! - Inbound connectors: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::ranges::nested;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::routes::Route;
use crate::topology::{Location, Party};
use crate::values::Network;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            continue;
        };
        let own: Vec<&InboundConnector> = tenant
            .inbound
            .iter()
            .filter(|connector| connector.enabled && is_own(plan, connector))
            .collect();
        for connector in &own {
            findings.extend(joined(plan, location, connector));
        }
        let ranges: Vec<(Network, usize)> = own
            .iter()
            .enumerate()
            .flat_map(|(at, connector)| {
                let networks = connector.sender_ip_addresses.iter();
                networks.map(move |network| (*network, at))
            })
            .collect();
        let mut said = BTreeSet::new();
        let by_address = nested(&ranges)
            .into_iter()
            .map(|((_, outer), (range, inner))| (*outer, *inner, range.to_string()));
        let pairs: Vec<(usize, usize, String)> = by_address.chain(by_certificate(&own)).collect();
        for (outer, inner, shared) in pairs {
            let (Some(a), Some(b)) = (own.get(outer), own.get(inner)) else {
                continue;
            };
            if flags(a) != flags(b) && said.insert((outer.min(inner), outer.max(inner))) {
                findings.push(finding(plan, location, a, b, &shared));
            }
        }
    }
}

fn is_own(plan: &Plan, connector: &InboundConnector) -> bool {
    let mut routes = connector.routes.iter().map(|id| plan.route(*id));
    connector.connector_type == ConnectorType::OnPremises
        && !routes.any(|route| matches!(route.from, Party::Device(_)))
}

/// Pairs of a wildcard and a name that it covers.
fn by_certificate(own: &[&InboundConnector]) -> Vec<(usize, usize, String)> {
    let named = || {
        own.iter().enumerate().filter_map(|(at, connector)| {
            Some((at, connector.tls_sender_certificate_name.as_deref()?))
        })
    };
    let mut pairs = Vec::new();
    for (outer, wide) in named() {
        let Some(base) = wide.strip_prefix('*') else {
            continue;
        };
        let inner = named().filter(|(at, name)| *at != outer && name.ends_with(base));
        pairs.extend(inner.map(|(inner, name)| (outer, inner, name.to_owned())));
    }
    pairs
}

/// Two routes that share a connector, because nothing else tells their senders apart, and ask for different filtering of it.
fn joined(plan: &Plan, location: &Location, connector: &InboundConnector) -> Option<Finding> {
    let routes = || connector.routes.iter().map(|id| plan.route(*id)).filter(|route| route.enabled);
    let asked = |route: &Route| (route.skip_listing.clone(), route.skip_listing_users.clone());
    let first = routes().next()?;
    let other = routes().find(|route| asked(route) != asked(first))?;
    let finding = Finding::error(
        Code::A011,
        format!(
            "`{}` and `{}` are one connector of `{}`, which knows their senders by the same, and they ask for different `skip_listing`: that of `{}` would hold for both",
            first.name, other.name, location.name, first.name
        ),
    );
    Some(
        [first, other]
            .into_iter()
            .fold(finding, |finding, route| {
                finding
                    .at(route.origin.span(), format!("`{}`", route.name))
                    .on(Object::Route(route.name.clone()))
            })
            .help("write the same `skip_listing` at both, or let one of the senders present a certificate of its own"),
    )
}

/// What a connector makes of the mail that it takes, and whether it is for all domains.
fn flags(connector: &InboundConnector) -> (bool, bool, bool, &[Network], bool) {
    (
        connector.treat_messages_as_internal,
        connector.cloud_services_mail_enabled,
        connector.ef_skip_last_ip,
        &connector.ef_skip_ips,
        connector.associated_accepted_domains.is_empty(),
    )
}

fn finding(
    plan: &Plan,
    location: &Location,
    a: &InboundConnector,
    b: &InboundConnector,
    shared: &str,
) -> Finding {
    let mut finding = Finding::error(
        Code::A011,
        format!(
            "`{shared}` matches both `{}` and `{}` at `{}`, which treat mail differently: either may take it",
            a.name, b.name, location.name
        ),
    )
    .help(format!("leave `{shared}` to one of the two"));
    for connector in [b, a] {
        if let Some(id) = connector.routes.first() {
            let route = plan.route(*id);
            finding = finding
                .at(route.origin.span(), format!("`{}`", connector.name))
                .on(Object::Route(route.name.clone()));
        }
    }
    finding
}
