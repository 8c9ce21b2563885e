//! What the scripts for Exchange Online and for Exchange Server have in common.
//!
//! Planned objects are data, are checked against the catalogue of cmdlets, and are written to a data file that a library
//! reads; the library is the same for every spec. This module must not know how a topology becomes connectors.

pub(crate) mod call;
pub(crate) mod catalogue;
mod commands;
pub(crate) mod constraints;
pub(crate) mod desired;
mod domains;
pub(crate) mod effect;
pub(crate) mod forms;
pub(crate) mod kind;
pub(crate) mod object;
pub(crate) mod object_constraints;
mod origin;
pub(crate) mod scripts;

pub(crate) use domains::{origin_of_domain, recipients, told, why_accepted};
pub(crate) use origin::{origin_of_lock, origin_of_route, origins_of_routes, why_route};

use crate::emit::Unwritable;
use crate::output::OutputTree;
use crate::plan::Plan;
use crate::platforms;
use crate::platforms::exchange::scripts::Form;
use crate::topology::LocationId;

/// Adds the scripts of an Exchange location.
pub(crate) fn write(
    plan: &Plan,
    id: LocationId,
    form: Form,
    tree: &mut OutputTree,
) -> Result<(), Unwritable> {
    let location = plan.topology.location(id);
    let Some(desired) = platforms::desired(plan, id, tree.sink()) else {
        return Ok(());
    };
    let files = desired
        .files(form, tree.sink())
        .map_err(Unwritable::at(location.span))?;
    for (name, bytes) in files {
        tree.insert(&format!("{}/{name}", location.name), bytes)
            .map_err(Unwritable::at(location.span))?;
    }
    Ok(())
}
