//! What clients may do, and what is demanded of senders.

use crate::routes::RouteId;
use crate::source::Span;
use crate::values::{Network, Pattern};

/// A client that may do more than strangers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// Who connects from there, as the spec names them.
    pub who: Vec<String>,
    /// What it may do.
    pub right: Right,
    /// Where the spec says so.
    pub span: Span,
}

/// What a client may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// Only what this position in the list of limits allows.
    Limited(usize),
    /// Write to everybody.
    Relay,
}

/// A limited right.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Limit {
    /// Senders it may use; empty: all.
    pub senders: Vec<Pattern>,
    /// Recipients it may write to; empty: all.
    pub recipients: Vec<Pattern>,
    /// What else it sends is decided as for strangers; `false`: it is refused.
    pub else_stranger: bool,
}

/// What happens to mail of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SenderAccess {
    /// Refused: the domain is parked, nobody writes from it.
    Parked(Span),
    /// As anybody's: it stands below a parked domain and is none.
    Open(Span),
    /// Refused without TLS.
    RequireTls(RouteId),
    /// Refused without TLS, and from everywhere but the servers at this position in the list of partners.
    Partner(usize),
}

/// From where a partner's mail may come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartnerServers {
    /// The route that its terms are on.
    pub route: RouteId,
    /// The addresses of its servers.
    pub networks: Vec<Network>,
}
