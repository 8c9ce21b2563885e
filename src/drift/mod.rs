//! What exists against what was compiled: property by property, and whose mail goes elsewhere because of it.
//!
//! Live objects take the place of those of the plan, and both plans are compared as `diff` compares two specs. Locations
//! without an export are taken as compiled. This module must not know how an export is read.

mod compared;
mod doors;
mod findings;
mod human;
mod json;
mod live;
mod objects;
mod properties;
mod rules;
mod values;

pub(crate) use findings::{can_carry, findings, object_in_words as in_words};
pub(crate) use human::human;
pub(crate) use json::json;
pub(crate) use live::routes_of;
pub(crate) use objects::compare as objects;
pub(crate) use objects::{ObjectDrift, PropertyDrift, State};
pub(crate) use properties::{has_word, is_for_everybody};
pub(crate) use rules::{ENDS, acts};

use crate::diff::{self, Diff, Only, Reader, Texts};
use crate::import::Export;
use crate::plan::Plan;
use crate::topology::LocationId;
use std::collections::BTreeSet;

/// An export and the location that it is of.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The location.
    pub(crate) at: LocationId,
    /// What it holds.
    pub(crate) export: Export,
}

/// Everything that differs between a plan and what exists.
#[derive(Clone, Debug)]
pub(crate) struct Drift {
    /// The exports.
    pub(crate) sources: Vec<Source>,
    /// Every object of the plan at these locations, and every other that carries mail there.
    pub(crate) objects: Vec<ObjectDrift>,
    /// Changes of mail flow; `because` names objects.
    pub(crate) flow: Diff,
}

/// So many objects are looked at one by one for the cause of a change.
const MOST_CAUSES: usize = 40;

/// Compares a plan with what exists.
pub(crate) fn compare(plan: &Plan, sources: Vec<Source>) -> Drift {
    let mut objects = Vec::new();
    for source in &sources {
        objects.extend(objects::compare(plan, source.at, &source.export));
    }
    let mut flow = Diff::default();
    // Nearly always nothing differs, and then no mail has to be followed twice.
    if objects.iter().any(|object| object.state.differs()) {
        let mut all = plan.clone();
        for object in objects.iter_mut().filter(|object| object.state.differs()) {
            live::put(&mut all, object);
        }
        all.rejoin();
        flow = changed(plan, &all);
        name_causes(plan, &objects, &mut flow);
    }
    Drift {
        sources,
        objects,
        flow,
    }
}

/// What of the mail flow differs.
fn changed(plan: &Plan, other: &Plan) -> Diff {
    let reader = Reader {
        old: Texts::new(),
        new: Texts::new(),
        plan: &|_| None,
    };
    diff::compare(plan, other, &Only::default(), &reader)
}

/// The objects each of which alone makes some of this mail go elsewhere; where it takes several, all that differ.
fn name_causes(plan: &Plan, objects: &[ObjectDrift], flow: &mut Diff) {
    let differing: Vec<&ObjectDrift> = objects
        .iter()
        .filter(|object| object.state.differs())
        .collect();
    for change in &mut flow.changes {
        change.because.clear();
    }
    if flow.changes.is_empty() {
        return;
    }
    for object in differing.iter().take(MOST_CAUSES) {
        let mut alone = plan.clone();
        live::put(&mut alone, &mut (*object).clone());
        alone.rejoin();
        let alone = changed(plan, &alone);
        for change in &mut flow.changes {
            let domains: BTreeSet<&String> = change.domains.iter().collect();
            let is_shared = alone.changes.iter().any(|other| {
                !other.from.is_disjoint(&change.from)
                    && other.domains.iter().any(|domain| domains.contains(domain))
            });
            if is_shared {
                change.because.push(object.title());
            }
        }
    }
    for change in &mut flow.changes {
        if change.because.is_empty() {
            change.because = differing.iter().map(|object| object.title()).collect();
        }
    }
}

impl Drift {
    /// Whether nothing differs, and everything could be compared.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.iter().all(|object| {
            object.state == State::AsCompiled && object.not_compared().next().is_none()
        }) && self.flow.is_flow_unchanged()
    }
}
