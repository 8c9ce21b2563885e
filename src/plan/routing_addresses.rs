//! Whether the addresses that reach mailboxes of a location from elsewhere tell the mailboxes apart.
//!
//! They are derived from the local part alone, as a location has one routing domain for all its domains: bob of one domain
//! and bob of another would be one address. This module must not know who writes the addresses on envelopes.

use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, LocationPlan};
use crate::routes::accepted_directory;
use crate::topology::{Directory, Domain, Holder, Holds, LocationId, Recipient, Topology};
use crate::values::{Address, DomainName};
use std::collections::HashMap;

/// Refuses mailboxes of a location that would be reached by one address.
pub(crate) fn refuse_shared(topology: &Topology, places: &[LocationPlan], findings: &mut Findings) {
    for (id, location) in topology.locations() {
        let Some(suffix) = location.routing_domain() else {
            continue;
        };
        let domains: Vec<(&Domain, &Holder)> = topology
            .domains
            .iter()
            .filter(|domain| domain.is_split() && is_rewritten(topology, places, domain, id))
            .filter_map(|domain| {
                let mut holders = domain.holders.iter();
                Some((domain, holders.find(|holder| holder.location == id)?))
            })
            .collect();
        if domains.len() < 2 {
            continue;
        }
        let pairs = shared(&suffix, &domains);
        if let Some((target, first, second)) = pairs.first() {
            let more = match pairs.len() {
                1 => String::new(),
                2 => "; so is one more pair".to_owned(),
                many => format!("; so are {} more pairs", many - 1),
            };
            let free = format!(
                "{}.{}",
                second.address.local(),
                label(second.address.domain())
            );
            let mut finding = Finding::error(
                Code::S011,
                format!(
                    "`{}` and `{}` in `{}` are both reached as `{target}` from where they are not: mail for one of them goes to the other{more}",
                    first.address, second.address, location.name
                ),
            )
            .at(second.span, "")
            .at(first.span, "the other")
            .on(Object::Location(location.name.clone()))
            .help(format!(
                "give one of them an address of its own there and write it at its domain: `remote_mailboxes: [{{address: {}, target: {free}@{}}}]`",
                second.address,
                target.domain()
            ));
            finding.recipients = Some(2 * pairs.len() as u64);
            findings.push(finding);
        }
    }
}

/// Pairs of mailboxes with one address, by where the second stands.
fn shared<'t>(
    suffix: &DomainName,
    domains: &[(&'t Domain, &'t Holder)],
) -> Vec<(Address, &'t Recipient, &'t Recipient)> {
    let mut known: HashMap<Address, &Recipient> = HashMap::new();
    let mut pairs = Vec::new();
    for (domain, holder) in domains {
        let Holds::Listed(recipients) = &holder.holds else {
            continue;
        };
        let written: HashMap<&Address, &Address> = domain
            .remote_mailboxes
            .iter()
            .map(|remote| (&remote.address, &remote.target))
            .collect();
        for recipient in recipients {
            let listed = recipient.details.as_ref();
            let target = listed
                .and_then(|details| details.target.clone())
                .or_else(|| {
                    written
                        .get(&recipient.address)
                        .map(|target| (*target).clone())
                })
                .or_else(|| Address::of(recipient.address.local(), suffix));
            let Some(target) = target else { continue };
            if let Some(first) = known.get(&target) {
                pairs.push((target, *first, recipient));
            } else {
                known.insert(target, recipient);
            }
        }
    }
    pairs.sort_by_key(|(_, _, second)| second.span);
    pairs
}

/// Whether a place that does not hold them writes these addresses on envelopes.
fn is_rewritten(
    topology: &Topology,
    places: &[LocationPlan],
    domain: &Domain,
    at: LocationId,
) -> bool {
    topology.locations().zip(places).any(|((id, _), place)| {
        let accepts = || {
            let accepted = &place.accepted;
            accepted
                .binary_search_by(|item| item.domain.cmp(&domain.name))
                .is_ok()
        };
        let knows = match &place.configuration {
            Configuration::ExchangeServer(_) => {
                accepted_directory(topology, domain, id) == Directory::Complete
            }
            Configuration::Postfix(_) => {
                domain.is_listed()
                    && accepted_directory(topology, domain, id) == Directory::Complete
            }
            Configuration::ExchangeOnline(_) => topology.location(at).tenant().is_none(),
            Configuration::Checklist => false,
        };
        id != at && knows && accepts()
    })
}

/// The first label, which tells this domain from others.
fn label(domain: &DomainName) -> &str {
    domain.labels().next().unwrap_or_default()
}
