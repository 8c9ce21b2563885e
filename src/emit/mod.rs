//! The files that are written: one folder per target, none of which knows another.

mod unwritable;

pub(crate) use unwritable::Unwritable;

use crate::finding::Findings;
use crate::output::{OutputTree, Sink};
use crate::plan::Plan;
use crate::platforms::exchange::scripts::{Form, LIBRARY, LIBRARY_PATH};
use crate::platforms::product::Applied;
use crate::{dns, runbook};

/// Everything that is written for a plan, and what a format could not carry.
///
/// What `findings` withhold is named in the runbook.
pub fn emit(plan: &Plan, findings: &Findings, form: Form) -> (OutputTree, Vec<Unwritable>) {
    let mut tree = OutputTree::default();
    let refused = emit_into(&mut tree, plan, findings, form);
    (tree, refused)
}

/// What a format could not carry, without the files: the writers are asked the same questions.
pub fn refusals(plan: &Plan, findings: &Findings) -> Vec<Unwritable> {
    emit_into(&mut OutputTree::of_refusals(), plan, findings, Form::Thin)
}

pub(crate) fn emit_into(
    tree: &mut OutputTree,
    plan: &Plan,
    findings: &Findings,
    form: Form,
) -> Vec<Unwritable> {
    let mut refused = Unwritable::texts(&plan.topology);
    if !refused.is_empty() {
        return refused;
    }
    // All values of the page stand in other files too, or are texts that were looked at first. It takes more room to be made
    // than to be kept, and so comes before the others.
    if tree.sink() == Sink::Files {
        let page =
            runbook::runbook(plan, findings).and_then(|text| tree.insert("RUNBOOK.md", text));
        refused.extend(page.map_err(Unwritable::at(plan.topology.span)).err());
    }
    let mut scripts = false;
    for (id, location) in plan.topology.locations() {
        let product = location.product();
        match (product.write)(plan, id, form, tree) {
            Ok(()) => scripts |= product.applied == Applied::Scripts,
            Err(why) => refused.push(why),
        }
    }
    if scripts && form == Form::Thin {
        let library = tree.insert(LIBRARY_PATH, LIBRARY);
        refused.extend(library.map_err(Unwritable::at(plan.topology.span)).err());
    }
    refused.extend(dns::write::emit(plan, tree));
    // What several files refuse is one mistake.
    refused.sort();
    refused.dedup_by(|a, b| a.message == b.message);
    refused
}
