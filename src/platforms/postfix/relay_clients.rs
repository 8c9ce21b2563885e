//! Clients with a right to relay, and the only ones that are talked to.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::behind_lock;
use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::{Class, Client, Configuration, Key, Limit, Right};
use crate::routes::facts::leaves_from;
use crate::routes::{Recognition, Route};
use crate::source::Span;
use crate::topology::{Domain, Method, Party, Sending, SendsTo};
use crate::values::{DomainName, Network, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// Devices, partners with that right and locations that send through here, by the addresses they connect from.
pub(crate) fn clients(
    scene: &Scene<'_>,
    configuration: &mut Configuration,
    findings: &mut Findings,
) {
    let mut limits: Vec<Limit> = Vec::new();
    let mut table: BTreeMap<Network, Client> = BTreeMap::new();
    for at in &scene.postfix.trusted_networks {
        let who = format!("locations.{}.trusted_networks", scene.location.name);
        let network = &at.network;
        grant(&mut table, network.value, who, Right::Relay, network.span);
    }
    for route in incoming(scene) {
        let Some(limit) = right_of(scene, route, configuration, findings) else {
            continue;
        };
        for network in networks_of(scene, route, findings) {
            let shared = match table.get(&network).map(|client| client.right) {
                Some(Right::Limited(at)) => limits.get(at).map(|known| limit.with(known)),
                Some(Right::Relay) | None => None,
            };
            let right = right_within(&mut limits, shared.unwrap_or_else(|| limit.clone()));
            let who = spec_name(scene, route.from);
            grant(&mut table, network, who, right, route.origin.span());
        }
    }
    configuration.limits = limits;
    configuration.clients = table;
}

fn right_within(limits: &mut Vec<Limit>, limit: Limit) -> Right {
    if limit == Limit::default() {
        return Right::Relay;
    }
    let at = limits.iter().position(|known| *known == limit);
    Right::Limited(at.unwrap_or_else(|| {
        limits.push(limit);
        limits.len() - 1
    }))
}

impl Limit {
    /// What two who connect from one address may do together.
    fn with(&self, other: &Self) -> Self {
        let union = |one: &[Pattern], two: &[Pattern]| {
            if one.is_empty() || two.is_empty() {
                return Vec::new();
            }
            let mut all = [one, two].concat();
            all.sort();
            all.dedup();
            all
        };
        let mut both = Self {
            senders: union(&self.senders, &other.senders),
            recipients: union(&self.recipients, &other.recipients),
            else_stranger: self.else_stranger || other.else_stranger,
        };
        if both.senders.is_empty() && both.recipients.is_empty() {
            both.else_stranger = false;
        }
        both
    }
}

fn incoming<'a>(scene: &Scene<'a>) -> impl Iterator<Item = &'a Route> {
    let here = Party::Location(scene.id);
    scene
        .routes
        .iter()
        .map(|(_, route)| route)
        .filter(move |route| route.to == here && route.enabled)
}

fn spec_name(scene: &Scene<'_>, party: Party) -> String {
    let name = scene.topology.party_name(party);
    match party {
        Party::Location(_) => format!("locations.{name}"),
        Party::Partner(_) => format!("partners.{name}"),
        Party::Device(_) => format!("devices.{name}"),
        _ => name.to_owned(),
    }
}

/// Who comes from the same network shares its rights.
fn grant(
    table: &mut BTreeMap<Network, Client>,
    network: Network,
    who: String,
    right: Right,
    span: Span,
) {
    let client = table.entry(network).or_insert_with(|| Client {
        who: Vec::new(),
        right,
        span,
    });
    if client.right != Right::Relay {
        client.right = right;
    }
    if !client.who.contains(&who) {
        client.who.push(who);
        client.who.sort();
    }
}

/// The right to relay that a route brings; `None`: no more than strangers have.
fn right_of(
    scene: &Scene<'_>,
    route: &Route,
    configuration: &Configuration,
    findings: &mut Findings,
) -> Option<Limit> {
    if route.accepted_by == Recognition::Nothing {
        return None;
    }
    let senders = route.senders.clone();
    if let Party::Device(id) = route.from {
        let device = scene.topology.device(id);
        if device.method.value != Method::Relay {
            return None;
        }
        let recipients = match &device.sends_to {
            SendsTo::Anyone => Vec::new(),
            SendsTo::Internal => internal(scene),
            SendsTo::Patterns(patterns) => patterns.iter().map(|at| at.value.clone()).collect(),
        };
        return Some(limit(senders, recipients));
    }
    let relays = match route.from {
        Party::Partner(id) => scene.topology.partner(id).relays,
        _ => false,
    };
    if relays || route.covers_everything() {
        if let Some(tenant) = tenant_of(scene, route) {
            findings.push(relay_for_all_tenants(scene, route, tenant));
            return None;
        }
        return Some(limit(senders, Vec::new()));
    }
    let passed_on: Vec<Pattern> = route
        .recipients
        .iter()
        .map(|at| &at.pattern)
        .filter(|pattern| is_of_others(configuration, pattern))
        .cloned()
        .collect();
    let senders = if senders.is_empty() && tenant_of(scene, route).is_some() {
        own_senders(scene)
    } else {
        senders
    };
    (!passed_on.is_empty()).then(|| Limit {
        else_stranger: true,
        ..limit(senders, passed_on)
    })
}

/// The names that our own mail is written with. From the addresses that all tenants share mail of a domain comes only if its
/// own tenant sends it, or if it proved the domain (SPF, DKIM) when it came in: all else leaves from the relay pool.
/// <https://learn.microsoft.com/defender-office-365/outbound-spam-high-risk-delivery-pool-about>
fn own_senders(scene: &Scene<'_>) -> Vec<Pattern> {
    let topology = scene.topology;
    let domains = topology.domains.iter();
    let sending = domains.filter(|domain| domain.sending != Sending::Parked);
    let mut senders: Vec<Pattern> = sending.flat_map(with_below).collect();
    let locations = topology.locations();
    let tenants = locations.filter_map(|(_, location)| location.tenant());
    let names = tenants.filter_map(|tenant| DomainName::parse(&tenant.initial_domain()).ok());
    senders.extend(names.map(Pattern::Exact));
    senders.sort();
    senders
}

/// A pattern of names that strangers may not write to here.
fn is_of_others(configuration: &Configuration, pattern: &Pattern) -> bool {
    match pattern {
        Pattern::Exact(name) => configuration.class(name) == Class::Default,
        Pattern::Below(base) => !configuration
            .relay_domains
            .contains_key(&Key::Below(base.clone())),
        Pattern::Any | Pattern::AcceptedDomains => false,
    }
}

fn tenant_of<'a>(scene: &Scene<'a>, route: &Route) -> Option<&'a str> {
    let location = scene.topology.location(route.from.location()?);
    location.tenant().map(|_| location.name.as_str())
}

fn relay_for_all_tenants(scene: &Scene<'_>, route: &Route, tenant: &str) -> Finding {
    let here = &scene.location.name;
    Finding::error(
        Code::R003,
        format!("`{}` is for every recipient, and `{here}` knows `{tenant}` by addresses that all tenants share: anyone's tenant could relay, so this is not written", route.name),
    )
    .at(route.origin.span(), "the route for every recipient")
    .on(Object::Route(route.name.clone()))
    .withholds(format!("the right of `{tenant}` to relay at `{here}`"))
    .help(format!("let `{tenant}` send to the Internet by itself, or through an Exchange organization that knows it by its headers"))
}

fn limit(senders: Vec<Pattern>, mut recipients: Vec<Pattern>) -> Limit {
    if recipients.contains(&Pattern::Any) {
        recipients.clear();
    }
    recipients.sort();
    recipients.dedup();
    Limit {
        senders,
        recipients,
        else_stranger: false,
    }
}

/// Our own mailboxes, wherever they are.
fn internal(scene: &Scene<'_>) -> Vec<Pattern> {
    let own = scene
        .topology
        .domains
        .iter()
        .filter(|domain| domain.receives());
    own.flat_map(with_below).collect()
}

/// A domain, and the names below it where it has them all.
fn with_below(domain: &Domain) -> impl Iterator<Item = Pattern> + use<> {
    let below = domain
        .subdomains
        .then(|| Pattern::Below(domain.name.clone()));
    std::iter::once(Pattern::Exact(domain.name.clone())).chain(below)
}

/// The addresses that a sending end connects from. Postfix knows a client certificate by its key and not by its name, so
/// a sender that shall be known by a certificate is known by its addresses here.
fn networks_of(scene: &Scene<'_>, route: &Route, findings: &mut Findings) -> Vec<Network> {
    let name = match &route.accepted_by {
        Recognition::Addresses(networks) => return networks.clone(),
        Recognition::Nothing => return Vec::new(),
        Recognition::Certificate(name) => name,
    };
    let networks = leaves_from(scene.topology, route.from);
    let from = scene.topology.party_name(route.from);
    let here = &scene.location.name;
    let finding = if networks.is_empty() {
        Finding::error(
            Code::X013,
            format!("`{here}` cannot know `{from}` by the certificate `{name}`, so its mail for others would be refused"),
        )
        .withholds(format!("the right of `{from}` to relay at `{here}`"))
        .help(format!("give `{from}` the addresses its mail leaves from"))
    } else {
        Finding::note(
            Code::X013,
            format!("`{here}` knows `{from}` by its addresses, not by the certificate `{name}`"),
        )
    };
    findings.push(
        finding
            .at(
                route.origin.span(),
                "Postfix knows clients by addresses or by keys, not by names",
            )
            .on(Object::Route(route.name.clone())),
    );
    networks
}

pub(crate) fn values(list: &[crate::source::At<Network>]) -> Vec<Network> {
    list.iter().map(|at| at.value).collect()
}

/// The only clients that are talked to, where the spec limits them. Whoever has a route to here stays known.
pub(crate) fn admitted(
    scene: &Scene<'_>,
    clients: &BTreeMap<Network, Client>,
    findings: &mut Findings,
) -> Option<BTreeMap<Network, Vec<String>>> {
    let only = scene.location.accept_only_from.as_ref()?;
    let mut table: BTreeMap<Network, BTreeSet<String>> = BTreeMap::new();
    for (network, client) in clients {
        table
            .entry(*network)
            .or_default()
            .extend(client.who.iter().cloned());
    }
    for route in incoming(scene) {
        if let Recognition::Addresses(networks) = &route.accepted_by {
            for network in networks {
                let who = spec_name(scene, route.from);
                table.entry(*network).or_default().insert(who);
            }
        }
    }
    for (id, networks) in behind_lock(scene.topology, scene.location, only, findings) {
        let who = format!("locations.{}", scene.topology.location(id).name);
        for network in networks {
            table.entry(network).or_default().insert(who.clone());
        }
    }
    Some(
        table
            .into_iter()
            .map(|(network, who)| (network, who.into_iter().collect()))
            .collect(),
    )
}
