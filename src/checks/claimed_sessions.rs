//! Mail that is handed to the host of one tenant and belongs to another, because that one claims the session.

use crate::checks::words::as_written;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::routes::{Route, RouteId};
use crate::topology::{Domain, ExchangeVersion, LocationId, Party, Sender};
use crate::values::{Address, Pattern, TlsLevel};
use crate::walk::{Claim, Claimed, Flows, trace_as};
use std::collections::{BTreeMap, BTreeSet};

/// What is wrong with a session, once for both ends and the tenant that it belongs to.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Key {
    from: Party,
    host: LocationId,
    by: LocationId,
    certificate: Option<String>,
}

impl From<Claimed> for Key {
    fn from(claimed: Claimed) -> Self {
        Self {
            from: claimed.from,
            host: claimed.host,
            by: claimed.by,
            certificate: match claimed.why {
                Claim::Certificate(name) => Some(name),
                Claim::Sender | Claim::Recipient => None,
            },
        }
    }
}

/// The claims on sessions over routes, and on those that faults show.
pub(super) fn report(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    let mut found: BTreeMap<Key, Vec<RouteId>> = BTreeMap::new();
    for (id, route) in plan.routes().filter(|(_, route)| route.enabled) {
        for claimed in flows.model.claims_on(id, route) {
            found.entry(claimed.into()).or_default().push(id);
        }
    }
    let faults = flows.faults.iter();
    // The names whose mail is lost so.
    let mut lost: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
    for (_, evidence) in faults {
        if let Some(claimed) = evidence.way.claimed.as_deref() {
            let names = lost.entry(claimed.clone().into()).or_default();
            names.extend(flows.region(evidence));
        }
    }
    let none = BTreeSet::new();
    for (key, routes) in &found {
        let is_lost = lost.contains_key(key) || loses_own_senders(flows, key);
        findings.push(finding(plan, key, routes, (is_lost, &none)));
    }
    for (key, names) in lost.iter().filter(|(key, _)| !found.contains_key(key)) {
        findings.push(finding(plan, key, &[], (true, names)));
    }
}

/// Whether mail in the name of the tenant itself does not get back to it from the one that claims the session.
fn loses_own_senders(flows: &Flows<'_>, key: &Key) -> bool {
    let model = flows.model;
    let sender =
        own_domain(model.plan, key.host).and_then(|domain| Address::of("someone", &domain.name));
    let (Some(sender), Some(to)) = (sender, model.sample(key.host)) else {
        return false;
    };
    let trace = trace_as(model, &Sender::Party(key.from), Some(sender), to);
    let mut claimed = trace.ways.iter().filter(|way| way.claimed.is_some());
    claimed.any(|way| !way.end.ends.arrives())
}

fn finding(
    plan: &Plan,
    key: &Key,
    routes: &[RouteId],
    (is_lost, names): (bool, &BTreeSet<String>),
) -> Finding {
    let topology = &plan.topology;
    let from = topology.party_name(key.from);
    let [host, by] = [key.host, key.by].map(|at| topology.location(at).name.as_str());
    let said = match &key.certificate {
        Some(name) => format!(
            "mail that `{from}` hands to `{host}` is attributed to `{by}`, which accepts the domain of `{name}`, the certificate that `{from}` shows, and knows `{from}`, too"
        ),
        None => format!(
            "connectors of `{host}` and of `{by}` both know `{from}`, and no certificate says whose its mail is: what has an envelope sender in a domain of `{by}` is attributed to `{by}`, whichever host it is handed to"
        ),
    };
    let finding = if is_lost {
        Finding::error(Code::T007, said)
    } else {
        Finding::warning(Code::T007, said)
    };
    let route = routes.first().map(|id| plan.route(*id));
    let (help, edit) = help(plan, key, route, names);
    let finding = finding.on(Object::Location(host.to_owned())).help(help);
    let finding = edit.into_iter().fold(finding, Finding::fix);
    if let Some(route) = route {
        let label = format!("its mail is attributed to `{by}`");
        let shown = route.shown(topology).filter(|_| key.certificate.is_some());
        let span = shown.map_or(route.origin.span(), |certificate| certificate.span);
        return finding
            .at(span, label)
            .on(Object::Route(route.name.clone()));
    }
    match key.from {
        Party::Location(at) => finding.at(topology.location(at).span, "it connects"),
        _ => finding.at(topology.location(key.host).span, "the host"),
    }
}

fn help(
    plan: &Plan,
    key: &Key,
    route: Option<&Route>,
    lost: &BTreeSet<String>,
) -> (String, Option<Operation>) {
    let topology = &plan.topology;
    let host = &topology.location(key.host).name;
    let location = key.from.location().map(|at| topology.location(at));
    let (Some(name), Some(location)) = (certificate_for(plan, key.from, key.host), location) else {
        let who = topology.party_name(key.from);
        return (
            format!(
                "let `{who}` show `{host}` a certificate for one of the domains that `{host}` accepts and no other tenant does"
            ),
            None,
        );
    };
    let mut show = format!("client_certificate: {}", as_written(&name));
    // Where the level of the location forbids TLS, nothing would be shown.
    let level = topology.location(key.host).tls.as_ref();
    if level.is_some_and(|tls| tls.value == TlsLevel::None) {
        show.push_str(", tls: encrypted");
    }
    let operation = match route {
        Some(route) if route.is_written() => Operation::set(
            Object::Route(route.name.clone()),
            "client_certificate",
            as_written(&name),
        ),
        Some(route) => Operation::Item {
            section: "routes",
            value: as_route(plan, route, &show).unwrap_or_default(),
        },
        None => {
            // What comes there follows the MX, so that the route has to name what the tenant accepts, and what is lost.
            let accepted = plan.place(key.host).accepted.iter().flat_map(|one| {
                let below = one.subdomains.then(|| Pattern::Below(one.domain.clone()));
                [Pattern::Exact(one.domain.clone())]
                    .into_iter()
                    .chain(below)
            });
            let lost = lost.iter().filter(|name| *name != "*").cloned();
            let names: BTreeSet<String> =
                accepted.map(|name| name.to_string()).chain(lost).collect();
            let names: Vec<String> = names.iter().map(|name| as_written(name)).collect();
            Operation::route(&location.name, host, &names.join(", "), &show)
        }
    };
    (
        format!("show `{host}` a public certificate of its own: {operation}"),
        Some(operation),
    )
}

/// Whether what comes over a route is attributed to another tenant by the certificate.
pub(super) fn is_claimed(flows: &Flows<'_>, id: RouteId) -> bool {
    let claims = flows.model.claims_on(id, flows.model.plan.route(id));
    claims
        .iter()
        .any(|claimed| matches!(claimed.why, Claim::Certificate(_)))
}

/// A route between locations as it is written, with one more key.
pub(super) fn as_route(plan: &Plan, route: &Route, more: &str) -> Option<String> {
    let name = |party: Party| Some(plan.topology.location(party.location()?).name.as_str());
    let (from, to) = (name(route.from)?, name(route.to)?);
    let patterns = route
        .recipients
        .iter()
        .map(|one| as_written(&one.pattern.to_string()));
    let patterns: Vec<String> = patterns.collect();
    let patterns = patterns.join(", ");
    Some(format!(
        "{{name: {}, from: {from}, to: {to}, recipients: [{patterns}], {more}}}",
        route.name
    ))
}

/// A domain of the spec that a tenant accepts, and no other tenant.
fn own_domain(plan: &Plan, tenant: LocationId) -> Option<&Domain> {
    let topology = &plan.topology;
    let others = || {
        let locations = topology.locations();
        locations.filter(|(id, at)| *id != tenant && at.tenant().is_some())
    };
    topology.domains.iter().find(|domain| {
        let accepts = |at: LocationId| plan.place(at).accepted.named(&domain.name).is_some();
        accepts(tenant) && others().all(|(id, _)| !accepts(id))
    })
}

/// A name for the certificate that a party should show to a tenant: below a domain that this tenant accepts, and no other.
pub(super) fn certificate_for(plan: &Plan, from: Party, to: LocationId) -> Option<String> {
    let domain = own_domain(plan, to)?;
    let topology = &plan.topology;
    let location = topology.location(from.location()?);
    // Older servers choose the certificate themselves.
    let server = location.exchange_server();
    if server.is_some_and(|server| server.version.value < ExchangeVersion::V2013) {
        return None;
    }
    let own = location
        .client_certificate()
        .and_then(|own| own.host_name());
    let label = own
        .and_then(|own| own.split_once('.'))
        .map(|(label, _)| label);
    let label = label.filter(|label| *label != "*").unwrap_or("mail");
    Some(format!("{label}.{}", domain.name))
}
