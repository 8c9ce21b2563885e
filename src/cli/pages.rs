//! What mailtopo can print about itself.

use crate::cli::Verdict;
use crate::cli::args::{Args, Described};
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::cli::{diff, spec};
use crate::compile;
use crate::report::Format;
use crate::walk::expect;
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory as _};
use clap_complete::Shell;
use std::ffi::OsString;
use std::path::Path;

pub(super) fn version(screen: &Screen) -> Result<Verdict, Failure> {
    screen.result(concat!("mailtopo ", env!("CARGO_PKG_VERSION"), "\n"))?;
    Ok(Verdict::Clean)
}

pub(super) fn completions(shell: Shell, screen: &Screen) -> Result<Verdict, Failure> {
    let mut script = Vec::new();
    // Values that mailtopo knows by itself; for what stands in a spec the script asks it.
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
                from.value_parser(PossibleValuesParser::new([SENDERS]))
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
    let script = String::from_utf8_lossy(&script);
    let (list, asks) = match shell {
        Shell::Bash => (
            SENDERS.to_owned(),
            "$(mailtopo completions bash -- \"${COMP_WORDS[@]}\" 2>/dev/null)",
        ),
        Shell::Zsh => (
            format!("({SENDERS})"),
            "{compadd -- $(mailtopo completions zsh -- $words 2>/dev/null)}",
        ),
        Shell::Fish => (
            format!("{SENDERS}\\t''"),
            "(mailtopo completions fish -- (commandline -opc) 2>/dev/null)",
        ),
        // They complete no values.
        _ => (SENDERS.to_owned(), "internet"),
    };
    let mut script = script.replace(&list, asks);
    if shell == Shell::Fish {
        // Of what stands without an option the script for fish knows nothing.
        let codes: Vec<&str> = rules.iter().map(|rule| rule.code.as_str()).collect();
        script += "complete -c mailtopo -n \"__fish_seen_subcommand_from explain\" -f -a \"";
        script += &codes.join(" ");
        script += "\"\n";
    }
    screen.result(&script)?;
    Ok(Verdict::Clean)
}

/// Stands in a script for the senders of a spec, until it is the command that asks for them.
const SENDERS: &str = "senders-of-the-spec";

/// Who can write, a line each: of the spec that stands on the line, or of the one that is found.
pub(super) fn senders(line: &[OsString], screen: &Screen) -> Result<Verdict, Failure> {
    let mut words = line.iter().map(Path::new);
    let named = words.find(|word| {
        let end = word.extension();
        end.is_some_and(|end| end == "yaml" || end == "yml")
    });
    let mut names = vec!["internet".to_owned()];
    if let Ok(spec) = spec::open(named)
        && let Some(plan) = compile::plan(&spec.input(), None).plan
    {
        names.extend(expect::sender_names(&plan.topology).map(ToOwned::to_owned));
    }
    screen.result(&(names.join("\n") + "\n"))?;
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
