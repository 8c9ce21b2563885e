//! `fmt`: the text of a spec in one form.

use crate::cli::args::FmtArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, forms, spec};
use crate::compile;
use crate::yaml::tidy;
use std::path::Path;

pub(super) fn run(args: &FmtArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let planned = compile::plan(&spec.input(), None);
    let mut changed = 0;
    for (_, file) in planned.sources.iter() {
        // Lists of mailboxes are no YAML.
        let end = Path::new(&file.name).extension();
        let is_yaml = file.name == "-" || end.is_some_and(|end| end == "yaml" || end == "yml");
        let Some(text) = tidy(&file.text).filter(|_| is_yaml) else {
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
    if planned.sources.iter().next().is_none() {
        return Err(Failure::new(format!(
            "`{}` cannot be read as YAML",
            spec.shown
        )));
    }
    Ok(if args.check && changed > 0 {
        Verdict::Found
    } else {
        Verdict::Clean
    })
}
