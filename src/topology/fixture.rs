//! Parts of topologies for tests, which have nothing yet.

use crate::source::{At, Span};
use crate::topology::{
    ClientServices, Dkim, DnsManagement, Domain, Environment, Location, LocationKind, Sending,
    Sends, Tenant,
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

pub(crate) fn network(text: &str) -> Network {
    Network::parse(text).expect("a network")
}

/// A location that has nothing yet.
pub(crate) fn location(name: &str, kind: LocationKind) -> Location {
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
        rewrites_sender: None,
        bounce_domain: None,
        mailing_lists: None,
        renamed_from: None,
    }
}

/// A tenant with this initial name.
pub(crate) fn tenant(name: &str, initial: &str) -> Location {
    location(
        name,
        LocationKind::Tenant(Tenant {
            filtering_only: false,
            tenant: at(initial.to_owned()),
            primary_domain: None,
            environment: Environment::Worldwide,
            hybrid_wizard: None,
            centralized_transport: None,
            reject_direct_send: None,
            smtp_auth: None,
        }),
    )
}

/// A domain without mailboxes.
pub(crate) fn domain(text: &str) -> Domain {
    Domain {
        name: name(text),
        span: Span::default(),
        sending: Sending::Normal,
        mx: Vec::new(),
        holders: Vec::new(),
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
