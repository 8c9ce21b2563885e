//! Which Send connector of Exchange Server takes a name.
//!
//! Documented without a gap: the most specific address space (`contoso.com`, then `*.contoso.com`, which covers
//! contoso.com too, then `*`), then the lowest cost, then the lowest name. All connectors of an organization are taken
//! to start at the same servers, so that site links and hops never differ.
//! Source: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::platforms::exchange_server::SendConnector;
use crate::platforms::{Choice, Fitting, Lost, Named, TOLD};
use crate::routes::order::{Claim, EXCHANGE_SERVER, Key};
use crate::values::{DomainName, NameIndex, Pattern};

/// The connectors by the names that their address spaces are for.
pub(crate) fn index(connectors: &[SendConnector]) -> NameIndex<Named> {
    let mut index = NameIndex::default();
    for (object, connector) in connectors.iter().enumerate() {
        for (at, (pattern, _)) in connector.address_spaces.iter().enumerate() {
            index.insert(pattern, Named::new(object, at));
        }
    }
    index
}

/// The one choice for this name among the address spaces that fit it; without a winner the mail waits in the unreachable
/// queue.
pub(crate) fn select(connectors: &[SendConnector], fitting: &Fitting, name: &DomainName) -> Choice {
    let candidates: Vec<Candidate<'_>> = fitting
        .iter()
        .filter_map(|(fit, named)| {
            let connector = connectors.get(named.object)?;
            let (space, cost) = connector.address_spaces.get(named.pattern?)?;
            let claim = Claim {
                fit: *fit,
                is_written_out: true,
                cost: *cost,
                distance: None,
                name: &connector.name,
            };
            connector.enabled.then_some(Candidate {
                index: named.object,
                space,
                claim,
            })
        })
        .collect();
    let first = candidates.iter().min_by(|a, b| {
        let ordering = EXCHANGE_SERVER.compare(&a.claim, &b.claim).0;
        ordering.then(a.index.cmp(&b.index))
    });
    let Some(winner) = first else {
        return Choice {
            winner: None,
            why: format!("no Send connector has an address space for `{name}`"),
            readings: Vec::new(),
            losers: Vec::new(),
        };
    };
    let mut told = vec![winner.index];
    let mut losers = Vec::new();
    // The closest space of each connector stands first.
    for loser in &candidates {
        if losers.len() == TOLD || told.contains(&loser.index) {
            continue;
        }
        told.push(loser.index);
        let (_, key) = EXCHANGE_SERVER.compare(&winner.claim, &loser.claim);
        let why = match key {
            Some(Key::Pattern) => format!("its address space `{}` is less specific", loser.space),
            Some(Key::Cost) => format!(
                "its cost is {}, that of `{}` is {}",
                loser.claim.cost, winner.claim.name, winner.claim.cost
            ),
            _ => format!(
                "at equal cost the name decides, and `{}` comes first",
                winner.claim.name
            ),
        };
        losers.push(Lost {
            index: loser.index,
            why,
        });
    }
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
    space: &'a Pattern,
    claim: Claim<'a>,
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
            enabled: true,
            address_spaces,
            managed: true,
            ..SendConnector::blank(name, RouteId::from_index(0))
        }
    }

    fn chosen(connectors: &[SendConnector], name: &str) -> Choice {
        let name = DomainName::parse(name).expect("a name");
        let index = index(connectors);
        let fitting: Fitting = index.about(&name).map(|(fit, at)| (fit, *at)).collect();
        select(connectors, &fitting, &name)
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
            let choice = chosen(&all, name);
            assert_eq!(
                choice.winner.map(|at| all[at].name.as_str()),
                Some(expected),
                "{name}"
            );
        }
        let choice = chosen(&all[2..], "example.net");
        assert_eq!(choice.winner, None);
    }
}
