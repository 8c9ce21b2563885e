//! `fmt`: the text of a spec in one form.

use crate::cli::args::FmtArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, forms, spec};
use crate::compile;
use crate::report::{Format, Report};
use crate::yaml::tidy;
use std::path::Path;

pub(super) fn run(args: &FmtArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let planned = compile::plan(&spec.input(), None);
    let mut changed = 0;
    let mut unread = Vec::new();
    for (id, file) in planned.sources.iter() {
        // Lists of mailboxes are no YAML.
        let end = Path::new(&file.name).extension();
        let is_yaml = file.name == "-" || end.is_some_and(|end| end == "yaml" || end == "yml");
        if !is_yaml {
            continue;
        }
        let Some(text) = tidy(&file.text) else {
            unread.push(id);
            continue;
        };
        if file.name == "-" && !args.check {
            screen.result(&text)?;
            continue;
        }
        if text == *file.text {
            continue;
        }
        changed += 1;
        let path = spec.folder.join(&file.name);
        if args.check {
            screen.message(&format!("`{}` is in another form", path.display()));
            continue;
        }
        forms::replace(&path, &text)
            .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", path.display())))?;
        screen.message(&format!("wrote `{}`", path.display()));
    }
    // A file that cannot be read has no form. Whatever else is wrong with the spec is not asked here.
    let mut findings = planned.findings;
    if planned.sources.iter().next().is_some() {
        findings.retain(|finding| {
            let mut labels = finding.labels.iter();
            finding.is_open_error() && labels.any(|label| unread.contains(&label.span.file))
        });
    }
    if !findings.is_empty() {
        let rules = compile::rules();
        let report = Report::new(&spec.shown, &findings, &planned.sources, &rules);
        screen.stderr(&report.render(Format::Human, screen.look_of_messages()));
    }
    let has_failed = !unread.is_empty() || !findings.is_empty();
    Ok(if has_failed || args.check && changed > 0 {
        Verdict::Found
    } else {
        Verdict::Clean
    })
}
