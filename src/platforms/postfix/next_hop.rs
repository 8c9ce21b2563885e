//! Ways out, the entries that name them, and what chose one.

use crate::platforms::postfix::Key;
use crate::routes::RouteId;
use crate::source::Span;
use crate::values::Address;

/// A position in the list of ways out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HopId(u32);

/// A way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hop {
    /// A service of master.cf.
    pub service: String,
    /// What the service is told; empty: the recipient's domain.
    pub next_hop: String,
    /// The route it carries; `None`: our own mailboxes.
    pub route: Option<RouteId>,
}

/// An entry that names a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Which way.
    pub hop: HopId,
    /// The item of the spec that asks for it.
    pub span: Span,
}

/// An entry that names other addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alias {
    /// The addresses that take its place.
    pub targets: Vec<Address>,
    /// The item of the spec that asks for it.
    pub span: Span,
}

/// The way out that the tables choose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection<'a> {
    /// Which way.
    pub hop: HopId,
    /// What chose it.
    pub because: Because<'a>,
}

/// What chose a way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Because<'a> {
    /// `transport_maps` has this key.
    Transport(&'a Key),
    /// `sender_dependent_default_transport_maps` has this key.
    Sender(&'a Key),
    /// The domain's mailboxes are here.
    Mailbox,
    /// No table names the recipient.
    Default,
}

impl<'a> Selection<'a> {
    pub(crate) const fn new(hop: HopId, because: Because<'a>) -> Self {
        Self { hop, because }
    }
}

impl HopId {
    /// The position.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// The id of the way out at this position.
    pub fn from_index(index: usize) -> Self {
        Self(u32::try_from(index).unwrap_or(u32::MAX))
    }
}
