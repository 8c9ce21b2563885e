//! Postfix: one file per table, the parameters of main.cf that are ours, and the script that puts them in place.
//!
//! This module must not know how a topology becomes tables: it prints what the plan holds.

mod access;
mod install;
mod main_cf;
mod tables;
#[cfg(test)]
mod tests;

pub(crate) use tables::{class_name, partner_name};

use crate::emit::Unwritable;
use crate::output::{OutputTree, Sink};
use crate::plan::{Configuration, Plan};
use crate::platforms::postfix::Configuration as Postfix;
use crate::topology::LocationId;
use crate::writer::Refused;

/// The folder below the configuration of Postfix that belongs to mailtopo.
const FOLDER: &str = "mailtopo";
/// The folder for what no output may hold: passwords and private keys.
const PRIVATE: &str = "mailtopo-private";

/// Adds the files of a Postfix location.
pub(crate) fn emit(plan: &Plan, id: LocationId, tree: &mut OutputTree) -> Result<(), Unwritable> {
    let location = plan.topology.location(id);
    if let Configuration::Postfix(configuration) = &plan.place(id).configuration {
        let files = files(plan, &location.name, configuration, tree.sink())
            .map_err(Unwritable::at(location.span))?;
        for (name, text) in files {
            tree.insert(&format!("{}/{name}", location.name), text)
                .map_err(Unwritable::at(location.span))?;
        }
    }
    Ok(())
}

/// The files of one location by name.
pub(crate) fn files(
    plan: &Plan,
    location: &str,
    configuration: &Postfix,
    sink: Sink,
) -> Result<Vec<(String, String)>, Refused> {
    let tables = tables::tables(plan, location, configuration, sink)?;
    let main_cf = main_cf::main_cf(location, configuration, &tables)?;
    let install = install::script(location, configuration, &tables)?;
    let mut files: Vec<_> = tables
        .into_iter()
        .map(|table| (table.name, table.text))
        .collect();
    files.push(("main.cf".to_owned(), main_cf));
    files.push(("install.sh".to_owned(), install));
    Ok(files)
}
