//! The files that are written: one folder per target, none of which knows another.

mod unwritable;

pub use unwritable::Unwritable;
use unwritable::named_in;

use crate::finding::Findings;
use crate::output::Tree;
use crate::plan::{Configuration, Plan};
use crate::platforms::other::checklist;
use crate::platforms::{exchange_online, exchange_server, postfix};
use crate::topology::{Kind, LocationId};
use crate::writer::Refused;
use crate::{dns, runbook};
use std::collections::BTreeMap;

/// Everything that is written for a plan, and what a format could not carry.
///
/// What `findings` withhold is named in the runbook.
pub fn emit(plan: &Plan, findings: &Findings) -> (Tree, Vec<Unwritable>) {
    let mut tree = Tree::default();
    let mut refused = Vec::new();
    for (id, location) in plan.topology.locations() {
        let scripts = emit_scripts(plan, id, &mut tree);
        refused.extend(scripts.map_err(Unwritable::at(location.span)).err());
    }
    refused.extend(postfix::write::emit(plan, &mut tree).err());
    refused.extend(checklist::emit(plan, &mut tree).err());
    refused.extend(dns::write::emit(plan, &mut tree));
    let page = runbook::runbook(plan, findings).and_then(|text| tree.insert("RUNBOOK.md", text));
    refused.extend(page.err().map(|why| {
        let place = named_in(&plan.topology, &why);
        Unwritable::at(place)(why)
    }));
    // What several files refuse is one mistake.
    refused.sort();
    refused.dedup_by(|a, b| a.message == b.message);
    (tree, refused)
}

/// The scripts of one Exchange location.
fn emit_scripts(plan: &Plan, id: LocationId, tree: &mut Tree) -> Result<(), Refused> {
    let location = plan.topology.location(id);
    let scripts = match (&location.kind, &plan.place(id).configuration) {
        (Kind::Tenant(tenant), Configuration::ExchangeOnline(configuration)) => {
            exchange_online::write::scripts(plan, id, tenant, configuration)?
        }
        (_, Configuration::ExchangeServer(configuration)) => {
            exchange_server::write::scripts(plan, id, configuration)?
        }
        _ => BTreeMap::new(),
    };
    for (name, bytes) in scripts {
        tree.insert(&format!("{}/{name}", location.name), bytes)?;
    }
    Ok(())
}
