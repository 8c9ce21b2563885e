//! `compile`: check, then put the whole output in place.

use super::args::CompileArgs;
use super::failure::Failure;
use super::screen::Screen;
use super::{Verdict, check, forms, spec};
use crate::compile;
use crate::io::{self, Options, Swap, Written};

pub fn run(args: &CompileArgs, screen: &Screen) -> Result<Verdict, Failure> {
    forms::check(&args.reporting.output_format)?;
    let spec = spec::open(args.spec.as_deref())?;
    let (checked, output) = compile::compile(&spec.input(), check::day(args.reporting.today)?);
    check::say_what_was_read(&checked, screen);
    let verdict = check::report(&spec.shown, &checked, &args.reporting, screen)?;
    let out = args.out.display();
    let (Some(output), Verdict::Clean) = (output, verdict) else {
        screen.message(&format!("nothing was written to `{out}`"));
        return Ok(Verdict::Found);
    };
    for withheld in checked.plan.iter().flat_map(|plan| &plan.withheld) {
        screen.message(&format!("withheld: {}", withheld.what));
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
