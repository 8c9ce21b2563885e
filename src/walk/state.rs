//! What a walk remembers of a message, and how it can end.

use crate::finding::TraceHop;
use crate::platforms::Assumption;
use crate::routes::{Route, RouteId};
use crate::source::Span;
use crate::topology::{LocationId, PartnerId, Party, Topology};
use crate::values::{Address, DomainName, Network, TlsLevel};

use std::sync::Arc;

use crate::walk::Home;
use crate::walk::claims::Claimed;
use crate::walk::tls::TlsFailure;

/// A message as it was written, or as it is in one state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    /// The envelope sender; `None` is the empty one.
    pub sender: Option<Address>,
}

/// What has become of an envelope sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Envelope {
    /// It is the one the mail was written with.
    #[default]
    Kept,
    /// Somebody has put an address of this domain in its place: a tenant one of the mailbox that forwards, a gateway or a
    /// Postfix one of its `bounce_domain`.
    Replaced(DomainName),
    /// Somebody has rewritten it, and nobody says to what.
    Rewritten,
    /// There is none, as with a bounce: receivers look at the name that the client calls itself.
    Empty,
}

impl Message {
    /// The domain of the envelope sender.
    pub(crate) fn sender_domain(&self) -> Option<&DomainName> {
        self.sender.as_ref().map(Address::domain)
    }

    /// What whoever sends it does, as far as its sender goes.
    pub(crate) fn sending(&self) -> String {
        match &self.sender {
            Some(sender) => format!("send as `{sender}`"),
            None => "send without a sender".to_owned(),
        }
    }
}

/// A message that has reached a place, which has yet to take it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct State {
    /// The place.
    pub at: LocationId,
    /// How it came.
    pub arrival: Arrival,
    /// The envelope recipient now.
    pub recipient: Address,
    /// Whose mailbox is meant, by its own address.
    pub person: Address,
    /// Where that mailbox is.
    pub home: Home,
    /// It counts as written inside.
    pub inside: bool,
    /// It has made the detour of centralized transport.
    pub detoured: bool,
    /// The domain of the last mailbox of Exchange Online that has forwarded it.
    pub forwarded: Option<DomainName>,
    /// What has become of its envelope sender. All who look at the sender look at this one ([`Model::as_it_is`]).
    ///
    /// [`Model::as_it_is`]: crate::walk::Model::as_it_is
    pub envelope: Envelope,
    /// One of ours has taken it already, so a refusal comes back as a bounce.
    pub taken: bool,
    /// Rules that have left their mark on it, by position, sorted; of several that leave the same, the first.
    pub ruled: Vec<usize>,
}

/// Which of its certificates a sending end shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shows {
    /// None that anybody knows: without TLS, or because the object that sends names none of its location's.
    Nothing,
    /// The one that it shows everywhere.
    Own,
    /// That of a route.
    OfRoute(RouteId),
}

impl Shows {
    /// What is shown on a route, if its sending end shows anything.
    pub(crate) fn on(id: RouteId, route: &Route) -> Self {
        match route.client_certificate {
            _ if !route.presents => Self::Nothing,
            Some(_) => Self::OfRoute(id),
            None => Self::Own,
        }
    }
}

/// How a message came to a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Arrival {
    /// Written there, by somebody with a login.
    Submitted,
    /// Handed over.
    From {
        /// By whom.
        party: Party,
        /// From one of these addresses; `None` where nobody says.
        address: Option<Network>,
        /// The sending end kept the cross-premises headers.
        headers: bool,
        /// The certificate that was shown.
        shows: Shows,
        /// Over a record of today that shall go, which it has when the place is locked.
        early: bool,
    },
}

/// How a message ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ends {
    /// In a mailbox there.
    Delivered(LocationId),
    /// With a partner.
    HandedOff(PartnerId),
    /// On the Internet.
    Internet,
    /// Refused to the first sender; `None`: before it reached us.
    Rejected(Option<LocationId>),
    /// Taken by one of ours, then refused or undeliverable there.
    Bounced(LocationId),
    /// Waits there until it expires.
    Deferred(LocationId),
    /// Thrown away there.
    Discarded(LocationId),
    /// Comes round for ever.
    Loop(Vec<LocationId>),
    /// Handed by this place, or by a stranger, to somebody the spec does not know.
    LeftModel(Option<LocationId>),
}

impl Ends {
    /// The end in the words of the command line: `delivered hq`, `loop cloud,hq`.
    pub fn words(&self, topology: &Topology) -> String {
        let name = |at: LocationId| topology.location(at).name.as_str();
        let or_internet = |at: &Option<LocationId>| at.map_or("internet", name);
        match self {
            Self::Delivered(at) => format!("delivered {}", name(*at)),
            Self::HandedOff(partner) => format!("handed-off {}", topology.partner(*partner).name),
            Self::Internet => "internet".to_owned(),
            Self::Rejected(at) => format!("rejected {}", or_internet(at)),
            Self::Bounced(at) => format!("bounced {}", name(*at)),
            Self::Deferred(at) => format!("deferred {}", name(*at)),
            Self::Discarded(at) => format!("discarded {}", name(*at)),
            Self::Loop(cycle) => {
                let mut names: Vec<&str> = cycle.iter().map(|at| name(*at)).collect();
                names.sort_unstable();
                names.dedup();
                format!("loop {}", names.join(","))
            }
            Self::LeftModel(at) => format!("left-model {}", or_internet(at)),
        }
    }

    /// Whether the message came to somebody.
    pub const fn arrives(&self) -> bool {
        matches!(
            self,
            Self::Delivered(_) | Self::HandedOff(_) | Self::Internet
        )
    }
}

/// An end and why it is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Which.
    pub ends: Ends,
    /// What kind of reason it has.
    pub cause: Cause,
    /// Why, in words.
    pub why: String,
    /// The route that says so.
    pub route: Option<RouteId>,
}

/// Kinds of reasons for an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// It ends as somebody wrote.
    AsWritten,
    /// The place does not accept the domain, and the sending end may not relay.
    NotAccepted,
    /// The sending end may do less than it wants to.
    NotAllowed,
    /// The place takes mail of some from others only.
    Restricted,
    /// The gateway forwards nothing for the domain.
    NotForwarded,
    /// The place is authoritative, and nobody has this address.
    NoRecipient,
    /// The place is authoritative and does not know the mailbox, which is elsewhere.
    HalfDirectory,
    /// The mailbox is there, and does not have the address it is called by.
    NoSuchAddress,
    /// No connector of the Exchange organization is for the domain.
    NoConnector,
    /// The sending end demands TLS that the receiving end does not give.
    Tls(TlsFailure),
    /// The MX leads back to the place that asks for it.
    OwnMx,
    /// The message comes round as it was.
    Round,
    /// It has passed more servers than some count.
    HopLimit,
    /// The domain has no MX.
    NoExchanger,
    /// The MX names a host that the spec does not know, or the spec names none.
    UnknownExchanger,
    /// A route names a host that takes no mail for whom the route is to.
    WrongHost,
}

impl Cause {
    /// The reason with its words.
    pub(crate) fn because(self, why: impl Into<String>) -> Reason {
        Reason {
            cause: self,
            why: why.into(),
        }
    }
}

/// A reason in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Reason {
    pub cause: Cause,
    pub why: String,
}

impl Reason {
    /// The end it leads to.
    pub(crate) fn end(self, ends: Ends) -> End {
        End {
            ends,
            cause: self.cause,
            why: self.why,
            route: None,
        }
    }
}

/// A place that has no route for a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Gap {
    /// The place.
    pub at: LocationId,
    /// The name, which need not be the one that the mail was written to.
    pub name: DomainName,
}

/// One move of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Readings that the move rests on.
    pub readings: Vec<Assumption>,
    /// What else has to be assumed, in words.
    pub assuming: Vec<String>,
    /// Rules that only the product can decide, and how it decides.
    pub guesses: Vec<Guess>,
    /// It turns to somebody else's mailbox.
    pub redirect: Option<Redirect>,
    /// The hop; `None` where the message stays.
    pub hop: Option<Arc<TraceHop>>,
    /// What is guaranteed on the hop.
    pub tls: TlsLevel,
    /// It goes past a gateway that mail has to pass.
    pub bypass: bool,
    /// The place it leaves has no route for it.
    pub gap: Option<Gap>,
    /// The name under which it leaves everything that is ours.
    pub left_as: Option<DomainName>,
    /// Another tenant takes it than the one whose host it is handed to.
    pub claimed: Option<Arc<Claimed>>,
    /// It is the detour of centralized transport.
    pub detour: bool,
    /// The envelope sender that it has after the move.
    pub envelope: Envelope,
    /// Where it gets.
    pub next: Next,
}

/// Whether a rule acts on mail to somebody, where the spec cannot tell. The answer is the same on the whole way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guess {
    /// The rule, by its position.
    pub rule: usize,
    /// Whose mail it is.
    pub person: Address,
    /// It acts.
    pub acts: bool,
}

/// Mail for one mailbox that goes on to another address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirect {
    /// Whose mail.
    pub address: Address,
    /// Where it goes.
    pub target: Address,
    /// Where the spec says so.
    pub span: Span,
}

/// Where a move gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// To a place.
    State(State),
    /// To an end.
    End(End),
}

impl Step {
    /// A move that stays where it is.
    pub(crate) fn still(next: Next) -> Self {
        Self {
            readings: Vec::new(),
            assuming: Vec::new(),
            guesses: Vec::new(),
            redirect: None,
            hop: None,
            tls: TlsLevel::Verified,
            bypass: false,
            gap: None,
            left_as: None,
            claimed: None,
            detour: false,
            envelope: match &next {
                Next::State(state) => state.envelope.clone(),
                Next::End(_) => Envelope::Kept,
            },
            next,
        }
    }

    /// The same over a record of today that shall go.
    pub(crate) fn before_the_lock(&mut self) {
        if let Next::State(State {
            arrival: Arrival::From { early, .. },
            ..
        }) = &mut self.next
        {
            *early = true;
        }
    }

    /// The same by a sender that honours what the domain promises of TLS, and so does not deliver.
    pub(crate) fn honouring(&self, reason: Reason) -> Self {
        let mut refused = self.clone();
        refused
            .assuming
            .push("the sender honours MTA-STS and DANE".to_owned());
        refused.next = Next::End(reason.end(Ends::Rejected(None)));
        refused
    }

    /// An end without a hop.
    pub(crate) fn end(ends: Ends, reason: Reason) -> Self {
        Self::still(Next::End(reason.end(ends)))
    }
}
