//! The scripts of an Exchange organization on servers.
//!
//! This module must not know how a connector is derived: it puts the planned objects into an order in which mail keeps
//! flowing, and says every property of each.

mod certificates;
mod connectors;

use crate::plan::Plan;
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::kind::{self, Kind};
use crate::platforms::exchange::object::{Identity, Object, Part, Statement};
use crate::platforms::exchange::script::{Scripts, mark};
use crate::platforms::exchange::{origin_of_domain, recipients, why_accepted};
use crate::platforms::exchange_server::{AcceptedDomainSetting, Configuration, RemoteDomain};
use crate::topology::{AcceptedType, ExchangeVersion, LocationId};
use crate::values::Pattern;
use crate::writer::Refused;
use crate::writer::powershell::PsValue;
use certificates::Certificates;
use std::collections::{BTreeMap, BTreeSet};

/// The scripts of the organization at `here`, by file name.
///
/// Refuses where the spec holds text that a script cannot carry.
pub fn scripts(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
) -> Result<BTreeMap<&'static str, Vec<u8>>, Refused> {
    let location = &plan.topology.location(here).name;
    let mut certificates = Certificates::default();
    let parts = parts(
        plan,
        here,
        configuration,
        &mark(location),
        &mut certificates,
    );
    let names: PsValue = configuration.servers.iter().map(String::as_str).collect();
    let mut constants = vec![(
        "versionPrefix",
        PsValue::from(version_prefix(configuration.version)),
    )];
    constants.push(("edge", configuration.edge.into()));
    constants.push(("servers", names));
    let mut checks: Vec<Statement> = Vec::new();
    // An Edge Transport server knows no recipients to look at.
    if !configuration.edge {
        checks.extend(
            configuration
                .accepted_domains
                .iter()
                .filter(|setting| setting.kind == AcceptedType::Authoritative)
                .filter_map(|setting| match &setting.domain {
                    Pattern::Exact(name) => recipients(plan, name),
                    _ => None,
                }),
        );
    }
    checks.extend(certificates.checks(configuration));
    let reads: [&'static Kind; 3] = [
        &kind::ACCEPTED_DOMAIN,
        &kind::SEND_CONNECTOR,
        &kind::RECEIVE_CONNECTOR,
    ];
    Scripts {
        product: Product::Server(configuration.version),
        location: location.clone(),
        former_location: plan
            .topology
            .location(here)
            .renamed_from
            .as_ref()
            .map(|at| at.value.clone()),
        constants,
        reads: reads.to_vec(),
        checks,
        lookups: certificates.lookups(),
        verify_last: vec![Statement::new("Write-Others", Vec::new())],
        facts: facts(plan, here, configuration),
        parts,
    }
    .files()
}

/// What is relaxed comes first, then what takes mail in, what takes it out, and last what refuses.
fn parts(
    plan: &Plan,
    here: LocationId,
    configuration: &Configuration,
    mark: &str,
    certificates: &mut Certificates,
) -> Vec<Part> {
    let domain = |setting| accepted_domain(plan, here, setting);
    let (authoritative, relayed): (Vec<_>, Vec<_>) = configuration
        .accepted_domains
        .iter()
        .partition(|setting| setting.kind == AcceptedType::Authoritative);
    let mut parts: Vec<Part> = relayed.into_iter().map(domain).collect();
    parts.extend(
        configuration
            .remote_domains
            .iter()
            .map(|domain| remote_domain(configuration, domain)),
    );
    for connector in &configuration.receive {
        parts.extend(connectors::receive(
            plan,
            configuration,
            connector,
            mark,
            certificates,
        ));
    }
    for connector in &configuration.send {
        parts.push(connectors::send(
            plan,
            configuration,
            connector,
            mark,
            certificates,
        ));
    }
    parts.extend(authoritative.into_iter().map(domain));
    parts
}

fn accepted_domain(plan: &Plan, here: LocationId, setting: &AcceptedDomainSetting) -> Part {
    let base = setting.domain.base();
    let mut object = Object::new(&kind::ACCEPTED_DOMAIN, setting.domain.to_string());
    object.origin = base.map_or_else(
        || "domains.*".to_owned(),
        |name| origin_of_domain(plan, here, name),
    );
    object.why = why_accepted(plan, here, base);
    let kind = match setting.kind {
        AcceptedType::Authoritative => "Authoritative",
        AcceptedType::InternalRelay => "InternalRelay",
        AcceptedType::ExternalRelay => "ExternalRelay",
    };
    object.identity = Identity::Found;
    object.new = vec![
        ("Name", setting.name.as_str().into()),
        ("DomainName", PsValue::Variable("name".to_owned())),
    ];
    object.with = vec![("DomainType", kind.into())];
    Part::Object(Box::new(object))
}

fn remote_domain(configuration: &Configuration, domain: &RemoteDomain) -> Part {
    let mut object = Object::new(&kind::REMOTE_DOMAIN, domain.domain.as_str());
    object.origin = format!("the tenant's {}", domain.domain.as_str());
    object.why = "Mail between our servers and our own tenant counts as internal.".into();
    object.identity = Identity::Found;
    object.bare = true;
    object.new = vec![
        ("Name", domain.name.as_str().into()),
        ("DomainName", PsValue::Variable("name".to_owned())),
    ];
    let product = Product::Server(configuration.version);
    object.with = [
        ("TargetDeliveryDomain", domain.target_delivery_domain),
        ("TrustedMailInboundEnabled", domain.trusted_mail_inbound),
    ]
    .into_iter()
    .filter(|(name, _)| has("Set-RemoteDomain", name, product))
    .map(|(name, value)| (name, value.into()))
    .collect();
    Part::Object(Box::new(object))
}

fn facts(plan: &Plan, here: LocationId, configuration: &Configuration) -> Vec<Statement> {
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
    vec![Statement::new(
        "Write-Certificate",
        vec![names.into_iter().collect()],
    )]
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
