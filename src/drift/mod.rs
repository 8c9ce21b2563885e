//! What exists against what was compiled: property by property, and whose mail goes elsewhere because of it.
//!
//! Live objects take the place of those of the plan, and both plans are compared as `diff` compares two specs. Locations
//! without an export are taken as compiled. This module must not know how an export is read.

mod causes;
mod compared;
mod doors;
mod files;
mod findings;
mod human;
mod json;
mod live;
mod objects;
mod order;
mod properties;
mod rules;
mod tables;
mod values;
mod wizard;

pub(crate) use findings::{can_carry, findings, object_in_words as in_words, record_at};
pub(crate) use human::human;
pub(crate) use json::json;
pub(crate) use live::routes_of;
pub(crate) use objects::compare as objects;
pub(crate) use objects::{ObjectDrift, PropertyDrift, State};
pub(crate) use properties::{has_word, is_for_everybody};
pub(crate) use rules::{ENDS, acts};

use crate::diff::Diff;
use crate::import::Export;
use crate::plan::Plan;
use crate::topology::LocationId;

/// What an export is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A location.
    Location(LocationId),
    /// The zones.
    Zones,
}

impl From<LocationId> for Target {
    fn from(at: LocationId) -> Self {
        Self::Location(at)
    }
}

impl Target {
    /// The location; nothing for zones.
    pub(crate) const fn location(self) -> Option<LocationId> {
        match self {
            Self::Location(at) => Some(at),
            Self::Zones => None,
        }
    }

    /// What the command line calls it.
    pub(crate) fn name(self, plan: &Plan) -> &str {
        let at = self.location();
        at.map_or("dns", |at| plan.topology.location(at).name.as_str())
    }
}

/// An export and what it is of.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    /// The location, or the zones.
    pub(crate) at: Target,
    /// What it holds.
    pub(crate) export: Export,
    /// Of what is written as files, the same of what was compiled.
    pub(crate) wanted: Option<Export>,
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

/// The objects of an export and of the plan there, each with what differs of it.
pub(crate) fn objects_of(plan: &Plan, source: &Source, free: files::Free<'_>) -> Vec<ObjectDrift> {
    match (source.at, &source.wanted) {
        (Target::Location(at), None) => {
            let mut found = objects::compare(plan, at, &source.export);
            order::compare(plan, at, &mut found);
            found
        }
        (at @ Target::Location(_), Some(wanted)) => files::host(at, wanted, &source.export, free),
        (Target::Zones, Some(wanted)) => files::zones(source.at, wanted, &source.export),
        (Target::Zones, None) => Vec::new(),
    }
}

/// Compares a plan with what exists. Of parameters of Postfix that are `free` no mail depends.
pub(crate) fn compare(plan: &Plan, sources: Vec<Source>, free: files::Free<'_>) -> Drift {
    let mut objects: Vec<ObjectDrift> = sources
        .iter()
        .flat_map(|source| objects_of(plan, source, free))
        .collect();
    // What an export lost may be as compiled: nobody knows that it differs.
    for object in &mut objects {
        let lost = object.properties.extract_if(.., |at| at.actual.is_none());
        let lost: Vec<String> = lost.map(|at| at.name).collect();
        object.unshown.extend(lost);
        if object.state == State::Differs && object.properties.is_empty() {
            object.state = State::AsCompiled;
        }
    }
    let mut flow = Diff::default();
    // Nearly always nothing differs, and then no mail has to be followed twice.
    if objects.iter().any(|object| object.state.differs()) {
        let mut all = plan.clone();
        put(
            &mut all,
            &sources,
            &mut objects.iter_mut().collect::<Vec<_>>(),
        );
        for at in sources.iter().filter_map(|source| source.at.location()) {
            order::follow(&mut all, at, &objects);
        }
        all.rejoin();
        let differing: Vec<&ObjectDrift> = objects.iter().filter(|it| it.state.differs()).collect();
        flow = causes::changed(plan, &all, &differing);
        causes::name(plan, &all, &sources, &differing, &mut flow);
    }
    Drift {
        sources,
        objects,
        flow,
    }
}

/// Puts objects that differ as they exist into a plan, and says of each difference what became of it.
fn put(plan: &mut Plan, sources: &[Source], objects: &mut [&mut ObjectDrift]) {
    for object in objects.iter_mut() {
        match object.at {
            Target::Location(_) => live::put(plan, object),
            Target::Zones => {
                let zones = sources.iter().filter(|source| source.at == Target::Zones);
                files::put_records(plan, object, zones.map(|source| &source.export));
            }
        }
    }
    for source in sources {
        if let (Target::Location(at), Some(wanted)) = (source.at, &source.wanted) {
            let here = objects.iter_mut().map(|object| &mut **object);
            let here = here.filter(|object| object.at == source.at && object.state.differs());
            let mut here: Vec<&mut ObjectDrift> = here.collect();
            if !here.is_empty() {
                tables::put(plan, at, (wanted, &source.export), &mut here);
            }
        }
    }
}

impl Drift {
    /// Whether nothing differs, and everything could be compared.
    pub(crate) fn is_empty(&self) -> bool {
        self.objects.iter().all(|object| {
            object.state == State::AsCompiled && object.not_compared().next().is_none()
        }) && self.sources.iter().all(|at| at.export.unread.is_empty())
            && self.flow.is_flow_unchanged()
    }
}
