//! `check`: read, resolve, analyse; write nothing.

use crate::cli::args::{CheckArgs, Day, Reporting};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::spec::Spec;
use crate::cli::{Verdict, baseline, forms, spec};
use crate::compile::{self, Checked};
use crate::report::{Format, Report};
use crate::source::Sources;
use crate::values::Date;
use std::collections::BTreeMap;
use std::mem::ManuallyDrop;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) fn run(args: &CheckArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let spec = spec::open(args.spec.as_deref())?;
    let today = day(&args.reporting.day)?;
    let checked = if args.fix || args.unsafe_fixes || args.diff {
        fixed(args, &spec, today, screen)?
    } else {
        let mut checked = compile::check(&spec.input(), today);
        let is_for_programs =
            |form: &forms::Form| matches!(form.format(), Format::Json | Format::Sarif);
        if args.reporting.output_format.iter().any(is_for_programs) {
            compile::offer(&spec.input(), today, &mut checked);
        }
        known(args, &spec, &mut checked, args.write_baseline)?;
        checked
    };
    let checked = to_the_end(checked);
    say_what_was_read(&checked, screen);
    report(&spec.shown, &checked, &args.reporting, screen)
}

/// Marks what the baseline lists.
fn known(args: &CheckArgs, spec: &Spec, checked: &mut Checked, write: bool) -> Result<(), Failure> {
    match &args.baseline {
        Some(file) => baseline::apply(checked, &spec.shown, file, write),
        None => Ok(()),
    }
}

/// Applies edits, or shows them; what is still to be said is about the spec as it stands then.
fn fixed(args: &CheckArgs, spec: &Spec, today: Date, screen: &Screen) -> Result<Checked, Failure> {
    if spec.shown == "-" && !args.diff {
        return Err(Failure::new("standard input cannot be fixed")
            .help("name a file, or print the edits: `--diff`"));
    }
    // What the baseline lists is known, and nobody asks for its edits.
    let adjust = |checked: &mut Checked| _ = known(args, spec, checked, false);
    let fixed = compile::fix(&spec.input(), today, args.unsafe_fixes, &adjust);
    let before = compile::check(&spec.input(), today);
    // A form for programs is all that stands on standard output.
    let mut forms = args.reporting.output_format.iter();
    let is_program = forms.any(|form| {
        form.file().is_none()
            && matches!(
                form.format(),
                Format::Json | Format::Sarif | Format::Gitlab | Format::Junit | Format::Rdjson
            )
    });
    let shown = Shown {
        is_written: !args.diff,
        diff: args.diff.then_some(is_program),
    };
    edited(spec, &before.sources, &fixed.texts, shown, screen)?;
    if args.diff {
        let mut before = before;
        known(args, spec, &mut before, false)?;
        return Ok(before);
    }
    for title in &fixed.applied {
        screen.message(&format!("fixed: {title}"));
    }
    let mut checked = fixed.checked;
    if args.write_baseline {
        known(args, spec, &mut checked, true)?;
    }
    Ok(checked)
}

/// What is done with the new texts of a spec.
#[derive(Clone, Copy)]
pub(super) struct Shown {
    /// They are written.
    pub(super) is_written: bool,
    /// Their differences are printed: on standard error where this says so.
    pub(super) diff: Option<bool>,
}

/// Prints what differs in the texts of a spec, or writes them, or both.
pub(super) fn edited(
    spec: &Spec,
    before: &Sources,
    texts: &BTreeMap<String, String>,
    shown: Shown,
    screen: &Screen,
) -> Result<(), Failure> {
    for (name, text) in texts {
        let path = spec.folder.join(name);
        if let Some(is_message) = shown.diff {
            let mut files = before.iter().map(|(_, file)| file);
            let old = files.find(|file| file.name == *name);
            let old = old.map_or("", |file| &*file.text);
            let title = crate::report::visible(&path.to_string_lossy()).into_owned();
            let changes = similar::TextDiff::from_lines(old, text);
            let changes = changes.unified_diff().header(&title, &title).to_string();
            if is_message {
                screen.stderr(&changes);
            } else {
                screen.result(&changes)?;
            }
        }
        if shown.is_written {
            forms::replace(&path, text).map_err(|error| {
                Failure::new(format!("cannot write `{}`: {error}", path.display()))
            })?;
        }
    }
    Ok(())
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
        .fail_on(reporting.fail_on.severity())
        .at_most(reporting.max_findings)
        .base(spec::base());
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
