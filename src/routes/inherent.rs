//! What a location does by itself with mail that none of its routes takes: never an object, last in every order.

use crate::platforms::product::Trait;
use crate::routes::Route;
use crate::topology::{Location, LocationId, Party, Topology};
use std::collections::BTreeSet;

/// What a location does by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inherent {
    /// It follows the MX of the recipient.
    FollowsMx,
    /// The same with mail that one of ours hands over; other mail it rejects.
    FollowsMxForOurs,
    /// It keeps the mail until it expires.
    Queues,
}

impl Inherent {
    /// That of a product.
    pub(crate) fn of(location: &Location) -> Self {
        if location.is(Trait::KeepsUnrouted) {
            Self::Queues
        } else if location.forwards_only() {
            Self::FollowsMxForOurs
        } else {
            Self::FollowsMx
        }
    }

    /// Whether the mail goes to the MX of its recipient; else it goes nowhere.
    pub(crate) const fn follows_mx(self) -> bool {
        !matches!(self, Self::Queues)
    }

    /// Why mail goes so, as a sentence.
    pub(crate) const fn why(self) -> &'static str {
        match self {
            Self::FollowsMx => "by itself, where no route is for a name",
            Self::FollowsMxForOurs => {
                "by itself, what our own locations hand to it; other mail is rejected"
            }
            Self::Queues => "by itself: no route is for it, so that it waits until it expires",
        }
    }
}

/// The locations of which no route takes all mail, with what they do by themselves with the rest.
pub(crate) fn inherent<'a>(
    topology: &'a Topology,
    routes: &'a [Route],
) -> impl Iterator<Item = (LocationId, Inherent)> + 'a {
    let covered = routes.iter().filter(|route| takes_all(route));
    let covered: BTreeSet<Party> = covered.map(|route| route.from).collect();
    let locations = topology.locations();
    let left = locations.filter(move |(id, _)| !covered.contains(&Party::Location(*id)));
    left.map(|(id, location)| (id, Inherent::of(location)))
}

/// Whether nothing is left to do for the location that a route begins at.
pub(crate) fn takes_all(route: &Route) -> bool {
    route.enabled && !route.only_by_rule && route.covers_everything()
}
