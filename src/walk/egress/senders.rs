//! Who writes with which domains of ours.

use crate::topology::{
    Condition, Dkim, DomainId, Holds, Method, Party, Sending, SendsTo, Topology,
};
use crate::values::Address;
use crate::walk::Model;
use crate::walk::egress::sends_as;
use crate::walk::sample_senders::Seen;
use std::collections::{BTreeMap, BTreeSet};

/// Who writes with which domains of ours: one address for all that no object tells apart.
pub(super) struct Senders {
    groups: BTreeMap<(Party, Seen), (Address, BTreeSet<DomainId>)>,
}

impl Senders {
    pub(super) fn of(model: &Model<'_>) -> Self {
        let topology = &model.plan.topology;
        let mut senders = Self {
            groups: BTreeMap::new(),
        };
        let named = named_senders(topology);
        for (id, domain) in topology.domains() {
            if domain.sending == Sending::Parked {
                continue;
            }
            let generic = Address::of("someone", &domain.name);
            let generic = generic.and_then(|address| Some((model.seen_in_domain(id)?, address)));
            for holder in &domain.holders {
                let party = Party::Location(holder.location);
                match &holder.holds {
                    Holds::Listed(list) => {
                        // Of those that no condition names, and whose groups nobody lists, one stands for all.
                        let told = |address: &Address| named.contains(address);
                        let plain = list
                            .iter()
                            .find(|one| !told(&one.address) && one.details.is_none());
                        let apart = list
                            .iter()
                            .filter(|one| told(&one.address) || one.details.is_some());
                        for one in plain.into_iter().chain(apart) {
                            senders.add(model, party, one.address.clone(), id);
                        }
                    }
                    Holds::Count(_) | Holds::Rest => {
                        if let Some((seen, address)) = &generic {
                            senders.put(party, seen.clone(), address, id);
                        }
                        for address in named.iter().filter(|one| *one.domain() == domain.name) {
                            senders.add(model, party, address.clone(), id);
                        }
                    }
                }
            }
            if let (Sending::SendOnly, Dkim::Signers(signers), Some((seen, address))) =
                (domain.sending, &domain.dkim, &generic)
            {
                for at in signers.iter().filter_map(|one| one.signer.value.location()) {
                    senders.put(Party::Location(at), seen.clone(), address, id);
                }
            }
            for (device, names) in topology.devices() {
                let submits =
                    matches!(names.method.value, Method::Relay | Method::ClientSubmission);
                if submits
                    && !matches!(names.sends_to, SendsTo::Internal)
                    && sends_as(names, &domain.name)
                    && let Some((seen, address)) = &generic
                {
                    senders.put(Party::Device(device), seen.clone(), address, id);
                }
            }
        }
        senders
    }

    fn add(&mut self, model: &Model<'_>, party: Party, address: Address, domain: DomainId) {
        let seen = model.seen_in(Some(&address));
        self.put(party, seen, &address, domain);
    }

    fn put(&mut self, party: Party, seen: Seen, address: &Address, domain: DomainId) {
        let group = self.groups.entry((party, seen));
        let (_, domains) = group.or_insert_with(|| (address.clone(), BTreeSet::new()));
        domains.insert(domain);
    }

    pub(super) fn all(
        &self,
    ) -> impl Iterator<Item = (Party, &Seen, &Address, &BTreeSet<DomainId>)> {
        let groups = self.groups.iter();
        groups.map(|((party, seen), (address, domains))| (*party, seen, address, domains))
    }
}

/// Addresses that a rule names.
fn named_senders(topology: &Topology) -> BTreeSet<Address> {
    let rules = topology.rules.iter();
    let conditions = rules.flat_map(|rule| rule.when.iter().chain(&rule.unless));
    conditions
        .filter_map(|at| match &at.value {
            Condition::Sender(list) => Some(list.iter().cloned()),
            _ => None,
        })
        .flatten()
        .collect()
}
