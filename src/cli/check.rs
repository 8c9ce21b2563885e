//! `check`: read, resolve, analyse; write nothing.

use super::args::{CheckArgs, Reporting};
use super::failure::Failure;
use super::screen::Screen;
use super::{Verdict, forms, spec};
use crate::compile::{self, Checked};
use crate::report::Report;

pub fn run(args: &CheckArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let spec = spec::open(args.spec.as_deref())?;
    let checked = compile::plan(&spec.input());
    say_what_was_read(&checked, screen);
    report(&spec.shown, &checked, &args.reporting, screen)
}

/// Writes the report in every form that was asked for.
pub fn report(
    shown: &str,
    checked: &Checked,
    reporting: &Reporting,
    screen: &Screen,
) -> Result<Verdict, Failure> {
    let rules = compile::rules();
    let report = Report::new(shown, &checked.findings, &checked.sources, &rules)
        .summary(checked.summary.clone())
        .fail_on(reporting.fail_on.severity());
    forms::write(&reporting.output_format, &report, screen)?;
    Ok(if report.failed() {
        Verdict::Found
    } else {
        Verdict::Clean
    })
}

/// Names the files that the spec is made of.
pub fn say_what_was_read(checked: &Checked, screen: &Screen) {
    for (_, file) in checked.sources.iter() {
        screen.detail(&format!("read `{}`", file.name));
    }
}
