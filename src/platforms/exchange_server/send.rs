//! Lowering routes to send connectors.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::exchange_server::lower::{certificate, fqdn};
use crate::platforms::exchange_server::{SendConnector, TlsAuthLevel};
use crate::routes::former_names::former_names;
use crate::routes::{AcceptedDomain, NextHop, Route, RouteId, RoutesAt};
use crate::topology::{ExchangeServer, ExchangeVersion, LocationId, Party, Topology};
use crate::values::{DomainName, Host, Pattern, TlsLevel};
use std::collections::BTreeSet;

/// What takes mail from the organization at `here` to others.
pub(crate) fn lower(
    topology: &Topology,
    server: &ExchangeServer,
    routes: RoutesAt<'_>,
    here: LocationId,
    accepted: &[AcceptedDomain],
    findings: &mut Findings,
) -> Vec<SendConnector> {
    let mut send: Vec<SendConnector> = routes
        .iter()
        .filter(|(_, route)| route.from == Party::Location(here))
        .filter_map(|(id, route)| {
            send_connector(topology, server, here, accepted, id, route, findings)
        })
        .collect();
    keep_apexes(&mut send);
    send
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
        // Where the host is not known yet, the connector is followed, and written once it is.
        NextHop::Mx | NextHop::FactMissing => (Vec::new(), 25),
        NextHop::SmartHosts(hosts) => {
            let ports: BTreeSet<u16> = hosts.iter().map(|host| host.port).collect();
            if ports.len() > 1 {
                findings.push(
                    Finding::error(Code::E003, format!("the smart hosts of `{}` listen on different ports, and a Send connector knows one", route.name))
                        .at(route.origin.span(), "the route")
                        .on(Object::Route(route.name.clone()))
                        .withholds(format!("the connector `{}`", route.name))
                        .help("write one route for each port"),
                );
                return None;
            }
            if hosts.iter().any(Host::begins_with_tls) {
                findings.push(
                    Finding::error(Code::E012, format!("the smart host of `{}` has TLS from the first byte (port 465), and Send connectors know STARTTLS alone: no mail would reach it", route.name))
                        .at(route.origin.span(), "the route")
                        .on(Object::Route(route.name.clone()))
                        .withholds(format!("the connector `{}`", route.name))
                        .help("name a port with STARTTLS, such as 587, where the host has one; or send through a Postfix location"),
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
                Finding::error(Code::E003, format!("Exchange Server has no connector that ends mail, so `{}` cannot be written", route.name))
                    .at(route.origin.span(), "")
                    .on(Object::Route(route.name.clone()))
                    .withholds(format!("the connector `{}`", route.name))
                    .help("refuse this mail with a transport rule, or end it at a location behind the server"),
            );
            return None;
        }
    };
    let version = server.version.value;
    if version == ExchangeVersion::V2007 && route.tls > TlsLevel::Encrypted {
        findings.push(
            Finding::error(Code::T002, format!("`{}` demands `{}`, and Exchange 2007 cannot check certificates: what is raised no further would be sent unchecked", route.name, route.tls))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .withholds(format!("the connector `{}`", route.name))
                .help("demand `tls: encrypted` here, or send through a newer server"),
        );
        return None;
    }
    let location = topology.location(here);
    let domain_validation = route.tls == TlsLevel::Verified;
    let named = smart_hosts
        .iter()
        .find(|host| host.parse::<std::net::IpAddr>().is_err());
    let tls_domain = domain_validation
        .then(|| tls_domain(topology, route).or_else(|| named.cloned()))
        .flatten();
    // By MX the name of each host is checked against the recipient's domain; a smart host needs a name of its own.
    if domain_validation && tls_domain.is_none() && !smart_hosts.is_empty() {
        findings.push(
            Finding::error(Code::T002, format!("`{}` demands `verified`, and its smart host has no name that could be checked: none of this mail would be sent", route.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .withholds(format!("the connector `{}`", route.name))
                .help("demand `tls: ca-verified`, or give the smart host by name"),
        );
        return None;
    }
    Some(SendConnector {
        name: route.name.clone(),
        former_names: former_names(topology, route, &route.name),
        enabled: route.enabled,
        address_spaces: address_spaces(route, accepted),
        source_transport_servers: if server.edge {
            Vec::new()
        } else if route.servers.is_empty() {
            server.servers.iter().map(|at| at.value.clone()).collect()
        } else {
            route.servers.clone()
        },
        smart_hosts,
        port,
        fqdn: match &location.helo {
            Some(name) => Some(name.value.to_string()),
            None => fqdn(location),
        },
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
        tls_domain,
        tls_certificate: (version >= ExchangeVersion::V2013
            && (route.tls >= TlsLevel::Encrypted || route.client_certificate.is_some()))
        .then(|| certificate(topology, here, route.shown(topology)))
        .flatten(),
        cloud_services_mail_enabled: (version >= ExchangeVersion::V2013 || route.by_wizard)
            .then_some(route.sends_headers()),
        auth: route
            .auth
            .clone()
            .or_else(|| receiver_auth(topology, route)),
        max_message_size: location.max_message_size.map(|at| at.value),
        route: id,
        by_wizard: route.by_wizard,
        managed: route.managed,
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
            let patterns = accepted.iter().flat_map(AcceptedDomain::patterns);
            spaces.extend(patterns.map(|pattern| (pattern, route.cost)));
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
