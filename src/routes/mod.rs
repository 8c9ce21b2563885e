//! Routes: derived from the locations, domains, partners and devices, or written; what each location accepts along
//! them; and, where only then it is known, the next hop, the TLS level and how the receiving end knows the sender.

pub(crate) mod accepted;
mod derive;
pub(crate) mod endpoints;
pub(crate) mod facts;
pub(crate) mod former_names;
pub(crate) mod graph;
pub(crate) mod held_domains;
pub(crate) mod inherent;
pub(crate) mod logins;
pub(crate) mod order;
pub(crate) mod partners;
pub(crate) mod presented;
pub(crate) mod route;
mod routes_at;
pub(crate) mod sending_tree;
pub(crate) mod split;
pub(crate) mod wizard;
pub(crate) mod written;

pub use accepted::{Acceptance, directory as accepted_directory};
pub(crate) use accepted::{AcceptedDomain, AcceptedDomains, accept};
pub(crate) use derive::derive;
pub(crate) use endpoints::Ends;
pub use facts::{mx_host, published_addresses};
pub(crate) use graph::Links;
pub use route::{NextHop, Recognition, Route, RouteId};
pub(crate) use route::{Origin, Reason, RoutePattern};
pub(crate) use routes_at::{ByPlace, RoutesAt};
pub(crate) use sending_tree::SendingTree;

use crate::source::Span;
use crate::topology::LocationId;
use crate::values::DomainName;

/// Something that is not emitted because a fact is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Withheld {
    /// What is missing from the output, in words: "the MX record of `a-b.example`".
    pub what: String,
    /// Why, and which fact would bring it.
    pub why: String,
    /// The location whose facts are missing, where it is one.
    pub location: Option<LocationId>,
    /// The domains that it is missing for, where it is missing for some.
    pub domains: Vec<DomainName>,
    /// The item of the spec that wants it.
    pub span: Span,
}

/// Routes with their ids, while there is no plan yet.
pub(crate) fn ends_of(routes: &[Route]) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
    routes
        .iter()
        .enumerate()
        .map(|(index, route)| (RouteId::from_index(index), route))
}
