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
    // The picture shows what the checks find, too.
    let planned = compile::check(&spec.input(), check::day(&args.day)?);
    if let Some(plan) = &planned.plan {
        screen.result(&match args.format {
            PictureForm::Mermaid => mermaid::text(plan, &planned.findings),
            PictureForm::Dot => dot::text(plan, &planned.findings),
            PictureForm::Svg => svg::text(plan, &planned.findings),
            PictureForm::Html => path_page::page(plan, &planned.findings),
        })?;
    }
    // What the checks find stands in the picture, and the page lists it.
    Ok(match (args.format, &planned.plan) {
        (PictureForm::Html, Some(_)) => Verdict::Clean,
        (_, None) => say_findings(&spec.shown, &planned, screen),
        (_, Some(_)) => {
            say_findings(&spec.shown, &planned, screen);
            Verdict::Clean
        }
    })
}
