//! Small topologies for tests.

use crate::finding::{Finding, Findings};
use crate::plan::{Plan, derive};
use crate::platforms::postfix::Configuration;
use crate::source::{At, Span};
use crate::topology::{
    Accept, Certificate, ClientServices, DeliversTo, Device, Domain, Environment, Forward, Holder,
    Holds, Issuer, Kind, Location, LocationId, Method, Partner, Postfix, Recipient,
    RecipientDetails, Sending, Sends, SendsAs, SendsTo, Tenant, Topology,
};
use crate::values::{Address, DomainName, Host, Network, Pattern, TlsLevel};

pub(crate) fn at<T>(value: T) -> At<T> {
    At::new(value, Span::default())
}

pub(crate) fn name(text: &str) -> DomainName {
    DomainName::parse(text).expect("a domain")
}

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
}

pub(crate) fn network(text: &str) -> Network {
    Network::parse(text).expect("a network")
}

pub(crate) fn id(index: usize) -> LocationId {
    LocationId::from_index(index)
}

pub(crate) fn certificate(names: &[&str], issuer: Issuer) -> Certificate {
    Certificate {
        names: names.iter().map(|name| at((*name).to_owned())).collect(),
        issuer,
        thumbprint: None,
        not_after: None,
        file: None,
        spki_sha256: None,
        next: None,
        span: Span::default(),
    }
}

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
        also_accepts: Vec::<Accept>::new(),
        auth: None,
        shared: false,
        trusted: false,
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

pub(crate) fn tenant(name: &str) -> Location {
    location(
        name,
        Kind::Tenant(Tenant {
            filtering_only: false,
            tenant: at("fabrikam".to_owned()),
            primary_domain: None,
            environment: Environment::Worldwide,
            hybrid_wizard: None,
            centralized_transport: None,
            reject_direct_send: None,
            smtp_auth: None,
        }),
    )
}

/// A Postfix instance with a host, an address and a mailbox service.
pub(crate) fn postfix(name: &str, host: &str, egress: &str) -> Location {
    let server = Postfix {
        delivers_to: vec![DeliversTo {
            pattern: Pattern::Any,
            service: at("lmtp:unix:private/dovecot-lmtp".to_owned()),
        }],
        ..Postfix::default()
    };
    Location {
        hosts: vec![at(Host::parse(host).expect("a host"))],
        egress: vec![at(network(egress))],
        ..location(name, Kind::Postfix(server))
    }
}

pub(crate) fn listed(addresses: &[&str]) -> Holds {
    let mut list: Vec<_> = addresses
        .iter()
        .map(|text| Recipient {
            address: address(text),
            span: Span::default(),
            details: None,
        })
        .collect();
    list.sort_by(|a, b| a.address.cmp(&b.address));
    Holds::Listed(list)
}

pub(crate) fn details(aliases: &[&str]) -> RecipientDetails {
    RecipientDetails {
        target: None,
        aliases: Some(aliases.iter().map(|text| address(text)).collect()),
        city: None,
        department: None,
        groups: Vec::new(),
    }
}

pub(crate) fn domain(text: &str, holders: Vec<(usize, Holds)>, mx: &[usize]) -> Domain {
    let sending = if holders.is_empty() {
        Sending::Parked
    } else {
        Sending::Normal
    };
    Domain {
        name: name(text),
        span: Span::default(),
        sending,
        holders: holders
            .into_iter()
            .map(|(index, holds)| Holder {
                location: id(index),
                holds,
                span: Span::default(),
            })
            .collect(),
        total: None,
        mx: mx.iter().map(|&index| at(id(index))).collect(),
        mx_now: None,
        subdomains: false,
        catch_all: None,
        forwards: Vec::<Forward>::new(),
        remote_mailboxes: Vec::new(),
        test_recipient: None,
        dns: crate::topology::DnsManagement::default(),
        dmarc: None,
        mta_sts: None,
        tls_rpt: Vec::new(),
        dkim: crate::topology::Dkim::default(),
        spf: None,
        autodiscover: None,
        dane: None,
        closes_unused: None,
        ttl: None,
    }
}

pub(crate) fn partner(text: &str, domains: &[&str], tls: Option<TlsLevel>) -> Partner {
    Partner {
        name: text.to_owned(),
        span: Span::default(),
        domains: domains
            .iter()
            .map(|text| at(Pattern::parse(text).expect("a pattern")))
            .collect(),
        tls_inbound: tls.map(at),
        tls_outbound: tls.map(at),
        certificate: None,
        client_certificate: None,
        addresses: Vec::new(),
        hosts: Vec::new(),
        via: Vec::new(),
        sends_as: Vec::new(),
        spf: None,
        envelope: None,
        bounce: None,
        signs_as: Vec::new(),
        auth: None,
        test_recipient: None,
        shared: false,
        managed: true,
        relays: false,
        renamed_from: None,
    }
}

pub(crate) fn device(text: &str, addresses: &[&str], via: usize, sends_to: SendsTo) -> Device {
    Device {
        name: text.to_owned(),
        span: Span::default(),
        addresses: addresses.iter().map(|text| at(network(text))).collect(),
        sends_as: Vec::<At<SendsAs>>::new(),
        sends_to,
        method: at(Method::Relay),
        via: at(id(via)),
        certificate: None,
        max_tls: None,
        nat: Vec::new(),
        trusted: false,
        renamed_from: None,
    }
}

/// Locations 0 `cloud`, 1 `lab`, 2 `mx`: Postfix holds some mailboxes, relays for a branch, sends through the cloud.
pub(crate) fn fabrikam() -> Topology {
    let lab = Location {
        certificate: Some(certificate(&["mail.lab.fabrikam.com"], Issuer::Private)),
        sends: at(Sends::Via(id(2))),
        ..postfix("lab", "mail.lab.fabrikam.com", "192.0.2.26")
    };
    let mx = Location {
        certificate: Some(certificate(&["mail.fabrikam.com"], Issuer::Public)),
        sends: at(Sends::Via(id(0))),
        ..postfix("mx", "mail.fabrikam.com", "192.0.2.25")
    };
    let archive = Partner {
        certificate: Some(certificate(&["smtp.archive.example"], Issuer::Public)),
        hosts: vec![at(Host::parse("smtp.archive.example").expect("a host"))],
        via: vec![at(id(2))],
        ..partner(
            "archive",
            &["journal.archive.example"],
            Some(TlsLevel::Verified),
        )
    };
    Topology {
        locations: vec![tenant("cloud"), lab, mx],
        domains: vec![
            domain(
                "fabrikam.com",
                vec![
                    (2, listed(&["root@fabrikam.com", "ops@fabrikam.com"])),
                    (0, Holds::Rest),
                ],
                &[0],
            ),
            domain("lab.fabrikam.com", vec![(1, Holds::Rest)], &[2]),
            domain("old-fabrikam.example", Vec::new(), &[]),
            domain("bücher.example", vec![(2, Holds::Rest)], &[2]),
        ]
        .into(),
        partners: vec![archive],
        devices: vec![device(
            "scanners",
            &["10.0.10.7", "10.0.10.8"],
            2,
            SendsTo::Internal,
        )],
        ..Topology::default()
    }
}

/// The plan of a topology and what was found on the way.
pub(crate) fn plan(topology: Topology) -> (Plan, Vec<Finding>) {
    let mut findings = Findings::default();
    let plan = derive(topology, &mut findings);
    (plan, findings.into_sorted())
}

/// The tables of a location.
pub(crate) fn tables(plan: &Plan, index: usize) -> &Configuration {
    match &plan.place(id(index)).configuration {
        crate::plan::Configuration::Postfix(configuration) => configuration,
        other => panic!("no Postfix: {other:?}"),
    }
}
