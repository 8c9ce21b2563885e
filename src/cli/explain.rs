//! `explain`: what a check proves.

use crate::cli::Verdict;
use crate::cli::args::ExplainArgs;
use crate::cli::failure::Failure;
use crate::cli::screen::Screen;
use crate::compile;
use crate::finding::{Severity, nearest};
use crate::report::Rule;
use std::fmt::Write as _;

/// What `diff` says of an announcement: no check of a spec, and so without a page of its own.
const NOT_ANNOUNCED: [&str; 2] = ["m013", "change-not-announced"];

const ANNOUNCED: &str = "# M013 change-not-announced

`mailtopo diff --announced FILE` compares what changes with what its author announces, and ends with 1 where some change of
mail is in no announcement. The file says which domains may change, and how their mail ends afterwards:

    expect:
      only: [\"*.contoso.com\"]
      becomes: delivered cloud
      others: unchanged
";

pub(super) fn run(args: &ExplainArgs, screen: &Screen) -> Result<Verdict, Failure> {
    let rules = compile::rules();
    let text = match &args.code {
        None => list(&rules),
        Some(code) if NOT_ANNOUNCED.contains(&code.to_ascii_lowercase().as_str()) => {
            ANNOUNCED.to_owned()
        }
        Some(code) => page(find(&rules, code)?),
    };
    screen.result(&text)?;
    Ok(Verdict::Clean)
}

/// One line per check.
fn list(rules: &[Rule]) -> String {
    let width = rules.iter().map(|rule| rule.name.len()).max().unwrap_or(0);
    rules.iter().fold(String::new(), |mut text, rule| {
        let Rule {
            code,
            name,
            severity,
            ..
        } = rule;
        let word = match severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let _ = writeln!(text, "{code}  {name:width$}  {word}");
        text
    })
}

fn page(rule: &Rule) -> String {
    format!("{}\n\n{}\n", rule.page.trim_end(), rule.address())
}

fn find<'a>(rules: &'a [Rule], asked: &str) -> Result<&'a Rule, Failure> {
    let known = |rule: &&Rule| {
        rule.code.as_str().eq_ignore_ascii_case(asked) || rule.name.eq_ignore_ascii_case(asked)
    };
    if let Some(rule) = rules.iter().find(known) {
        return Ok(rule);
    }
    let failure = Failure::new(format!("there is no check `{asked}`"));
    let names = rules
        .iter()
        .flat_map(|rule| [rule.code.as_str(), rule.name]);
    Err(match nearest(asked, names) {
        Some(near) => failure.help(format!("did you mean `{near}`?")),
        None => failure.help("`mailtopo explain` lists them"),
    })
}
