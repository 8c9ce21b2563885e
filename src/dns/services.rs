//! How mail programs find their servers: Autodiscover, and SRV records (RFC 6186, RFC 8314).

use crate::dns::{Out, RData, managed, path};
use crate::source::Span;
use crate::topology::{Autodiscover, Domain, Environment, Location, LocationId, Topology};
use crate::values::{HostName, OwnerName};
use std::collections::BTreeSet;

/// Adds the records of every domain that has mailboxes.
pub(crate) fn add(topology: &Topology, out: &mut Out<'_>) {
    for domain in managed(topology).filter(|domain| domain.receives()) {
        if let Some((id, span)) = autodiscover(topology, domain, out) {
            add_autodiscover(topology.location(id), id, domain, span, out);
        }
        for id in domain.holder_ids().collect::<BTreeSet<_>>() {
            add_clients(topology.location(id), domain, out);
        }
    }
}

/// The location that knows where mailboxes are: with a split the Exchange Server, which redirects to the cloud.
fn autodiscover(
    topology: &Topology,
    domain: &Domain,
    out: &mut Out<'_>,
) -> Option<(LocationId, Span)> {
    match domain.autodiscover.map(|at| (at.value, at.span)) {
        Some((Autodiscover::None, _)) => return None,
        Some((Autodiscover::Location(id), span)) => return Some((id, span)),
        None => {}
    }
    let holders = |wanted: fn(&Location) -> bool| {
        domain
            .holder_ids()
            .filter(|&id| wanted(topology.location(id)))
            .collect::<BTreeSet<_>>()
    };
    let servers = holders(|location| location.exchange_server().is_some());
    let tenants = holders(|location| location.tenant().is_some());
    let candidates = if servers.is_empty() { tenants } else { servers };
    // The example does not depend on how they are called.
    let written = candidates.iter().copied();
    let first = written.min_by_key(|&id| topology.location(id).span)?;
    if candidates.len() > 1 {
        out.gap(
            "the Autodiscover record",
            format!(
                "several locations could answer: write one of them, such as `autodiscover: {}`",
                topology.location(first).name
            ),
            None,
            &domain.name,
            domain.span,
        );
        return None;
    }
    Some((first, domain.span))
}

fn add_autodiscover(
    location: &Location,
    id: LocationId,
    domain: &Domain,
    span: Span,
    out: &mut Out<'_>,
) {
    let why = path(domain, "autodiscover");
    if let Some(tenant) = location.tenant() {
        if let Ok(target) = OwnerName::parse(autodiscover_host(tenant.environment)) {
            let data = RData::Cname(target);
            out.add("autodiscover", &domain.name, data, why, span);
        }
        return;
    }
    let hosts = location.hosts.iter().filter_map(|at| at.value.name());
    let Some(host) = hosts.filter(|host| host.is_qualified()).min_by_key(|host| {
        // A host below the domain itself needs no question about a redirect to another name.
        !host.is_within(&domain.name)
    }) else {
        out.gap(
            "the Autodiscover record",
            format!("`{}` has no host name", location.name),
            Some(id),
            &domain.name,
            span,
        );
        return;
    };
    let name = format!("autodiscover.{}", domain.name);
    if host.as_str() == name {
        return;
    }
    let certified = location
        .certificate
        .iter()
        .flat_map(|certificate| &certificate.names)
        .any(|at| at.value == name);
    match OwnerName::parse(host.as_str()) {
        // A CNAME is only good with a certificate for the name that was asked for.
        Ok(target) if certified => {
            let data = RData::Cname(target);
            out.add("autodiscover", &domain.name, data, why, span);
        }
        _ => {
            let data = service(0, 443, host.clone());
            out.add("_autodiscover._tcp", &domain.name, data, why, span);
        }
    }
}

/// The provider's own host, by cloud.
const fn autodiscover_host(environment: Environment) -> &'static str {
    match environment {
        Environment::Worldwide => "autodiscover.outlook.com",
        Environment::GccHigh => "autodiscover.office365.us",
        Environment::Dod => "autodiscover-dod.office365.us",
        Environment::China => "autodiscover.partner.outlook.cn",
    }
}

fn add_clients(location: &Location, domain: &Domain, out: &mut Out<'_>) {
    for (name, at) in &location.clients.services {
        let Some(host) = at.value.name().filter(|host| host.is_qualified()) else {
            continue;
        };
        // A host without a port has that of mail between servers.
        let port = match at.value.port {
            25 => usual_port(name),
            port => port,
        };
        let why = format!("locations.{}.clients.{name}", location.name);
        let data = service(1, port, host.clone());
        out.add(&format!("_{name}._tcp"), &domain.name, data, why, at.span);
    }
}

fn service(weight: u16, port: u16, host: HostName) -> RData {
    RData::Srv {
        priority: 0,
        weight,
        port,
        target: Some(host),
    }
}

fn usual_port(service: &str) -> u16 {
    match service {
        "imap" => 143,
        "imaps" => 993,
        "pop3" => 110,
        "pop3s" => 995,
        "submissions" => 465,
        _ => 587,
    }
}
