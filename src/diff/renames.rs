//! Names that the new spec has for objects of the old one.

use crate::plan::Plan;
use crate::topology::{Party, Topology};
use crate::walk::Way;
use std::collections::BTreeMap;
use std::sync::Arc;

/// New names by kind and old name.
#[derive(Clone, Debug, Default)]
pub(crate) struct Renames {
    names: BTreeMap<(&'static str, String), String>,
    /// New names of routes by their old ones; those that are derived are named after their ends.
    routes: BTreeMap<String, String>,
}

impl Renames {
    /// What either spec says of former names: the new spec after a rename, the old one when it is taken back.
    pub(crate) fn of(old: &Topology, new: &Topology) -> Self {
        let mut names = BTreeMap::new();
        let (olds, news) = (named(old), named(new));
        for (kind, name, former) in &news {
            if let Some(former) = former
                && has(&olds, kind, former)
                && !has(&news, kind, former)
                && !has(&olds, kind, name)
            {
                names.insert((*kind, former.clone()), name.clone());
            }
        }
        for (kind, name, former) in &olds {
            if let Some(former) = former
                && has(&news, kind, former)
                && !has(&olds, kind, former)
                && !has(&news, kind, name)
            {
                names.insert((*kind, name.clone()), former.clone());
            }
        }
        Self {
            names,
            routes: BTreeMap::new(),
        }
    }

    /// Whether everything has the name that it had.
    pub(crate) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The pairs of names, the old one first.
    pub(crate) fn list(&self) -> Vec<(String, String)> {
        let names = self.names.iter();
        names
            .map(|((kind, old), new)| (format!("{kind}:{old}"), format!("{kind}:{new}")))
            .collect()
    }

    /// The new names by the old ones, of whatever kind.
    pub(crate) fn new_names(&self) -> BTreeMap<&str, &str> {
        let names = self.names.iter();
        names
            .map(|((_, old), new)| (old.as_str(), new.as_str()))
            .collect()
    }

    fn new_name(&self, kind: &'static str, old: &str) -> String {
        let found = self.names.get(&(kind, old.to_owned()));
        found.cloned().unwrap_or_else(|| old.to_owned())
    }

    /// The new name of an Exchange object of a location, as its report names it.
    pub(crate) fn object(&self, location: &str, kind: &str, name: &str) -> String {
        let known = self.routes.get(name).map_or(name, String::as_str);
        format!("{} {kind} {known}", self.new_name("location", location))
    }

    /// Gives the hops of a path of the old plan the new names of their routes.
    pub(crate) fn rename(&self, way: &mut Way) {
        if self.routes.is_empty() {
            return;
        }
        for hop in &mut way.hops {
            let name = hop.by.strip_prefix("route:");
            if let Some(new) = name.and_then(|name| self.routes.get(name)) {
                Arc::make_mut(hop).by = format!("route:{new}");
            }
        }
    }

    /// Gives the objects of the old plan their new names.
    pub(crate) fn apply(&mut self, plan: &mut Plan) {
        if self.names.is_empty() {
            return;
        }
        let before = plan.topology.clone();
        let topology = &mut plan.topology;
        for location in &mut topology.locations {
            location.name = self.new_name("location", &location.name);
        }
        for partner in &mut topology.partners {
            partner.name = self.new_name("partner", &partner.name);
        }
        for device in &mut topology.devices {
            device.name = self.new_name("device", &device.name);
        }
        for rule in &mut topology.rules {
            rule.name.value = self.new_name("rule", &rule.name.value);
        }
        for route in &plan.routes {
            if route.is_named {
                let new = self.new_name("route", &route.name);
                self.routes.insert(route.name.clone(), new);
                continue;
            }
            let name = |topology: &Topology, party: Party| topology.party_name(party).to_owned();
            let ends = |topology: &Topology| (name(topology, route.from), name(topology, route.to));
            let ((from, to), (new_from, new_to)) = (ends(&before), ends(&plan.topology));
            let renamed = if let Some(rest) = route.name.strip_prefix(&format!("{from} to {to}")) {
                Some(format!("{new_from} to {new_to}{rest}"))
            } else {
                let rest = route.name.strip_prefix(&format!("{to} from {from}"));
                rest.map(|rest| format!("{new_to} from {new_from}{rest}"))
            };
            if let Some(new) = renamed {
                self.routes.insert(route.name.clone(), new);
            }
        }
    }
}

type Named = Vec<(&'static str, String, Option<String>)>;

fn named(topology: &Topology) -> Named {
    let former = |at: &Option<crate::source::At<String>>| at.as_ref().map(|at| at.value.clone());
    let locations = topology
        .locations
        .iter()
        .map(|at| ("location", at.name.clone(), former(&at.renamed_from)));
    let partners = topology
        .partners
        .iter()
        .map(|at| ("partner", at.name.clone(), former(&at.renamed_from)));
    let devices = topology
        .devices
        .iter()
        .map(|at| ("device", at.name.clone(), former(&at.renamed_from)));
    let rules = topology
        .rules
        .iter()
        .map(|at| ("rule", at.name.value.clone(), former(&at.renamed_from)));
    let routes = topology.routes.iter().filter_map(|at| {
        let name = at.name.as_ref()?.value.clone();
        Some(("route", name, former(&at.renamed_from)))
    });
    locations
        .chain(partners)
        .chain(devices)
        .chain(rules)
        .chain(routes)
        .collect()
}

fn has(list: &Named, kind: &str, name: &str) -> bool {
    list.iter()
        .any(|(known, other, _)| *known == kind && other == name)
}
