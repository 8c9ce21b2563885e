//! Who connects: what an end shows to the one that it hands mail to, and by what an object may know it.
//!
//! A client is made once for the two ends of a connection and compared with the objects of the receiving end: the names on
//! a certificate, and addresses. Which route an object was made for, or what it is called, plays no part.
//!
//! This module must not know what a client may do: that is `attribution`.

use crate::routes::facts::leaves_from;
use crate::routes::{Recognition, Route, RouteId};
use crate::topology::{Certificate, Issuer, LocationId, Party};
use crate::values::Network;
use crate::walk::Model;
use crate::walk::state::Shows;
use foldhash::HashMap;
use std::collections::BTreeMap;
use std::net::IpAddr;

/// What one end shows when it connects to another.
#[derive(Clone, Debug)]
pub(crate) struct Client<'a> {
    shown: Shown<'a>,
    /// A certificate is valid, and a public authority vouches for it.
    vouched: bool,
    /// Where it connects from; `None` where nobody says.
    pub address: Option<Network>,
}

/// The certificate that a client shows.
#[derive(Clone, Debug)]
enum Shown<'a> {
    /// None, or none that anybody speaks of.
    Nothing,
    /// The one that every tenant of the provider shows.
    OfProvider(&'static str),
    /// Its own.
    Own(&'a Certificate),
    /// The spec says of the receiving end alone which name it expects.
    AsExpected(Vec<&'a str>),
}

/// Why what is expected of a client does not identify it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unshown {
    /// It has another name than is expected.
    Name,
    /// No public authority vouches for it, and a tenant trusts no other.
    Issuer,
    /// It is no longer valid.
    Date,
    /// No name on it belongs to a domain that the tenant accepts.
    NotAccepted,
    /// None is expected, but addresses, and a tenant knows nobody by those of IPv6.
    OnlyIpv6,
}

impl Client<'_> {
    /// Whether a certificate with a name is shown that an object is set to expect. A star stands for one label, and in the
    /// expected name alone: what the product makes of any other mix is documented nowhere.
    pub(crate) fn shows(&self, expected: &str) -> bool {
        self.names().any(|name| stands_for(expected, name))
    }

    /// The same at a tenant, which trusts public authorities alone.
    pub(crate) fn shows_to_tenant(&self, expected: &str) -> bool {
        self.vouched && self.shows(expected)
    }

    /// The names on a certificate that a public authority vouches for.
    pub(crate) fn vouched_names(&self) -> impl Iterator<Item = &str> {
        let vouched = self.vouched;
        self.names().filter(move |_| vouched)
    }

    /// Whether it connects from one of these networks.
    pub(crate) fn comes_from(&self, networks: &[Network]) -> bool {
        self.address
            .is_some_and(|from| networks.iter().any(|known| known.contains(&from)))
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        let (provider, own, expected) = match &self.shown {
            Shown::Nothing => (None, None, None),
            Shown::OfProvider(name) => (Some(*name), None, None),
            Shown::Own(certificate) => (None, Some(&certificate.names), None),
            Shown::AsExpected(names) => (None, None, Some(names)),
        };
        let own = own.into_iter().flatten().map(|at| at.value.as_str());
        let expected = expected.into_iter().flatten().copied();
        provider.into_iter().chain(own).chain(expected)
    }
}

/// Whether an expected name is this one, or its star stands for the first label of it.
pub(crate) fn stands_for(expected: &str, name: &str) -> bool {
    let below = |base| name.split_once('.').is_some_and(|(_, rest)| rest == base);
    expected == name || expected.strip_prefix("*.").is_some_and(below)
}

/// Whether an end with this certificate shows another, or none, because that is what its object names.
pub(crate) fn hides(own: Option<&Certificate>, named: Option<&str>) -> bool {
    own.is_some_and(|own| {
        let mut names = own.names.iter().map(|at| Some(at.value.as_str()));
        !own.names.is_empty() && !names.any(|name| name == named)
    })
}

impl<'a> Model<'a> {
    /// What a party may show to a place, one client for each address that the place tells from others.
    pub(crate) fn clients(&self, party: Party, to: LocationId, shows: Shows) -> Vec<Client<'a>> {
        let from = self.addresses_toward(party, to);
        if from.is_empty() {
            return vec![self.client(party, to, shows, None)];
        }
        let known = self.lookup.known_networks(to);
        let parts = from.iter().flat_map(|network| known.parts_of(network));
        parts
            .map(|address| self.client(party, to, shows, Some(address)))
            .collect()
    }

    /// The same client, where it is known which of its addresses it connects from.
    pub(crate) fn client(
        &self,
        party: Party,
        to: LocationId,
        shows: Shows,
        address: Option<Network>,
    ) -> Client<'a> {
        let shown = match shows {
            Shows::Nothing => Shown::Nothing,
            Shows::Own => self.shown_by(party, to),
            Shows::OfRoute(route) => match &self.plan.route(route).client_certificate {
                Some(own) if !own.names.is_empty() => Shown::Own(own),
                _ => self.shown_by(party, to),
            },
        };
        let vouched = match &shown {
            Shown::Own(certificate) => {
                certificate.issuer == Issuer::Public && self.expired(certificate).is_none()
            }
            Shown::Nothing | Shown::OfProvider(_) | Shown::AsExpected(_) => true,
        };
        Client {
            shown,
            vouched,
            address,
        }
    }

    /// Why what a place expects of a party does not identify it, where that is so.
    pub(crate) fn unshown(&self, party: Party, to: LocationId) -> Option<Unshown> {
        let far = self.plan.topology.location(to).tenant().is_some();
        let is_v6 = |known: &Recognition| match known {
            Recognition::Addresses(networks) => networks.iter().all(Network::is_ipv6),
            Recognition::Certificate(_) | Recognition::Nothing => false,
        };
        if far
            && self
                .expected_of(party, to)
                .any(|(_, route)| is_v6(&route.accepted_by))
        {
            return Some(Unshown::OnlyIpv6);
        }
        let (shows, expected) = self
            .expected_of(party, to)
            .find_map(|(id, route)| match &route.accepted_by {
                Recognition::Certificate(name) => Some((Shows::on(id, route), name)),
                Recognition::Addresses(_) | Recognition::Nothing => None,
            })?;
        let client = self.client(party, to, shows, None);
        let Shown::Own(certificate) = &client.shown else {
            return None;
        };
        if !client.shows(expected) {
            Some(Unshown::Name)
        } else if far && certificate.issuer != Issuer::Public {
            Some(Unshown::Issuer)
        } else if far && !client.vouched {
            Some(Unshown::Date)
        } else {
            let accepted = &self.plan.place(to).accepted;
            let mut names = client.vouched_names();
            // A connector for a partner asks whose the name is, not whether it is accepted.
            let is_asked = far && !matches!(party, Party::Partner(_));
            (is_asked && !names.any(|name| accepted.own(name))).then_some(Unshown::NotAccepted)
        }
    }

    fn shown_by(&self, party: Party, to: LocationId) -> Shown<'a> {
        let topology = &self.plan.topology;
        let own = match party {
            Party::Location(id) => {
                let location = topology.location(id);
                if let Some(tenant) = location.tenant() {
                    return Shown::OfProvider(tenant.environment.certificate_name());
                }
                location.client_certificate()
            }
            Party::Partner(id) => topology.partner(id).client_certificate(),
            Party::Device(id) => topology.device(id).certificate.as_ref(),
            Party::Network(..) | Party::Internet | Party::Discard | Party::Reject => {
                return Shown::Nothing;
            }
        };
        if let Some(own) = own.filter(|certificate| !certificate.names.is_empty()) {
            return Shown::Own(own);
        }
        // What the sending end shows is said nowhere but where the receiving end expects it.
        let expected: Vec<&str> = self
            .expected_of(party, to)
            .filter_map(|(_, route)| match &route.accepted_by {
                Recognition::Certificate(name) => Some(name.as_str()),
                Recognition::Addresses(_) | Recognition::Nothing => None,
            })
            .collect();
        if expected.is_empty() {
            Shown::Nothing
        } else {
            Shown::AsExpected(expected)
        }
    }

    /// The routes between two ends, which say what the receiving one expects.
    fn expected_of(
        &self,
        party: Party,
        to: LocationId,
    ) -> impl Iterator<Item = (RouteId, &'a Route)> + use<'a> {
        let routes: Vec<(RouteId, &'a Route)> = self
            .lookup
            .routes_from(party)
            .iter()
            .filter(|(_, route)| route.enabled && route.to == Party::Location(to))
            .copied()
            .collect();
        routes.into_iter()
    }

    /// The addresses that a party connects to a place from. Between our own places private ones count, too; a tenant sees
    /// public ones alone.
    fn addresses_toward(&self, party: Party, to: LocationId) -> Vec<Network> {
        let topology = &self.plan.topology;
        let far = topology.location(to).tenant().is_some();
        let mut networks = match party {
            Party::Device(id) if far && !topology.device(id).nat.is_empty() => {
                let nat = topology.device(id).nat.iter();
                nat.map(|at| Network::from(at.value)).collect()
            }
            _ => leaves_from(topology, party),
        };
        if far {
            networks.retain(|network| !network.is_private());
        }
        if networks.is_empty() {
            networks = self
                .expected_of(party, to)
                .filter_map(|(_, route)| match &route.accepted_by {
                    Recognition::Addresses(networks) => Some(networks.clone()),
                    Recognition::Certificate(_) | Recognition::Nothing => None,
                })
                .flatten()
                .collect();
        }
        networks.sort();
        networks.dedup();
        networks
    }

    /// Those of the addresses of a place that others see: a private address is not among them (RFC 1918, section 3), so
    /// where a place has no other, nobody can say which.
    pub(crate) fn shown_outside(&self, at: LocationId) -> Vec<Network> {
        let mut shown = leaves_from(&self.plan.topology, Party::Location(at));
        shown.retain(|network| !network.is_private());
        shown
    }
}

/// Networks that objects of a place name, and the positions of the objects that name them.
#[derive(Default)]
pub(crate) struct Networks {
    by_start: BTreeMap<(IpAddr, u8), Vec<usize>>,
}

impl Networks {
    pub(super) fn add(&mut self, network: &Network, at: usize) {
        let key = (network.first(), network.prefix_len());
        let known = self.by_start.entry(key).or_default();
        if known.last() != Some(&at) {
            known.push(at);
        }
    }

    /// The objects that name a network around an address, the most specific network first.
    pub(super) fn around(&self, address: &Network) -> impl Iterator<Item = &[usize]> {
        let known = address.around().collect::<Vec<_>>().into_iter();
        known.filter_map(|network| {
            let key = (network.first(), network.prefix_len());
            self.by_start.get(&key).map(Vec::as_slice)
        })
    }

    /// The parts of a network that objects tell apart: the networks within it that they name, and what is left of it.
    fn parts_of(&self, network: &Network) -> Vec<Network> {
        let mut parts: Vec<Network> = self
            .by_start
            .range((network.first(), 0)..=(network.last(), u8::MAX))
            .filter(|((_, prefix), _)| *prefix > network.prefix_len())
            .filter_map(|((start, prefix), _)| Network::starting_at(*start, *prefix))
            .collect();
        let outermost = |part: &&Network| {
            !parts
                .iter()
                .any(|other| other != *part && other.contains(part))
        };
        let covered = parts
            .iter()
            .filter(outermost)
            .fold(0u128, |sum, part| sum.saturating_add(part.addresses()));
        if covered < network.addresses() {
            parts.push(*network);
        }
        parts
    }
}

/// Positions of objects by the certificate name that they expect.
#[derive(Default)]
pub(crate) struct Expected<'a> {
    by_name: HashMap<&'a str, Vec<usize>>,
}

impl<'a> Expected<'a> {
    pub(super) fn add(&mut self, name: &'a str, at: usize) {
        self.by_name.entry(name).or_default().push(at);
    }

    /// The objects that may expect one of the names that a client shows.
    pub(super) fn of(&self, client: &Client<'_>) -> Vec<usize> {
        let mut positions = Vec::new();
        for name in client.names() {
            let parent = name
                .split_once('.')
                .map(|(_, parent)| format!("*.{parent}"));
            for known in [Some(name), parent.as_deref()].into_iter().flatten() {
                positions.extend(self.by_name.get(known).into_iter().flatten());
            }
        }
        positions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label_of_the_expected_name() {
        for (expected, shown, matches) in [
            ("mail.contoso.com", "mail.contoso.com", true),
            ("*.contoso.com", "mail.contoso.com", true),
            ("*.contoso.com", "*.contoso.com", true),
            ("*.contoso.com", "contoso.com", false),
            ("*.contoso.com", "a.b.contoso.com", false),
            ("mail.contoso.com", "*.contoso.com", false),
            ("contoso.com", "mail.contoso.com", false),
        ] {
            assert_eq!(stands_for(expected, shown), matches, "{expected} {shown}");
        }
    }

    #[test]
    fn a_network_is_seen_as_the_parts_that_objects_name() {
        let network = |text| Network::parse(text).expect("a network");
        let mut known = Networks::default();
        known.add(&network("192.0.2.0/25"), 0);
        let parts = |text| known.parts_of(&network(text));
        assert_eq!(parts("192.0.2.7"), [network("192.0.2.7")]);
        let split = [network("192.0.2.0/25"), network("192.0.2.0/24")];
        assert_eq!(parts("192.0.2.0/24"), split);
        let mut whole = Networks::default();
        whole.add(&network("192.0.2.0/25"), 0);
        whole.add(&network("192.0.2.128/25"), 1);
        let both = [network("192.0.2.0/25"), network("192.0.2.128/25")];
        assert_eq!(whole.parts_of(&network("192.0.2.0/24")), both);
    }
}
