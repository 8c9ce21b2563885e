//! The data of a tenant: Exchange Online, or Exchange Online Protection alone.
//!
//! This module must not know how a connector is derived: it puts the planned objects into an order in which mail keeps
//! flowing, and says every property of each.

mod connectors;
mod rules;
mod settings;

use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::exchange::catalogue::Product;
use crate::platforms::exchange::desired::{Desired, mark};
use crate::platforms::exchange::kind;
use crate::platforms::exchange::object::Object;
use crate::platforms::exchange::{origin_of_domain, recipients, told, why_accepted};
use crate::platforms::exchange_online::Configuration;
use crate::routes::{Acceptance, AcceptedDomain};
use crate::topology::{AcceptedType, LocationId, Tenant};
use crate::values::DomainName;
use crate::writer::powershell::PsValue;

/// What the tenant at `here` must hold.
pub fn desired(
    plan: &Plan,
    here: LocationId,
    tenant: &Tenant,
    configuration: &Configuration,
    sink: Sink,
) -> Desired {
    let location = plan.topology.location(here);
    let product = if tenant.filtering_only {
        Product::Protection
    } else {
        Product::Online
    };
    let mailboxes = settings::submitting_mailboxes(plan, here, configuration);
    let mut organization = vec![("Tenant", PsValue::String(tenant.initial_domain()))];
    if !mailboxes.is_empty() {
        organization.push(("Mailboxes", mailboxes.iter().cloned().collect()));
    }
    let kind = |it: &&AcceptedDomain| (it.kind, it.subdomains);
    // Its own names a tenant has from the start.
    let accepted = plan.place(here).accepted.iter();
    let accepted = accepted.filter(|it| it.why != Acceptance::TenantName);
    let domains = told(accepted, sink, kind);
    let signing = told(&configuration.dkim, sink, |_| ());
    let names = domains.iter().map(|setting| setting.domain.as_str());
    let accepted: PsValue = names.collect();
    let authoritative = domains
        .iter()
        .filter(|setting| setting.kind == AcceptedType::Authoritative);
    Desired {
        product,
        location: location.name.clone(),
        former_location: location.renamed_from.as_ref().map(|at| at.value.clone()),
        organization,
        check: vec![("Domains", accepted.clone()), ("Customized", true.into())],
        recipients: authoritative
            .filter_map(|setting| recipients(plan, &setting.domain))
            .collect(),
        objects: objects(
            plan,
            here,
            product,
            configuration,
            mailboxes,
            (&domains, &signing),
        ),
        facts: vec![
            ("Mx", accepted),
            (
                "Dkim",
                signing.iter().map(|domain| domain.as_str()).collect(),
            ),
            ("MxSuffix", tenant.environment.mx_suffix().into()),
        ],
    }
}

/// What is relaxed comes first, then what takes mail in, what takes it out, the rules that choose among that, and last
/// what refuses.
fn objects(
    plan: &Plan,
    here: LocationId,
    product: Product,
    configuration: &Configuration,
    mailboxes: Vec<String>,
    (accepted, signing): (&[&AcceptedDomain], &[&DomainName]),
) -> Vec<Object> {
    let location = plan.topology.location(here);
    let mark = mark(&location.name);
    let domain = |setting| accepted_domain(plan, here, setting);
    let inbound = |connector| connectors::inbound(plan, here, connector, &mark);
    let (authoritative, relayed): (Vec<_>, Vec<_>) = accepted
        .iter()
        .copied()
        .partition(|setting| setting.kind == AcceptedType::Authoritative);
    let direct_send = settings::reject_direct_send(plan, here, product, configuration);
    let refuses = configuration.settings.reject_direct_send == Some(true);
    let (locked, open): (Vec<_>, Vec<_>) = configuration
        .inbound
        .iter()
        .partition(|connector| connector.is_lock());
    let (scoped, general): (Vec<_>, Vec<_>) = configuration
        .outbound
        .iter()
        .filter(|connector| !plan.waits_for_fact(connector.route))
        .partition(|connector| connector.is_transport_rule_scoped);
    let outbound = scoped.into_iter().chain(general);
    let mut objects: Vec<Object> = relayed.into_iter().map(domain).collect();
    objects.extend(direct_send.clone().filter(|_| !refuses));
    objects.extend(open.into_iter().map(inbound));
    let outgoing = outbound.map(|connector| connectors::outbound(plan, connector, &mark));
    let rules = rules::rules(plan, configuration, &mark);
    let outgoing = outgoing.chain(rules);
    objects.extend(outgoing.map(|object| object.at_outgoing_step(location)));
    objects.extend(settings::dkim(plan, here, signing));
    objects.extend(settings::arc(plan, here, product, configuration));
    objects.extend(settings::smtp_auth(
        plan,
        here,
        product,
        configuration,
        mailboxes,
    ));
    objects.extend(authoritative.into_iter().map(domain));
    objects.extend(locked.into_iter().map(inbound));
    objects.extend(direct_send.filter(|_| refuses));
    objects
}

fn accepted_domain(plan: &Plan, here: LocationId, setting: &AcceptedDomain) -> Object {
    let mut object = Object::new(&kind::ACCEPTED_DOMAIN, setting.domain.as_str());
    object.origin = origin_of_domain(plan, here, &setting.domain);
    object.why = why_accepted(plan, here, Some(&setting.domain));
    let kind = match setting.kind {
        AcceptedType::Authoritative => "Authoritative",
        // A tenant knows no third type: what it does not hold it relays.
        AcceptedType::InternalRelay | AcceptedType::ExternalRelay => "InternalRelay",
    };
    object.properties = vec![
        ("DomainType", kind.into()),
        ("MatchSubDomains", setting.subdomains.into()),
    ];
    object
}
