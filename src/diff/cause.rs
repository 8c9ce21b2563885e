//! Which lines of the spec make the mail of a group go elsewhere.
//!
//! The differences of the texts are taken back one by one: where the witness of a group then takes its old paths again,
//! the difference is a cause. Where no single one is enough, the smallest set is searched that is. Specs too large for
//! this name the objects that decide on one side only.

use crate::diff::authentication;
use crate::diff::group::Change;
use crate::diff::observe::sender_of;
use crate::diff::renames::Renames;
use crate::diff::value::{Edit, Texts, comparable, edits, reverted};
use crate::plan::Plan;
use crate::publish::publish;
use crate::values::Address;
use crate::walk::{Model, expect, trace};
use std::collections::BTreeSet;

/// Both specs, and who makes a plan of changed texts.
pub(crate) struct Reader<'a> {
    /// The files of the old spec; the main document has the empty name.
    pub(crate) old: Texts,
    /// The files of the new spec.
    pub(crate) new: Texts,
    /// Derives the plan of a spec; nothing where it has mistakes.
    pub(crate) plan: &'a dyn Fn(&Texts) -> Option<Plan>,
}

/// Plans that are derived to find the causes of one comparison, and the bytes that are read for them.
const MOST_PLANS: usize = 240;
const MOST_BYTES: usize = 24 << 20;

/// Whether the specs differ in names alone, and say which were others before.
pub(crate) fn only_names(renames: &Renames, reader: &Reader<'_>) -> bool {
    let (old, new) = comparable(&reader.old, &reader.new, renames);
    edits(&old, &new).is_empty()
}

/// Finds the causes of all changes; how many differences there are, where they are too many to be tried one by one.
pub(crate) fn find(
    changes: &mut [Change],
    (old, receivers): (&Model<'_>, Option<&authentication::Observed>),
    new: &Model<'_>,
    renames: &Renames,
    reader: &Reader<'_>,
) -> usize {
    if changes.is_empty() {
        return 0;
    }
    let (old_texts, new_texts) = comparable(&reader.old, &reader.new, renames);
    let edits = edits(&old_texts, &new_texts);
    if let [only] = edits.as_slice() {
        for change in changes {
            change.because = vec![only.name()];
        }
        return 0;
    }
    let bytes: usize = reader.new.values().map(String::len).sum();
    let mut budget = MOST_PLANS.min(MOST_BYTES / bytes.max(1));
    let wanted: Vec<BTreeSet<String>> = changes
        .iter()
        .map(|change| observed(old, receivers, change, renames))
        .collect();
    let unchanged = Renames::default();
    let is_followed = changes.iter().any(Change::is_authentication);
    let without = |taken_back: &[&Edit]| -> Option<Plan> {
        let texts = reverted(&old_texts, &new_texts, taken_back)?;
        let mut plan = (reader.plan)(&texts)?;
        if is_followed {
            publish(&mut plan);
        }
        Some(plan)
    };
    let is_sought = edits.len() <= budget;
    if is_sought {
        budget -= edits.len();
        for edit in &edits {
            let Some(plan) = without(&[edit]) else {
                continue;
            };
            let (model, receivers) = (Model::of(&plan), authentication::observe(&plan));
            for (change, wanted) in changes.iter_mut().zip(&wanted) {
                if observed(&model, receivers.as_ref(), change, &unchanged) == *wanted {
                    change.because.push(edit.name());
                }
            }
        }
        for (change, wanted) in changes.iter_mut().zip(&wanted) {
            if change.because.is_empty() && edits.len() < budget {
                budget -= edits.len();
                change.because = smallest(&edits, |taken_back| {
                    let plan = without(taken_back);
                    plan.is_some_and(|plan| {
                        let (model, receivers) = (Model::of(&plan), authentication::observe(&plan));
                        observed(&model, receivers.as_ref(), change, &unchanged) == *wanted
                    })
                });
            }
        }
    }
    for change in changes {
        if change.because.is_empty() {
            change.because = deciding(old, new, change);
        }
    }
    if is_sought { 0 } else { edits.len() }
}

/// A smallest set of differences whose absence brings the old paths back; empty where there is none.
fn smallest(edits: &[Edit], holds: impl Fn(&[&Edit]) -> bool) -> Vec<String> {
    let mut kept: Vec<&Edit> = edits.iter().collect();
    if !holds(&kept) {
        return Vec::new();
    }
    for edit in edits {
        let fewer: Vec<&Edit> = kept.iter().copied().filter(|at| *at != edit).collect();
        if holds(&fewer) {
            kept = fewer;
        }
    }
    kept.into_iter().map(Edit::name).collect()
}

/// The paths of a change's witness in a model, or what receivers make of its mail there.
fn observed(
    model: &Model<'_>,
    receivers: Option<&authentication::Observed>,
    change: &Change,
    renames: &Renames,
) -> BTreeSet<String> {
    if change.is_authentication() {
        return receivers.map_or_else(BTreeSet::new, |it| authentication::words_of(it, change));
    }
    paths(model, &change.witness_from, &change.witness_to, renames)
}

/// A message with its paths in the plan before.
struct Usual {
    from: String,
    to: String,
    paths: BTreeSet<String>,
    hops: Hops,
}

/// What hands a message over: a location, and what it calls the way.
pub(crate) type Hops = BTreeSet<(String, String)>;

/// What the mail of changes does in one plan, so that others can be held against it: of each change a message of each sender to
/// each kind of recipients.
pub(crate) struct Watch(Vec<Vec<Usual>>);

impl Watch {
    /// The mail of these changes in a plan.
    pub(crate) fn of(plan: &Plan, changes: &[Change]) -> Self {
        let model = Model::of(plan);
        let of_change = |change: &Change| -> Vec<Usual> {
            let from = change.from.iter();
            let messages = from.flat_map(|from| change.witnesses.iter().map(move |to| (from, to)));
            messages
                .map(|(from, to)| {
                    let from = sender_of(from, to);
                    let mut hops = Hops::new();
                    let paths = followed(&model, &from, to, &Renames::default(), &mut hops);
                    Usual {
                        from,
                        to: to.clone(),
                        paths,
                        hops,
                    }
                })
                .collect()
        };
        Self(changes.iter().map(of_change).collect())
    }

    /// Of each message of each change what hands it over in this plan or in another one.
    pub(crate) fn hops(&self, other: &Plan) -> Vec<Vec<Hops>> {
        let model = Model::of(other);
        let both = |usual: &Usual| {
            let mut hops = usual.hops.clone();
            let none = Renames::default();
            followed(&model, &usual.from, &usual.to, &none, &mut hops);
            hops
        };
        let changes = self.0.iter();
        changes
            .map(|mail| mail.iter().map(both).collect())
            .collect()
    }

    /// Of each message of each change, whether it goes elsewhere in another plan.
    pub(crate) fn moves(&self, other: &Plan) -> Vec<Vec<bool>> {
        let model = Model::of(other);
        let moves = |usual: &Usual| {
            paths(&model, &usual.from, &usual.to, &Renames::default()) != usual.paths
        };
        let changes = self.0.iter();
        changes
            .map(|mail| mail.iter().map(moves).collect())
            .collect()
    }
}

/// The paths of a message in a model, without their reasons; none where the model has no such sender.
fn paths(model: &Model<'_>, from: &str, to: &str, renames: &Renames) -> BTreeSet<String> {
    followed(model, from, to, renames, &mut Hops::new())
}

/// The same, and what hands the message over.
fn followed(
    model: &Model<'_>,
    from: &str,
    to: &str,
    renames: &Renames,
    by: &mut Hops,
) -> BTreeSet<String> {
    let topology = &model.plan.topology;
    let (Ok(sender), Ok(address)) = (expect::sender(topology, from), Address::parse(to)) else {
        return BTreeSet::new();
    };
    let ways = trace(model, &sender, &address).ways.into_iter();
    ways.map(|mut way| {
        renames.rename(&mut way);
        let hops = way.hops.iter();
        by.extend(hops.clone().map(|hop| (hop.at.clone(), hop.by.clone())));
        let hops: Vec<(&String, &String, &String, Option<&String>)> = hops
            .map(|hop| (&hop.at, &hop.to, &hop.by, hop.tls.as_ref()))
            .collect();
        format!(
            "{} {} {:?} {hops:?} {:?}",
            way.end.ends.words(topology),
            way.tls,
            way.egress,
            way.readings
        )
    })
    .collect()
}

/// The objects that decide about the witness in one plan alone.
fn deciding(old: &Model<'_>, new: &Model<'_>, change: &Change) -> Vec<String> {
    let objects = |model: &Model<'_>| -> BTreeSet<String> {
        let sender = expect::sender(&model.plan.topology, &change.witness_from);
        let address = Address::parse(&change.witness_to);
        let (Ok(sender), Ok(address)) = (sender, address) else {
            return BTreeSet::new();
        };
        let ways = trace(model, &sender, &address).ways;
        let hops = ways.iter().flat_map(|way| &way.hops);
        hops.map(|hop| hop.by.clone()).collect()
    };
    let (one, other) = (objects(old), objects(new));
    one.symmetric_difference(&other).cloned().collect()
}
