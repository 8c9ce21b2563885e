//! Whether messages are coloured.

use clap::ValueEnum;
use std::ffi::OsString;

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorWhen {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl ColorWhen {
    /// What the arguments ask for, for messages about arguments that could not be read.
    pub(super) fn guess(args: &[OsString]) -> Self {
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
    use super::ColorWhen;

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
