//! Who sends through whom: the tree that derived routes follow.

use crate::finding::{Code, Finding, Findings, Object};
use crate::routes::wizard;
use crate::source::{At, Span};
use crate::topology::{LocationId, Sends, Topology};

/// The parent of each location; those without are roots, whose mail for the Internet leaves by itself.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    parents: Vec<Option<At<LocationId>>>,
    /// The other half of a hybrid organization, which the wizard links directly, whatever `sends` says.
    linked: Vec<Vec<LocationId>>,
}

impl Tree {
    /// Reads the tree off `sends` and `centralized_transport`. A circle has no exit: it is an error, and is cut where
    /// it closes.
    pub fn of(topology: &Topology, findings: &mut Findings) -> Self {
        let mut tree = Self {
            parents: topology
                .locations()
                .map(|(id, _)| parent(topology, id))
                .collect(),
            linked: topology
                .locations()
                .map(|(id, _)| wizard::linked(topology, id))
                .collect(),
        };
        for (id, location) in topology.locations() {
            if !tree.is_in_circle(id) {
                continue;
            }
            let circle: Vec<String> = tree
                .way_up(id)
                .map(|at| format!("`{}`", topology.location(at).name))
                .collect();
            let span = tree.parents[id.index()].map_or(location.span, |at| at.span);
            findings.push(
                Finding::error(
                    Code::G011,
                    format!(
                        "{} send through each other, so mail for the Internet never leaves",
                        circle.join(" and ")
                    ),
                )
                .at(
                    span,
                    format!("`{}` sends through the next of them", location.name),
                )
                .on(Object::Location(location.name.clone()))
                .help("let one of them send by itself: `sends: direct`"),
            );
            tree.parents[id.index()] = None;
        }
        tree
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

    fn is_in_circle(&self, id: LocationId) -> bool {
        let mut at = id;
        for _ in 0..self.parents.len() {
            match self.parent(at) {
                Some(next) if next.value == id => return true,
                Some(next) => at = next.value,
                None => return false,
            }
        }
        false
    }
}

fn parent(topology: &Topology, id: LocationId) -> Option<At<LocationId>> {
    let location = topology.location(id);
    if let Sends::Via(via) = location.sends.value {
        return Some(At::new(via, location.sends.span));
    }
    let tenant = location.tenant()?;
    let span = tenant.centralized_transport.filter(|at| at.value)?.span;
    only_exchange_server(topology).map(|via| At::new(via, span))
}

/// The default for `sends.via` of a tenant with centralized transport.
fn only_exchange_server(topology: &Topology) -> Option<LocationId> {
    let mut servers = topology
        .locations()
        .filter(|(_, location)| location.exchange_server().is_some());
    let (id, _) = servers.next()?;
    servers.next().is_none().then_some(id)
}

/// Where the spec makes a location send as it does; the key of the location where it is the default.
pub(crate) fn sends_span(topology: &Topology, tree: &Tree, id: LocationId) -> Span {
    tree.parent(id)
        .map_or(topology.location(id).span, |at| at.span)
}
