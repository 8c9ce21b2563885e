//! # R011 lockdown-shuts-out-internet
//!
//! ## What a clean result proves
//!
//! Whoever sends to one of our domains over its MX is heard: no location that mail enters at is locked against
//! external senders.
//!
//! ## Exact condition
//!
//! For some domain every location in `mx` is locked: a tenant with an enabled `Partner` connector that is for every sender
//! and restricts, or a location that takes mail of external senders from some locations alone. Whether `accept_only_from` asks for
//! that, or a route with `senders: ["*"]`, makes no difference.
//!
//! ## Severity
//!
//! error: all Internet mail for these domains is refused in the session.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter:
//!     kind: gateway
//!     hosts: [mx1.filter.example]
//!     egress: [192.0.2.0/24]
//!     forwards: {contoso.com: cloud}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter:
//!     kind: gateway
//!     hosts: [mx1.filter.example]
//!     egress: [192.0.2.0/24]
//!     forwards: {contoso.com: cloud}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>
//! - `RestrictDomainsToIPAddresses`, `RestrictDomainsToCertificate`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::source::Span;
use crate::topology::{Domain, LocationId};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let mut shut_out: BTreeMap<LocationId, Vec<&Domain>> = BTreeMap::new();
    for domain in &plan.topology.domains {
        let mut entries = domain.mx.iter();
        if let (Some(first), true) = (
            domain.mx.first(),
            entries.all(|entry| plan.place(entry.value).configuration.is_locked()),
        ) {
            shut_out.entry(first.value).or_default().push(domain);
        }
    }
    for (id, domains) in shut_out {
        let Some(entry) = domains.first().and_then(|domain| domain.mx.first()) else {
            continue;
        };
        let location = &plan.topology.location(id).name;
        let names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
        let (admits, span, help) = lock(plan, id);
        findings.push(
            Finding::error(
                Code::R011,
                format!(
                    "mail from the Internet for {} comes straight to `{location}`, {admits}: all of it would be refused",
                    listed(names.iter().copied()),
                ),
            )
            .at(entry.span, "Internet mail enters here")
            .at(span, "only these are admitted")
            .on(Object::Location(location.clone()))
            .domains(names)
            .help(help),
        );
    }
}

/// Whom the lock of a place admits, where the spec asks for it, and how it goes away.
fn lock(plan: &Plan, id: LocationId) -> (String, Span, String) {
    let topology = &plan.topology;
    let location = topology.location(id);
    let connector = match &plan.place(id).configuration {
        Configuration::ExchangeOnline(tenant) => tenant.inbound.iter().find(|at| at.is_lock()),
        _ => None,
    };
    // A tenant's lock may be that of a route, whatever the key says beside it.
    let by_key = connector.is_none_or(|connector| connector.lockdown.is_some());
    if let Some(only) = location.accept_only_from.as_ref().filter(|_| by_key) {
        let admitted = only
            .value
            .iter()
            .map(|&id| topology.location(id).name.as_str());
        let whom = if only.value.is_empty() {
            "nobody".to_owned()
        } else {
            listed(admitted.clone())
        };
        let help = match admitted.clone().next() {
            Some(first) => format!("write `mx: {first}`, or delete `accept_only_from`"),
            None => "delete `accept_only_from`".to_owned(),
        };
        return (
            format!("which accepts mail of external senders from {whom} alone"),
            only.span,
            help,
        );
    }
    let name = connector.map_or("", |connector| &connector.name);
    let route = connector.and_then(|connector| connector.routes.first());
    (
        format!("whose connector `{name}` is for every sender and refuses whom it does not know"),
        route.map_or(location.span, |id| plan.route(*id).origin.span()),
        format!("write the domains that `{name}` is for: `senders`"),
    )
}
