//! POSIX shell words and comments.
//!
//! Inside single quotes the shell gives no character a meaning but the closing quote
//! (<https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html>, 2.2.2).

use crate::writer::{Refused, visible};

/// `text` as one word, in single quotes; a single quote in it is written outside of them.
pub(crate) fn word(text: &str) -> Result<String, Refused> {
    Ok(format!("'{}'", visible(text)?.replace('\'', r"'\''")))
}

/// A comment of one line, without the line end.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    let text = visible(text)?;
    // In the first line of a file `#!` names the program that runs it; with the space it never does.
    Ok(format!("# {text}").trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{comment, word};
    use crate::writer::any_text;
    use proptest::prelude::*;

    /// Reads one word of single-quoted parts and escaped quotes.
    fn read(text: &str) -> Option<String> {
        let mut value = String::new();
        let mut rest = text;
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(r"\'") {
                value.push('\'');
                rest = after;
            } else {
                let (part, after) = rest.strip_prefix('\'')?.split_once('\'')?;
                value.push_str(part);
                rest = after;
            }
        }
        Some(value)
    }

    #[test]
    fn words() {
        for (value, expected) in [
            ("", "''"),
            ("a b", "'a b'"),
            ("$(rm -rf ~) `x` \\ \"", "'$(rm -rf ~) `x` \\ \"'"),
            ("it's", r"'it'\''s'"),
            ("-n", "'-n'"),
        ] {
            assert_eq!(word(value).as_deref(), Ok(expected));
        }
        assert!(word("a\nb").is_err());
        assert!(word("a\0b").is_err());
        assert_eq!(comment("!/bin/sh").as_deref(), Ok("# !/bin/sh"));
        assert!(comment("a\nrm").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_real_shell_reads_the_same() {
        for value in [
            "it's",
            "''",
            "$HOME `id` \\' \"x\" * ~ ! # ;&|<>",
            "Zürich’s",
        ] {
            let script = format!("printf %s {}", word(value).expect("can be seen"));
            let output = std::process::Command::new("sh")
                .args(["-c", &script])
                .output()
                .expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout), value);
        }
    }

    proptest! {
        #[test]
        fn a_word_reads_back_or_is_refused(value in any_text()) {
            if let Ok(text) = word(&value) {
                prop_assert_eq!(read(&text), Some(value));
            }
        }

        #[test]
        fn quotes_in_any_order_read_back(value in "['\\\\a $]{0,12}") {
            prop_assert_eq!(read(&word(&value).expect("can be seen")), Some(value));
        }
    }
}
