//! Lowering routes to the connectors of an Exchange organization, without changing which mail they take.

use super::super::accepted::AcceptedDomain;
use super::super::ends_of;
use super::super::facts::published_addresses;
use super::super::holdings::routing_domain;
use super::super::route::{NextHop, Recognition, Route, RouteId};
use super::{
    AcceptedDomainSetting, CertificateRef, Configuration, Grant, ReceiveConnector, RemoteDomain,
    SendConnector, TlsAuthLevel,
};
use crate::finding::{Finding, Findings, Object};
use crate::topology::{
    ExchangeServer, ExchangeVersion, Location, LocationId, Method, Party, Topology,
};
use crate::values::{DomainName, Pattern, TlsLevel};
use std::collections::BTreeSet;

/// The objects of the organization at `here`.
pub fn lower(
    topology: &Topology,
    server: &ExchangeServer,
    routes: &[Route],
    here: LocationId,
    accepted: &[AcceptedDomain],
    findings: &mut Findings,
) -> Configuration {
    let mut send: Vec<SendConnector> = ends_of(routes)
        .filter(|(_, route)| route.from == Party::Location(here))
        .filter_map(|(id, route)| {
            send_connector(topology, server, here, accepted, id, route, findings)
        })
        .collect();
    keep_apexes(&mut send);
    Configuration {
        version: server.version.value,
        servers: server.servers.iter().map(|at| at.value.clone()).collect(),
        edge: server.edge,
        accepted_domains: accepted.iter().flat_map(accepted_domains).collect(),
        remote_domains: remote_domains(topology, routes, here),
        send,
        receive: ends_of(routes)
            .filter(|(_, route)| route.to == Party::Location(here))
            .filter_map(|(id, route)| {
                receive_connector(topology, server, here, id, route, findings)
            })
            .collect(),
    }
}

/// A domain is one object; unnamed subdomains are another, because the wildcard takes the apex too.
fn accepted_domains(accepted: &AcceptedDomain) -> Vec<AcceptedDomainSetting> {
    let setting = |domain: Pattern| AcceptedDomainSetting {
        name: domain.to_string(),
        domain,
        kind: accepted.kind,
        span: accepted.span,
    };
    let mut settings = vec![setting(Pattern::Exact(accepted.domain.clone()))];
    if accepted.subdomains {
        settings.push(setting(Pattern::Below(accepted.domain.clone())));
    }
    settings
}

/// Our tenants' routing domains, so that addresses of remote mailboxes are known as such.
fn remote_domains(topology: &Topology, routes: &[Route], here: LocationId) -> Vec<RemoteDomain> {
    let mut domains = Vec::new();
    let tenants: BTreeSet<LocationId> = routes
        .iter()
        .filter(|route| route.from == Party::Location(here) && route.hybrid_headers)
        .filter_map(|route| route.to.location())
        .collect();
    for id in tenants {
        let location = topology.location(id);
        let Some(tenant) = location
            .tenant()
            .filter(|tenant| !tenant.filtering_only && !tenant.has_hybrid_wizard())
        else {
            continue;
        };
        if let Some((domain, _)) = routing_domain(topology, id, tenant) {
            domains.push(RemoteDomain {
                name: format!("{} routing", location.name),
                domain,
                target_delivery_domain: true,
                trusted_mail_inbound: true,
                span: location.span,
            });
        }
    }
    domains
}

fn send_connector(
    topology: &Topology,
    server: &ExchangeServer,
    here: LocationId,
    accepted: &[AcceptedDomain],
    id: RouteId,
    route: &Route,
    findings: &mut Findings,
) -> Option<SendConnector> {
    let (smart_hosts, port) = match &route.next_hop {
        NextHop::Mx => (Vec::new(), 25),
        NextHop::SmartHosts(hosts) => {
            let ports: BTreeSet<u16> = hosts.iter().map(|host| host.port).collect();
            if ports.len() > 1 {
                findings.push(
                    Finding::error("E003", format!("the smart hosts of `{}` listen on different ports, and a Send connector knows one", route.name))
                        .at(route.origin.span(), "the route")
                        .on(Object::Route(route.name.clone()))
                        .help("write one route for each port"),
                );
                return None;
            }
            let names = hosts.iter().map(|host| match &host.target {
                crate::values::HostTarget::Name(name) => name.as_str().to_owned(),
                crate::values::HostTarget::Ip(ip) => ip.to_string(),
            });
            (names.collect(), ports.first().copied().unwrap_or(25))
        }
        // What is missing is said where the next hop was looked for.
        NextHop::Unknown => return None,
        NextHop::None => {
            findings.push(
                Finding::error("E003", format!("Exchange Server has no connector that ends mail, so `{}` cannot be written", route.name))
                    .at(route.origin.span(), "")
                    .on(Object::Route(route.name.clone()))
                    .help("refuse this mail with a transport rule, or end it at a place behind"),
            );
            return None;
        }
    };
    let version = server.version.value;
    if version == ExchangeVersion::V2007 && route.tls > TlsLevel::Encrypted {
        findings.push(
            Finding::error("T002", format!("`{}` demands `{}`, and Exchange 2007 cannot check certificates: what is raised no further would be sent unchecked", route.name, route.tls))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .help("demand `tls: encrypted` here, or send through a newer server"),
        );
        return None;
    }
    let location = topology.location(here);
    let domain_validation = route.tls == TlsLevel::Verified;
    Some(SendConnector {
        name: route.name.clone(),
        enabled: route.enabled,
        address_spaces: address_spaces(route, accepted),
        source_transport_servers: if server.edge {
            Vec::new()
        } else {
            server.servers.iter().map(|at| at.value.clone()).collect()
        },
        smart_hosts,
        port,
        fqdn: fqdn(location),
        require_tls: route.tls >= TlsLevel::Encrypted,
        ignore_starttls: route.tls == TlsLevel::None,
        tls_auth_level: (version >= ExchangeVersion::V2010)
            .then_some(match route.tls {
                TlsLevel::None | TlsLevel::Opportunistic => None,
                TlsLevel::Encrypted => Some(TlsAuthLevel::EncryptionOnly),
                TlsLevel::CaVerified => Some(TlsAuthLevel::CertificateValidation),
                TlsLevel::Verified => Some(TlsAuthLevel::DomainValidation),
            })
            .flatten(),
        tls_domain: if domain_validation {
            tls_domain(topology, route)
        } else {
            None
        },
        tls_certificate: (version >= ExchangeVersion::V2013 && route.tls >= TlsLevel::Encrypted)
            .then(|| certificate(topology, here, location.client_certificate()))
            .flatten(),
        cloud_services_mail_enabled: (version >= ExchangeVersion::V2013)
            .then_some(route.hybrid_headers),
        auth: route
            .auth
            .clone()
            .or_else(|| receiver_auth(topology, route)),
        max_message_size: location.max_message_size.map(|at| at.value),
        route: id,
        by_wizard: route.by_wizard,
    })
}

fn receiver_auth(topology: &Topology, route: &Route) -> Option<String> {
    let auth = match route.to {
        Party::Location(id) => topology.location(id).auth.as_ref(),
        Party::Partner(id) => topology.partner(id).auth.as_ref(),
        _ => None,
    };
    auth.map(|at| at.value.clone())
}

fn address_spaces(route: &Route, accepted: &[AcceptedDomain]) -> Vec<(Pattern, u32)> {
    let mut spaces = BTreeSet::new();
    for at in &route.recipients {
        if at.pattern == Pattern::AcceptedDomains {
            for domain in accepted {
                spaces.insert((Pattern::Exact(domain.domain.clone()), route.cost));
                if domain.subdomains {
                    spaces.insert((Pattern::Below(domain.domain.clone()), route.cost));
                }
            }
        } else {
            spaces.insert((at.pattern.clone(), route.cost));
        }
    }
    spaces.into_iter().collect()
}

/// `*.contoso.com` takes contoso.com too on Exchange Server, in the language it does not: the connector that the name
/// itself belongs to gets it by name, which is more specific.
fn keep_apexes(send: &mut [SendConnector]) {
    let mut wanted: Vec<(usize, DomainName, u32)> = Vec::new();
    let spaces = |connector: &SendConnector| connector.address_spaces.clone();
    let bases: BTreeSet<DomainName> = send
        .iter()
        .flat_map(spaces)
        .filter_map(|(pattern, _)| match pattern {
            Pattern::Below(base) => Some(base),
            _ => None,
        })
        .collect();
    for base in bases {
        let named = send
            .iter()
            .flat_map(spaces)
            .any(|(pattern, _)| pattern == Pattern::Exact(base.clone()));
        if named {
            continue;
        }
        let owner = send
            .iter()
            .enumerate()
            .filter(|(_, connector)| connector.enabled)
            .flat_map(|(index, connector)| {
                spaces(connector)
                    .into_iter()
                    .map(move |(pattern, cost)| (index, pattern, cost))
            })
            .filter(|(_, pattern, _)| pattern.matches(&base))
            .max_by_key(|(index, pattern, cost)| {
                let depth = pattern.base().map_or(0, |name| name.labels().count());
                (depth, std::cmp::Reverse(*cost), std::cmp::Reverse(*index))
            });
        if let Some((index, _, cost)) = owner {
            wanted.push((index, base, cost));
        }
    }
    for (index, base, cost) in wanted {
        send[index]
            .address_spaces
            .push((Pattern::Exact(base), cost));
        send[index].address_spaces.sort();
    }
}

fn fqdn(location: &Location) -> Option<String> {
    let host = location.hosts.iter().find_map(|at| at.value.name());
    host.map(|name| name.as_str().to_owned())
        .or_else(|| location.certificate.as_ref()?.name().map(str::to_owned))
}

fn tls_domain(topology: &Topology, route: &Route) -> Option<String> {
    match route.to {
        Party::Location(id) => {
            let location = topology.location(id);
            match location.tenant() {
                Some(tenant) => Some(
                    tenant
                        .environment
                        .mx_suffix()
                        .trim_start_matches('.')
                        .to_owned(),
                ),
                None => location.certificate.as_ref()?.name().map(str::to_owned),
            }
        }
        Party::Partner(id) => topology
            .partner(id)
            .certificate
            .as_ref()?
            .name()
            .map(str::to_owned),
        _ => None,
    }
}

fn certificate(
    topology: &Topology,
    here: LocationId,
    certificate: Option<&crate::topology::Certificate>,
) -> Option<CertificateRef> {
    let certificate = certificate?;
    let name = certificate.name()?.to_owned();
    let fact = topology
        .facts
        .locations
        .get(&here)
        .and_then(|facts| facts.certificates.get(&name))
        .map(|at| &at.value);
    Some(CertificateRef {
        thumbprint: certificate
            .thumbprint
            .as_ref()
            .map(|at| at.value.clone())
            .or_else(|| fact?.thumbprint.clone()),
        issuer_and_subject: fact
            .and_then(|fact| Some((fact.issuer.clone()?, fact.subject.clone()?))),
        name,
    })
}

fn receive_connector(
    topology: &Topology,
    server: &ExchangeServer,
    here: LocationId,
    id: RouteId,
    route: &Route,
    findings: &mut Findings,
) -> Option<ReceiveConnector> {
    // Without a login a device that only reaches our own mailboxes needs no rights: the default connector takes it.
    if let Party::Device(device) = route.from
        && topology.device(device).method.value != Method::Relay
    {
        return None;
    }
    let location = topology.location(here);
    let sending_tenant = route
        .from
        .location()
        .and_then(|from| topology.location(from).tenant());
    let remote_ip_ranges = match (sending_tenant, &route.accepted_by) {
        (Some(tenant), _) => published_addresses(topology, tenant.environment).unwrap_or_default(),
        (None, Recognition::Addresses(networks)) => networks.clone(),
        (None, Recognition::Certificate(_)) => topology.sending_addresses(route.from),
        (None, Recognition::Nothing) => return None,
    };
    if remote_ip_ranges.is_empty() {
        findings.push(
            Finding::error("R009", format!("`{}` has no addresses, and a Receive connector knows its clients by nothing else: their mail would be taken as a stranger's", route.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .help(format!("say where mail of `{0}` comes from: `{0}: {{egress: [203.0.113.10]}}`", topology.party_name(route.from))),
        );
        return None;
    }
    let modern = server.version.value >= ExchangeVersion::V2013;
    let accept_cloud_services_mail_from = match &route.accepted_by {
        Recognition::Certificate(name) if modern && route.hybrid_headers => Some(name.clone()),
        _ => None,
    };
    // The service's addresses are those of every tenant: what only they vouch for gets no right to relay. Our own
    // tenant's mail is told apart by its certificate and the cross-premises headers.
    let shared = sending_tenant.is_some();
    if shared && route.covers_everything() && accept_cloud_services_mail_from.is_none() {
        findings.push(
            Finding::error("R003", format!("`{}` is for every recipient, and without cross-premises headers `{}` knows the tenant by addresses that all tenants share: anyone's tenant could relay, so this is not written", route.name, location.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .help("send through Exchange 2013 or later with a public certificate, or let the tenant send by itself: `centralized_transport: false`"),
        );
    }
    let grant = match (route.trusted, route.covers_everything()) {
        _ if shared => Grant::AcceptedDomains,
        (true, _) => Grant::Trusted,
        (false, true) => Grant::AnyRecipient,
        (false, false) => Grant::AcceptedDomains,
    };
    Some(ReceiveConnector {
        name: format!("{} from {}", location.name, topology.party_name(route.from)),
        enabled: route.enabled,
        remote_ip_ranges,
        grant,
        require_tls: route.tls >= TlsLevel::Encrypted && grant != Grant::Trusted,
        fqdn: fqdn(location),
        tls_certificate: modern
            .then(|| certificate(topology, here, location.certificate.as_ref()))
            .flatten(),
        accept_cloud_services_mail_from,
        max_message_size: location.max_message_size.map(|at| at.value),
        routes: vec![id],
        by_wizard: route.by_wizard,
    })
}
