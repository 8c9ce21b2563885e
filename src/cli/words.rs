//! Words of other tools, answered with the command that does it here.

use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Words, and what is said about each.
const WORDS: &[(&[&str], &str)] = &[
    (
        &["plan", "preview"],
        "`mailtopo diff OLD NEW` compares two specs: whose mail goes elsewhere",
    ),
    (
        &["apply", "deploy", "build", "generate"],
        "`mailtopo compile --out DIR` writes the scripts and files that you apply",
    ),
    (
        &["validate", "lint", "verify"],
        "`mailtopo check` reads a spec and says what is wrong",
    ),
    (
        &["show", "list"],
        "`mailtopo routes` lists every connector and route, and `mailtopo graph` draws them",
    ),
    (&["test"], "`mailtopo check` proves every entry of `expect`"),
    (
        &["format"],
        "`mailtopo fmt` brings the text of a spec into one form",
    ),
];

/// The error, with what to write for a word of another tool in place of words that are spelt alike.
pub(super) fn of_other_tools(mut error: clap::Error) -> clap::Error {
    if error.kind() != ErrorKind::InvalidSubcommand {
        return error;
    }
    let Some(ContextValue::String(word)) = error.get(ContextKind::InvalidSubcommand) else {
        return error;
    };
    let said = WORDS
        .iter()
        .find(|(words, _)| words.contains(&word.as_str()));
    if let Some((_, said)) = said {
        let said = vec![StyledStr::from(*said)];
        error.remove(ContextKind::SuggestedSubcommand);
        error.insert(ContextKind::Suggested, ContextValue::StyledStrs(said));
    }
    error
}
