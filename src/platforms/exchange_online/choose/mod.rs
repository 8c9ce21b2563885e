//! Which outbound connector of Exchange Online takes a name.
//!
//! The documents give an order (exact name, all accepted domains, wildcard) and an example that contradicts it, and say
//! nothing of nested wildcards, equal entries and the place of `*`. So the choice is made once under every combination
//! of the readings that could matter, and what differs is handed back as several choices. Assumed under all of them: a
//! disabled connector and one for rules take no part, and `*` comes last.
//! Source: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

mod claim;
mod readings;
#[cfg(test)]
mod tests;

use crate::platforms::exchange_online::OutboundConnector;
use crate::platforms::{Choice, Fitting, Lost, Named, TOLD};
use crate::routes::order::{EXCHANGE_ONLINE, Tie};
use crate::values::{DomainName, NameIndex, Pattern};
use claim::{Candidate, Claim};
use readings::{Outcome, Readings, cases, live, winners};

/// How a tenant stands to a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ClientStatus {
    /// It is one of its accepted domains.
    Named,
    /// It is taken as an unnamed subdomain of one.
    Subdomain,
    /// It is somebody else's.
    Foreign,
}

/// The connectors by the names that they are for; those for all accepted domains stand with `*`.
pub(crate) fn index(connectors: &[OutboundConnector]) -> NameIndex<Named> {
    let mut index = NameIndex::default();
    for (object, connector) in connectors.iter().enumerate() {
        for (at, pattern) in connector.recipient_domains.iter().enumerate() {
            index.insert(pattern, Named::new(object, at));
        }
        if connector.all_accepted_domains {
            let pattern = None;
            let is_written_out = false;
            let named = Named {
                object,
                pattern,
                is_written_out,
            };
            index.insert(&Pattern::AcceptedDomains, named);
        }
    }
    index
}

/// All choices that the documents leave open for this name among the patterns that fit it; one without a winner follows
/// the MX.
pub(crate) fn select(
    connectors: &[OutboundConnector],
    fitting: &Fitting,
    standing: ClientStatus,
    name: &DomainName,
) -> Vec<Choice> {
    let mut fitting = fitting.clone();
    fitting.sort_by_key(|(_, named)| named.object);
    let candidates: Vec<Candidate> = fitting
        .chunk_by(|(_, a), (_, b)| a.object == b.object)
        .filter_map(|own| {
            let index = own.first()?.1.object;
            Some((index, connectors.get(index)?, own))
        })
        .filter(|(_, connector, _)| connector.enabled && !connector.is_transport_rule_scoped)
        // Mail for others that does not make the detour of centralized transport does not go back there:
        // https://learn.microsoft.com/troubleshoot/exchange/hybrid-hybrid/hybrid-messages-not-routed-through-on-premises
        .filter(|(_, connector, _)| {
            standing != ClientStatus::Foreign || !connector.route_all_messages_via_on_premises
        })
        .filter_map(|(index, connector, own)| Candidate::of(index, connector, standing, own, name))
        .collect();
    let outcomes: Vec<Outcome> = Readings::all()
        .map(|readings| (readings, winners(&candidates, standing, readings)))
        .collect();
    let live = live(&outcomes);
    let mut order: Vec<Option<usize>> = Vec::new();
    for (_, best) in &outcomes {
        let winners: Vec<Option<usize>> = match best.as_slice() {
            [] => vec![None],
            some => some.iter().copied().map(Some).collect(),
        };
        for winner in winners {
            if !order.contains(&winner) {
                order.push(winner);
            }
        }
    }
    let every: Vec<&Outcome> = outcomes.iter().collect();
    let mut choices = Vec::new();
    for winner in order {
        for case in cases(&every, winner, live, 0) {
            let mut assumed = case.assumed;
            if case.tie && assumed.iter().all(|(id, _)| *id != "R3") {
                let Tie::Reading(reading) = EXCHANGE_ONLINE.tie else {
                    continue;
                };
                assumed.push((reading, "any"));
            }
            choices.push(Choice {
                winner: winner.map(|at| candidates[at].index),
                why: winner.map_or_else(
                    || format!("no connector is for `{name}`"),
                    |at| candidates[at].claim(standing, case.readings).in_words(name),
                ),
                readings: assumed,
                losers: lost(&candidates, connectors, winner, name),
            });
        }
    }
    choices
}

fn lost(
    candidates: &[Candidate],
    connectors: &[OutboundConnector],
    winner: Option<usize>,
    name: &DomainName,
) -> Vec<Lost> {
    let won = winner.map(|at| connectors[candidates[at].index].name.as_str());
    candidates
        .iter()
        .enumerate()
        .filter(|(at, _)| Some(*at) != winner)
        .take(TOLD)
        .map(|(_, candidate)| {
            let claim = if candidate.exact {
                Claim::Exact
            } else if candidate.accepted {
                Claim::Accepted
            } else if let Some(&labels) = candidate.below.first() {
                Claim::Wildcard(labels)
            } else if candidate.any {
                Claim::Everything
            } else {
                Claim::None
            };
            let claim = if candidate.apex && claim == Claim::None {
                format!("its `*.{name}` may cover `{name}` itself")
            } else {
                claim.in_words(name)
            };
            Lost {
                index: candidate.index,
                why: match won {
                    Some(won) => format!("{claim}, but `{won}` is taken to be nearer"),
                    None => format!("{claim} under another reading only"),
                },
            }
        })
        .collect()
}
