//! The files that are written: one folder per target, none of which knows another.

mod unwritable;

pub use unwritable::Unwritable;
use unwritable::named_in;

use crate::finding::Findings;
use crate::output::Tree;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange::scripts::{Form, LIBRARY, LIBRARY_PATH};
use crate::platforms::other::checklist;
use crate::platforms::{exchange_online, exchange_server, postfix};
use crate::topology::{Kind, LocationId};
use crate::writer::Refused;
use crate::{dns, runbook};

/// Everything that is written for a plan, and what a format could not carry.
///
/// What `findings` withhold is named in the runbook.
pub fn emit(plan: &Plan, findings: &Findings, form: Form) -> (Tree, Vec<Unwritable>) {
    let mut tree = Tree::default();
    let mut scripts = false;
    let mut refused = Vec::new();
    for (id, location) in plan.topology.locations() {
        match emit_scripts(plan, id, form, &mut tree) {
            Ok(exchange) => scripts |= exchange,
            Err(why) => refused.push(Unwritable::at(location.span)(why)),
        }
    }
    if scripts && form == Form::Thin {
        let library = tree.insert(LIBRARY_PATH, LIBRARY);
        refused.extend(library.map_err(Unwritable::at(plan.topology.span)).err());
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

/// The scripts of one location, and whether it is an Exchange location.
fn emit_scripts(plan: &Plan, id: LocationId, form: Form, tree: &mut Tree) -> Result<bool, Refused> {
    let location = plan.topology.location(id);
    let desired = match (&location.kind, &plan.place(id).configuration) {
        (Kind::Tenant(tenant), Configuration::ExchangeOnline(configuration)) => {
            exchange_online::write::desired(plan, id, tenant, configuration)
        }
        (_, Configuration::ExchangeServer(configuration)) => {
            exchange_server::write::desired(plan, id, configuration)
        }
        _ => return Ok(false),
    };
    for (name, bytes) in desired.files(form)? {
        tree.insert(&format!("{}/{name}", location.name), bytes)?;
    }
    Ok(true)
}
