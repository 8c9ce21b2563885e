//! `drift`: what exists against what was compiled.

use crate::cli::args::DriftArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, forms, say_errors, spec};
use crate::compile;
use crate::drift;
use crate::import::{self, Export};
use crate::io::{self, Options, Swap, Written};
use crate::report::{Format, Report};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

pub(super) fn run(args: &DriftArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let mut named = None;
    let mut exports = Vec::new();
    for word in &args.words {
        match word.split_once('=') {
            Some((location, path)) => {
                let export = read(path)?;
                exports.push((location.to_owned(), path.to_owned(), export));
            }
            None if named.is_none() => named = Some(Path::new(word)),
            None => {
                return Err(Failure::new(format!("`{word}` is a second spec"))
                    .help("name each export with its location: `cloud=state.json`"));
            }
        }
    }
    if exports.is_empty() {
        return Err(Failure::new("there is no export to compare with")
            .help("name one with its location: `cloud=state.json`"));
    }
    let spec = spec::open(named)?;
    let today = check::day(&args.reporting.day)?;
    let compared = compile::drift(&spec.input(), today, exports);
    let (checked, found) = compared.map_err(Failure::new)?;
    let checked = check::to_the_end(checked);
    let (Some(drift), Some(plan)) = (found, checked.plan.as_ref()) else {
        say_errors(&spec.shown, &checked, screen);
        return Ok(Verdict::Found);
    };
    let rules = compile::rules();
    let report = Report::new(&spec.shown, &checked.findings, &checked.sources, &rules)
        .fail_on(args.reporting.fail_on.severity())
        .at_most(args.reporting.max_findings)
        .base(spec::base());
    forms::write_each(&args.reporting.output_format, screen, |form, look| {
        let text = report.render(form.format(), look);
        match form.format() {
            Format::Human if drift.is_empty() && screen.is_quiet() => None,
            Format::Human => Some(drift::human(plan, &drift, &text)),
            Format::Json => Some(drift::json(plan, &drift, &text)),
            _ => Some(text),
        }
    })?;
    if let Some(folder) = &args.script {
        let sealed = compile::restoring(plan, &drift)
            .map_err(|refused| Failure::new(refused.to_string()))?;
        let options = Options {
            force: false,
            swap: Swap::default(),
        };
        let shown = folder.display();
        match io::write(folder, &sealed, options)? {
            Written::Unchanged => screen.message(&format!("`{shown}` is up to date")),
            Written::Replaced { .. } => screen.message(&format!(
                "wrote {} files to `{shown}`; what is not in the spec is not removed by them",
                sealed.len()
            )),
        }
    }
    Ok(if report.failed() {
        Verdict::Found
    } else if args.exit_code && !drift.is_empty() {
        Verdict::Differs
    } else {
        Verdict::Clean
    })
}

/// Reads an export.
pub(super) fn read(path: &str) -> Result<Export, Failure> {
    let file =
        File::open(path).map_err(|error| Failure::new(format!("cannot read `{path}`: {error}")))?;
    if file.metadata().is_ok_and(|known| known.is_dir()) {
        return Err(Failure::new(format!("`{path}` is a folder"))
            .help("name the files in it, each with its location"));
    }
    let mut bytes = Vec::new();
    file.take(import::LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("cannot read `{path}`: {error}")))?;
    import::read(&bytes)
        .map_err(|why| Failure::new(format!("cannot take `{path}` as an export: {why}")))
}
