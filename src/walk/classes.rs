//! The classes of recipients that cover every name and every mailbox, each with a witness.
//!
//! Names that no object, record or directory can tell apart are one class, and so are the recipients of a class with
//! the same home and the same properties. What is decided for the witness of a class is decided for all of it; how many
//! classes there are depends on the topology, not on the number of domains or mailboxes.

use crate::topology::{Condition, LocationId, Sending, Topology};
use crate::values::{Address, DomainName, Pattern};
use crate::walk::Model;
use crate::walk::atoms::{Atom, Atoms};
use crate::walk::groups::{ClassKind, Part, groups, nobody, unnamed};
use crate::walk::name_key::{Index, Signature};
use crate::walk::recipients::Meaning;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Recipients that nothing can tell apart.
#[derive(Clone, Debug)]
pub struct Class {
    /// What they are.
    pub kind: ClassKind,
    /// One of them.
    pub witness: Address,
    pub(crate) meaning: Meaning,
    /// Positions of the atoms they are in.
    pub(crate) atoms: Vec<usize>,
    /// They are called by a name that a tenant has of its provider.
    pub by_provider: bool,
    /// How many are listed or counted; 0 for those that do not exist.
    pub recipients: u64,
    /// All of its names are below such that nobody receives with.
    pub(crate) idle: bool,
    /// None of its recipients has properties of its own.
    pub(crate) is_plain: bool,
    /// What tells its recipients from others of the same kind and name.
    pub(super) properties: String,
    /// Some of its names is another organization's: no domain or wildcard of ours claims it.
    pub(crate) is_foreign: bool,
    /// Places that some object names together with it, sorted.
    pub(super) about: Vec<LocationId>,
}

impl Class {
    /// Whether an object names the place together with this class: a route from there or to there, a record, a directory.
    pub(crate) fn is_about(&self, at: LocationId) -> bool {
        self.about.binary_search(&at).is_ok()
    }

    /// Whether its names are ours, whoever has an address there.
    pub(super) const fn is_of_us(&self) -> bool {
        match self.kind {
            ClassKind::Mailboxes(_) | ClassKind::Unknown | ClassKind::Subdomain(_) => true,
            ClassKind::Outside => !self.is_foreign,
            ClassKind::Partner(_) => false,
        }
    }

    /// Those of the places that it is so named together with.
    pub(crate) fn about(&self, among: &BTreeSet<LocationId>) -> BTreeSet<LocationId> {
        let about = self.about.iter().copied();
        about.filter(|id| among.contains(id)).collect()
    }
}

/// All classes.
#[derive(Clone, Debug)]
pub struct Population {
    /// The classes.
    pub classes: Vec<Class>,
    pub(super) atoms: Vec<Atom>,
    /// Positions of the atoms below names that nobody receives with.
    idle: BTreeSet<usize>,
}

impl Population {
    /// The classes of a plan.
    pub fn of(model: &Model<'_>) -> Self {
        Self::over(model, &names(model))
    }

    /// The classes of a plan, as these names divide them, which must be sorted and hold all names of the plan.
    pub(super) fn over(model: &Model<'_>, names: &[DomainName]) -> Self {
        let topology = &model.plan.topology;
        let atoms = Atoms::of(names);
        let own: HashSet<&str> = topology
            .domains
            .iter()
            .flat_map(|domain| domain.name.nodes())
            .collect();
        // A route to a location of ours for a wildcard around our own domains claims every name below it.
        let to_ours = model
            .plan
            .routes
            .iter()
            .filter(|route| route.to.location().is_some());
        let wildcards: HashSet<&str> = to_ours
            .flat_map(|route| &route.recipients)
            .filter_map(|at| match &at.pattern {
                Pattern::Below(base) => Some(base.as_str()),
                _ => None,
            })
            .filter(|base| own.contains(base))
            .collect();
        let routes = model.plan.routes.iter().filter(|route| route.enabled);
        let routed: HashSet<(&str, bool)> = routes
            .flat_map(|route| &route.recipients)
            .filter_map(|at| match &at.pattern {
                Pattern::Exact(name) => Some((name.as_str(), false)),
                Pattern::Below(base) => Some((base.as_str(), true)),
                _ => None,
            })
            .collect();
        let is_routed = |name: &DomainName| {
            let mut above = name.parents();
            routed.contains(&(name.as_str(), false)) || above.any(|it| routed.contains(&(it, true)))
        };
        let places = model.plan.places.iter();
        let accepted: HashSet<&str> = places
            .flat_map(|place| &place.accepted)
            .map(|item| item.domain.as_str())
            .collect();
        let claimed = |name: &DomainName| {
            topology.domain_named(name).is_some()
                || name.parents().any(|above| {
                    wildcards.contains(above)
                        || accepted.contains(above)
                        || topology.domain_named(above).is_some()
                })
        };
        let mut counts: BTreeMap<(Signature, Part), Class> = BTreeMap::new();
        let index = Index::of(model);
        let list: Vec<Atom> = atoms.iter().collect();
        let idle: BTreeSet<usize> = (0..list.len())
            .filter(|&at| list.get(at).is_some_and(|atom| is_idle(topology, atom)))
            .collect();
        for (at, atom) in list.iter().enumerate() {
            let Some(name) = atoms.witness(atom) else {
                continue;
            };
            let signature = index.signature(model, &name);
            let domain = match atom {
                Atom::Name(_) => topology.domain_named(&name),
                Atom::Below(_) | Atom::Rest => None,
            };
            let groups = match domain {
                Some(id) if topology.domain(id).sending == Sending::Normal => {
                    groups(model, topology.domain(id))
                }
                // Nobody has an address there, which matters only where a route takes mail for it.
                Some(_) if is_routed(&name) => nobody(&name),
                Some(_) => Vec::new(),
                None => unnamed(model, &name, atom),
            };
            for group in groups {
                let is_plain = group.is_plain();
                let class = counts
                    .entry((signature.clone(), group.part.clone()))
                    .or_insert_with(|| Class {
                        is_plain,
                        properties: group.part.1.clone(),
                        about: index.about(model, &name, group.meaning.home),
                        kind: group.kind,
                        by_provider: domain.is_none()
                            && matches!(group.kind, ClassKind::Mailboxes(_) | ClassKind::Unknown),
                        witness: group.witness.clone(),
                        meaning: group.meaning.clone(),
                        atoms: Vec::new(),
                        recipients: 0,
                        idle: true,
                        is_foreign: false,
                    });
                class.is_foreign |= *atom == Atom::Rest || idle.contains(&at) || !claimed(&name);
                if class.idle && !idle.contains(&at) {
                    class.idle = false;
                    class.witness = group.witness;
                    class.meaning = group.meaning;
                }
                class.recipients += group.count;
                if class.atoms.last() != Some(&at) {
                    class.atoms.push(at);
                }
            }
        }
        Self {
            classes: counts.into_values().collect(),
            atoms: list,
            idle,
        }
    }

    /// Whether a class holds the names that nothing names.
    pub(super) fn has_rest(&self, class: usize) -> bool {
        let atoms = self.classes.get(class).map(|class| class.atoms.last());
        let rest = self.atoms.len().checked_sub(1);
        atoms.flatten().copied() == rest
    }

    /// The names of atoms, as patterns. `*` says all of the names below others too where none of them is left out, and
    /// those below names that nobody sends or receives with.
    pub(crate) fn patterns(&self, atoms: &BTreeSet<usize>) -> Vec<String> {
        let rest = self.atoms.len().checked_sub(1);
        let has_rest = rest.is_some_and(|rest| atoms.contains(&rest));
        let is_busy = |at: usize| self.is_below(at) && !self.idle.contains(&at);
        let all = has_rest && (0..self.atoms.len()).all(|at| !is_busy(at) || atoms.contains(&at));
        let said = atoms
            .iter()
            .filter(|&&at| !has_rest || !self.is_below(at) || (is_busy(at) && !all));
        said.filter_map(|&at| Some(self.atoms.get(at)?.to_string()))
            .collect()
    }

    /// Whether the atom is the rest of names below the one before it.
    pub(crate) fn is_below(&self, atom: usize) -> bool {
        matches!(self.atoms.get(atom), Some(Atom::Below(_)))
    }
}

/// Whether it is what lies below a name that nobody receives with.
fn is_idle(topology: &Topology, atom: &Atom) -> bool {
    let Atom::Below(base) = atom else {
        return false;
    };
    let id = topology.domain_named(base);
    id.is_some_and(|id| topology.domain(id).sending != Sending::Normal)
}

/// Every name that an object, a directory or a partner has a word for.
pub(super) fn names(model: &Model<'_>) -> Vec<DomainName> {
    let plan = model.plan;
    let topology = &plan.topology;
    let rules = topology.rules.iter().flat_map(|rule| {
        let conditions = rule.when.iter().chain(&rule.unless);
        conditions.filter_map(|at| match &at.value {
            Condition::RecipientDomain(patterns) => Some(patterns),
            _ => None,
        })
    });
    let patterns = plan
        .routes
        .iter()
        .flat_map(|route| route.recipients.iter().map(|at| &at.pattern))
        .chain(
            topology
                .partners
                .iter()
                .flat_map(|partner| partner.domains.iter().map(|at| &at.value)),
        )
        .chain(rules.flatten());
    let accepted = plan
        .places
        .iter()
        .flat_map(|place| place.accepted.iter().map(|accepted| &accepted.domain));
    let mut names: Vec<DomainName> = patterns
        .filter_map(Pattern::base)
        .chain(accepted)
        .chain(topology.domains.iter().map(|domain| &domain.name))
        .chain(plan.apart.names())
        .cloned()
        .collect();
    // They come in a few lists that are sorted already, which this sort knows to merge.
    names.sort();
    names.dedup();
    names
}
