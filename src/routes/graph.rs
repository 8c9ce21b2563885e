//! Which locations hand mail to which, by the routes of all, and how far one is from another.

use crate::routes::Route;
use crate::topology::LocationId;
use petgraph::algo::dijkstra;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::{NodeFiltered, Reversed};
use std::collections::HashMap;

/// The locations and the routes between them that are always in use.
#[derive(Clone, Debug, Default)]
pub struct Links(DiGraph<(), ()>);

impl Links {
    /// The links of these routes.
    pub fn of(routes: &[Route]) -> Self {
        let used = routes
            .iter()
            .filter(|route| route.enabled && !route.only_by_rule);
        let ends = used.filter_map(|route| Some((route.from.location()?, route.to.location()?)));
        Self(DiGraph::from_edges(
            ends.map(|(from, to)| (node(from), node(to))),
        ))
    }

    /// The hops from each location to `to` on paths that do not pass `without`; those without a path are missing.
    pub fn distances(&self, to: LocationId, without: LocationId) -> HashMap<LocationId, usize> {
        if to.index() >= self.0.node_count() {
            return HashMap::from([(to, 0)]);
        }
        let others = NodeFiltered::from_fn(&self.0, |at| at != node(without));
        let found = dijkstra(Reversed(&others), node(to), None, |_| 1).into_iter();
        found
            .map(|(at, hops)| (LocationId::from_index(at.index()), hops))
            .collect()
    }
}

fn node(id: LocationId) -> NodeIndex {
    NodeIndex::new(id.index())
}
