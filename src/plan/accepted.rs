//! Accepted domains: what each place takes mail for, of which type and why.

use crate::source::Span;
use crate::topology::AcceptedType;
use crate::values::DomainName;

/// A domain that a place accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedDomain {
    /// The domain.
    pub domain: DomainName,
    /// Its type there.
    pub kind: AcceptedType,
    /// Unnamed subdomains too.
    pub subdomains: bool,
    /// Why it is accepted.
    pub why: Acceptance,
    /// The item of the spec that asks for it.
    pub span: Span,
}

/// Why a place accepts a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acceptance {
    /// It holds mailboxes of it.
    Holds,
    /// Internet mail enters here.
    Entry,
    /// It lies on the way from the entry to a holder.
    OnTheWay,
    /// Every tenant accepts its own names.
    TenantName,
    /// The spec says so.
    Written,
}
