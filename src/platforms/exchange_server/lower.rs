//! Lowering a place to the objects of an Exchange organization, without changing which mail they take.

use crate::finding::Findings;
use crate::platforms::exchange_server::{
    CertificateRef, Configuration, RemoteDomain, receive, send,
};
use crate::platforms::product::Lowering;
use crate::routes::RoutesAt;
use crate::routes::held_domains::routing_domain;
use crate::topology::{ExchangeServer, Location, LocationId, Party, Tenant, Topology};
use std::collections::BTreeSet;

/// The objects of the organization at `here`.
pub(crate) fn lower(
    lowering: &Lowering<'_>,
    server: &ExchangeServer,
    findings: &mut Findings,
) -> Configuration {
    let Lowering {
        topology,
        routes,
        id: here,
        accepted,
        ..
    } = *lowering;
    Configuration {
        version: server.version.value,
        servers: server.servers.iter().map(|at| at.value.clone()).collect(),
        edge: server.edge,
        remote_domains: remote_domains(topology, routes, here),
        send: send::lower(topology, server, routes, here, accepted, findings),
        receive: receive::lower(topology, server, routes, here, accepted, findings),
        locked: topology
            .location(here)
            .accept_only_from
            .as_ref()
            .map(|at| at.span),
    }
}

/// Our tenants' routing domains, so that addresses of remote mailboxes are known as such.
fn remote_domains(
    topology: &Topology,
    routes: RoutesAt<'_>,
    here: LocationId,
) -> Vec<RemoteDomain> {
    let mut domains = Vec::new();
    let tenants: BTreeSet<LocationId> = routes
        .iter()
        .map(|(_, route)| route)
        .filter(|route| route.from == Party::Location(here) && route.hybrid_headers)
        .filter_map(|route| route.to.location())
        .collect();
    for id in tenants {
        let location = topology.location(id);
        let ours = |tenant: &Tenant| !tenant.filtering_only && !tenant.has_hybrid_wizard();
        if !location.tenant().is_some_and(ours) {
            continue;
        }
        if let Some((domain, _)) = routing_domain(topology, id) {
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

/// What the servers call themselves.
pub(crate) fn fqdn(location: &Location) -> Option<String> {
    let host = location.hosts.iter().find_map(|at| at.value.name());
    host.map(|name| name.as_str().to_owned()).or_else(|| {
        location
            .certificate
            .as_ref()?
            .host_name()
            .map(str::to_owned)
    })
}

/// How a connector of this organization refers to a certificate.
pub(crate) fn certificate(
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
