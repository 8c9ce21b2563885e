//! `drift`: what exists against what was compiled.

use crate::cli::args::DriftArgs;
use crate::cli::check::Shown;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::spec::Spec;
use crate::cli::{Verdict, check, forms, say_errors, spec};
use crate::compile;
use crate::draft::Part;
use crate::drift::{self, Drift, ObjectDrift, State};
use crate::finding::Finding;
use crate::import::{self, Export};
use crate::io::{self, Options, Swap, Written};
use crate::plan::Plan;
use crate::report::{Format, Report};
use std::collections::BTreeMap;
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
                exports.push((location.to_owned(), export));
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
    if args.adopt && !drift.is_empty() {
        return adopt(args, &spec, plan, &drift, screen);
    }
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
        let sealed = compile::restoring(plan, &drift).map_err(Failure::new)?;
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
        for line in compile::turning_off(&drift) {
            screen.message(&line);
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

/// Changes the spec to what exists, if it can be said in the language.
fn adopt(
    args: &DriftArgs,
    spec: &Spec,
    plan: &Plan,
    drift: &Drift,
    screen: &Screen,
) -> Result<Verdict, Failure> {
    if spec.shown == "-" && !args.diff {
        return Err(Failure::new("standard input cannot be changed")
            .help("name a file, or print the edits: `--diff`"));
    }
    let today = check::day(&args.reporting.day)?;
    let parts = drift.sources.iter().map(|source| Part {
        location: source.at.name(plan).to_owned(),
        export: source.export.clone(),
    });
    let parts: Vec<Part> = parts.collect();
    let adopted = compile::adopt(&spec.input(), &parts, today);
    let Some(adopted) = adopted else {
        return Err(Failure::new("the spec has mistakes").help("run `mailtopo check`"));
    };
    // What the language has no word for of rules keeps nothing else from being adopted.
    let is_rule =
        |object: &ObjectDrift| object.kind == "TransportRule" && object.state == State::Unknown;
    let is_in_the_way =
        adopted.done.is_empty() || !adopted.left.iter().all(|(_, object, _)| is_rule(object));
    if !adopted.left.is_empty() {
        for (location, object, reason) in &adopted.left {
            let reason = if reason.is_empty() {
                String::new()
            } else {
                format!(" ({reason})")
            };
            screen.message(&format!(
                "cannot be said in the language: {}{reason}",
                drift::in_words(location, object)
            ));
        }
        if is_in_the_way {
            screen.message(
                "nothing is written; `--script DIR` writes the scripts that restore what differs",
            );
            return Ok(Verdict::Found);
        }
    }
    let before = compile::check(&spec.input(), today);
    let after = compile::checked_with(&spec.input(), &adopted.texts, today);
    // What the spec says now is the user's decision: they see first what `check` thinks of it.
    let known = |finding: &Finding| {
        let mut known = before.findings.iter();
        known.any(|it| it.check == finding.check && it.objects == finding.objects)
    };
    for finding in after.findings.iter().filter(|finding| !known(finding)) {
        screen.message(&format!(
            "check of the changed spec: {} {}: {}",
            finding.severity.word(),
            finding.check,
            finding.message
        ));
    }
    let shown = Shown {
        is_written: !args.diff,
        diff: Some(false),
    };
    check::edited(spec, &before.sources, &adopted.texts, shown, screen)?;
    let word = if args.diff {
        "to be adopted"
    } else {
        "adopted"
    };
    for title in &adopted.done {
        screen.message(&format!("{word}: {title}"));
    }
    Ok(if adopted.left.is_empty() {
        Verdict::Clean
    } else {
        Verdict::Found
    })
}

/// Reads an export.
pub(super) fn read(path: &str) -> Result<Export, Failure> {
    let file =
        File::open(path).map_err(|error| Failure::new(format!("cannot read `{path}`: {error}")))?;
    if file.metadata().is_ok_and(|known| known.is_dir()) {
        let files = folder(path)?;
        return import::read_folder(path, files)
            .map_err(|why| Failure::new(format!("cannot take `{path}` as an export: {why}")));
    }
    // As much room as it takes: a buffer that grows could have twice that.
    let size = file.metadata().map_or(0, |known| known.len());
    let size = usize::try_from(size).unwrap_or(usize::MAX);
    let mut bytes = Vec::with_capacity(size.saturating_add(1).min(import::LARGEST + 1));
    file.take(import::LARGEST as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Failure::new(format!("cannot read `{path}`: {error}")))?;
    import::read(path, bytes)
        .map_err(|why| Failure::new(format!("cannot take `{path}` as an export: {why}")))
}

/// So many files of a folder are read, and folders so deep in it.
const MOST_FILES: usize = 10_000;
const DEEPEST: usize = 4;

/// The files below a folder, by their paths from there. What is larger than any export is none.
fn folder(path: &str) -> Result<BTreeMap<String, Vec<u8>>, Failure> {
    let fail = |at: &Path, error: std::io::Error| {
        Failure::new(format!("cannot read `{}`: {error}", at.display()))
    };
    let mut files = BTreeMap::new();
    let mut open = vec![(Path::new(path).to_path_buf(), String::new(), 0)];
    let mut left = import::LARGEST as u64;
    while let Some((at, prefix, depth)) = open.pop() {
        for entry in std::fs::read_dir(&at).map_err(|error| fail(&at, error))? {
            let entry = entry.map_err(|error| fail(&at, error))?;
            let (own, name) = (
                entry.path(),
                entry.file_name().to_string_lossy().into_owned(),
            );
            let name = format!("{prefix}{name}");
            let kind = entry.file_type().map_err(|error| fail(&own, error))?;
            if kind.is_dir() && depth < DEEPEST {
                open.push((own, format!("{name}/"), depth + 1));
            } else if kind.is_file() {
                let mut bytes = Vec::new();
                let file = File::open(&own).map_err(|error| fail(&own, error))?;
                file.take(left + 1)
                    .read_to_end(&mut bytes)
                    .map_err(|error| fail(&own, error))?;
                left = left.checked_sub(bytes.len() as u64).ok_or_else(|| {
                    Failure::new(format!(
                        "`{path}` holds more than {} MB",
                        import::LARGEST >> 20
                    ))
                })?;
                files.insert(name, bytes);
            }
        }
        if files.len() > MOST_FILES {
            return Err(Failure::new(format!(
                "`{path}` holds more than {MOST_FILES} files"
            )));
        }
    }
    Ok(files)
}
