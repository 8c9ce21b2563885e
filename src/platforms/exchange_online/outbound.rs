//! Lowering routes to outbound connectors.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::exchange::constraints::is_reachable;
use crate::platforms::exchange_online::{ConnectorType, OutboundConnector, TlsSettings};
use crate::platforms::product::Trait;
use crate::routes::former_names::former_names;
use crate::routes::{NextHop, Route, RouteId, RoutesAt};
use crate::topology::{Domain, LocationId, Party, Topology};
use crate::values::{Address, Host, HostTarget, Pattern, TlsLevel};
use std::collections::BTreeSet;

/// What takes mail from the tenant at `here` to others.
pub(crate) fn lower(
    topology: &Topology,
    routes: RoutesAt<'_>,
    here: LocationId,
    findings: &mut Findings,
) -> Vec<OutboundConnector> {
    routes
        .iter()
        .filter(|(_, route)| route.from == Party::Location(here))
        // A tenant sends to the Internet by itself; only what is written asks for a connector.
        .filter(|(_, route)| route.to != Party::Internet || route.is_written())
        .filter_map(|(id, route)| outbound_connector(topology, id, route, findings))
        .collect()
}

fn outbound_connector(
    topology: &Topology,
    id: RouteId,
    route: &Route,
    findings: &mut Findings,
) -> Option<OutboundConnector> {
    let [sender, receiver] =
        [route.from, route.to].map(|party| party.location().map(|at| topology.location(at)));
    let connector_type = match receiver {
        Some(location) if location.is(Trait::OwnServer) => ConnectorType::OnPremises,
        _ => ConnectorType::Partner,
    };
    let smart_hosts = match &route.next_hop {
        NextHop::Mx if connector_type == ConnectorType::OnPremises => {
            findings.push(
                Finding::error(Code::E003, format!("connector `{}` leads to our own servers, and Exchange Online refuses to find these by MX: its mail would not be sent", route.name))
                    .at(route.origin.span(), "the route")
                    .on(Object::Route(route.name.clone()))
                    .withholds(format!("the connector `{}`", route.name))
                    .help(format!("name a host of `{}`: `smart_hosts: [HOST]`", topology.party_name(route.to))),
            );
            return None;
        }
        // Where the host is not known yet, the connector is followed, and written once it is.
        NextHop::Mx | NextHop::FactMissing => Vec::new(),
        NextHop::SmartHosts(hosts) => {
            let mut hosts = smart_hosts(topology, route, hosts, findings)?;
            // A tenant finds our own servers by name or by a public IPv4 address, and refuses others.
            hosts.retain(|host| connector_type == ConnectorType::Partner || is_reachable(host));
            if hosts.is_empty() {
                findings.push(no_smart_host(topology, route));
                return None;
            }
            hosts
        }
        NextHop::Unknown => {
            findings.push(no_smart_host(topology, route));
            return None;
        }
        NextHop::None => {
            findings.push(
                Finding::error(Code::E003, format!("Exchange Online has no connector that ends mail, so `{}` cannot be written", route.name))
                    .at(route.origin.span(), "")
                    .on(Object::Route(route.name.clone()))
                    .withholds(format!("the connector `{}`", route.name))
                    .help("refuse this mail with a mail-flow rule of the tenant, or end it at a location behind the tenant"),
            );
            return None;
        }
    };
    let tls_settings = match route.tls {
        TlsLevel::None | TlsLevel::Opportunistic => None,
        TlsLevel::Encrypted => Some(TlsSettings::EncryptionOnly),
        TlsLevel::CaVerified => Some(TlsSettings::CertificateValidation),
        TlsLevel::Verified => Some(TlsSettings::DomainValidation),
    };
    let tls_domain = match tls_settings {
        Some(TlsSettings::DomainValidation) => tls_domain(topology, route, &smart_hosts),
        _ => None,
    };
    if tls_settings == Some(TlsSettings::DomainValidation) && tls_domain.is_none() {
        findings.push(
            Finding::error(Code::T002, format!("`{}` demands `verified`, and its connector needs one name to check: behind the MX of every recipient stands another, so none of this mail would be sent", route.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .withholds(format!("the connector `{}`", route.name))
                .help("demand `tls: ca-verified`, or name the smart host or the partner's certificate"),
        );
        return None;
    }
    let patterns: BTreeSet<Pattern> = route
        .recipients
        .iter()
        .map(|at| at.pattern.clone())
        .filter(|pattern| *pattern != Pattern::AcceptedDomains)
        .collect();
    Some(OutboundConnector {
        name: route.name.clone(),
        former_names: former_names(topology, route, &route.name),
        enabled: route.enabled,
        connector_type,
        all_accepted_domains: !route.only_by_rule
            && route
                .recipients
                .iter()
                .any(|at| at.pattern == Pattern::AcceptedDomains),
        tls_domain,
        smart_hosts,
        tls_settings,
        is_transport_rule_scoped: route.only_by_rule,
        route_all_messages_via_on_premises: route.is_detour(topology)
            && connector_type == ConnectorType::OnPremises,
        cloud_services_mail_enabled: route.sends_headers()
            && connector_type == ConnectorType::OnPremises,
        sender_rewriting_enabled: sender
            .and_then(|from| Some(from.rewrites_sender?.value))
            .filter(|_| connector_type == ConnectorType::OnPremises),
        validation_recipients: validation_recipients(topology, route, &patterns),
        // A connector is chosen by a rule or by domains: with both it is refused.
        recipient_domains: if route.only_by_rule {
            Vec::new()
        } else {
            patterns.into_iter().collect()
        },
        route: id,
        by_wizard: route.by_wizard,
        managed: route.managed,
    })
}

fn no_smart_host(topology: &Topology, route: &Route) -> Finding {
    Finding::error(Code::E003, format!("connector `{}` has no smart host that a tenant can reach, so its mail would wait and then bounce", route.name))
        .at(route.origin.span(), "the route")
        .on(Object::Route(route.name.clone()))
        .withholds(format!("the connector `{}`", route.name))
        .help(format!("give `{}` a public name: `hosts: [HOST]`", topology.party_name(route.to)))
}

/// Names and addresses as the connector takes them; it knows no other port than 25 and no login.
fn smart_hosts(
    topology: &Topology,
    route: &Route,
    hosts: &[Host],
    findings: &mut Findings,
) -> Option<Vec<String>> {
    let odd = hosts.iter().find(|host| host.port != 25);
    let of_receiver = match route.to {
        Party::Location(id) => topology.location(id).auth.as_ref(),
        Party::Partner(id) => topology.partner(id).auth.as_ref(),
        _ => None,
    };
    let auth = route.auth.as_ref().or(of_receiver.map(|at| &at.value));
    let reason = match (auth, odd) {
        (Some(auth), _) => format!("wants the login `{auth}`"),
        (None, Some(host)) => format!("listens on port {}", host.port),
        (None, None) => return Some(hosts.iter().map(|host| target(&host.target)).collect()),
    };
    findings.push(
        Finding::error(Code::E012, format!("the smart host of `{}` {reason}, and connectors of Exchange Online know neither logins nor ports other than 25: no mail would reach it", route.name))
            .at(route.origin.span(), "the route")
            .on(Object::Route(route.name.clone()))
            .withholds(format!("the connector `{}`", route.name))
            .help("send through a relay of your own in between, which can: `sends: {via: RELAY}`"),
    );
    None
}

fn target(target: &HostTarget) -> String {
    match target {
        HostTarget::Name(name) => name.as_str().to_owned(),
        HostTarget::Ip(ip) => ip.to_string(),
    }
}

/// The name that the receiving end's certificate must hold.
fn tls_domain(topology: &Topology, route: &Route, smart_hosts: &[String]) -> Option<String> {
    let certificate = match route.to {
        Party::Location(id) => {
            let location = topology.location(id);
            if let Some(tenant) = location.tenant() {
                return Some(
                    tenant
                        .environment
                        .mx_suffix()
                        .trim_start_matches('.')
                        .to_owned(),
                );
            }
            location.certificate.as_ref()
        }
        Party::Partner(id) => topology.partner(id).certificate.as_ref(),
        _ => None,
    };
    let named = certificate.and_then(|certificate| {
        let matching = certificate
            .names
            .iter()
            .find(|name| smart_hosts.contains(&name.value));
        matching.or(certificate.names.first())
    });
    named.map(|name| name.value.clone()).or_else(|| {
        let mut named = smart_hosts
            .iter()
            .filter(|host| host.parse::<std::net::IpAddr>().is_err());
        named.next().cloned()
    })
}

/// One test recipient for every domain the connector is for.
fn validation_recipients(
    topology: &Topology,
    route: &Route,
    patterns: &BTreeSet<Pattern>,
) -> Vec<Address> {
    if let Party::Partner(id) = route.to {
        return topology
            .partner(id)
            .test_recipient
            .iter()
            .map(|at| at.value.clone())
            .collect();
    }
    let everything = route
        .recipients
        .iter()
        .any(|at| matches!(at.pattern, Pattern::AcceptedDomains));
    // There may be as many patterns as domains, and as many connectors as both: what can be looked up by name is.
    let exact = |pattern: &Pattern| match pattern {
        Pattern::Exact(name) => Some(topology.domain_named(name).map(|id| topology.domain(id))),
        _ => None,
    };
    let named: Option<Vec<_>> = patterns.iter().map(exact).collect();
    let candidates: Vec<&Domain> = match named.filter(|_| !everything) {
        Some(named) => named.into_iter().flatten().collect(),
        None => topology.domains.iter().collect(),
    };
    let covered = |name| Pattern::around(name).any(|pattern| patterns.contains(&pattern));
    candidates
        .into_iter()
        .filter_map(|domain| Some((domain, domain.test_recipient.as_ref()?)))
        .filter(|(domain, _)| everything || covered(&domain.name))
        .map(|(_, at)| at.value.clone())
        .collect()
}
