//! What both ends of a route must know: next hop, TLS level, how the sender is known, headers and skip-listing.

use crate::platforms::product::{Certificates, Trait};
use crate::routes::facts::{MxHost, mx_host};
use crate::routes::{
    AcceptedDomain, AcceptedDomains, NextHop, Origin, Recognition, Route, Withheld,
};
use crate::source::Span;
use crate::topology::{
    AcceptedBy, Certificate, ExchangeVersion, Issuer, Location, LocationId, Method, Party,
    SkipListing, Topology, WrittenRoute,
};
use crate::values::{DomainName, Host, HostTarget, Network, TlsLevel, is_private_address};
use std::collections::BTreeMap;

/// What completing a route needs to see.
pub(crate) struct Ends<'a> {
    topology: &'a Topology,
    primary: Vec<Option<DomainName>>,
    written: BTreeMap<Span, &'a WrittenRoute>,
    /// What the written routes between two ends show, where they agree. A derived one shows it, too, as that of a rule which
    /// names a place: the other end tells them not apart.
    shown: BTreeMap<(Party, Party), Option<&'a Certificate>>,
}

impl<'a> Ends<'a> {
    pub(crate) fn new(topology: &'a Topology, accepted: &[AcceptedDomains]) -> Self {
        let primary = topology
            .locations()
            .zip(accepted)
            .map(|((_, location), accepted)| primary_domain(location, accepted))
            .collect();
        let mut shown: BTreeMap<(Party, Party), Option<&Certificate>> = BTreeMap::new();
        for route in &topology.routes {
            let new = route.client_certificate.as_ref();
            let known = shown
                .entry((route.from.value, route.to.value))
                .or_insert(new);
            *known = known.filter(|known| new.is_some_and(|new| new.name() == known.name()));
        }
        let written = topology.routes.iter();
        Self {
            topology,
            primary,
            written: written.map(|route| (route.span, route)).collect(),
            shown,
        }
    }

    /// Fills in what the spec leaves to the ends.
    pub(crate) fn complete(&self, route: &mut Route, withheld: &mut Vec<Withheld>) {
        if route.next_hop == NextHop::None {
            route.next_hop = self.next_hop(route, withheld);
        }
        let written = self.written(route);
        route.client_certificate = match written {
            Some(written) => written.client_certificate.clone(),
            None => self
                .shown
                .get(&(route.from, route.to))
                .copied()
                .flatten()
                .cloned(),
        };
        let tls = written.and_then(|written| written.tls);
        route.tls = tls.map_or_else(|| self.tls(route), |at| at.value);
        let accepted_by = written.and_then(|written| written.accepted_by.as_ref());
        route.accepted_by = self.recognition(route, accepted_by.map(|at| &at.value));
        route.trusted |= self.is_trusted(route.from);
        let managed = written.and_then(|written| written.managed);
        route.managed = managed.map_or_else(|| self.is_managed(route), |at| at.value);
        let keeps_headers = written.and_then(|written| written.hybrid_headers);
        route.asks_for_headers = keeps_headers.is_some_and(|at| at.value);
        route.hybrid_headers = route.accepted_by != Recognition::Nothing
            && keeps_headers.map_or_else(|| can_keep_headers(self.topology, route), |at| at.value);
        let skip_listing = written.and_then(|written| written.skip_listing.as_ref());
        route.skip_listing =
            skip_listing.map_or_else(|| self.skip_listing(route), |at| at.value.clone());
    }

    /// What the spec says of a route that it writes.
    fn written(&self, route: &Route) -> Option<&'a WrittenRoute> {
        match route.origin {
            Origin::Written(span) => self.written.get(&span).copied(),
            Origin::Derived(_) => None,
        }
    }

    /// A tenant judges mail by the address that it comes from. That of a gateway says nothing of the sender, nor does that of
    /// a location which takes mail of external senders and whose word for it the tenant does not take.
    fn skip_listing(&self, route: &Route) -> SkipListing {
        let Some(from) = route.from.location().filter(|_| self.is_tenant(route.to)) else {
            return SkipListing::None;
        };
        let gateways = self.gateways_before(from);
        let sender = self.topology.location(from);
        match () {
            () if sender.tenant().is_some() => SkipListing::None,
            () if sender.is(Trait::Filter) => SkipListing::Last,
            () if route.sends_headers() => SkipListing::None,
            () if gateways.is_empty() && !self.is_entry(from) => SkipListing::None,
            () if gateways.is_empty() => SkipListing::Last,
            // With more than one hop of ours, all of them are named.
            () => {
                let hops = gateways.into_iter().chain([from]);
                let egress = hops.flat_map(|id| self.topology.location(id).egress.iter().copied());
                SkipListing::Addresses(egress.filter(|at| !at.value.is_private()).collect())
            }
        }
    }

    /// Whether a domain's Internet mail enters here.
    fn is_entry(&self, at: LocationId) -> bool {
        let mut domains = self.topology.domains.iter();
        domains.any(|domain| domain.mx.iter().any(|entry| entry.value == at))
    }

    /// The gateways that hand mail from elsewhere to a location.
    fn gateways_before(&self, at: LocationId) -> Vec<LocationId> {
        let hands_on = |location: &Location| {
            let handling = location.handling().filter(|_| location.is(Trait::Filter));
            let mut targets = handling.iter().flat_map(|handling| &handling.forwards);
            targets.any(|(_, target)| target.value == Party::Location(at))
        };
        let all = self.topology.locations();
        all.filter(|(_, location)| hands_on(location))
            .map(|(id, _)| id)
            .collect()
    }

    fn is_tenant(&self, party: Party) -> bool {
        self.location(party)
            .is_some_and(|location| location.tenant().is_some())
    }

    fn location(&self, party: Party) -> Option<&'a Location> {
        party.location().map(|id| self.topology.location(id))
    }

    fn next_hop(&self, route: &Route, withheld: &mut Vec<Withheld>) -> NextHop {
        match route.to {
            Party::Location(id) => self.hosts_of(id, route, withheld),
            Party::Partner(id) => match self.topology.partner(id).hosts.as_slice() {
                [] => NextHop::Mx,
                hosts => NextHop::SmartHosts(hosts.iter().map(|at| at.value.clone()).collect()),
            },
            Party::Internet => NextHop::Mx,
            Party::Device(_) | Party::Network(..) | Party::Discard | Party::Reject => NextHop::None,
        }
    }

    fn hosts_of(&self, id: LocationId, route: &Route, withheld: &mut Vec<Withheld>) -> NextHop {
        let location = self.topology.location(id);
        // A partner follows the MX, unless it relays through us.
        let hosts = match route.from {
            Party::Partner(from) if !self.topology.partner(from).relays => &location.hosts,
            _ => location.smart_hosts(),
        };
        let hosts: Vec<Host> = hosts
            .iter()
            .map(|at| at.value.clone())
            .filter(|host| {
                !self.is_far(route.from)
                    || host.target.ip().is_none_or(|ip| !is_private_address(ip))
            })
            .collect();
        if !hosts.is_empty() {
            return NextHop::SmartHosts(hosts);
        }
        if location.tenant().is_none() {
            return NextHop::Unknown;
        }
        let Some(primary) = &self.primary[id.index()] else {
            return NextHop::Unknown;
        };
        let name = match mx_host(self.topology, id, primary) {
            MxHost::Fact(name) | MxHost::Derived(name) => HostTarget::parse(&name).ok(),
            MxHost::Unknown => None,
        };
        if let Some(target) = name {
            return NextHop::SmartHosts(vec![Host::new(target, 25)]);
        }
        withheld.push(Withheld {
            what: format!(
                "the smart host of `{}`, whose mail waits or goes another way until it is known",
                route.name
            ),
            why: format!(
                "the MX host of `{primary}` is assigned by the provider; put it into the facts file as `{}: {{mx: {{{primary}: …}}}}`",
                location.name
            ),
            location: Some(id),
            domains: vec![primary.clone()],
            span: location.span,
        });
        NextHop::FactMissing
    }

    /// Whether the sending end cannot reach private addresses.
    fn is_far(&self, from: Party) -> bool {
        self.location(from)
            .is_none_or(|location| location.tenant().is_some())
    }

    fn tls(&self, route: &Route) -> TlsLevel {
        match (route.from, route.to) {
            (Party::Partner(id), _) => self
                .topology
                .partner(id)
                .tls_inbound
                .map_or(TlsLevel::Opportunistic, |at| at.value),
            (Party::Device(id), _) => self.topology.device(id).tls(),
            (from, Party::Location(id)) => {
                let location = self.topology.location(id);
                let level = location
                    .tls
                    .map_or_else(|| default_level(location), |at| at.value);
                // Exchange 2007 cannot check names or authorities; a default asks no more of it than it can give.
                match self.location(from).and_then(Location::exchange_server) {
                    Some(server)
                        if location.tls.is_none()
                            && server.version.value == ExchangeVersion::V2007 =>
                    {
                        level.min(TlsLevel::Encrypted)
                    }
                    _ => level,
                }
            }
            (_, Party::Partner(id)) => self
                .topology
                .partner(id)
                .tls_outbound
                .map_or(TlsLevel::Opportunistic, |at| at.value),
            _ => TlsLevel::Opportunistic,
        }
    }

    /// How the receiving end knows the sender. `route.tls` is known by then.
    fn recognition(&self, route: &Route, written: Option<&AcceptedBy>) -> Recognition {
        match written {
            Some(AcceptedBy::Nothing) => return Recognition::Nothing,
            Some(AcceptedBy::CertificateName(name)) => {
                return Recognition::Certificate(name.clone());
            }
            Some(AcceptedBy::Networks(networks)) => {
                return Recognition::Addresses(networks.iter().map(|at| at.value).collect());
            }
            Some(AcceptedBy::Certificate | AcceptedBy::Addresses) | None => {}
        }
        if !matches!(route.to, Party::Location(_)) {
            return Recognition::Nothing;
        }
        let by_certificate = self.client_certificate(route);
        let by_addresses = self.addresses(route);
        let certificate = |certificate: Option<String>| certificate.map(Recognition::Certificate);
        // Without TLS no certificate is shown, and some products go by addresses wherever they have any.
        let goes_by_names = by_addresses.is_empty() || self.goes_by_names(route);
        let by_certificate = by_certificate
            .filter(|_| written.is_some() || (route.tls > TlsLevel::None && goes_by_names));
        let addresses = |networks: Vec<Network>| {
            (!networks.is_empty()).then_some(Recognition::Addresses(networks))
        };
        let known = match written {
            Some(AcceptedBy::Certificate) => certificate(by_certificate.map(|(name, _)| name)),
            Some(AcceptedBy::Addresses) => addresses(by_addresses),
            _ => match route.from {
                Party::Partner(_) => match by_certificate {
                    certified if route.tls == TlsLevel::Verified && goes_by_names => {
                        certificate(certified.map(|(name, _)| name))
                    }
                    // Whoever tells no sender by its domain has to know it, to demand TLS of it.
                    Some((name, _)) if by_addresses.is_empty() && !self.is_tenant(route.to) => {
                        Some(Recognition::Certificate(name))
                    }
                    _ => addresses(by_addresses),
                },
                // A device is known by what the spec gives it, and only where the method is to relay.
                Party::Device(id) => match self.topology.device(id).method.value {
                    Method::Relay => certificate(by_certificate.map(|(name, _)| name))
                        .or_else(|| addresses(by_addresses)),
                    _ => None,
                },
                // Every tenant of the provider shows the same certificate and the same addresses.
                _ if self.is_tenant(route.from) && self.is_tenant(route.to) => None,
                _ => {
                    let (public, other) = match by_certificate {
                        Some((name, Issuer::Public)) => (Some(name), None),
                        Some((name, _)) => (None, Some(name)),
                        None => (None, None),
                    };
                    certificate(public)
                        .or_else(|| addresses(by_addresses))
                        .or_else(|| certificate(other))
                }
            },
        };
        known.unwrap_or(Recognition::Nothing)
    }

    /// Whether the receiving product knows this sender by a name on its certificate. Exchange Server knows a tenant so.
    fn goes_by_names(&self, route: &Route) -> bool {
        let product = self.location(route.to).map(Location::product);
        match product.map_or(Certificates::ByName, |product| product.certificates) {
            Certificates::ByName => true,
            Certificates::OfServers => self.is_tenant(route.from),
            Certificates::ByFingerprint => false,
        }
    }

    fn client_certificate(&self, route: &Route) -> Option<(String, Issuer)> {
        if let Some(tenant) = self.location(route.from).and_then(Location::tenant) {
            let name = tenant.environment.certificate_name();
            return Some((name.to_owned(), Issuer::Public));
        }
        let certificate = route.shown(self.topology)?;
        Some((certificate.name()?.to_owned(), certificate.issuer))
    }

    fn addresses(&self, route: &Route) -> Vec<Network> {
        let mut networks: Vec<Network> = match route.from {
            Party::Location(id) => self
                .topology
                .location(id)
                .egress
                .iter()
                .map(|at| at.value)
                .collect(),
            Party::Partner(id) => self
                .topology
                .partner(id)
                .addresses
                .iter()
                .map(|at| at.value)
                .collect(),
            Party::Device(id) => {
                let device = self.topology.device(id);
                let far = self.is_tenant(route.to);
                if far && !device.nat.is_empty() {
                    device
                        .nat
                        .iter()
                        .map(|at| Network::from(at.value))
                        .collect()
                } else {
                    device.addresses.iter().map(|at| at.value).collect()
                }
            }
            Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => Vec::new(),
        };
        if self.is_tenant(route.to) {
            networks.retain(|network| !network.is_private());
        }
        networks.sort();
        networks.dedup();
        networks
    }

    /// A partner may be somebody else's to connect to.
    fn is_managed(&self, route: &Route) -> bool {
        let ends = [route.from, route.to].into_iter();
        ends.filter_map(|party| match party {
            Party::Partner(id) => Some(self.topology.partner(id).managed),
            _ => None,
        })
        .all(|managed| managed)
    }

    fn is_trusted(&self, from: Party) -> bool {
        match from {
            Party::Location(id) => self.topology.location(id).trusted,
            Party::Device(id) => self.topology.device(id).trusted,
            _ => false,
        }
    }
}

/// Whether both ends can keep the cross-premises headers: Exchange Server on one end, of a version that knows them, and a
/// tenant on the other.
pub(crate) fn can_keep_headers(topology: &Topology, route: &Route) -> bool {
    let location = |party: Party| party.location().map(|id| topology.location(id));
    let (Some(from), Some(to)) = (location(route.from), location(route.to)) else {
        return false;
    };
    let server = match (from.tenant(), to.tenant()) {
        (None, Some(_)) => from.exchange_server(),
        (Some(_), None) => to.exchange_server(),
        _ => None,
    };
    // The wizard teaches them to Exchange 2010, too (`AcceptOorgProtocol`).
    let since = if route.by_wizard {
        ExchangeVersion::V2010
    } else {
        ExchangeVersion::V2013
    };
    server.is_some_and(|server| server.version.value >= since)
}

/// What our others demand of a place that does not say: the name is checked where a public authority vouches for it.
fn default_level(location: &Location) -> TlsLevel {
    let public = location.tenant().is_some()
        || location
            .certificate
            .as_ref()
            .is_some_and(|certificate| certificate.issuer == Issuer::Public);
    if public {
        TlsLevel::Verified
    } else {
        TlsLevel::Encrypted
    }
}

/// The domain whose MX host our own places use: as written, else the shortest accepted domain, then by alphabet.
fn primary_domain(location: &Location, accepted: &[AcceptedDomain]) -> Option<DomainName> {
    let tenant = location.tenant()?;
    if let Some(written) = &tenant.primary_domain {
        return Some(written.value.clone());
    }
    let own = [tenant.initial_domain(), tenant.routing_domain()];
    accepted
        .iter()
        .map(|accepted| &accepted.domain)
        .filter(|domain| !own.iter().any(|name| name == domain.as_str()))
        .min_by_key(|domain| (domain.as_str().len(), *domain))
        .cloned()
}
