//! Somebody who writes, where only the kind of sender is said.

use crate::dns::routing::owner;
use crate::plan::Plan;
use crate::topology::{Holds, LocationId};
use crate::values::{Address, DomainName};
use crate::walk::Model;
use crate::walk::name_index::Lookup;

impl Model<'_> {
    /// An address with a mailbox at a place.
    pub(crate) fn sample(&self, at: LocationId) -> Option<&Address> {
        self.samples.get(at.index())?.as_ref()
    }
}

/// Of each place an address with a mailbox there: a listed one, else any of a domain that is counted there or accepted.
pub(crate) fn samples(plan: &Plan) -> Vec<Option<Address>> {
    let mut samples: Vec<Option<Address>> = vec![None; plan.places.len()];
    for domain in &plan.topology.domains {
        for holder in &domain.holders {
            if let Some(sample @ None) = samples.get_mut(holder.location.index()) {
                *sample = match &holder.holds {
                    Holds::Listed(list) => list.first().map(|recipient| recipient.address.clone()),
                    Holds::Count(_) | Holds::Rest => Address::of("someone", &domain.name),
                };
            }
        }
    }
    for (sample, place) in samples.iter_mut().zip(&plan.places) {
        if sample.is_none() {
            let accepted = place.accepted.first();
            *sample = accepted.and_then(|item| Address::of("someone", &item.domain));
        }
    }
    samples
}

/// Somebody whose domain nobody here has.
pub(crate) fn stranger(plan: &Plan, lookup: &Lookup<'_>) -> Option<Address> {
    [
        "example.net",
        "example.org",
        "example.com",
        "stranger.example",
    ]
    .into_iter()
    .filter_map(|name| DomainName::parse(name).ok())
    .find(|name| owner(plan, name).is_none() && lookup.partner_of(name).is_none())
    .and_then(|name| Address::of("someone", &name))
}
