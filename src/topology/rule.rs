//! Mail-flow rules that choose a route by something other than the recipient's domain.

use crate::source::{At, Span};
use crate::topology::{LocationId, Party};
use crate::values::{Address, Pattern, Side};

/// A rule.
#[derive(Clone, Debug, Hash)]
pub struct Rule {
    /// Its name.
    pub name: At<String>,
    /// Where the whole entry stands.
    pub span: Span,
    /// Where it acts.
    pub at: At<LocationId>,
    /// All must hold.
    pub when: Vec<At<Condition>>,
    /// None may hold.
    pub unless: Vec<At<Condition>>,
    /// What it chooses.
    pub route: At<RuleTarget>,
    /// Headers that keep a message from being routed twice.
    pub unless_header: Vec<LoopBreak>,
    /// Off when false.
    pub enabled: bool,
    /// Somebody else makes and changes it when false.
    pub managed: bool,
    /// An earlier name.
    pub renamed_from: Option<At<String>>,
}

/// What a rule chooses.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RuleTarget {
    /// A written route, by its position in the topology's list.
    Route(usize),
    /// A location or partner; the route is then derived.
    Party(Party),
}

/// A condition.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Where the sender is.
    From(Side),
    /// Where the recipient is.
    To(Side),
    /// One of these senders.
    Sender(Vec<Address>),
    /// One of these recipients.
    Recipient(Vec<Address>),
    /// A sender of these domains.
    SenderDomain(Vec<Pattern>),
    /// A recipient of these domains.
    RecipientDomain(Vec<Pattern>),
    /// A member of one of these groups.
    SenderMemberOf(Vec<String>),
    /// A member of one of these groups.
    RecipientMemberOf(Vec<String>),
    /// In one of these cities.
    RecipientCity(Vec<String>),
    /// In one of these departments.
    RecipientDepartment(Vec<String>),
    /// A header.
    Header(Header),
    /// One that the language does not have, in words.
    Other(String),
}

/// A header and what it must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Header {
    /// Its name.
    pub name: String,
    /// What it must hold.
    pub test: HeaderTest,
}

/// What a header must hold.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum HeaderTest {
    /// Anything.
    Present,
    /// This text.
    Contains(String),
    /// Something that this regular expression matches.
    Matches(String),
}

/// A header that marks a message as routed already.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LoopBreak {
    /// The header.
    pub header: At<Header>,
    /// The rule itself stamps it.
    pub set: bool,
}
