//! `diff`: whose mail goes elsewhere between two specs.

use crate::cli::args::DiffArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::spec::Spec;
use crate::cli::{Verdict, check, forms, say_errors, spec};
use crate::compile;
use crate::diff::{self, Announced, Only};
use crate::report::Format;
use crate::topology::Sender;
use crate::walk::expect;
use std::fs;

/// The forms of a comparison.
pub(super) const FORMS: [Format; 3] = [Format::Human, Format::Json, Format::Markdown];

pub(crate) fn run(args: &DiffArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.output_format)?;
    for form in &args.output_format {
        if !FORMS.contains(&form.format()) {
            return Err(Failure::new(format!(
                "a comparison has no form `{}`; its forms are {}",
                form.format().name(),
                FORMS.map(Format::name).join(", ")
            )));
        }
    }
    let only = Only::parse(&args.only).map_err(Failure::new)?;
    let announced = args.announced.as_deref().map(|file| {
        let shown = file.display();
        let text = fs::read_to_string(file)
            .map_err(|error| Failure::new(format!("cannot read `{shown}`: {error}")))?;
        Announced::parse(&text)
            .map_err(|why| Failure::new(format!("`{shown}` announces nothing: {why}")))
    });
    let announced = announced.transpose()?;
    let (old, new) = (spec::open_side(&args.old)?, spec::open_side(&args.new)?);
    let today = check::day(&args.day)?;
    let (before, after, found) = compile::diff(&old.input(), &new.input(), today, &only);
    let Some(mut found) = found else {
        for (spec, checked) in [(&old, &before), (&new, &after)] {
            if checked.plan.is_none() {
                say_errors(&spec.shown, checked, screen);
            }
        }
        return Ok(Verdict::Found);
    };
    for name in &only.sources {
        let is_known = |checked: &compile::Checked| {
            let topology = checked.plan.as_ref().map(|plan| &plan.topology);
            topology.is_some_and(|it| matches!(expect::sender(it, name), Ok(Sender::Party(_))))
        };
        if ![&before, &after].into_iter().any(is_known) {
            return Err(Failure::new(format!(
                "neither spec has a sender called `{name}`"
            )));
        }
    }
    let is_announced = announced.is_none_or(|announced| announced.tick(&mut found));
    let is_silent = screen.is_quiet() && found.is_empty();
    forms::write_each(&args.output_format, screen, |form, _| match form.format() {
        Format::Json => Some(diff::json(&found)),
        Format::Markdown => Some(diff::markdown(&found, &new.shown, &command(&old, &new))),
        _ if is_silent => None,
        _ => Some(diff::human(&found)),
    })?;
    if !is_announced {
        screen.message("M013 change-not-announced: some change is not in the announcement");
    }
    let fails = args
        .fail_on
        .level()
        .is_some_and(|level| found.reaches(level));
    Ok(if fails || !is_announced {
        Verdict::Found
    } else if args.exit_code && !found.is_empty() {
        Verdict::Differs
    } else {
        Verdict::Clean
    })
}

/// The command that shows everything.
fn command(old: &Spec, new: &Spec) -> String {
    format!("mailtopo diff {} {}", old.shown, new.shown)
}
