//! Where every message goes: an exact walk over the objects of a plan.
//!
//! The walk moves a message from location to location: each first decides whether it accepts the mail and as whose
//! (`admit`), then delivers it, rewrites its address, or chooses the next hop with the policy of its own platform
//! (`first_hop`, `processing`). What may differ (a reading of the documents, an exchanger, a condition nobody can decide
//! offline, the location of a mailbox that is only counted) splits the path, and every path is followed. Names fall into
//! finitely many classes that no object can tell apart (`atoms`), so that walking one witness of each class decides for
//! all names.
//!
//! # What is assumed
//!
//! - A smart host that neither the spec nor the provider gives to another belongs to the location its route names.
//! - A published zone says what mailtopo writes, a declared one what the spec declares; queries always succeed.
//! - Directories hold what the spec says they hold; a mailbox of a split domain has its routing address at its tenant.
//! - A gateway does what `forwards` says, and passes on to the Internet what our own locations hand to it otherwise.
//! - Mail that came back from our own servers with its cross-premises headers is not sent on the detour of centralized
//!   transport again; whether the provider tests exactly these headers is not documented.
//! - A location with `accept_only_from` is locked once the records of today that lead past the lock (`mx_now`) are gone.
//! - A header that keeps a rule from acting twice is on the message once the rule has acted, whoever stamps it.
//! - Content, sizes, rates and messages to several recipients are outside the model.
//!
//! This module must not know how results are shown.

mod admit;
pub(crate) mod atoms;
mod attribution;
mod blame;
mod candidates;
mod claims;
mod classes;
mod client;
mod conditions;
mod directory;
mod doubts;
mod egress;
mod entry_points;
mod envelope;
mod equivalent_senders;
pub(crate) mod expect;
mod faults;
mod first_hop;
mod flows;
mod graph;
mod groups;
mod handover;
mod inbound;
mod joint;
mod mailbox_faults;
mod name_index;
mod name_key;
mod next_hop;
mod other_customers;
mod postfix;
mod processing;
mod recipients;
mod sample_senders;
mod state;
mod survey;
mod tenant;
#[cfg(test)]
mod tests;
mod tls;
mod trace;
mod way;
mod word_match;

pub(crate) use blame::{fault_of, may_write_to};
pub(crate) use claims::{Claim, Claimed};
pub(crate) use classes::Class;
pub(crate) use client::{Unshown, stands_for};
pub(crate) use directory::{Answer, Directory};
pub(crate) use doubts::{Doubt, Parting};
pub(crate) use egress::{Departure, Egress, Reason, in_our_name};
pub(crate) use equivalent_senders::{Alike, is_common};
pub(crate) use faults::{Evidence, Fault, FaultKind};
pub(crate) use flows::{Flow, Walker, holders, networks_like};
pub(crate) use groups::ClassKind;
pub(crate) use joint::{Joint, JointClass};
pub(crate) use other_customers::OthersMay;
pub(crate) use recipients::Home;
pub(crate) use state::Cause;
pub use state::Ends;
pub(crate) use state::Envelope;
pub(crate) use survey::Extent;
pub use survey::Flows;
pub(crate) use tls::TlsFailure;
pub(crate) use trace::MOST_WAYS;
pub use trace::{trace, trace_straight, traces};
pub(crate) use trace::{trace_as, trace_to_nobody};

pub use way::{Trace, Way};

use crate::dns::routing::Existing;
use crate::plan::Plan;
use crate::routes::AcceptedDomain;
use crate::topology::{LocationId, Party};
use crate::values::{Address, DomainName};
use name_index::Lookup;
use recipients::People;
use sample_senders::Seen;
use std::cell::OnceCell;

/// A plan and what is looked up in it again and again.
pub struct Model<'a> {
    /// The plan.
    pub plan: &'a Plan,
    people: People<'a>,
    lookup: Lookup<'a>,
    existing: Existing,
    /// Somebody at each place.
    samples: Vec<Option<Address>>,
    /// Who writes at each place.
    writers: OnceCell<Vec<Vec<Option<Address>>>>,
    /// What is seen in anybody of each domain.
    domains_seen: OnceCell<Vec<Option<Seen>>>,
    /// Places with an object that looks at envelope senders.
    watching: Vec<LocationId>,
    /// Some place besides a tenant rewrites envelope senders.
    rewriting: bool,
    /// Somebody whom nobody here knows.
    stranger: Option<Address>,
    /// Places that strangers reach.
    doors: Vec<LocationId>,
}

impl<'a> Model<'a> {
    /// The model of a plan.
    pub fn of(plan: &'a Plan) -> Self {
        let existing = Existing::of(plan);
        let lookup = Lookup::of(plan, &existing);
        Self {
            plan,
            people: People::of(plan),
            existing,
            samples: sample_senders::samples(plan),
            writers: OnceCell::new(),
            domains_seen: OnceCell::new(),
            watching: sample_senders::watching(plan),
            rewriting: envelope::is_rewritten(plan),
            stranger: sample_senders::stranger(plan, &lookup),
            doors: entry_points::doors(plan),
            lookup,
        }
    }

    /// Whether an address of a domain of ours is one that no mailbox has, and that nothing sends on.
    pub(crate) fn reaches_nobody(&self, address: &Address) -> bool {
        let meanings = self.people.meanings(self.plan, address);
        let is_sent_on = !self.people.forwards(address).is_empty();
        !is_sent_on && meanings.iter().all(|one| one.home == Home::Nobody)
    }

    /// How a place accepts a name, and whether as an unnamed subdomain.
    pub fn accepted(
        &self,
        at: LocationId,
        name: &DomainName,
    ) -> Option<(&'a AcceptedDomain, bool)> {
        let accepted = &self.plan.place(at).accepted;
        if let Some(item) = accepted.named(name) {
            return Some((item, false));
        }
        accepted.around(name).map(|item| (item, true))
    }

    fn name(&self, at: LocationId) -> &'a str {
        &self.plan.topology.location(at).name
    }

    fn party(&self, party: Party) -> &'a str {
        self.plan.topology.party_name(party)
    }
}
