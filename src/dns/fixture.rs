//! Topologies for tests, built by hand so that only what a test is about stands in it.

use crate::finding::Findings;
use crate::plan::{Plan, derive};
use crate::source::{At, Span};
use crate::topology::{
    Certificate, ClientServices, Dkim, DnsManagement, Domain, Environment, ExchangeServer,
    ExchangeVersion, Holder, Holds, Issuer, Kind, Location, LocationId, Sending, Sends, Tenant,
    Topology,
};
use crate::values::{DomainName, Host, Network};

pub(crate) fn at<T>(value: T) -> At<T> {
    At::new(value, Span::default())
}

pub(crate) fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a name")
}

pub(crate) fn host(text: &str) -> At<Host> {
    at(Host::parse(text).expect("a host"))
}

pub(crate) fn network(text: &str) -> At<Network> {
    at(Network::parse(text).expect("a network"))
}

/// A location that has nothing yet.
pub(crate) fn location(name: &str, kind: Kind) -> Location {
    Location {
        name: name.to_owned(),
        span: Span::default(),
        kind,
        hosts: Vec::new(),
        smart_hosts: Vec::new(),
        egress: Vec::new(),
        certificate: None,
        client_certificate: None,
        sends: at(Sends::Direct),
        routing_domain: None,
        directory: None,
        tls: None,
        accept_only_from: None,
        outgoing_step: false,
        accepts: None,
        also_accepts: Vec::new(),
        auth: None,
        trusted: false,
        shared: false,
        max_message_size: None,
        recipient_delimiter: None,
        clients: ClientServices::default(),
        spf: None,
        helo: None,
        modifies_body: false,
        mailing_lists: None,
        renamed_from: None,
    }
}

/// The tenant `contoso`.
pub(crate) fn tenant(name: &str) -> Location {
    location(
        name,
        Kind::Tenant(Tenant {
            filtering_only: false,
            tenant: at("contoso".to_owned()),
            primary_domain: None,
            environment: Environment::Worldwide,
            hybrid_wizard: None,
            centralized_transport: None,
            reject_direct_send: None,
            smtp_auth: None,
        }),
    )
}

/// An Exchange Server with one host, one egress address and a certificate.
pub(crate) fn server(name: &str, host_name: &str, egress: &str) -> Location {
    let mut location = location(
        name,
        Kind::ExchangeServer(ExchangeServer {
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
        next: None,
        span: Span::default(),
    });
    location
}

/// A domain whose mailboxes are at these locations and whose mail enters at the first of them.
pub(crate) fn domain(text: &str, holders: &[usize]) -> Domain {
    let ids = holders.iter().map(|&index| LocationId::from_index(index));
    Domain {
        name: name(text),
        span: Span::default(),
        sending: Sending::Normal,
        mx: ids.clone().take(1).map(at).collect(),
        holders: ids
            .map(|location| Holder {
                location,
                holds: Holds::Count(10),
                span: Span::default(),
            })
            .collect(),
        total: None,
        mx_now: None,
        subdomains: false,
        catch_all: None,
        forwards: Vec::new(),
        remote_mailboxes: Vec::new(),
        test_recipient: None,
        dns: DnsManagement::Managed,
        dmarc: None,
        mta_sts: None,
        tls_rpt: Vec::new(),
        dkim: Dkim::Derived,
        spf: None,
        autodiscover: None,
        dane: None,
        closes_unused: None,
        ttl: None,
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
