//! `graph`: the picture of the topology.

use crate::cli::args::{GraphArgs, PictureForm};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, say_findings, spec};
use crate::compile;
use crate::path_page;
use crate::picture::{dot, mermaid, svg};

pub(super) fn run(args: &GraphArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let day = check::day(&args.day)?;
    let planned = match args.format {
        // The page says what the checks find, too.
        PictureForm::Html => compile::check(&spec.input(), day),
        _ => compile::plan(&spec.input(), Some(day)),
    };
    let verdict = match args.format {
        // What the checks find stands in the page.
        PictureForm::Html if planned.plan.is_some() => Verdict::Clean,
        _ => say_findings(&spec.shown, &planned, screen),
    };
    if let Some(plan) = &planned.plan {
        screen.result(&match args.format {
            PictureForm::Mermaid => mermaid::text(plan),
            PictureForm::Dot => dot::text(plan),
            PictureForm::Svg => svg::text(plan),
            PictureForm::Html => path_page::page(plan, &planned.findings),
        })?;
    }
    Ok(verdict)
}
