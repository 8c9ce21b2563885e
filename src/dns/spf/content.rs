//! What stands behind the names in an SPF record, as far as the spec and the facts say: how many lookups they cost, and
//! which addresses they stand for.
//!
//! A name of which nobody knows the content costs the one lookup that is certain.

use crate::dns::spf::terms::{Term, Terms, read_term};
use crate::routes::published_addresses;
use crate::topology::{Environment, Topology};
use crate::values::Network;
use std::collections::{BTreeMap, BTreeSet};

/// Who nests deeper than this goes round in a circle.
const DEEPEST: usize = 10;

/// The SPF records that are known.
pub(crate) struct Content<'a> {
    records: BTreeMap<String, &'a str>,
    topology: &'a Topology,
    /// The provider's own record, made of the addresses it publishes.
    provider: Option<(&'static str, Vec<Network>)>,
}

impl<'a> Content<'a> {
    /// The records of others by the facts, and the user's own.
    pub(crate) fn of(topology: &'a Topology) -> Self {
        let mut records = BTreeMap::new();
        for (name, facts) in &topology.facts.records {
            let texts = facts.txt.iter().flatten();
            records.extend(
                texts
                    .filter(|text| is_spf(text))
                    .map(|text| (name.clone(), text.as_str())),
            );
        }
        for (origin, zone) in &topology.dns.zones {
            for record in &zone.records {
                if record.value.kind == "TXT"
                    && is_spf(&record.value.data)
                    && record.value.name != "@"
                {
                    let name = format!("{}.{origin}", record.value.name);
                    records.insert(name, record.value.data.as_str());
                }
            }
        }
        let environment = Environment::Worldwide;
        Self {
            records,
            topology,
            provider: published_addresses(topology, environment)
                .map(|networks| (environment.spf_include(), networks)),
        }
    }

    /// The terms that cost lookups, with how many each.
    pub(crate) fn costs(&self, terms: &Terms) -> Vec<(String, usize)> {
        terms
            .others
            .iter()
            .map(|term| (term.clone(), self.cost(term, 0)))
            .filter(|(_, cost)| *cost > 0)
            .collect()
    }

    fn cost(&self, term: &str, depth: usize) -> usize {
        let (name, target) = split(term);
        match name.as_str() {
            "include" | "redirect" if depth < DEEPEST => {
                let inside = self.records.get(target).copied().unwrap_or_default();
                let inside = inside.split_ascii_whitespace().skip(1);
                1 + inside.map(|term| self.cost(term, depth + 1)).sum::<usize>()
            }
            "include" | "redirect" | "a" | "mx" | "exists" | "ptr" => 1,
            _ => 0,
        }
    }

    /// The addresses that a term lets through; nothing where it lets through what is no list of addresses.
    pub(crate) fn networks(&self, term: &str) -> Option<BTreeSet<Network>> {
        self.addresses(term, 0)
    }

    fn addresses(&self, term: &str, depth: usize) -> Option<BTreeSet<Network>> {
        let (name, target) = split(term);
        match name.as_str() {
            "include" if depth < DEEPEST => self.included(target, depth),
            "ip4" | "ip6" => match read_term(term)? {
                Term::Network(network) => Some(BTreeSet::from([network])),
                Term::Other(_) => None,
            },
            "a" => self.addresses_of(target),
            "mx" => {
                let hosts = self.topology.facts.records.get(target)?.mx.as_ref()?;
                let mut networks = BTreeSet::new();
                for (_, host) in hosts {
                    networks.extend(self.addresses_of(host)?);
                }
                Some(networks)
            }
            _ => None,
        }
    }

    fn included(&self, name: &str, depth: usize) -> Option<BTreeSet<Network>> {
        let Some(record) = self.records.get(name) else {
            let (provider, networks) = self.provider.as_ref()?;
            return (*provider == name).then(|| networks.iter().copied().collect());
        };
        let mut networks = BTreeSet::new();
        for term in record.split_ascii_whitespace().skip(1) {
            let (mechanism, _) = split(term);
            match mechanism.as_str() {
                // What follows is never looked at. One that lets everybody through is no list.
                "all" => return (!term.starts_with('+') && term != "all").then_some(networks),
                // A mechanism that refuses takes back a part of what follows it.
                _ if term.starts_with(['-', '~', '?']) => return None,
                _ => networks.extend(self.addresses(term, depth + 1)?),
            }
        }
        Some(networks)
    }

    fn addresses_of(&self, name: &str) -> Option<BTreeSet<Network>> {
        let addresses = self.topology.facts.records.get(name)?.a.as_ref()?;
        addresses
            .iter()
            .map(|address| Network::parse(address).ok())
            .collect()
    }
}

fn is_spf(text: &str) -> bool {
    text.split(' ')
        .next()
        .is_some_and(|version| version.eq_ignore_ascii_case("v=spf1"))
}

/// The mechanism or modifier in lower case, and what it is about.
fn split(term: &str) -> (String, &str) {
    let bare = term.trim_start_matches(['+', '-', '~', '?']);
    let end = bare.find([':', '=', '/']).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(end);
    (
        name.to_ascii_lowercase(),
        rest.trim_start_matches([':', '=']),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::ForeignNames;

    fn topology(records: &[(&str, &str)]) -> Topology {
        let mut topology = Topology::default();
        for (name, text) in records {
            let names = ForeignNames {
                txt: Some(vec![(*text).to_owned()]),
                ..ForeignNames::default()
            };
            topology.facts.records.insert((*name).to_owned(), names);
        }
        topology
    }

    #[test]
    fn lookups_are_counted_to_the_bottom() {
        let topology = topology(&[
            (
                "a.example",
                "v=spf1 include:b.example mx a:h.example ip4:192.0.2.1 -all",
            ),
            ("b.example", "v=spf1 exists:%{i}.b.example ~all"),
            ("circle.example", "v=spf1 include:circle.example -all"),
        ]);
        let content = Content::of(&topology);
        for (term, cost) in [
            ("include:a.example", 5),
            ("include:b.example", 2),
            ("include:unknown.example", 1),
            ("a", 1),
        ] {
            assert_eq!(content.cost(term, 0), cost, "{term}");
        }
        assert!(content.cost("include:circle.example", 0) > 10);
    }

    #[test]
    fn only_lists_of_addresses_are_flattened() {
        let topology = topology(&[
            (
                "a.example",
                "v=spf1 ip4:192.0.2.0/24 include:b.example -all",
            ),
            ("b.example", "v=spf1 ip6:2001:db8::/32 ?all"),
            ("macro.example", "v=spf1 exists:%{i}.b.example -all"),
            (
                "taken-back.example",
                "v=spf1 -ip4:192.0.2.1 ip4:192.0.2.0/24 -all",
            ),
            ("everybody.example", "v=spf1 +all"),
            ("circle.example", "v=spf1 include:circle.example -all"),
        ]);
        let content = Content::of(&topology);
        let flat = |term: &str| {
            let networks = content.networks(term)?;
            Some(
                networks
                    .iter()
                    .map(ToString::to_string)
                    .collect::<Vec<_>>()
                    .join(" "),
            )
        };
        assert_eq!(
            flat("include:a.example").as_deref(),
            Some("192.0.2.0/24 2001:db8::/32")
        );
        assert!(
            flat("include:spf.protection.outlook.com")
                .is_some_and(|list| list.contains("40.92.0.0/15"))
        );
        for term in [
            "include:macro.example",
            "include:taken-back.example",
            "include:everybody.example",
            "include:circle.example",
            "include:unknown.example",
            "a:h.example",
        ] {
            assert_eq!(flat(term), None, "{term}");
        }
    }
}
