//! Lowering routes to inbound connectors.

use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::platforms::product::Trait;
use crate::routes::former_names::{former_names, with_former_names};
use crate::routes::{Recognition, Route, RouteId, RoutesAt, wizard};
use crate::topology::{Location, LocationId, Party, SkipListing, Topology};
use crate::values::{DomainName, Network, Pattern, TlsLevel};
use std::collections::BTreeSet;

/// What takes mail into the tenant at `here`.
pub(crate) fn lower(
    topology: &Topology,
    routes: RoutesAt<'_>,
    here: LocationId,
) -> Vec<InboundConnector> {
    let mut connectors: Vec<InboundConnector> = Vec::new();
    let location = topology.location(here);
    for (id, route) in routes
        .iter()
        .filter(|(_, route)| route.to == Party::Location(here))
    {
        let Some(connector) = inbound_connector(topology, location, id, route) else {
            continue;
        };
        // Two connectors that know their senders by the same thing could not be told apart.
        let is_own = connector.connector_type == ConnectorType::OnPremises;
        let mut own = connectors.iter_mut().filter(|_| is_own);
        let twin = own.find(|other| {
            other.connector_type == connector.connector_type
                && other.tls_sender_certificate_name == connector.tls_sender_certificate_name
                && other.sender_ip_addresses == connector.sender_ip_addresses
                && other.associated_accepted_domains == connector.associated_accepted_domains
        });
        match twin {
            Some(twin) => {
                let managed = twin.managed || connector.managed;
                // A route that is off gives the connector of the others nothing, and does not switch it off.
                if connector.enabled && !twin.enabled {
                    let off = std::mem::replace(twin, connector);
                    twin.routes.splice(0..0, off.routes);
                } else {
                    twin.routes.push(id);
                    twin.cloud_services_mail_enabled |=
                        connector.enabled == twin.enabled && connector.cloud_services_mail_enabled;
                }
                twin.managed = managed;
            }
            None => connectors.push(connector),
        }
    }
    connectors.extend(lockdown(topology, location, here, routes));
    name_apart(&mut connectors);
    connectors
}

/// What knows one sender by two things is two connectors, and needs two names.
fn name_apart(connectors: &mut [InboundConnector]) {
    let mut taken = BTreeSet::new();
    for connector in connectors {
        let plain = connector.name.clone();
        let mut number = 2;
        while !taken.insert(connector.name.clone()) {
            connector.name = format!("{plain} {number}");
            number += 1;
        }
    }
}

fn inbound_connector(
    topology: &Topology,
    location: &Location,
    id: RouteId,
    route: &Route,
) -> Option<InboundConnector> {
    let from_partner = matches!(route.from, Party::Partner(_));
    let is_locked_gateway = route.from.location().is_some_and(|from| {
        !route.covers_everything()
            && topology.location(from).is(Trait::Filter)
            && location
                .accept_only_from
                .as_ref()
                .is_some_and(|only| only.value.contains(&from))
    });
    // The lockdown connector already takes this mail, and only from there.
    if is_locked_gateway {
        return None;
    }
    // A connector of type OnPremises that knows its sender by address does not enforce it.
    let require_tls = from_partner && route.tls >= TlsLevel::Encrypted;
    let (name, former_names) = receiving_name(topology, route);
    let mut connector = InboundConnector {
        former_names,
        name,
        enabled: route.enabled,
        connector_type: if from_partner {
            ConnectorType::Partner
        } else {
            ConnectorType::OnPremises
        },
        sender_domains: vec![Pattern::Any],
        require_tls,
        restrict_domains_to_certificate: false,
        tls_sender_certificate_name: None,
        restrict_domains_to_ip_addresses: false,
        sender_ip_addresses: Vec::new(),
        cloud_services_mail_enabled: false,
        treat_messages_as_internal: false,
        associated_accepted_domains: route.only_for.clone(),
        ef_skip_last_ip: route.skip_listing == SkipListing::Last,
        ef_skip_ips: skip_list(&route.skip_listing),
        ef_users: route.skip_listing_users.clone(),
        routes: vec![id],
        lockdown: None,
        by_wizard: wizard::joins(topology, route),
        managed: route.managed,
    };
    match &route.accepted_by {
        Recognition::Certificate(name) => {
            connector.tls_sender_certificate_name = Some(name.clone());
            connector.restrict_domains_to_certificate = from_partner;
            // A certificate is shown in a TLS session or not at all, and the cmdlet refuses one without.
            connector.require_tls = true;
            connector.cloud_services_mail_enabled = route.hybrid_headers && !from_partner;
        }
        Recognition::Addresses(networks) => {
            connector.sender_ip_addresses = lower_networks(networks);
            connector.restrict_domains_to_ip_addresses = from_partner;
            // IPv6 alone: it would know nobody.
            if connector.sender_ip_addresses.is_empty() && !from_partner {
                return None;
            }
        }
        // What demands nothing of a partner is not made. Where others made it, mail is still that of a connector.
        Recognition::Nothing if !from_partner || (!require_tls && route.managed) => return None,
        Recognition::Nothing => {}
    }
    if from_partner {
        connector.sender_domains.clone_from(&route.senders);
        if connector.sender_domains.is_empty() {
            connector.sender_domains.push(Pattern::Any);
        }
    } else {
        connector.treat_messages_as_internal =
            route.trusted && !connector.cloud_services_mail_enabled;
    }
    Some(connector)
}

/// `TO from FROM`; a written route whose sending end has no object of its own keeps its name. And the names before.
fn receiving_name(topology: &Topology, route: &Route) -> (String, Vec<String>) {
    let plain = format!(
        "{} from {}",
        topology.party_name(route.to),
        topology.party_name(route.from)
    );
    if names_receiver(topology, route) {
        let mut former = former_names(topology, route, &route.name);
        former.extend(route.from.location().map(|_| plain));
        return (route.name.clone(), former);
    }
    (plain.clone(), former_names(topology, route, &plain))
}

/// Whether the name of a route is that of the connector of its receiving end.
fn names_receiver(topology: &Topology, route: &Route) -> bool {
    match route.from {
        Party::Location(from) => {
            let location = topology.location(from);
            let [from, to] = [route.from, route.to].map(|party| topology.party_name(party));
            // The name that a derived route has is that of what sends.
            location.handling().is_some()
                && route.is_named
                && route.name != format!("{from} to {to}")
        }
        _ => true,
    }
}

fn skip_list(skip: &SkipListing) -> Vec<Network> {
    match skip {
        SkipListing::Addresses(networks) => networks.iter().map(|at| at.value).collect(),
        SkipListing::None | SkipListing::Last => Vec::new(),
    }
}

/// `SenderIPAddresses` takes IPv4 of /24 to /32.
fn lower_networks(networks: &[Network]) -> Vec<Network> {
    let all: BTreeSet<Network> = networks
        .iter()
        .filter(|network| !network.is_ipv6())
        .flat_map(|network| {
            if network.prefix_len() < 24 {
                network.split_v4_24()
            } else {
                vec![*network]
            }
        })
        .collect();
    all.into_iter().collect()
}

/// `accept_only_from`: a connector for everybody that admits these alone. One place is known by its certificate,
/// several by their addresses, because a connector holds one certificate name.
fn lockdown(
    topology: &Topology,
    location: &Location,
    here: LocationId,
    routes: RoutesAt<'_>,
) -> Option<InboundConnector> {
    let only = location.accept_only_from.as_ref()?;
    let admitted: Vec<(RouteId, &Route)> = routes
        .iter()
        .filter(|(_, route)| route.to == Party::Location(here))
        .filter(|(_, route)| {
            route
                .from
                .location()
                .is_some_and(|from| only.value.contains(&from))
        })
        .collect();
    // What is presented on its routes; where none is written, what it presents everywhere.
    let on_routes = admitted
        .iter()
        .filter_map(|(_, route)| route.shown(topology)?.name());
    let mut certificates: BTreeSet<&str> = on_routes.collect();
    if admitted.is_empty() {
        let everywhere = only.value.iter();
        certificates.extend(
            everywhere.filter_map(|&id| topology.location(id).client_certificate()?.name()),
        );
    }
    let certificate = match (only.value.len(), certificates.len(), certificates.first()) {
        (1, 1, Some(name)) => Some((*name).to_owned()),
        _ => None,
    };
    let networks: Vec<Network> = only
        .value
        .iter()
        .flat_map(|&id| topology.location(id).egress.iter().map(|at| at.value))
        .filter(|network| !network.is_private())
        .collect();
    let (restrict_certificate, addresses) = match &certificate {
        Some(_) => (true, Vec::new()),
        None => (false, lower_networks(&networks)),
    };
    let skip = admitted
        .iter()
        .map(|(_, route)| &route.skip_listing)
        .find(|skip| **skip != SkipListing::None);
    let relays = admitted.iter().any(|(_, route)| route.covers_everything());
    let parties: Vec<Party> = [here]
        .into_iter()
        .chain(only.value.iter().copied())
        .map(Party::Location)
        .collect();
    let derived = |names: &[&str]| lockdown_name(names, relays);
    let current: Vec<&str> = parties
        .iter()
        .map(|party| topology.party_name(*party))
        .collect();
    let mut name = derived(&current);
    let mut former_names = with_former_names(topology, &parties, derived);
    // Where one route is for all that it admits, its name is a written one.
    if let [(_, route)] = admitted[..]
        && only.value.len() == 1
        && names_receiver(topology, route)
    {
        former_names.push(name);
        name = if relays {
            format!("{} only", route.name)
        } else {
            route.name.clone()
        };
    }
    let scopes: BTreeSet<&Vec<DomainName>> =
        admitted.iter().map(|(_, route)| &route.only_for).collect();
    let scope = scopes.first().filter(|_| scopes.len() == 1);
    Some(InboundConnector {
        name,
        former_names,
        enabled: true,
        connector_type: ConnectorType::Partner,
        sender_domains: vec![Pattern::Any],
        require_tls: certificate.is_some()
            || (!admitted.is_empty()
                && admitted
                    .iter()
                    .all(|(_, route)| route.tls > TlsLevel::Opportunistic)),
        restrict_domains_to_certificate: restrict_certificate,
        tls_sender_certificate_name: certificate,
        restrict_domains_to_ip_addresses: !restrict_certificate,
        sender_ip_addresses: addresses,
        cloud_services_mail_enabled: false,
        treat_messages_as_internal: false,
        associated_accepted_domains: scope.map_or_else(Vec::new, |scope| (*scope).clone()),
        ef_skip_last_ip: skip == Some(&SkipListing::Last),
        ef_skip_ips: skip.map(skip_list).unwrap_or_default(),
        ef_users: admitted
            .iter()
            .flat_map(|(_, route)| route.skip_listing_users.clone())
            .collect(),
        routes: admitted.iter().map(|(id, _)| *id).collect(),
        lockdown: Some(only.span),
        by_wizard: false,
        managed: true,
    })
}

/// The first name is the tenant's own, the others are those it takes mail from.
fn lockdown_name(names: &[&str], relays: bool) -> String {
    let (here, only) = names.split_first().unwrap_or((&"", &[]));
    let name = match only {
        [one] => format!("{here} from {one}"),
        many => format!("{here} only from {}", many.join(", ")),
    };
    // The connector that lets them relay has the plain name.
    if relays { format!("{name} only") } else { name }
}
