//! Lowering routes to the connectors of a tenant, without changing which mail they take.

use super::super::Origin;
use super::super::accepted::AcceptedDomain;
use super::super::ends_of;
use super::super::route::{NextHop, Reason, Recognition, Route, RouteId};
use super::{
    AcceptedDomainSetting, Configuration, ConnectorType, InboundConnector, OutboundConnector,
    Settings, TlsSettings, rules,
};
use crate::finding::{Finding, Findings, Object};
use crate::topology::{Kind, Location, LocationId, Party, SkipListing, Tenant, Topology};
use crate::values::{Address, Host, HostTarget, Network, Pattern, TlsLevel};
use std::collections::BTreeSet;

/// The objects of the tenant at `here`.
pub fn lower(
    topology: &Topology,
    tenant: &Tenant,
    routes: &[Route],
    here: LocationId,
    accepted: &[AcceptedDomain],
    findings: &mut Findings,
) -> Configuration {
    Configuration {
        accepted_domains: accepted
            .iter()
            .filter(|domain| domain.why != super::super::Acceptance::TenantName)
            .map(|domain| AcceptedDomainSetting {
                domain: domain.domain.clone(),
                kind: domain.kind,
                match_subdomains: domain.subdomains,
                span: domain.span,
            })
            .collect(),
        outbound: outbound(topology, routes, here, findings),
        inbound: inbound(topology, routes, here),
        rules: rules::lower(topology, routes, here, findings),
        settings: Settings {
            reject_direct_send: tenant.reject_direct_send.map(|at| at.value),
            smtp_auth: tenant.smtp_auth.map(|at| at.value),
            max_message_size: topology
                .location(here)
                .max_message_size
                .map(|at| at.value.0),
        },
        dkim: topology
            .domains
            .iter()
            .filter(|domain| signs(domain, here))
            .map(|domain| domain.name.clone())
            .collect(),
        trusted_arc_sealers: sealers(topology, routes, here),
    }
}

fn signs(domain: &crate::topology::Domain, here: LocationId) -> bool {
    match &domain.dkim {
        crate::topology::Dkim::Derived => domain.holder_ids().any(|holder| holder == here),
        crate::topology::Dkim::Signers(signers) => signers
            .iter()
            .any(|signer| signer.signer.value == Party::Location(here)),
    }
}

fn sealers(
    topology: &Topology,
    routes: &[Route],
    here: LocationId,
) -> Vec<crate::values::DomainName> {
    let sealers: BTreeSet<_> = routes
        .iter()
        .filter(|route| route.to == Party::Location(here))
        .filter_map(|route| route.from.location())
        .filter_map(|from| match &topology.location(from).kind {
            Kind::Gateway(gateway) => gateway.arc_seal.as_ref(),
            Kind::Smtp(smtp) => smtp.arc_seal.as_ref(),
            _ => None,
        })
        .map(|at| at.value.clone())
        .collect();
    sealers.into_iter().collect()
}

fn outbound(
    topology: &Topology,
    routes: &[Route],
    here: LocationId,
    findings: &mut Findings,
) -> Vec<OutboundConnector> {
    ends_of(routes)
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
    let smart_hosts = match &route.next_hop {
        NextHop::Mx => Vec::new(),
        NextHop::SmartHosts(hosts) => smart_hosts(route, hosts, findings)?,
        NextHop::Unknown => {
            findings.push(
                Finding::error("E003", format!("connector `{}` has no smart host that a tenant can reach, so its mail would wait and then bounce", route.name))
                    .at(route.origin.span(), "the route")
                    .on(Object::Route(route.name.clone()))
                    .help(format!("give `{}` a public name: `hosts: [mail.example.com]`", topology.party_name(route.to))),
            );
            return None;
        }
        NextHop::None => {
            findings.push(
                Finding::error("E003", format!("Exchange Online has no connector that ends mail, so `{}` cannot be written", route.name))
                    .at(route.origin.span(), "")
                    .on(Object::Route(route.name.clone()))
                    .help("refuse this mail with a mail-flow rule of the tenant, or end it at a place behind"),
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
    let receiver = route.to.location().map(|to| topology.location(to));
    let connector_type = match receiver.map(|location| &location.kind) {
        Some(Kind::Gateway(_) | Kind::Tenant(_)) | None => ConnectorType::Partner,
        Some(Kind::ExchangeServer(_) | Kind::Postfix(_) | Kind::Smtp(_)) => {
            ConnectorType::OnPremises
        }
    };
    let patterns: BTreeSet<Pattern> = route
        .recipients
        .iter()
        .map(|at| at.pattern.clone())
        .filter(|pattern| *pattern != Pattern::AcceptedDomains)
        .collect();
    let centralized = matches!(&route.origin, Origin::Derived(reason) if reason.value == Reason::CentralizedTransport);
    Some(OutboundConnector {
        name: route.name.clone(),
        enabled: route.enabled,
        connector_type,
        all_accepted_domains: route
            .recipients
            .iter()
            .any(|at| at.pattern == Pattern::AcceptedDomains),
        tls_domain: match tls_settings {
            Some(TlsSettings::DomainValidation) => tls_domain(topology, route, &smart_hosts),
            _ => None,
        },
        smart_hosts,
        tls_settings,
        is_transport_rule_scoped: route.only_by_rule,
        route_all_messages_via_on_premises: centralized
            && connector_type == ConnectorType::OnPremises,
        cloud_services_mail_enabled: route.hybrid_headers
            && connector_type == ConnectorType::OnPremises,
        validation_recipients: validation_recipients(topology, route, &patterns),
        recipient_domains: patterns.into_iter().collect(),
        route: id,
        by_wizard: route.by_wizard,
    })
}

/// Names and addresses as the connector takes them; it knows no other port than 25 and no login.
fn smart_hosts(route: &Route, hosts: &[Host], findings: &mut Findings) -> Option<Vec<String>> {
    let odd = hosts.iter().find(|host| host.port != 25);
    let reason = match (&route.auth, odd) {
        (Some(auth), _) => format!("wants the login `{auth}`"),
        (None, Some(host)) => format!("listens on port {}", host.port),
        (None, None) => return Some(hosts.iter().map(|host| target(&host.target)).collect()),
    };
    findings.push(
        Finding::error("E012", format!("the smart host of `{}` {reason}, and connectors of Exchange Online know neither logins nor ports other than 25: no mail would reach it", route.name))
            .at(route.origin.span(), "the route")
            .on(Object::Route(route.name.clone()))
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
    named
        .map(|name| name.value.clone())
        .or_else(|| smart_hosts.first().cloned())
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
    topology
        .domains
        .iter()
        .filter(|domain| {
            everything
                || patterns
                    .iter()
                    .any(|pattern| *pattern != Pattern::Any && pattern.matches(&domain.name))
        })
        .filter_map(|domain| domain.test_recipient.as_ref())
        .map(|at| at.value.clone())
        .collect()
}

fn inbound(topology: &Topology, routes: &[Route], here: LocationId) -> Vec<InboundConnector> {
    let mut connectors: Vec<InboundConnector> = Vec::new();
    let location = topology.location(here);
    for (id, route) in ends_of(routes).filter(|(_, route)| route.to == Party::Location(here)) {
        let Some(connector) = inbound_connector(topology, location, id, route) else {
            continue;
        };
        // Two connectors that know their senders by the same thing could not be told apart.
        let twin = connectors.iter_mut().find(|other| {
            other.connector_type == connector.connector_type
                && other.connector_type == ConnectorType::OnPremises
                && other.tls_sender_certificate_name == connector.tls_sender_certificate_name
                && other.sender_ip_addresses == connector.sender_ip_addresses
        });
        match twin {
            Some(twin) => {
                twin.routes.push(id);
                twin.cloud_services_mail_enabled |= connector.cloud_services_mail_enabled;
            }
            None => connectors.push(connector),
        }
    }
    connectors.extend(lockdown(topology, location, here, routes));
    connectors
}

fn inbound_connector(
    topology: &Topology,
    location: &Location,
    id: RouteId,
    route: &Route,
) -> Option<InboundConnector> {
    let from_partner = matches!(route.from, Party::Partner(_));
    let is_locked_gateway = route.from.location().is_some_and(|from| {
        !route.covers_everything()
            && matches!(topology.location(from).kind, Kind::Gateway(_))
            && location
                .accept_only_from
                .as_ref()
                .is_some_and(|only| only.value.contains(&from))
    });
    // The lockdown connector already takes this mail, and only from there.
    if is_locked_gateway {
        return None;
    }
    // Connectors of type OnPremises do not enforce it: it would look safe and be nothing.
    let require_tls = from_partner && route.tls >= TlsLevel::Encrypted;
    let mut connector = InboundConnector {
        name: receiving_name(topology, route),
        enabled: route.enabled,
        connector_type: if from_partner {
            ConnectorType::Partner
        } else {
            ConnectorType::OnPremises
        },
        sender_domains: vec![Pattern::Any],
        require_tls,
        restrict_domains_to_certificate: false,
        tls_sender_certificate_name: None,
        restrict_domains_to_ip_addresses: false,
        sender_ip_addresses: Vec::new(),
        cloud_services_mail_enabled: false,
        treat_messages_as_internal: false,
        ef_skip_last_ip: route.skip_listing == SkipListing::Last,
        ef_skip_ips: skip_list(&route.skip_listing),
        ef_users: route.skip_listing_users.clone(),
        routes: vec![id],
        lockdown: None,
        by_wizard: route.by_wizard,
    };
    match &route.accepted_by {
        Recognition::Certificate(name) => {
            connector.tls_sender_certificate_name = Some(name.clone());
            connector.restrict_domains_to_certificate = from_partner;
            // A certificate is shown in a TLS session or not at all.
            connector.require_tls = from_partner;
            connector.cloud_services_mail_enabled = route.hybrid_headers && !from_partner;
        }
        Recognition::Addresses(networks) => {
            connector.sender_ip_addresses = lower_networks(networks);
            connector.restrict_domains_to_ip_addresses = from_partner;
        }
        Recognition::Nothing if !from_partner || !require_tls => return None,
        Recognition::Nothing => {}
    }
    if from_partner {
        connector.sender_domains.clone_from(&route.senders);
        if connector.sender_domains.is_empty() {
            connector.sender_domains.push(Pattern::Any);
        }
    } else {
        connector.treat_messages_as_internal =
            route.trusted && !connector.cloud_services_mail_enabled;
    }
    Some(connector)
}

/// `TO from FROM`; a written route whose sending end is not ours keeps its own name.
fn receiving_name(topology: &Topology, route: &Route) -> String {
    let plain = format!(
        "{} from {}",
        topology.party_name(route.to),
        topology.party_name(route.from)
    );
    match route.from {
        Party::Location(_) => plain,
        _ => route.name.clone(),
    }
}

fn skip_list(skip: &SkipListing) -> Vec<Network> {
    match skip {
        SkipListing::Addresses(networks) => networks.iter().map(|at| at.value).collect(),
        SkipListing::None | SkipListing::Last => Vec::new(),
    }
}

/// `SenderIPAddresses` takes IPv4 of /24 to /32.
fn lower_networks(networks: &[Network]) -> Vec<Network> {
    let all: BTreeSet<Network> = networks
        .iter()
        .filter(|network| !network.is_ipv6())
        .flat_map(|network| {
            if network.prefix_len() < 24 {
                network.split_v4_24()
            } else {
                vec![*network]
            }
        })
        .collect();
    all.into_iter().collect()
}

/// `accept_only_from`: a connector for everybody that admits these alone. One place is known by its certificate,
/// several by their addresses, because a connector holds one certificate name.
fn lockdown(
    topology: &Topology,
    location: &Location,
    here: LocationId,
    routes: &[Route],
) -> Option<InboundConnector> {
    let only = location.accept_only_from.as_ref()?;
    let names: Vec<&str> = only
        .value
        .iter()
        .map(|&id| topology.location(id).name.as_str())
        .collect();
    let name = match names.as_slice() {
        [one] => format!("{} from {one}", location.name),
        many => format!("{} only from {}", location.name, many.join(", ")),
    };
    let admitted: Vec<(RouteId, &Route)> = ends_of(routes)
        .filter(|(_, route)| route.to == Party::Location(here))
        .filter(|(_, route)| {
            route
                .from
                .location()
                .is_some_and(|from| only.value.contains(&from))
        })
        .collect();
    let certificates: BTreeSet<&str> = only
        .value
        .iter()
        .filter_map(|&id| topology.location(id).client_certificate()?.name())
        .collect();
    let certificate = match (only.value.len(), certificates.iter().next()) {
        (1, Some(name)) => Some((*name).to_owned()),
        _ => None,
    };
    let networks: Vec<Network> = only
        .value
        .iter()
        .flat_map(|&id| topology.location(id).egress.iter().map(|at| at.value))
        .filter(|network| !network.is_private())
        .collect();
    let (restrict_certificate, addresses) = match &certificate {
        Some(_) => (true, Vec::new()),
        None => (false, lower_networks(&networks)),
    };
    let skip = admitted
        .iter()
        .map(|(_, route)| &route.skip_listing)
        .find(|skip| **skip != SkipListing::None);
    let name = if admitted.iter().any(|(_, route)| route.covers_everything()) {
        format!("{name} only")
    } else {
        name
    };
    Some(InboundConnector {
        name,
        enabled: true,
        connector_type: ConnectorType::Partner,
        sender_domains: vec![Pattern::Any],
        require_tls: certificate.is_some(),
        restrict_domains_to_certificate: restrict_certificate,
        tls_sender_certificate_name: certificate,
        restrict_domains_to_ip_addresses: !restrict_certificate,
        sender_ip_addresses: addresses,
        cloud_services_mail_enabled: false,
        treat_messages_as_internal: false,
        ef_skip_last_ip: skip == Some(&SkipListing::Last),
        ef_skip_ips: skip.map(skip_list).unwrap_or_default(),
        ef_users: admitted
            .iter()
            .flat_map(|(_, route)| route.skip_listing_users.clone())
            .collect(),
        routes: admitted.iter().map(|(id, _)| *id).collect(),
        lockdown: Some(only.span),
        by_wizard: false,
    })
}
