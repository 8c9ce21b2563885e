//! Lowering routes to receive connectors.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::behind_lock;
use crate::platforms::exchange_server::lower::{certificate, fqdn};
use crate::platforms::exchange_server::{CertificateRef, Grant, ReceiveConnector};
use crate::routes::facts::leaves_from;
use crate::routes::former_names::with_former_names;
use crate::routes::{AcceptedDomains, Recognition, Route, RouteId, RoutesAt, wizard};
use crate::topology::{ExchangeServer, ExchangeVersion, LocationId, Method, Party, Topology};
use crate::values::{Network, TlsLevel};
use std::collections::BTreeMap;

/// What takes mail into the organization at `here`.
pub(crate) fn lower(
    topology: &Topology,
    server: &ExchangeServer,
    routes: RoutesAt<'_>,
    here: LocationId,
    accepted: &AcceptedDomains,
    findings: &mut Findings,
) -> Vec<ReceiveConnector> {
    let mut connectors: Vec<ReceiveConnector> = Vec::new();
    for (id, route) in routes
        .iter()
        .filter(|(_, route)| route.to == Party::Location(here))
    {
        let Some(connector) =
            receive_connector(topology, server, (here, accepted), id, route, findings)
        else {
            continue;
        };
        // A connector knows its clients by their addresses, so that one sender has one, whatever it sends.
        match connectors
            .iter_mut()
            .find(|other| other.name == connector.name)
        {
            Some(twin) => merge(twin, connector),
            None => connectors.push(connector),
        }
    }
    join_alike(&mut connectors, routes);
    let locked = lock_connectors(topology, server, here, &connectors, findings);
    connectors.extend(locked);
    connectors
}

/// Exchange refuses two connectors for the same addresses, and one serves all whom it treats alike: two tenants, say, which
/// share the addresses of their provider. It has the name of the sender that the spec names first.
fn join_alike(connectors: &mut Vec<ReceiveConnector>, routes: RoutesAt<'_>) {
    let sender = |connector: &ReceiveConnector| {
        let first = connector.routes.first();
        first.map(|id| routes.all()[id.index()].from)
    };
    let mut joined: Vec<ReceiveConnector> = Vec::with_capacity(connectors.len());
    let mut by_range: BTreeMap<Network, Vec<usize>> = BTreeMap::new();
    for connector in connectors.drain(..) {
        let first = connector.remote_ip_ranges.first().copied();
        let near = first.and_then(|first| by_range.get(&first));
        let alike = near.into_iter().flatten().copied().find(|at| {
            let other = &joined[*at];
            other.remote_ip_ranges == connector.remote_ip_ranges
                && other.enabled == connector.enabled
                && other.differences(&connector).is_empty()
        });
        if let Some(at) = alike {
            let (twin, mut connector) = (&mut joined[at], connector);
            if sender(&connector) < sender(twin) {
                std::mem::swap(twin, &mut connector);
            }
            twin.former_names.push(connector.name.clone());
            twin.former_names
                .extend(connector.former_names.iter().cloned());
            twin.routes.extend(connector.routes);
            twin.by_wizard |= connector.by_wizard;
            twin.managed |= connector.managed;
            continue;
        }
        if let Some(first) = first {
            by_range.entry(first).or_default().push(joined.len());
        }
        joined.push(connector);
    }
    *connectors = joined;
}

/// What still takes mail of external senders once the connectors for all addresses do not: a connector for each listed
/// location, for those of its addresses that no other has.
fn lock_connectors(
    topology: &Topology,
    server: &ExchangeServer,
    here: LocationId,
    others: &[ReceiveConnector],
    findings: &mut Findings,
) -> Vec<ReceiveConnector> {
    let location = topology.location(here);
    let Some(only) = &location.accept_only_from else {
        return Vec::new();
    };
    let mut taken: Vec<Network> = others
        .iter()
        .filter(|other| other.enabled && !other.is_default(server.version.value))
        .flat_map(|other| other.remote_ip_ranges.iter().copied())
        .collect();
    let mut connectors = Vec::new();
    for (id, mut networks) in behind_lock(topology, location, only, findings) {
        networks.retain(|network| !taken.contains(network));
        if networks.is_empty() {
            continue;
        }
        taken.extend(&networks);
        // What the wizard set at the connector for all addresses has to hold where the mail comes in now.
        let mut behind = others.iter().filter(|other| {
            let ranges = &other.remote_ip_ranges;
            other.enabled
                && other.is_default(server.version.value)
                && networks.iter().all(|network| ranges.contains(network))
        });
        let by_wizard = behind.next();
        let parties = [Party::Location(here), Party::Location(id)];
        let name = |names: &[&str]| names.join(" only from ");
        connectors.push(ReceiveConnector {
            name: name(&parties.map(|party| topology.party_name(party))),
            former_names: with_former_names(topology, &parties, name),
            enabled: true,
            remote_ip_ranges: networks,
            grant: Grant::AcceptedDomains,
            require_tls: false,
            fqdn: fqdn(location),
            tls_certificate: own_certificate(topology, server, here),
            accept_cloud_services_mail_from: by_wizard
                .and_then(|it| it.accept_cloud_services_mail_from.clone()),
            max_message_size: location.max_message_size.map(|at| at.value),
            routes: by_wizard.map_or_else(Vec::new, |it| it.routes.clone()),
            by_wizard: false,
            managed: true,
        });
    }
    connectors
}

/// What takes mail of both: the greater right, and no more demanded than the lesser demand.
fn merge(twin: &mut ReceiveConnector, other: ReceiveConnector) {
    // What is switched off gives no rights to what is not.
    if !other.enabled {
        return;
    }
    if !twin.enabled {
        *twin = other;
        return;
    }
    twin.routes.extend(other.routes);
    twin.remote_ip_ranges.extend(other.remote_ip_ranges);
    twin.remote_ip_ranges.sort();
    twin.remote_ip_ranges.dedup();
    twin.grant = twin.grant.max(other.grant);
    twin.require_tls &= other.require_tls;
    twin.by_wizard |= other.by_wizard;
    twin.managed |= other.managed;
    if twin.accept_cloud_services_mail_from.is_none() {
        twin.accept_cloud_services_mail_from = other.accept_cloud_services_mail_from;
    }
}

/// The certificate that a connector names, which those before 2013 cannot.
fn own_certificate(
    topology: &Topology,
    server: &ExchangeServer,
    here: LocationId,
) -> Option<CertificateRef> {
    let own = topology.location(here).certificate.as_ref();
    let own = own.filter(|_| server.version.value >= ExchangeVersion::V2013);
    certificate(topology, here, own)
}

fn receive_connector(
    topology: &Topology,
    server: &ExchangeServer,
    (here, accepted): (LocationId, &AcceptedDomains),
    id: RouteId,
    route: &Route,
    findings: &mut Findings,
) -> Option<ReceiveConnector> {
    // Without a login a device that only reaches our own mailboxes needs no rights: the default connector takes it.
    if let Party::Device(device) = route.from
        && topology.device(device).method.value != Method::Relay
    {
        return None;
    }
    let location = topology.location(here);
    let sending_tenant = route
        .from
        .location()
        .and_then(|from| topology.location(from).tenant());
    let remote_ip_ranges = match (sending_tenant, &route.accepted_by) {
        (None, Recognition::Addresses(networks)) => networks.clone(),
        (None, Recognition::Nothing) => return None,
        (Some(_), _) | (None, Recognition::Certificate(_)) => leaves_from(topology, route.from),
    };
    if remote_ip_ranges.is_empty() {
        findings.push(
            Finding::error(Code::R009, format!("`{}` has no addresses, and a Receive connector identifies its clients by nothing else: their mail would be treated as external", route.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .withholds(format!("the connector `{}`", route.name))
                .help(format!(
                    "write the addresses that mail of `{}` comes from as its `{}`",
                    topology.party_name(route.from),
                    if route.from.location().is_some() { "egress" } else { "addresses" }
                )),
        );
        return None;
    }
    let modern = server.version.value >= ExchangeVersion::V2013;
    let accept_cloud_services_mail_from = match &route.accepted_by {
        Recognition::Certificate(name)
            if route.hybrid_headers && (modern || wizard::joins(topology, route)) =>
        {
            Some(name.clone())
        }
        _ => None,
    };
    // The service's addresses are those of every tenant: what only they vouch for gets no right to relay. Our own
    // tenant's mail is told apart by its certificate and the cross-premises headers.
    let shared = sending_tenant.is_some();
    let relays = shared && route.covers_everything();
    if relays && !modern && wizard::joins(topology, route) {
        findings.push(
            Finding::note(Code::R003, format!("the connector that the Hybrid Configuration Wizard made at `{0}` identifies `{1}` by its certificate and relays for it (`AcceptOorgProtocol` on Exchange {2}); mailtopo never writes it", location.name, topology.party_name(route.from), server.version.value))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .help(format!("see that no other Receive connector at `{}` relays for the addresses of the service, which all tenants share", location.name)),
        );
    } else if relays && accept_cloud_services_mail_from.is_none() {
        findings.push(
            Finding::error(Code::R003, format!("`{}` is for every recipient, and without cross-premises headers `{}` knows the tenant by addresses that all tenants share: anyone's tenant could relay, so this is not written", route.name, location.name))
                .at(route.origin.span(), "the route")
                .on(Object::Route(route.name.clone()))
                .withholds(format!("the right of `{}` to write to any recipient at `{}`", topology.party_name(route.from), location.name))
                .help("send through Exchange 2013 or later with a public certificate, or let the tenant send by itself: `centralized_transport: false`"),
        );
    }
    // A Receive connector relays for every recipient or for none, so that who may write to some gets the right; what a device
    // may do beyond that is V009.
    let beyond = matches!(route.from, Party::Device(_) | Party::Location(_))
        && !route
            .recipients
            .iter()
            .all(|at| accepted.cover(&at.pattern));
    let grant = match (route.trusted, route.covers_everything() || beyond) {
        _ if shared => Grant::AcceptedDomains,
        (true, _) => Grant::Trusted,
        (false, true) => Grant::AnyRecipient,
        (false, false) => Grant::AcceptedDomains,
    };
    let name = format!("{} from {}", location.name, topology.party_name(route.from));
    Some(ReceiveConnector {
        former_names: with_former_names(topology, &[Party::Location(here), route.from], |names| {
            names.join(" from ")
        }),
        name,
        enabled: route.enabled,
        remote_ip_ranges,
        grant,
        require_tls: route.tls >= TlsLevel::Encrypted && grant != Grant::Trusted,
        fqdn: fqdn(location),
        tls_certificate: own_certificate(topology, server, here),
        accept_cloud_services_mail_from,
        max_message_size: location.max_message_size.map(|at| at.value),
        routes: vec![id],
        by_wizard: wizard::joins(topology, route),
        managed: route.managed,
    })
}
