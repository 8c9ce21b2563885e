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
    /// The same with this envelope sender in place of its own, whether or not it may; none: a report.
    As(Party, Option<Address>),
}

impl Sender {
    /// The name and the envelope sender of `NAME:ADDRESS`, or of `NAME:<>` for a report; nothing where it is none of these.
    pub(crate) fn parts(text: &str) -> Option<(&str, Option<&str>)> {
        let (name, sender) = text.split_once(':')?;
        let is_address = sender == "<>" || sender.contains('@');
        is_address.then(|| (name, Some(sender).filter(|it| *it != "<>")))
    }
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
