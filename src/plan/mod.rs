//! The plan: what every place accepts, where it hands mail, and the objects that make each product do so.
//!
//! The objects that are checked are the objects that are written: the analysis walks the connectors, maps and records
//! of this model with each platform's own selection policy, and the targets print them. This module must not know how
//! any file looks.

mod accepted;
mod derive;
pub mod dns;
mod ends;
pub mod exchange_online;
pub mod exchange_server;
pub mod facts;
mod former;
mod holdings;
mod partners;
pub mod postfix;
mod route;
mod routes_at;
mod routing_addresses;
mod tree;
mod wizard;
mod written;

pub use accepted::{Acceptance, AcceptedDomain, directory as accepted_directory};
pub use derive::derive;
pub use facts::{MxHost, mx_host, published_addresses};
pub use route::{NextHop, Origin, Reason, Recognition, Route, RouteId, RoutePattern};
pub use tree::Tree;

use crate::source::Span;
use crate::topology::{LocationId, Topology};
use routes_at::ByPlace;

/// Everything that will be configured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the spec says.
    pub topology: Topology,
    /// Who sends through whom.
    pub tree: Tree,
    /// Every route there will be, derived or written, by their ends and names.
    pub routes: Vec<Route>,
    by_place: ByPlace,
    /// What each location does, by its id.
    pub places: Vec<Place>,
    /// The zones that mail needs, by origin.
    pub zones: Vec<dns::Zone>,
    /// What is not emitted for want of a fact.
    pub withheld: Vec<Withheld>,
}

/// What one location does.
#[derive(Clone, Debug)]
pub struct Place {
    /// The domains it accepts, by name.
    pub accepted: Vec<AcceptedDomain>,
    /// The objects of its product.
    pub configuration: Configuration,
}

/// The objects of a product.
#[derive(Clone, Debug)]
pub enum Configuration {
    /// Exchange Online or Exchange Online Protection.
    ExchangeOnline(exchange_online::Configuration),
    /// Exchange Server.
    ExchangeServer(exchange_server::Configuration),
    /// Postfix.
    Postfix(Box<postfix::Configuration>),
    /// Somebody else configures it; the checklist says what.
    Checklist,
}

/// Something that is not emitted because a fact is missing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Withheld {
    /// What is missing from the output, in words: "the MX record of `a-b.example`".
    pub what: String,
    /// Why, and which fact would bring it.
    pub why: String,
    /// The location whose facts are missing, where it is one.
    pub location: Option<LocationId>,
    /// The item of the spec that wants it.
    pub span: Span,
}

/// Routes with their ids, while there is no plan yet.
fn ends_of(routes: &[Route]) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
    routes
        .iter()
        .enumerate()
        .map(|(index, route)| (RouteId::from_index(index), route))
}

impl Plan {
    /// The route with this id.
    pub fn route(&self, id: RouteId) -> &Route {
        &self.routes[id.index()]
    }

    /// All routes with their ids.
    pub fn routes(&self) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
        ends_of(&self.routes)
    }

    /// The routes that start or end at this location, with their ids.
    pub fn routes_at(&self, id: LocationId) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
        self.by_place.at(&self.routes, id).iter()
    }

    /// What this location does.
    pub fn place(&self, id: LocationId) -> &Place {
        &self.places[id.index()]
    }
}
