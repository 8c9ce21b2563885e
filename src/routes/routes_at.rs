//! The routes of one place, without going through those of all others.

use crate::routes::{Route, RouteId};
use crate::topology::{LocationId, Topology};

/// Positions of the routes that start or end at each place, in order.
#[derive(Clone, Debug)]
pub(crate) struct ByPlace(Vec<Vec<RouteId>>);

impl ByPlace {
    pub(crate) fn of(topology: &Topology, routes: &[Route]) -> Self {
        let mut places: Vec<Vec<RouteId>> = topology.locations().map(|_| Vec::new()).collect();
        for (index, route) in routes.iter().enumerate() {
            let from = route.from.location();
            let to = route.to.location().filter(|to| Some(*to) != from);
            for place in [from, to].into_iter().flatten() {
                if let Some(list) = places.get_mut(place.index()) {
                    list.push(RouteId::from_index(index));
                }
            }
        }
        Self(places)
    }

    /// Those of one place, among all.
    pub(crate) fn at<'a>(&'a self, all: &'a [Route], place: LocationId) -> RoutesAt<'a> {
        let ids = self.0.get(place.index());
        RoutesAt {
            all,
            ids: ids.map_or(&[], Vec::as_slice),
        }
    }
}

/// The routes that start or end at one place, in order.
#[derive(Clone, Copy)]
pub(crate) struct RoutesAt<'a> {
    all: &'a [Route],
    ids: &'a [RouteId],
}

impl<'a> RoutesAt<'a> {
    /// Each with its id.
    pub(crate) fn iter(self) -> impl DoubleEndedIterator<Item = (RouteId, &'a Route)> {
        let Self { all, ids } = self;
        ids.iter()
            .filter_map(move |id| Some((*id, all.get(id.index())?)))
    }

    /// The routes of all places.
    pub(crate) const fn all(self) -> &'a [Route] {
        self.all
    }
}
