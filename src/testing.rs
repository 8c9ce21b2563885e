//! What the tests ask of one spec many times over, as the documents that the commands print.
//!
//! Hidden, and no part of what the library promises: a command that prints the same answer is the contract.

use crate::cli;
use crate::compile::{self, Checked, Input};
use crate::output::Sealed;
use crate::platforms::exchange::scripts::Form;
use crate::report::{Format, Report};
use crate::values::{Address, Date};
use crate::walk::{Model, expect, trace};
use serde_json::Value;
use std::collections::BTreeMap;

/// A spec that was compiled on a day.
pub struct Asked {
    checked: Checked,
    output: Option<Sealed>,
}

impl Asked {
    /// Compiles the spec called `name` among `files`; nothing where there is no such file or `today` is no day.
    pub fn of(name: &str, files: &BTreeMap<String, Vec<u8>>, today: &str) -> Option<Self> {
        let input = Input {
            name,
            bytes: files.get(name)?,
            files,
        };
        let (checked, output) = compile::compile(&input, Date::parse(today).ok()?, Form::Thin);
        Some(Self { checked, output })
    }

    /// What `check --output-format` prints in the form with this name.
    pub fn report(&self, form: &str) -> Option<String> {
        let form = Format::ALL.into_iter().find(|known| known.name() == form)?;
        let Checked {
            sources,
            findings,
            summary,
            ..
        } = &self.checked;
        let rules = compile::rules();
        let report =
            Report::new("mailtopo.yaml", findings, sources, &rules).summary(summary.clone());
        Some(report.render(form, false))
    }

    /// What `compile` writes; nothing while there are errors.
    pub fn files(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let output = self.output.as_ref()?;
        Some(
            output
                .iter()
                .map(|(path, bytes)| (path.to_owned(), bytes.to_vec()))
                .collect(),
        )
    }

    /// What `routes --output-format json` prints; nothing where the spec itself has mistakes.
    pub fn routes(&self) -> Option<Value> {
        let plan = self.checked.plan.as_ref()?;
        Some(cli::routes_document(plan, "mailtopo.yaml"))
    }

    /// Somebody who answers many questions about ways; nothing where the spec itself has mistakes.
    pub fn tracer(&self) -> Option<Tracer<'_>> {
        self.checked.plan.as_ref().map(|plan| Tracer {
            model: Model::of(plan),
        })
    }
}

/// Answers questions about ways.
pub struct Tracer<'a> {
    model: Model<'a>,
}

impl Tracer<'_> {
    /// What `trace --output-format json` prints, or why there is no such message.
    pub fn trace(&self, from: &str, to: &str) -> Result<Value, String> {
        let plan = self.model.plan;
        let sender = expect::sender(&plan.topology, from)?;
        let address = Address::parse(to).map_err(|bad| bad.message)?;
        Ok(cli::trace_document(
            plan,
            &trace(&self.model, &sender, &address),
        ))
    }
}
