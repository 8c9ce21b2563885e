//! Small topologies for tests.

use crate::finding::{Finding, Findings};
use crate::plan::{Plan, derive};
use crate::platforms::postfix::Configuration;
use crate::source::{At, Span};
use crate::topology::fixture;
pub(crate) use crate::topology::fixture::{at, location, name, network};
use crate::topology::{
    Certificate, DeliversTo, Device, Domain, Holder, Holds, Issuer, Location, LocationId,
    LocationKind, Method, Partner, Postfix, Recipient, RecipientDetails, Sending, Sends, SendsAs,
    SendsTo, Topology,
};
use crate::values::{Address, Host, Pattern, TlsLevel};

pub(crate) fn address(text: &str) -> Address {
    Address::parse(text).expect("an address")
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
        chain: Vec::new(),
        next: None,
        span: Span::default(),
    }
}

pub(crate) fn tenant(name: &str) -> Location {
    fixture::tenant(name, "fabrikam")
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
        ..location(name, LocationKind::Postfix(server))
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
        sending,
        holders: holders
            .into_iter()
            .map(|(index, holds)| Holder {
                location: id(index),
                holds,
                span: Span::default(),
            })
            .collect(),
        mx: mx.iter().map(|&index| at(id(index))).collect(),
        ..fixture::domain(text)
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
        login: None,
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
