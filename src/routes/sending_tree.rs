//! Who sends through whom: the tree that derived routes follow.

use crate::routes::wizard;
use crate::source::{At, Span};
use crate::topology::{Location, LocationId, Sends, Topology};

/// The parent of each location; those without are roots, whose mail for the Internet leaves by itself.
#[derive(Clone, Debug, Default)]
pub struct SendingTree {
    parents: Vec<Option<At<LocationId>>>,
    /// The other half of a hybrid organization, which the wizard links directly, whatever `sends` says.
    linked: Vec<Vec<LocationId>>,
}

impl SendingTree {
    /// Reads the tree off `sends`, which leads in no circle.
    pub fn of(topology: &Topology) -> Self {
        let parent = |location: &Location| match location.sends.value {
            Sends::Via(via) => Some(At::new(via, location.sends.span)),
            Sends::Direct => None,
        };
        let ids = topology.locations().map(|(id, _)| id);
        Self {
            parents: topology.locations.iter().map(parent).collect(),
            linked: ids.map(|id| wizard::linked(topology, id)).collect(),
        }
    }

    /// The location that this one sends through, and where the spec says so.
    pub fn parent(&self, id: LocationId) -> Option<At<LocationId>> {
        self.parents.get(id.index()).copied().flatten()
    }

    /// The locations that send through this one, by id.
    pub fn children(&self, id: LocationId) -> impl Iterator<Item = LocationId> {
        self.ids()
            .filter(move |&child| self.parent(child).is_some_and(|at| at.value == id))
    }

    /// The locations whose mail for the Internet leaves by itself, by id.
    pub fn roots(&self) -> impl Iterator<Item = LocationId> {
        self.ids().filter(|&id| self.parent(id).is_none())
    }

    /// The root that this location's mail for the Internet leaves at.
    pub fn root_of(&self, id: LocationId) -> LocationId {
        self.way_up(id).last().unwrap_or(id)
    }

    /// Whether `id` is `top` or sends through it, at any remove.
    pub fn is_under(&self, id: LocationId, top: LocationId) -> bool {
        self.way_up(id).any(|at| at == top)
    }

    /// The locations that the hybrid wizard links directly with this one.
    pub fn linked(&self, id: LocationId) -> &[LocationId] {
        self.linked.get(id.index()).map_or(&[], Vec::as_slice)
    }

    /// Where `from` hands mail whose mailbox is at `to`: down to a child, to the other half of the hybrid organization, up
    /// to the parent, or across to another root. None at the end of the path.
    pub fn next_hop(&self, from: LocationId, to: LocationId) -> Option<LocationId> {
        let mut below = to;
        for at in self.way_up(to) {
            if at == from {
                return (below != from).then_some(below);
            }
            if self.linked(from).contains(&at) {
                return Some(at);
            }
            below = at;
        }
        Some(self.parent(from).map_or(below, |parent| parent.value))
    }

    /// The way between two locations, both ends included: up, across between two roots, and down.
    pub fn way(&self, from: LocationId, to: LocationId) -> Vec<LocationId> {
        let up: Vec<_> = self.way_up(from).collect();
        let mut down: Vec<_> = self.way_up(to).collect();
        let meeting = up
            .iter()
            .enumerate()
            .find_map(|(i, at)| down.iter().position(|other| other == at).map(|j| (i, j)));
        let mut way = match meeting {
            Some((i, j)) => {
                down.truncate(j);
                up[..=i].to_vec()
            }
            None => up,
        };
        way.extend(down.into_iter().rev());
        way
    }

    fn ids(&self) -> impl Iterator<Item = LocationId> + use<> {
        (0..self.parents.len()).map(LocationId::from_index)
    }

    /// `id` and everything above it; stops when it comes round.
    pub(super) fn way_up(&self, id: LocationId) -> impl Iterator<Item = LocationId> {
        let mut steps = self.parents.len();
        std::iter::successors(Some(id), move |&at| {
            steps = steps.checked_sub(1)?;
            self.parent(at)
                .map(|at| at.value)
                .filter(|&next| next != id)
        })
    }
}

/// Where the spec makes a location send as it does; the key of the location where it is the default.
pub(crate) fn sends_span(topology: &Topology, tree: &SendingTree, id: LocationId) -> Span {
    tree.parent(id)
        .map_or(topology.location(id).span, |at| at.span)
}
