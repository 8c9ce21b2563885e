//! The data of an Exchange organization on servers.
//!
//! This module must not know how a connector is derived: it puts the planned objects into an order in which mail keeps
//! flowing, and says every property of each.

mod connectors;

use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::desired::{Desired, mark};
use crate::platforms::exchange::kind;
use crate::platforms::exchange::kind::Property;
use crate::platforms::exchange::object::Object;
use crate::platforms::exchange::{origin_of_domain, recipients, told, why_accepted};
use crate::platforms::exchange_server::{Configuration, RemoteDomain};
use crate::topology::{AcceptedType, ExchangeVersion, LocationId};
use crate::values::Pattern;
use std::collections::BTreeSet;

/// What the organization at `here` must hold.
pub fn desired(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
    sink: Sink,
) -> Desired {
    let location = plan.topology.location(here);
    let servers = configuration.servers.iter().map(String::as_str);
    // A domain is one object; unnamed subdomains are another, because the wildcard takes the apex too.
    let accepted = plan.place(here).accepted.iter();
    let accepted = accepted.flat_map(|it| it.patterns().map(|domain| (domain, it.kind)));
    let kind = |(domain, kind): &Accepted| (*kind, matches!(domain, Pattern::Exact(_)));
    let domains = told(accepted, sink, kind);
    let authoritative = domains
        .iter()
        .filter(|(_, kind)| *kind == AcceptedType::Authoritative);
    // An Edge Transport server knows no recipients to look at.
    let counted = authoritative.filter(|_| !configuration.edge);
    let names = counted.filter_map(|(domain, _)| match domain {
        Pattern::Exact(name) => Some(name),
        _ => None,
    });
    Desired {
        product: Product::Server(configuration.version),
        location: location.name.clone(),
        former_location: location.renamed_from.as_ref().map(|at| at.value.clone()),
        organization: vec![
            ("Servers", servers.collect()),
            ("Edge", configuration.edge.into()),
            ("Version", version_prefix(configuration.version).into()),
        ],
        check: Vec::new(),
        recipients: names.filter_map(|name| recipients(plan, name)).collect(),
        objects: objects(plan, here, configuration, &domains),
        facts: vec![facts(plan, here, configuration)],
    }
}

/// An accepted domain: its name or the names below it, and its type.
type Accepted = (Pattern, AcceptedType);

/// What is relaxed comes first, then what takes mail in, what takes it out, and last what refuses.
fn objects(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
    accepted: &[Accepted],
) -> Vec<Object> {
    let location = plan.topology.location(here);
    let mark = mark(&location.name);
    let domain = |setting| accepted_domain(plan, here, setting);
    let (authoritative, relayed): (Vec<_>, Vec<_>) = accepted
        .iter()
        .partition(|(_, kind)| *kind == AcceptedType::Authoritative);
    let remote = configuration.remote_domains.iter();
    let receive = configuration.receive.iter();
    let send = configuration.send.iter();
    let send = send.filter(|connector| !plan.waits_for_fact(connector.route));
    let mut objects: Vec<Object> = relayed.into_iter().map(domain).collect();
    objects.extend(remote.map(|domain| remote_domain(configuration, domain)));
    objects.extend(receive.filter_map(|connector| {
        connectors::receive(plan, &location.name, configuration, connector)
    }));
    let outgoing = send.map(|connector| connectors::send(plan, configuration, connector, &mark));
    objects.extend(outgoing.map(|object| object.at_outgoing_step(location)));
    objects.extend(authoritative.into_iter().map(domain));
    let locked = configuration
        .locked
        .map(|_| connectors::lock(&location.name));
    objects.extend(locked);
    objects
}

fn accepted_domain(plan: &Plan, here: LocationId, (domain, kind): &Accepted) -> Object {
    let base = domain.base();
    let mut object = Object::new(&kind::ACCEPTED_DOMAIN, domain.to_string());
    object.origin = base.map_or_else(
        || "domains.*".to_owned(),
        |name| origin_of_domain(plan, here, name),
    );
    object.why = why_accepted(plan, here, base);
    let kind = match kind {
        AcceptedType::Authoritative => "Authoritative",
        AcceptedType::InternalRelay => "InternalRelay",
        AcceptedType::ExternalRelay => "ExternalRelay",
    };
    object.properties = vec![("DomainType", kind.into())];
    object
}

fn remote_domain(configuration: &Configuration, domain: &RemoteDomain) -> Object {
    let mut object = Object::new(&kind::REMOTE_DOMAIN, domain.domain.as_str());
    object.origin = format!("the tenant's {}", domain.domain.as_str());
    object.why = "Mail between our servers and our own tenant counts as internal.".into();
    object.new = vec![("Name", domain.name.as_str().into())];
    let product = Product::Server(configuration.version);
    object.properties = [
        ("TargetDeliveryDomain", domain.target_delivery_domain),
        ("TrustedMailInboundEnabled", domain.trusted_mail_inbound),
    ]
    .into_iter()
    .filter(|(name, _)| has("Set-RemoteDomain", name, product))
    .map(|(name, value)| (name, value.into()))
    .collect();
    object
}

/// The certificates that connectors could name.
fn facts(plan: &Plan, here: LocationId, configuration: &Configuration) -> Property {
    let location = plan.topology.location(here);
    let own = [location.certificate.as_ref(), location.client_certificate()];
    let mut names: BTreeSet<&str> = own
        .into_iter()
        .flatten()
        .filter_map(|certificate| certificate.name())
        .collect();
    names.extend(
        configuration
            .send
            .iter()
            .filter_map(|connector| Some(connector.tls_certificate.as_ref()?.name.as_str())),
    );
    names.extend(
        configuration
            .receive
            .iter()
            .filter_map(|connector| Some(connector.tls_certificate.as_ref()?.name.as_str())),
    );
    ("Certificates", names.into_iter().collect())
}

/// How `AdminDisplayVersion` starts. The Subscription Edition carries on the numbers of 2019.
fn version_prefix(version: ExchangeVersion) -> &'static str {
    match version {
        ExchangeVersion::V2007 => "Version 8.",
        ExchangeVersion::V2010 => "Version 14.",
        ExchangeVersion::V2013 => "Version 15.0 ",
        ExchangeVersion::V2016 => "Version 15.1 ",
        ExchangeVersion::V2019 | ExchangeVersion::Se => "Version 15.2 ",
    }
}
