//! The ways of a message, as they were followed.

use crate::finding::{Certainty, TraceHop};
use crate::topology::{LocationId, Party};
use crate::values::{Address, DomainName, Network, TlsLevel};
use crate::walk::claims::Claimed;
use crate::walk::egress::Leaving;
use crate::walk::state::{End, Gap, Redirect};
use std::collections::BTreeMap;
use std::sync::Arc;

/// All ways of a message.
#[derive(Clone, Debug)]
pub struct Trace {
    /// Who writes, in the words of the command line.
    pub from: String,
    /// The envelope sender; of several, the first.
    pub sender: Option<Address>,
    /// To whom.
    pub to: Address,
    /// Every possible way, in the order in which they were found.
    pub ways: Vec<Way>,
    /// There are more ways than are kept.
    pub cut: bool,
}

/// One way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// How it ends and why.
    pub end: End,
    /// How sure it is that mail takes this way.
    pub certainty: Certainty,
    /// Readings it rests on.
    pub readings: BTreeMap<&'static str, &'static str>,
    /// What else has to be assumed.
    pub assuming: Vec<String>,
    /// The least level that is guaranteed on all hops; the highest where there is none.
    pub tls: TlsLevel,
    /// What is guaranteed on the first hop.
    pub first_tls: TlsLevel,
    /// Where mail that leaves us leaves from.
    pub egress: Vec<Network>,
    /// The hops that a receiver judges by the envelope sender.
    pub leavings: Vec<Leaving>,
    /// Our places on the way, in order.
    pub places: Vec<LocationId>,
    /// The hops.
    pub hops: Vec<Arc<TraceHop>>,
    /// Who connects to the first location; `None` where the message is written there.
    pub client: Option<Party>,
    /// It goes past a gateway that mail has to pass.
    pub bypass: bool,
    /// The first place on it that has no route for the recipient's domain and follows the MX.
    pub(crate) gap: Option<Gap>,
    /// The name under which it leaves everything that is ours.
    pub(crate) left_as: Option<DomainName>,
    /// A tenant takes it that it was not handed to.
    pub(crate) claimed: Option<Arc<Claimed>>,
    /// It makes the detour of centralized transport to a place where it has been.
    pub detour_again: bool,
    /// It comes round by redirects.
    pub redirects: bool,
    /// The redirects to other people's mailboxes on it, each with the number of hops before it.
    pub forwards: Vec<(usize, Redirect)>,
    /// The envelope recipient at the last place.
    pub recipient: Option<Address>,
}

impl Way {
    /// The other name under which mail for this one is sent on, that of the place without a route first.
    pub(crate) fn sent_on(&self, own: &DomainName) -> Option<&DomainName> {
        let at_gap = self.gap.as_ref().map(|gap| &gap.name);
        let last = self.recipient.as_ref().map(Address::domain);
        let names = at_gap.into_iter().chain(&self.left_as).chain(last);
        names.into_iter().find(|name| *name != own)
    }

    /// The last redirect to another person's mailbox.
    pub(crate) fn redirect(&self) -> Option<&Redirect> {
        self.forwards.last().map(|(_, redirect)| redirect)
    }

    /// The first place on it that has no route for the recipient's domain.
    pub fn gap_at(&self) -> Option<LocationId> {
        self.gap.as_ref().map(|gap| gap.at)
    }

    /// The hops, as a finding shows them.
    pub fn shown(&self) -> Vec<TraceHop> {
        self.hops.iter().map(|hop| TraceHop::clone(hop)).collect()
    }

    /// The same as if no reading were open.
    pub(crate) fn settled(&self) -> Self {
        Self {
            readings: BTreeMap::new(),
            certainty: if self.assuming.is_empty() {
                Certainty::Certain
            } else {
                Certainty::Assumed
            },
            ..self.clone()
        }
    }
}
