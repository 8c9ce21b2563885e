//! The terms of an SPF record (RFC 7208, section 5).

use crate::routes::facts::leaves_from;
use crate::spf::{Mechanism, Qualifier, Term};
use crate::topology::{Party, SpfAll, Tenant, Topology};
use crate::values::{Network, OwnerName};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The terms of a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    /// Addresses.
    pub networks: BTreeSet<Network>,
    /// Everything else, as it is written.
    pub others: BTreeSet<String>,
}

impl Terms {
    /// Whether nobody is let through.
    pub(crate) fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.others.is_empty()
    }

    /// What stands for whoever hands mail to others.
    pub(crate) fn of(topology: &Topology, party: Party) -> Self {
        let mut terms = Self::default();
        terms.add_party(topology, party);
        terms
    }

    /// Adds what stands for whoever hands mail to others.
    pub(crate) fn add_party(&mut self, topology: &Topology, party: Party) {
        let location = party.location().map(|id| topology.location(id));
        let written = match party {
            Party::Partner(id) => topology.partner(id).spf.as_ref(),
            _ => location.and_then(|location| location.spf.as_ref()),
        };
        if let Some(spf) = written {
            self.add_text(&spf.value);
        } else if let Some(tenant) = location.and_then(|location| location.tenant()) {
            self.others.insert(tenant_term(tenant));
        } else {
            self.networks.extend(addresses(topology, party));
        }
    }

    /// Adds the terms that somebody wrote, as far as they are such that let mail pass.
    pub(crate) fn add_text(&mut self, text: &str) {
        for term in words(text) {
            match read_term(term) {
                Some(Written::Network(network)) => {
                    self.networks.insert(network);
                }
                Some(Written::Other(term)) => {
                    self.others.insert(term);
                }
                None => {}
            }
        }
    }

    /// The networks in parts, the record of each of which has this many octets at most.
    pub(crate) fn parts(&self, most: usize) -> Vec<Self> {
        let mut parts: Vec<Self> = Vec::new();
        for network in self.merged() {
            if let Some(part) = parts.last_mut() {
                part.networks.insert(network);
                if part.record(SpfAll::Fail).len() <= most {
                    continue;
                }
                part.networks.remove(&network);
            }
            let networks = BTreeSet::from([network]);
            parts.push(Self {
                networks,
                others: BTreeSet::new(),
            });
        }
        parts
    }

    /// The networks without those that lie in others, and neighbours that make up a larger one as that.
    fn merged(&self) -> BTreeSet<Network> {
        let all: Vec<IpNet> = self.networks.iter().map(Network::net).collect();
        let merged = IpNet::aggregate(&all).into_iter();
        merged.map(Network::from).collect()
    }

    /// The record.
    pub(crate) fn record(&self, end: SpfAll) -> String {
        let mut text = "v=spf1".to_owned();
        for network in self.merged() {
            let kind = if network.is_ipv6() { "ip6" } else { "ip4" };
            let _ = write!(text, " {kind}:{network}");
        }
        for term in &self.others {
            text.push(' ');
            text.push_str(term);
        }
        text.push_str(match end {
            SpfAll::Fail => " -all",
            SpfAll::Softfail => " ~all",
        });
        text
    }
}

/// The term that lets the mail of a tenant pass.
pub(crate) fn tenant_term(tenant: &Tenant) -> String {
    format!("include:{}", tenant.environment.spf_include())
}

/// The public addresses that mail of somebody comes from, as far as anybody says.
pub(crate) fn addresses(topology: &Topology, party: Party) -> Vec<Network> {
    let mut shown = leaves_from(topology, party);
    if let Party::Device(id) = party {
        shown.extend(
            topology
                .device(id)
                .nat
                .iter()
                .map(|at| Network::from(at.value)),
        );
    }
    shown.retain(|network| !network.is_private());
    shown
}

/// The terms of a text that cannot stand in a record.
pub(crate) fn refused_terms(text: &str) -> impl Iterator<Item = &str> {
    words(text).filter(|term| read_term(term).is_none())
}

/// The words of a text, but for the version and the end, which every record gets from us.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split_ascii_whitespace().filter(|term| {
        let bare = term.trim_start_matches(['+', '-', '~', '?']);
        !term.eq_ignore_ascii_case("v=spf1") && !bare.eq_ignore_ascii_case("all")
    })
}

/// One mechanism.
enum Written {
    Network(Network),
    Other(String),
}

/// Reads a mechanism that lets mail pass. `redirect` would be without effect beside `all`, and other qualifiers do not
/// say that mail leaves there.
fn read_term(term: &str) -> Option<Written> {
    let bare = term.strip_prefix('+').unwrap_or(term);
    let read = Term::parse(bare).filter(|term| term.qualifier == Qualifier::Pass)?;
    let (name, rest) = bare.split_at(bare.find([':', '/']).unwrap_or(bare.len()));
    let plain = |host: &str| host.contains('%') || OwnerName::parse(host).is_ok();
    match &read.mechanism {
        // A network with bits past its prefix is more likely a slip than meant.
        Mechanism::Ip(_) => {
            let network = Network::parse(rest.strip_prefix(':')?).ok()?;
            Some(Written::Network(network))
        }
        Mechanism::Include(host) | Mechanism::Exists(host) if !plain(host) => None,
        Mechanism::A(Some(host), _) | Mechanism::Mx(Some(host), _) if !plain(host) => None,
        Mechanism::Include(_) | Mechanism::Exists(_) | Mechanism::A(..) | Mechanism::Mx(..) => {
            Some(Written::Other(format!(
                "{}{rest}",
                name.to_ascii_lowercase()
            )))
        }
        Mechanism::All | Mechanism::Ptr(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_or_refused() {
        for (term, wanted) in [
            (
                "include:spf.filter.example",
                Some("include:spf.filter.example"),
            ),
            (
                "+INCLUDE:_spf.filter.example",
                Some("include:_spf.filter.example"),
            ),
            ("ip4:192.0.2.0/24", Some("192.0.2.0/24")),
            ("ip6:2001:db8::/32", Some("2001:db8::/32")),
            ("a", Some("a")),
            ("mx:contoso.com/28", Some("mx:contoso.com/28")),
            (
                "exists:%{i}._spf.contoso.com",
                Some("exists:%{i}._spf.contoso.com"),
            ),
            ("ip4:2001:db8::1", None),
            ("ip4:192.0.2.1/24", None),
            ("include", None),
            ("include:", None),
            ("include:nodots", None),
            ("ptr", None),
            ("redirect=contoso.com", None),
            ("-ip4:192.0.2.1", None),
            ("a:\u{fc}.example", None),
        ] {
            let read = read_term(term).map(|term| match term {
                Written::Network(network) => network.to_string(),
                Written::Other(text) => text,
            });
            assert_eq!(read.as_deref(), wanted, "{term}");
        }
    }

    #[test]
    fn networks_that_lie_in_others_or_side_by_side_are_one() {
        let mut terms = Terms::default();
        for text in [
            "192.0.2.7",
            "192.0.2.0/24",
            "2001:db8::1",
            "198.51.100.0",
            "198.51.100.1",
        ] {
            terms
                .networks
                .insert(Network::parse(text).expect("a network"));
        }
        terms.others.insert("include:spf.example".to_owned());
        assert_eq!(
            terms.record(SpfAll::Softfail),
            "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/31 ip6:2001:db8::1 include:spf.example ~all"
        );
    }
}
