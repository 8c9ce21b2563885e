//! `graph`: the picture of the topology.

use crate::cli::args::{GraphArgs, PictureForm};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{Verdict, check, say_findings, spec};
use crate::compile;
use crate::picture::{dot, mermaid, svg};

pub(super) fn run(args: &GraphArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let spec = spec::open(args.spec.as_deref())?;
    let planned = compile::plan(&spec.input(), Some(check::day(&args.day)?));
    let verdict = say_findings(&spec.shown, &planned, screen);
    if let Some(plan) = &planned.plan {
        screen.result(&match args.format {
            PictureForm::Mermaid => mermaid::text(plan),
            PictureForm::Dot => dot::text(plan),
            PictureForm::Svg => svg::text(plan),
        })?;
    }
    Ok(verdict)
}
