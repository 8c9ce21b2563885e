//! What must be true of the mail flow, and findings that are known and accepted.

use crate::finding::Object;
use crate::source::{At, Span};
use crate::topology::{LocationId, Party};
use crate::values::{Address, Date, Network, TlsLevel};

/// An expectation.
#[derive(Clone, Debug, Hash)]
pub struct Expectation {
    /// Where the whole entry stands.
    pub span: Span,
    /// Who writes.
    pub from: At<Sender>,
    /// To whom.
    pub to: At<Address>,
    /// How it ends, in the words of `trace`: `delivered hq`, `rejected`, ...; any end where nothing is said.
    pub ends: Option<At<String>>,
    /// A subsequence of the way.
    pub via: Vec<At<LocationId>>,
    /// None of these is on the way.
    pub not_via: Vec<At<LocationId>>,
    /// The least level of every hop.
    pub tls: Option<At<TlsLevel>>,
    /// Addresses it leaves from.
    pub egress: Vec<At<Network>>,
}

/// Who writes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A location's mailboxes, a partner, a device or the Internet.
    Party(Party),
    /// Whoever has the address.
    Address(Address),
    /// A host of the Internet, which writes with this envelope sender whether or not it may.
    Stranger(Address),
}

impl Sender {
    /// What stands before the address that a host of the Internet writes with.
    pub(crate) const STRANGER: &'static str = "internet:";
}

/// A finding that is known and accepted.
#[derive(Clone, Debug, Hash)]
pub struct Ignore {
    /// Where the whole entry stands.
    pub span: Span,
    /// Its code.
    pub check: At<String>,
    /// The object it must name; `None`: any.
    pub on: Option<At<Vec<Object>>>,
    /// Why it is accepted.
    pub reason: Option<At<String>>,
    /// Until when.
    pub until: Option<At<Date>>,
}
