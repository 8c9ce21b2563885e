//! From routes and accepted domains to the tables of one Postfix instance.

use crate::finding::{Code, Finding, Findings, Object, nearest};
use crate::platforms::postfix::domains::domains;
use crate::platforms::postfix::hops::{Hops, Outgoing};
use crate::platforms::postfix::key::by_domain;
use crate::platforms::postfix::relay_clients::{admitted, clients};
use crate::platforms::postfix::restrictions::{refused_recipients, senders};
use crate::platforms::postfix::senders::sender_relay;
use crate::platforms::postfix::tls::tls_policies;
use crate::platforms::postfix::{Agent, Configuration, Entry, Family, HopId, Key, SERVICES};
use crate::platforms::product::Lowering;
use crate::routes::presented::shows_to_all;
use crate::routes::{AcceptedDomains, Links, NextHop, Route, RouteId, RoutesAt};
use crate::source::Span;
use crate::topology::{Location, LocationId, Party, Postfix, Topology};
use crate::values::{Host, Pattern};
use std::collections::{BTreeMap, BTreeSet};

/// What every part of the lowering looks at.
pub(crate) struct Scene<'a> {
    pub topology: &'a Topology,
    pub postfix: &'a Postfix,
    pub routes: RoutesAt<'a>,
    pub links: &'a Links,
    pub id: LocationId,
    pub location: &'a Location,
    pub accepted: &'a AcceptedDomains,
}

impl<'a> Scene<'a> {
    pub(super) fn route(&self, id: RouteId) -> &'a Route {
        &self.routes.all()[id.index()]
    }

    pub(super) fn object(&self) -> Object {
        Object::Location(self.location.name.clone())
    }

    pub(super) fn accepts(&self, pattern: &Pattern) -> bool {
        let (name, below) = match pattern {
            Pattern::Exact(name) => (name, false),
            Pattern::Below(name) => (name, true),
            Pattern::Any | Pattern::AcceptedDomains => return false,
        };
        self.accepted
            .named(name)
            .is_some_and(|item| !below || item.subdomains)
    }
}

/// Makes the tables of one Postfix instance.
pub(crate) fn lower(
    lowering: &Lowering<'_>,
    postfix: &Postfix,
    findings: &mut Findings,
) -> Configuration {
    let Lowering {
        topology,
        routes,
        links,
        id,
        location,
        accepted,
    } = *lowering;
    let scene = Scene {
        topology,
        postfix,
        routes,
        links,
        id,
        location,
        accepted,
    };
    let outgoing = Outgoing::of(&scene);
    let family = family(location);
    let own = routes.iter().map(|(_, route)| route);
    let own: Vec<&Route> = own
        .filter(|route| route.from == Party::Location(id))
        .collect();
    let client_certificate = certificate_name(location.client_certificate());
    let client_certificate = client_certificate.filter(|_| shows_to_all(topology, id, &own));
    let mut hops = Hops::over(family, client_certificate.clone());
    let mut configuration = Configuration {
        map_type: postfix.map_type,
        callout: postfix.callout,
        certificate: certificate_name(location.certificate.as_ref()),
        family,
        client_certificate,
        // Without it a per-user entry would not match `user+extension`, which would go another way than `user`.
        helo: location.helo.as_ref().map(|at| at.value.to_string()),
        recipient_delimiter: location
            .recipient_delimiter
            .as_ref()
            .map_or_else(|| "+".to_owned(), |at| at.value.clone()),
        max_message_size: location.max_message_size.map(|at| at.value.octets()),
        transport: transport(&scene, &outgoing, &mut hops),
        default: outgoing
            .best(&Pattern::Any)
            .filter(|(route, _)| !follows_mx(scene.route(*route)))
            .map(|(route, span)| Entry {
                hop: hops.of_route(&scene, route, false),
                span,
            }),
        ..Configuration::default()
    };
    domains(&scene, &outgoing, &mut hops, &mut configuration, findings);
    own_entries(&mut configuration);
    configuration.sender_relay = sender_relay(&scene, &mut hops, findings);
    clients(&scene, &mut configuration, findings);
    configuration.admitted = admitted(&scene, &configuration.clients, findings);
    (configuration.senders, configuration.partners) = senders(&scene, findings);
    configuration.refused_recipients = refused_recipients(&scene);
    configuration.own_clients = std::mem::take(&mut hops.own_clients);
    configuration.hops = hops.into_list();
    let lmtp = configuration
        .hops
        .iter()
        .filter(|hop| Agent::of(&hop.service) == Agent::Lmtp);
    let shown = lmtp.filter_map(|hop| scene.route(hop.route?).presented(topology));
    configuration.lmtp_certificate = shown.map(str::to_owned).next();
    tls_policies(&scene, &outgoing, &mut configuration, findings);
    configuration.services = services(&scene, &configuration, findings);
    configuration
}

/// The version of IP of all addresses that mail leaves from, where the host has addresses of the other, too: a client speaks
/// both by itself, and the other would be an address that no record names.
fn family(location: &Location) -> Option<Family> {
    let of = |is_v6: bool| if is_v6 { Family::V6 } else { Family::V4 };
    let mut egress = location.egress.iter().map(|at| of(at.value.is_ipv6()));
    let first = egress
        .next()
        .filter(|first| egress.all(|other| other == *first))?;
    let hosts = location.hosts.iter();
    let mut addresses = hosts
        .flat_map(|at| &at.value.addresses)
        .map(|address| of(address.is_ipv6()));
    addresses.any(|other| other != first).then_some(first)
}

fn certificate_name(certificate: Option<&crate::topology::Certificate>) -> Option<String> {
    certificate?.name().map(str::to_owned)
}

/// Postfix follows the MX by itself where nothing is written, and still asks its sender-dependent tables.
fn follows_mx(route: &Route) -> bool {
    route.next_hop == NextHop::Mx && route.transport.is_none()
}

/// An entry for every pattern that a route from here names. `*` is no key: it would win over sender-dependent relays.
fn transport(scene: &Scene<'_>, outgoing: &Outgoing<'_>, hops: &mut Hops) -> BTreeMap<Key, Entry> {
    let mut table = BTreeMap::new();
    for pattern in outgoing.patterns() {
        let (Some(key), Some((route, span))) = (Key::of(pattern), outgoing.best(pattern)) else {
            continue;
        };
        let hop = hops.of_route(scene, route, scene.accepts(pattern));
        table.insert(key, Entry { hop, span });
    }
    table
}

/// A domain whose mailboxes are here needs an entry of its own where an entry for unnamed names above it would take its
/// mail away: Postfix asks its transport table before it asks for the class of a domain.
fn own_entries(configuration: &mut Configuration) {
    let Some(hop) = configuration.mailbox_hop else {
        return;
    };
    for (name, span) in &configuration.mailbox_domains {
        if by_domain(&configuration.transport, name).is_some() {
            let entry = Entry { hop, span: *span };
            configuration
                .transport
                .entry(Key::Domain(name.clone()))
                .or_insert(entry);
        }
    }
}

/// The services that the tables name. One that master.cf lacks passes every test of Postfix's own tools, and then its
/// mail waits until it expires.
fn services(
    scene: &Scene<'_>,
    configuration: &Configuration,
    findings: &mut Findings,
) -> Vec<String> {
    let known: BTreeSet<&str> = SERVICES
        .into_iter()
        .chain(configuration.own_clients.keys().map(String::as_str))
        .chain(scene.postfix.transports.iter().map(|at| at.value.as_str()))
        .collect();
    let mut used: BTreeMap<&str, Span> = BTreeMap::new();
    let (mut without_host, mut without_tls) = (BTreeSet::new(), BTreeMap::new());
    let mut unknown_certificate = BTreeMap::new();
    let entries = configuration.transport.values().copied();
    let relays = configuration
        .sender_relay
        .values()
        .filter_map(|entry| *entry);
    for entry in entries.chain(relays).chain(configuration.default) {
        let hop = configuration.hop(entry.hop);
        let span = match hop.route {
            Some(route) => scene.route(route).origin.span(),
            None => entry.span,
        };
        used.entry(&hop.service).or_insert(span);
        if let (Agent::Lmtp, "", Some(route)) =
            (Agent::of(&hop.service), hop.next_hop.as_str(), hop.route)
        {
            without_host.insert(route);
        }
        if let Some(id) = hop.route
            && configuration.is_of_host(&hop.service)
            && scene.route(id).presented(scene.topology).is_some()
        {
            unknown_certificate.insert(id, hop.service.as_str());
        }
        // A service that the host has of its own may begin with TLS.
        if let Some(id) = hop.route
            && (SERVICES.contains(&hop.service.as_str())
                || configuration
                    .own_clients
                    .get(&hop.service)
                    .is_some_and(|own| !own.begins_with_tls))
            && let NextHop::SmartHosts(hosts) = &scene.route(id).next_hop
            && hosts.iter().any(Host::begins_with_tls)
        {
            without_tls.insert(id, hop.service.as_str());
        }
    }
    for service in &scene.postfix.delivers_to {
        let (name, _) = split_service(&service.service.value);
        used.insert(name, service.service.span);
    }
    for (service, span) in &used {
        if known.contains(service) {
            continue;
        }
        let mut finding = Finding::error(
            Code::X009,
            format!("master.cf of `{}` has no service `{service}`, so its mail would wait until it expires", scene.location.name),
        )
        .at(*span, format!("hands mail to `{service}`"))
        .on(scene.object());
        finding = match nearest(service, known.iter().copied()) {
            Some(name) => finding.help(format!(
                "write `{name}`, or `transports: [{service}]` where master.cf has it"
            )),
            None => finding.help(format!(
                "write `transports: [{service}]` where master.cf has it"
            )),
        };
        findings.push(finding);
    }
    for (id, service) in unknown_certificate {
        let route = scene.route(id);
        let name = route.presented(scene.topology).unwrap_or_default();
        findings.push(
            Finding::note(
                Code::X009,
                format!("`{service}` of master.cf has to show the certificate `{name}` on `{}`, and nothing written here makes it", route.name),
            )
            .at(route.origin.span(), "names a service of the host's own")
            .on(Object::Route(route.name.clone()))
            .help(format!("add `-o smtp_tls_chain_files=…` to `{service}` in master.cf, or leave `transport` out")),
        );
    }
    for id in without_host {
        let route = scene.route(id);
        findings.push(
            Finding::error(
                Code::X009,
                format!("`lmtp` looks up no MX, so mail of `{}` would go to a host of the name of the recipient's domain, or wait until it expires", route.name),
            )
            .at(route.origin.span(), "names no host that it is handed to")
            .on(Object::Route(route.name.clone()))
            .help("name `smart_hosts`, or leave `transport` out"),
        );
    }
    for (id, service) in without_tls {
        let route = scene.route(id);
        findings.push(
            Finding::error(
                Code::X009,
                format!("`{}` hands mail to port 465 over `{service}`, which speaks STARTTLS and not TLS from the first byte: it would wait until it expires", route.name),
            )
            .at(route.origin.span(), "names a host with port 465")
            .on(Object::Route(route.name.clone()))
            .help("leave `transport` out, and name hosts with other ports in a route of their own"),
        );
    }
    used.retain(|service, _| !configuration.own_clients.contains_key(*service));
    used.into_keys().map(str::to_owned).collect()
}

/// `transport:next-hop` as its two parts; a bare service has no next hop.
pub(crate) fn split_service(text: &str) -> (&str, &str) {
    text.split_once(':').unwrap_or((text, ""))
}

/// The mailbox service of a domain, and where the spec names it.
pub(crate) fn mailbox_service<'a>(scene: &Scene<'a>, pattern: &Pattern) -> Option<(&'a str, Span)> {
    let matching = |service: &&crate::topology::DeliversTo| match pattern {
        Pattern::Exact(name) => service.pattern.matches(name),
        other => service.pattern == *other || service.pattern == Pattern::Any,
    };
    // A single name is nearer than every name below a longer one, and that is nearer than everything.
    let nearness = |service: &&crate::topology::DeliversTo| match &service.pattern {
        Pattern::Exact(_) => usize::MAX,
        Pattern::Below(base) => base.as_str().len(),
        Pattern::Any | Pattern::AcceptedDomains => 0,
    };
    scene
        .postfix
        .delivers_to
        .iter()
        .filter(matching)
        .max_by_key(nearness)
        .map(|service| (service.service.value.as_str(), service.service.span))
}

/// The way to the mailboxes of a domain.
pub(crate) fn mailbox_hop(scene: &Scene<'_>, hops: &mut Hops, pattern: &Pattern) -> Option<HopId> {
    let (service, _) = mailbox_service(scene, pattern)?;
    let (name, next_hop) = split_service(service);
    Some(hops.of_mailboxes(name, next_hop))
}
