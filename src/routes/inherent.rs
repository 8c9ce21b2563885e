//! What a location does by itself with mail that none of its routes takes: never an object, last in every order.

use crate::routes::Route;
use crate::topology::{Kind, Location, LocationId, Party, Topology};

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
        match &location.kind {
            Kind::ExchangeServer(_) => Self::Queues,
            _ if location.forwards_only() => Self::FollowsMxForOurs,
            Kind::Tenant(_) | Kind::Postfix(_) | Kind::Smtp(_) | Kind::Gateway(_) => {
                Self::FollowsMx
            }
        }
    }

    /// Why mail goes so, as a sentence; nothing where it goes nowhere.
    pub(crate) const fn why(self) -> Option<&'static str> {
        match self {
            Self::FollowsMx => Some("by itself, where no route is for a name"),
            Self::FollowsMxForOurs => {
                Some("by itself, what our own locations hand to it; other mail is rejected")
            }
            Self::Queues => None,
        }
    }
}

/// The locations of which no route takes all mail, with what they do by themselves with the rest.
pub(crate) fn inherent<'a>(
    topology: &'a Topology,
    routes: &'a [Route],
) -> impl Iterator<Item = (LocationId, Inherent)> + 'a {
    let takes_all =
        |route: &Route| route.enabled && !route.only_by_rule && route.covers_everything();
    topology.locations().filter_map(move |(id, location)| {
        let mut own = routes
            .iter()
            .filter(|route| route.from == Party::Location(id));
        let is_left = !own.any(takes_all);
        is_left.then(|| (id, Inherent::of(location)))
    })
}
