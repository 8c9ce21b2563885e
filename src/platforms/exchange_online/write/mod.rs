//! The scripts of a tenant: Exchange Online, or Exchange Online Protection alone.
//!
//! This module must not know how a connector is derived: it puts the planned objects into an order in which mail keeps
//! flowing, and says every property of each.

mod connectors;
mod rules;
mod settings;

use crate::plan::Plan;
use crate::platforms::exchange::catalogue::Product;
use crate::platforms::exchange::kind::{self, Kind};
use crate::platforms::exchange::object::{Object, Part, Statement};
use crate::platforms::exchange::script::{Scripts, mark};
use crate::platforms::exchange::{origin_of_domain, recipients, why_accepted};
use crate::platforms::exchange_online::{AcceptedDomainSetting, Configuration};
use crate::topology::{AcceptedType, LocationId, Tenant};
use crate::values::DomainName;
use crate::writer::Refused;
use crate::writer::powershell::PsValue;
use std::collections::BTreeMap;

/// The scripts of the tenant at `here`, by file name.
///
/// Refuses where the spec holds text that a script cannot carry.
pub fn scripts(
    plan: &Plan,
    here: LocationId,
    tenant: &Tenant,
    configuration: &Configuration,
) -> Result<BTreeMap<&'static str, Vec<u8>>, Refused> {
    let location = &plan.topology.location(here).name;
    let product = if tenant.filtering_only {
        Product::Protection
    } else {
        Product::Online
    };
    let mailboxes = settings::submitting_mailboxes(plan, here, configuration);
    let mut constants = vec![("tenant", PsValue::String(tenant.initial_domain()))];
    constants.push(("mxSuffix", PsValue::from(tenant.environment.mx_suffix())));
    if !mailboxes.is_empty() {
        constants.push(("mailboxes", mailboxes.iter().cloned().collect()));
    }
    let accepted: PsValue = names(configuration);
    let reads: [&'static Kind; 4] = [
        &kind::TENANT_DOMAIN,
        &kind::INBOUND_CONNECTOR,
        &kind::OUTBOUND_CONNECTOR,
        &kind::TRANSPORT_RULE,
    ];
    let mut checks = vec![
        Statement::new("Assert-Customized", Vec::new()),
        Statement::new("Assert-Domain", vec![accepted.clone()]),
    ];
    checks.extend(
        configuration
            .accepted_domains
            .iter()
            .filter(|setting| setting.kind == AcceptedType::Authoritative)
            .filter_map(|setting| recipients(plan, &setting.domain)),
    );
    checks.extend(rules::check(configuration));
    let parts = parts(
        plan,
        here,
        product,
        configuration,
        &mark(location),
        mailboxes,
    );
    Scripts {
        product,
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
        lookups: Vec::new(),
        verify_last: vec![Statement::new("Write-Others", Vec::new())],
        facts: facts(plan, configuration, accepted),
        parts,
    }
    .files()
}

/// What is relaxed comes first, then what takes mail in, what takes it out, the rules that choose among that, and last
/// what refuses.
fn parts(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
    mark: &str,
    mailboxes: Vec<String>,
) -> Vec<Part> {
    let domain = |setting| accepted_domain(plan, here, setting);
    let (authoritative, relayed): (Vec<_>, Vec<_>) = configuration
        .accepted_domains
        .iter()
        .partition(|setting| setting.kind == AcceptedType::Authoritative);
    let direct_send = settings::reject_direct_send(plan, here, product, configuration);
    let refuses = configuration.settings.reject_direct_send == Some(true);
    let mut parts: Vec<Part> = relayed.into_iter().map(domain).collect();
    parts.extend(direct_send.clone().filter(|_| !refuses));
    let (locked, open): (Vec<_>, Vec<_>) = configuration
        .inbound
        .iter()
        .partition(|connector| connector.is_lock());
    parts.extend(
        open.into_iter()
            .map(|connector| connectors::inbound(plan, here, connector, mark)),
    );
    let (scoped, general): (Vec<_>, Vec<_>) = configuration
        .outbound
        .iter()
        .partition(|connector| connector.is_transport_rule_scoped);
    for connector in scoped.into_iter().chain(general) {
        parts.extend(connectors::outbound(plan, connector, mark));
    }
    parts.extend(rules::rules(plan, configuration, mark));
    parts.extend(settings::dkim(configuration));
    parts.extend(settings::arc(product, configuration));
    parts.extend(settings::smtp_auth(
        plan,
        here,
        product,
        configuration,
        mailboxes,
    ));
    parts.extend(authoritative.into_iter().map(domain));
    parts.extend(
        locked
            .into_iter()
            .map(|connector| connectors::inbound(plan, here, connector, mark)),
    );
    parts.extend(direct_send.filter(|_| refuses));
    parts
}

fn names(configuration: &Configuration) -> PsValue {
    configuration
        .accepted_domains
        .iter()
        .map(|setting| setting.domain.as_str())
        .collect()
}

fn accepted_domain(plan: &Plan, here: LocationId, setting: &AcceptedDomainSetting) -> Part {
    let mut object = Object::new(&kind::TENANT_DOMAIN, setting.domain.as_str());
    object.origin = origin_of_domain(plan, here, &setting.domain);
    object.why = why_accepted(plan, here, Some(&setting.domain));
    let kind = match setting.kind {
        AcceptedType::Authoritative => "Authoritative",
        // A tenant knows no third type: what it does not hold it relays.
        AcceptedType::InternalRelay | AcceptedType::ExternalRelay => "InternalRelay",
    };
    object.with = vec![
        ("DomainType", kind.into()),
        ("MatchSubDomains", setting.match_subdomains.into()),
    ];
    Part::Object(Box::new(object))
}

fn facts(plan: &Plan, configuration: &Configuration, accepted: PsValue) -> Vec<Statement> {
    let dnssec: PsValue = plan
        .topology
        .domains
        .iter()
        .filter(|domain| domain.dane.is_some_and(|at| at.value))
        .map(|domain| domain.name.as_str())
        .collect();
    let signing: PsValue = configuration.dkim.iter().map(DomainName::as_str).collect();
    let mut facts = vec![Statement::new("Write-Mx", vec![accepted])];
    if signing != PsValue::Array(Vec::new()) {
        facts.push(Statement::new("Write-Dkim", vec![signing]));
    }
    if dnssec != PsValue::Array(Vec::new()) {
        facts.push(Statement::new("Write-Dnssec", vec![dnssec]));
    }
    facts
}
