//! The command line: what was asked for, done with the functions of the library, and said in the agreed way.
//!
//! Results go to standard output, messages to standard error. Exit codes: 0 clean or written, 1 findings at or above
//! `--fail-on`, 2 could not run, 3 something differs and was asked for. This module decides nothing about mail.

mod args;
mod baseline;
mod check;
mod color;
mod compile;
mod diff;
mod drift;
mod explain;
mod failure;
mod fmt;
mod forms;
mod graph;
mod import;
mod init;
mod pages;
mod routes;
mod screen;
mod spec;
mod trace;
mod words;

pub(crate) use routes::document as routes_document;
pub(crate) use trace::document as trace_document;

use crate::compile::{Checked, rules};
use crate::finding::Finding;
use crate::report::{Format, Report};
use args::{Args, Command};
use clap::Parser as _;
use color::ColorWhen;
use screen::Screen;
use std::ffi::OsString;
use std::process::ExitCode;

/// What a run that could be done came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    /// Nothing at or above `--fail-on`.
    Clean,
    /// Something at or above it.
    Found,
    /// Something differs from what it is compared with.
    Differs,
}

/// Does what the arguments ask for; the first argument is the name of the program.
pub fn main<I>(args: I) -> ExitCode
where
    I: IntoIterator<Item = OsString>,
{
    let args: Vec<OsString> = args.into_iter().collect();
    let run_here = args.clone();
    let thread = std::thread::Builder::new()
        .stack_size(crate::STACK)
        .spawn(move || run(&args));
    match thread {
        // The panic has said what happened; 101 is what it would have exited with.
        Ok(thread) => thread.join().unwrap_or(ExitCode::from(101)),
        Err(_) => run(&run_here),
    }
}

fn run(args: &[OsString]) -> ExitCode {
    let parsed = match Args::try_parse_from(args) {
        Ok(parsed) => parsed,
        Err(error) => return usage(&words::of_other_tools(error), args),
    };
    let screen = Screen::new(parsed.color, parsed.quiet, parsed.verbose);
    let done = match parsed.command {
        Command::Check(args) => check::run(&args, &screen),
        Command::Compile(args) => compile::run(&args, &screen),
        Command::Diff(args) => diff::run(&args, &screen),
        Command::Import(args) => import::run(&args, &screen),
        Command::Drift(args) => drift::run(&args, &screen),
        Command::Routes(args) => routes::run(&args, &screen),
        Command::Explain(args) => explain::run(&args, &screen),
        Command::Trace(args) => trace::run(&args, &screen),
        Command::Graph(args) => graph::run(&args, &screen),
        Command::Fmt(args) => fmt::run(&args, &screen),
        Command::Init(args) => init::run(&args, &screen),
        Command::Schema { of } => pages::schema(of, &screen),
        Command::Completions { shell, line } if line.is_empty() => {
            pages::completions(shell, &screen)
        }
        Command::Completions { line, .. } => pages::senders(&line, &screen),
        Command::Man { command } => pages::man(command.as_deref(), &screen),
        Command::Version => pages::version(&screen),
    };
    match done {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Found) => ExitCode::from(1),
        Ok(Verdict::Differs) => ExitCode::from(3),
        Err(failure) => screen.failure(&failure),
    }
}

/// Says what keeps a spec from being compared.
fn say_errors(shown: &str, checked: &Checked, screen: &Screen) {
    let failing = checked.findings.partition_point(Finding::is_open_error);
    let rules = rules();
    let errors = checked.findings.get(..failing).unwrap_or_default();
    let report = Report::new(shown, errors, &checked.sources, &rules);
    screen.stderr(&report.render(Format::Human, screen.look_of_messages()));
}

/// Says what is wrong with a spec, for commands whose result is something else, which they have printed; when quiet only
/// what makes them fail.
fn say_findings(shown: &str, planned: &Checked, screen: &Screen) -> Verdict {
    // The worst come first.
    let failing = planned.findings.partition_point(Finding::is_open_error);
    let kept = if screen.is_quiet() {
        failing
    } else {
        planned.findings.len()
    };
    let findings = planned.findings.get(..kept).unwrap_or_default();
    if !findings.is_empty() {
        let rules = rules();
        let report = Report::new(shown, findings, &planned.sources, &rules);
        screen.stderr(&report.render(Format::Human, screen.look_beside()));
    }
    if failing == 0 {
        Verdict::Clean
    } else {
        Verdict::Found
    }
}

/// Help that was asked for is a result; everything else the parser says is a failure to run.
fn usage(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let screen = Screen::new(ColorWhen::guess(args), false, false);
    let text = error.render();
    if error.use_stderr() {
        screen.stderr(&if screen.colors_stderr() {
            text.ansi().to_string()
        } else {
            text.to_string()
        });
        return ExitCode::from(2);
    }
    let text = if screen.look().color {
        text.ansi().to_string()
    } else {
        text.to_string()
    };
    match screen.result(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => screen.failure(&failure),
    }
}
