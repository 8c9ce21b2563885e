//! The words of the command line. The doc comments are the help texts.

use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::ffi::OsString;

/// A compiler for mail topologies: one spec in; Exchange connectors, Postfix maps, DNS zones and a runbook out
#[derive(Debug, Parser)]
#[command(
    name = "mailtopo",
    version,
    arg_required_else_help = true,
    after_help = "Nothing ever touches the network."
)]
pub struct Args {
    /// When to use colour; `auto` also obeys `NO_COLOR`
    #[arg(long, global = true, value_enum, default_value_t = ColorWhen::Auto, value_name = "WHEN")]
    pub color: ColorWhen,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Print the JSON schema of the language, for editors
    Schema,
    /// Print a completion script
    Completions {
        /// The shell it is for
        shell: Shell,
    },
    /// Print a manual page
    Man {
        /// The command it is about; without one, mailtopo as a whole
        command: Option<String>,
    },
    /// Print the version
    Version,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ColorWhen {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorWhen {
    /// What the arguments ask for, for messages about arguments that could not be read.
    pub fn guess(args: &[OsString]) -> Self {
        let words: Vec<_> = args.iter().filter_map(|arg| arg.to_str()).collect();
        let asks = |when: &str| {
            let joined = format!("--color={when}");
            words.contains(&joined.as_str())
                || words.windows(2).any(|pair| pair == ["--color", when])
        };
        match (asks("never"), asks("always")) {
            (true, _) => Self::Never,
            (false, true) => Self::Always,
            (false, false) => Self::Auto,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Args, ColorWhen};
    use clap::CommandFactory as _;

    #[test]
    fn the_words_contradict_each_other_nowhere() {
        Args::command().debug_assert();
    }

    #[test]
    fn colour_is_guessed_from_arguments_that_cannot_be_read() {
        let guess = |words: &[&str]| {
            let words: Vec<_> = words.iter().map(Into::into).collect();
            ColorWhen::guess(&words)
        };
        assert_eq!(guess(&["mailtopo", "chekc"]), ColorWhen::Auto);
        assert_eq!(
            guess(&["mailtopo", "--color", "never", "x"]),
            ColorWhen::Never
        );
        assert_eq!(
            guess(&["mailtopo", "--color=always", "x"]),
            ColorWhen::Always
        );
    }
}
