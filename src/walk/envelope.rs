//! The envelope sender of a message on its way: who rewrites it, and to what.
//!
//! A message carries its sender in its state, so that admission, rules, tables of senders and what receivers find out all
//! look at the same one.

use crate::plan::Plan;
use crate::topology::LocationId;
use crate::values::{Address, DomainName};
use crate::walk::Model;
use crate::walk::handover::Handing;
use crate::walk::state::{Envelope, Message, State};
use std::borrow::Cow;

/// Whether any place besides a tenant rewrites envelope senders.
pub(crate) fn is_rewritten(plan: &Plan) -> bool {
    let mut locations = plan.topology.locations();
    locations.any(|(_, at)| at.tenant().is_none() && at.rewrites_sender())
}

impl Model<'_> {
    /// The message with the envelope sender that it has in this state. An empty one always stays empty. What somebody has
    /// rewritten to nobody knows what is in nobody's name.
    pub(crate) fn as_it_is<'m>(&self, message: &'m Message, state: &State) -> Cow<'m, Message> {
        let sender = match &state.envelope {
            _ if message.sender.is_none() => return Cow::Borrowed(message),
            Envelope::Kept | Envelope::Empty => return Cow::Borrowed(message),
            Envelope::Replaced(domain) => Address::of("bounces", domain),
            Envelope::Rewritten => self.external_address().cloned(),
        };
        Cow::Owned(Message { sender })
    }

    /// What a place besides a tenant makes of the envelope sender of mail that it has taken, where it rewrites any. Postfix,
    /// taught it by postsrsd, leaves senders of our own domains as they are
    /// (`SRS_EXCLUDE_DOMAINS`, <https://github.com/roehling/postsrsd>).
    pub(crate) fn rewritten_at(&self, message: &Message, at: LocationId) -> Option<Envelope> {
        let location = self.plan.topology.location(at);
        if location.tenant().is_some() || !location.rewrites_sender() {
            return None;
        }
        let sender = message.sender_domain()?;
        if location.postfix().is_some() && self.is_ours(sender) {
            return None;
        }
        Some(match location.bounce_domain() {
            Some(domain) => Envelope::Replaced(domain),
            None => Envelope::Rewritten,
        })
    }

    /// The state of what a mailbox of a tenant has forwarded and a connector that rewrites senders takes to others: an
    /// address of the mailbox's domain has taken the place of the sender
    /// (<https://learn.microsoft.com/exchange/reference/sender-rewriting-scheme>).
    pub(crate) fn rewritten_on(&self, state: &State, handing: &Handing) -> Option<State> {
        let forwarder = state.forwarded.as_ref()?;
        let is_inside = || self.accepted(state.at, state.recipient.domain()).is_some();
        if !handing.rewrites_sender || is_inside() {
            return None;
        }
        Some(State {
            envelope: Envelope::Replaced(forwarder.clone()),
            ..state.clone()
        })
    }

    /// Whether a name is in one of our domains.
    pub(crate) fn is_ours(&self, name: &DomainName) -> bool {
        self.plan.topology.nearest_domain(name).is_some()
    }
}
