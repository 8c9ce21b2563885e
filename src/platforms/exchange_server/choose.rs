//! Which Send connector of Exchange Server takes a name.
//!
//! Documented without a gap: the most specific address space (`contoso.com`, then `*.contoso.com`, which covers
//! contoso.com too, then `*`), then the lowest cost, then the lowest name. All connectors of an organization are taken
//! to start at the same servers, so that site links and hops never differ.
//! Source: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::platforms::exchange_server::SendConnector;
use crate::platforms::{Choice, Lost, meet};
use crate::values::{DomainName, Pattern};
use std::cmp::Reverse;

/// The one choice for this name; without a winner the mail waits in the unreachable queue.
pub fn select(connectors: &[SendConnector], name: &DomainName) -> Choice {
    let all: Vec<usize> = (0..connectors.len()).collect();
    select_among(connectors, &all, name)
}

/// The same, where only the connectors at these positions have anything to say about the name.
pub fn select_among(connectors: &[SendConnector], among: &[usize], name: &DomainName) -> Choice {
    let mut candidates: Vec<Candidate<'_>> = among
        .iter()
        .filter_map(|&index| Some((index, connectors.get(index)?)))
        .filter(|(_, connector)| connector.enabled)
        .filter_map(|(index, connector)| Candidate::of(index, connector, name))
        .collect();
    candidates.sort_by_key(|candidate| {
        (
            Reverse(candidate.labels),
            candidate.cost,
            candidate.name.to_lowercase(),
            candidate.index,
        )
    });
    let Some(winner) = candidates.first() else {
        return Choice {
            winner: None,
            why: format!("no Send connector has an address space for `{name}`"),
            readings: Vec::new(),
            losers: Vec::new(),
        };
    };
    let losers = candidates
        .iter()
        .skip(1)
        .map(|loser| Lost {
            index: loser.index,
            why: if loser.labels != winner.labels {
                format!("its address space `{}` is less specific", loser.space)
            } else if loser.cost != winner.cost {
                format!(
                    "its cost is {}, that of `{}` is {}",
                    loser.cost, winner.name, winner.cost
                )
            } else {
                format!(
                    "at equal cost the name decides, and `{}` comes first",
                    winner.name
                )
            },
        })
        .collect();
    Choice {
        winner: Some(winner.index),
        why: format!(
            "its address space `{}` is the most specific for `{name}`",
            winner.space
        ),
        readings: Vec::new(),
        losers,
    }
}

struct Candidate<'a> {
    index: usize,
    name: &'a str,
    space: &'a Pattern,
    cost: u32,
    /// Labels of what is written; an exact name counts one more than its wildcard, `*` counts none.
    labels: usize,
}

impl<'a> Candidate<'a> {
    fn of(index: usize, connector: &'a SendConnector, name: &DomainName) -> Option<Self> {
        let spaces = &connector.address_spaces;
        let met = meet(spaces, |(pattern, _)| pattern, name);
        let own = name.labels().count();
        let (at, labels) = if let Some(at) = met.exact {
            (at, 2 * own + 1)
        } else if let Some(at) = met.apex {
            (at, 2 * own)
        } else if let Some(&(at, labels)) = met.below.first() {
            (at, 2 * labels)
        } else {
            (met.any?, 0)
        };
        let (space, cost) = spaces.get(at)?;
        Some(Self {
            index,
            name: &connector.name,
            space,
            cost: *cost,
            labels,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::routes::RouteId;

    fn connector(name: &str, spaces: &[(&str, u32)]) -> SendConnector {
        let mut address_spaces: Vec<(Pattern, u32)> = spaces
            .iter()
            .map(|(pattern, cost)| (Pattern::parse(pattern).expect("a pattern"), *cost))
            .collect();
        address_spaces.sort();
        SendConnector {
            name: name.to_owned(),
            former_names: Vec::new(),
            enabled: true,
            address_spaces,
            source_transport_servers: Vec::new(),
            smart_hosts: Vec::new(),
            port: 25,
            fqdn: None,
            require_tls: false,
            ignore_starttls: false,
            tls_auth_level: None,
            tls_domain: None,
            tls_certificate: None,
            cloud_services_mail_enabled: None,
            auth: None,
            max_message_size: None,
            route: RouteId::from_index(0),
            by_wizard: false,
        }
    }

    #[test]
    fn specificity_then_cost_then_name() {
        let all = [
            connector("b", &[("*", 1)]),
            connector("a", &[("*", 1)]),
            connector("cheap", &[("*.contoso.com", 9)]),
            connector("deep", &[("*.eu.contoso.com", 20)]),
            connector("exact", &[("hr.contoso.com", 50)]),
            connector("exact cheaper", &[("hr.contoso.com", 5)]),
        ];
        for (name, expected) in [
            ("example.net", "a"),
            ("contoso.com", "cheap"),
            ("x.contoso.com", "cheap"),
            ("eu.contoso.com", "deep"),
            ("a.b.eu.contoso.com", "deep"),
            ("hr.contoso.com", "exact cheaper"),
        ] {
            let choice = select(&all, &DomainName::parse(name).expect("a name"));
            assert_eq!(
                choice.winner.map(|at| all[at].name.as_str()),
                Some(expected),
                "{name}"
            );
        }
        let choice = select(
            &all[2..],
            &DomainName::parse("example.net").expect("a name"),
        );
        assert_eq!(choice.winner, None);
    }
}
