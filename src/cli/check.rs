//! `check`: read, resolve, analyse; write nothing.

use crate::cli::args::{CheckArgs, Day, Reporting};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, forms, spec};
use crate::compile::{self, Checked};
use crate::report::Report;
use crate::values::Date;
use std::mem::ManuallyDrop;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn run(args: &CheckArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let spec = spec::open(args.spec.as_deref())?;
    let checked = compile::check(&spec.input(), day(&args.reporting.day)?);
    let checked = to_the_end(checked);
    say_what_was_read(&checked, screen);
    report(&spec.shown, &checked, &args.reporting, screen)
}

/// Keeps what was made until the process ends. The system takes its memory back at once; giving back millions of
/// addresses one by one would take a while.
pub(super) fn to_the_end<T>(made: T) -> ManuallyDrop<T> {
    ManuallyDrop::new(made)
}

/// Writes the report in every form that was asked for.
pub(super) fn report(
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
pub(super) fn say_what_was_read(checked: &Checked, screen: &Screen) {
    for (_, file) in checked.sources.iter() {
        screen.detail(&format!("read `{}`", file.name));
    }
}

/// The day that dates are compared with: as given, else today in UTC.
pub(super) fn day(given: &Day) -> Result<Date, Failure> {
    if let Some(day) = given.today {
        return Ok(day);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH).ok();
    since
        .and_then(|since| i64::try_from(since.as_secs() / 86_400).ok())
        .and_then(Date::from_days)
        .ok_or_else(|| {
            Failure::new("the clock of this machine shows no day that can be compared with")
                .help("say which day it is: `--today YYYY-MM-DD`")
        })
}
