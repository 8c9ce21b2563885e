//! Senders and recipients that are refused.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::postfix::key::by_domain;
use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::relay_clients::values;
use crate::platforms::postfix::{Key, PartnerServers, SenderAccess};
use crate::routes::Recognition;
use crate::source::Span;
use crate::topology::{Domain, Party, Sending};
use crate::values::{DomainName, TlsLevel};
use std::collections::BTreeMap;

/// Senders that are refused: parked domains, and partners' domains without the TLS that was agreed or from servers that
/// are not the partner's.
pub(crate) fn senders(
    scene: &Scene<'_>,
    findings: &mut Findings,
) -> (BTreeMap<Key, SenderAccess>, Vec<PartnerServers>) {
    let mut table = BTreeMap::new();
    let mut servers: Vec<PartnerServers> = Vec::new();
    for (route_id, route) in scene.routes.iter() {
        let Party::Partner(partner) = route.from else {
            continue;
        };
        if route.to != Party::Location(scene.id)
            || !route.enabled
            || route.tls < TlsLevel::Encrypted
        {
            continue;
        }
        let partner = scene.topology.partner(partner);
        let networks = match &route.accepted_by {
            Recognition::Addresses(networks) => networks.clone(),
            // Its name cannot be checked; its addresses can.
            Recognition::Certificate(_) => values(&partner.addresses),
            Recognition::Nothing => Vec::new(),
        };
        if scene.location.certificate.is_none() {
            findings.push(
                Finding::error(
                    Code::T002,
                    format!("`{}` must accept mail of `{}` with TLS only and has no certificate to offer TLS with, so all of it would be rejected", scene.location.name, partner.name),
                )
                .at(route.origin.span(), "demands TLS")
                .at(scene.location.span, "has no `certificate`")
                .on(Object::Partner(partner.name.clone()))
                .on(scene.object())
                .help(format!("write the `certificate` of `{}`", scene.location.name)),
            );
        }
        let known = !networks.is_empty();
        let access = if known {
            servers.push(PartnerServers {
                route: route_id,
                networks,
            });
            SenderAccess::Partner(servers.len() - 1)
        } else {
            SenderAccess::RequireTls(route_id)
        };
        for at in &partner.domains {
            if let Some(key) = Key::of(&at.value) {
                table.insert(key, access);
            }
        }
        if route.tls > TlsLevel::Encrypted {
            let message = format!(
                "`{}` demands TLS of mail from `{}` and cannot check the name on its certificate",
                scene.location.name, partner.name
            );
            let finding = if known {
                Finding::note(Code::X013, message + ", so it goes by its addresses")
            } else {
                Finding::warning(Code::X013, message)
            };
            findings.push(
                finding
                .at(route.origin.span(), "Postfix knows client certificates by keys, not by names")
                .on(Object::Partner(partner.name.clone()))
                .help(if known {
                    "write `tls: {inbound: encrypted}`, or let its mail enter at an Exchange location"
                } else {
                    "write the `addresses` its mail comes from, which Postfix can check, or `tls: {inbound: encrypted}`"
                }),
            );
        }
    }
    let parked = |domain: &&Domain| domain.sending == Sending::Parked;
    for domain in scene.topology.domains.iter().filter(parked) {
        for key in keys_with_below(&domain.name) {
            table.insert(key, SenderAccess::Parked(domain.span));
        }
    }
    // Who writes from a name below a parked domain, and is not parked, writes as everybody.
    for domain in scene
        .topology
        .domains
        .iter()
        .filter(|domain| !parked(domain))
    {
        if let Some(SenderAccess::Parked(_)) = by_domain(&table, &domain.name) {
            for key in keys_with_below(&domain.name) {
                table.entry(key).or_insert(SenderAccess::Open(domain.span));
            }
        }
    }
    (table, servers)
}

fn keys_with_below(name: &DomainName) -> [Key; 2] {
    [Key::Domain(name.clone()), Key::Below(name.clone())]
}

/// Our own domains that take no mail: who may relay gets an answer at once, not a bounce days later.
pub(crate) fn refused_recipients(scene: &Scene<'_>) -> BTreeMap<Key, Span> {
    scene
        .topology
        .domains
        .iter()
        .filter(|domain| domain.sending != Sending::Normal)
        .map(|domain| (Key::Domain(domain.name.clone()), domain.span))
        .collect()
}
