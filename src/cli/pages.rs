//! What mailtopo can print about itself.

use crate::cli::Verdict;
use crate::cli::args::{Args, Described};
use crate::cli::diff;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::compile;
use crate::report::Format;
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;

pub(super) fn version(screen: &Screen) -> Result<Verdict, Failure> {
    screen.result(concat!("mailtopo ", env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Verdict::Clean)
}

pub(super) fn completions(shell: Shell, screen: &Screen) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    // Values that mailtopo knows by itself; what stands in a spec no script can know.
    let rules = compile::rules();
    let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
    let mut command = Args::command()
        .mut_subcommand("explain", |it| {
            it.mut_arg("code", |code| {
                code.value_parser(PossibleValuesParser::new(codes))
            })
        })
        .mut_subcommand("trace", |it| {
            it.mut_arg("from", |from| {
                from.value_parser(PossibleValuesParser::new(["internet"]))
            })
        });
    // A form may have a file behind it, so that the parser takes any text; the words are these.
    for (name, words) in [
        ("check", Format::ALL.map(Format::name).to_vec()),
        ("compile", Format::ALL.map(Format::name).to_vec()),
        ("drift", Format::ALL.map(Format::name).to_vec()),
        ("diff", diff::FORMS.map(Format::name).to_vec()),
    ] {
        command = command.mut_subcommand(name, |it| {
            it.mut_arg("output_format", |form| {
                form.value_parser(PossibleValuesParser::new(words))
            })
        });
    }
    clap_complete::generate(shell, &mut command, "mailtopo", &mut script);
    screen.result(&String::from_utf8_lossy(&script))?;
    Ok(Verdict::Clean)
}

pub(super) fn man(asked: Option<&str>, screen: &Screen) -> Result<Verdict, Failure> {
    let mut all = Args::command();
    all.build();
    let page = match asked {
        None => all,
        Some(name) => subcommand(&all, name)?,
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page)
        .render(&mut text)
        .map_err(|error| Failure::new(format!("cannot make the page: {error}")))?;
    screen.result(&String::from_utf8_lossy(&text))?;
    Ok(Verdict::Clean)
}

fn subcommand(all: &Command, name: &str) -> Result<Command, Failure> {
    let found = all.find_subcommand(name).cloned();
    found.ok_or_else(|| {
        let names: Vec<_> = all.get_subcommands().map(Command::get_name).collect();
        Failure::new(format!("there is no command `{name}`"))
            .help(format!("the commands are {}", names.join(", ")))
    })
}

pub(super) fn schema(of: Described, screen: &Screen) -> Result<Verdict, Failure> {
    screen.result(&schema_text(of)?)?;
    Ok(Verdict::Clean)
}

/// A schema, indented, with a line break at the end.
pub(super) fn schema_text(of: Described) -> Result<String, Failure> {
    let schema = match of {
        Described::Spec => crate::spec::schema(),
        Described::Facts => crate::spec::facts_schema(),
    };
    serde_json::to_string_pretty(&schema)
        .map(|text| text + "\n")
        .map_err(|error| Failure::new(format!("cannot write the schema: {error}")))
}
