//! Topologies for tests, built by hand so that only what a test is about stands in it.

use crate::finding::Findings;
use crate::plan::{Plan, derive};
use crate::source::{At, Span};
use crate::topology::fixture;
pub(crate) use crate::topology::fixture::{at, host, location, name};
use crate::topology::{
    Certificate, Domain, ExchangeServer, ExchangeVersion, Holder, Holds, Issuer, Location,
    LocationId, LocationKind, Sending, Topology,
};
use crate::values::Network;

pub(crate) fn network(text: &str) -> At<Network> {
    at(fixture::network(text))
}

/// The tenant `contoso`.
pub(crate) fn tenant(name: &str) -> Location {
    fixture::tenant(name, "contoso")
}

/// An Exchange Server with one host, one egress address and a certificate.
pub(crate) fn server(name: &str, host_name: &str, egress: &str) -> Location {
    let mut location = location(
        name,
        LocationKind::ExchangeServer(ExchangeServer {
            version: at(ExchangeVersion::V2019),
            servers: vec![at("EX01".to_owned())],
            edge: false,
        }),
    );
    location.hosts.push(host(host_name));
    location.egress.push(network(egress));
    location.certificate = Some(Certificate {
        names: vec![at(host_name.to_owned())],
        issuer: Issuer::Public,
        thumbprint: None,
        not_after: None,
        file: None,
        spki_sha256: Some([0xab; 32]),
        chain: Vec::new(),
        next: None,
        span: Span::default(),
    });
    location
}

/// A domain whose mailboxes are at these locations and whose mail enters at the first of them.
pub(crate) fn domain(text: &str, holders: &[usize]) -> Domain {
    let ids = holders.iter().map(|&index| LocationId::from_index(index));
    Domain {
        mx: ids.clone().take(1).map(at).collect(),
        holders: ids
            .map(|location| Holder {
                location,
                holds: Holds::Count(10),
                span: Span::default(),
            })
            .collect(),
        ..fixture::domain(text)
    }
}

/// A domain that nobody shall send or receive with.
pub(crate) fn parked(text: &str) -> Domain {
    Domain {
        sending: Sending::Parked,
        ..domain(text, &[])
    }
}

/// These locations and domains, the domains in the order of their names.
pub(crate) fn topology(locations: Vec<Location>, domains: Vec<Domain>) -> Topology {
    Topology {
        locations,
        domains: domains.into(),
        ..Topology::default()
    }
}

pub(crate) fn plan(topology: Topology) -> (Plan, Findings) {
    let mut findings = Findings::default();
    let plan = derive(topology, &mut findings);
    (plan, findings)
}
