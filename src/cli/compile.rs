//! `compile`: check, then put the whole output in place.

use crate::cli::args::CompileArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::spec::Spec;
use crate::cli::{Verdict, check, forms, spec};
use crate::compile;
use crate::io::{self, Options, Swap, Written};
use crate::output::Sealed;
use crate::platforms::exchange::scripts::Form;
use crate::report::{counted, visible};
use crate::source::Sources;
use std::fs;
use std::path::Path;

pub(super) fn run(args: &CompileArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let spec = spec::open(args.spec.as_deref())?;
    let form = if args.standalone {
        Form::Standalone
    } else {
        Form::Thin
    };
    let dated = args.reporting.day.today.is_some();
    let today = check::day(&args.reporting.day)?;
    let (checked, output) = compile::compile(&spec.input(), today, dated, form);
    let checked = check::to_the_end(checked);
    if !args.check {
        refuse_inside(args, &spec, &checked.sources)?;
    }
    check::say_what_was_read(&checked, screen);
    let verdict = check::report(&spec.shown, &checked, &args.reporting, screen)?;
    let out = args.out.display();
    let (Some(output), Verdict::Clean) = (output, verdict) else {
        screen.message(&format!("nothing was written to `{out}`"));
        return Ok(Verdict::Found);
    };
    if args.check {
        return say_stale(args, &output, screen);
    }
    for withheld in checked.plan.iter().flat_map(|plan| &plan.withheld) {
        screen.message(&format!("withheld: {}", withheld.what));
    }
    for finding in &checked.findings {
        for what in &finding.withholds {
            screen.message(&format!("withheld: {what}: {}", visible(&finding.message)));
        }
    }
    let options = Options {
        force: args.force,
        swap: Swap::default(),
    };
    match io::write(&args.out, &output, options)? {
        Written::Unchanged => screen.message(&format!("`{out}` is up to date")),
        Written::Replaced { left } => {
            screen.message(&format!("wrote {} files to `{out}`", output.len()));
            if let Some(left) = left {
                screen.message(&format!("warning: {left}"));
            }
        }
    }
    Ok(Verdict::Clean)
}

/// Says which files of the folder are not as they would be written.
fn say_stale(args: &CompileArgs, output: &Sealed, screen: &Screen) -> Result<Verdict, Failure> {
    let out = args.out.display();
    let stale = io::stale(&args.out, output)?;
    if stale.is_empty() {
        screen.message(&format!("`{out}` is up to date"));
        return Ok(Verdict::Clean);
    }
    // The list is the result, so `-q` does not leave it out.
    for line in &stale {
        screen.stderr(&format!("{}\n", visible(line)));
    }
    screen.stderr(&format!(
        "{}\n",
        visible(&format!(
            "`{out}` is stale in {}: run `mailtopo compile` and commit what it writes",
            counted(u64::try_from(stale.len()).unwrap_or(u64::MAX), "file")
        ))
    ));
    Ok(Verdict::Differs)
}

/// The folder of the output is replaced as a whole: what the spec consists of, and a report on it, would go with it.
fn refuse_inside(args: &CompileArgs, spec: &Spec, sources: &Sources) -> Result<(), Failure> {
    let Some(out) = fs::canonicalize(&args.out).ok().filter(|out| out.is_dir()) else {
        return Ok(());
    };
    let is_inside = |path: &Path| fs::canonicalize(path).is_ok_and(|path| path.starts_with(&out));
    let file = sources
        .iter()
        .map(|(_, file)| spec.folder.join(&file.name))
        .find(|path| is_inside(path))
        .map(|path| (path, "the spec reads it"));
    // A report may not be there yet, but its folder must.
    let report = args
        .reporting
        .output_format
        .iter()
        .filter_map(forms::Form::file)
        .find(|path| {
            is_inside(
                path.parent()
                    .filter(|above| *above != "")
                    .unwrap_or(Path::new(".")),
            )
        })
        .map(|path| (path.to_owned(), "a report goes there"));
    let Some((path, why)) = file.or(report) else {
        return Ok(());
    };
    Err(Failure::new(format!(
        "`{}` is in `{}`, the folder of the output, which is replaced as a whole, and {why}",
        path.display(),
        args.out.display()
    ))
    .help("name a folder that holds nothing else, such as `--out out`"))
}
