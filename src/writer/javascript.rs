//! JavaScript, of which only strings hold text from elsewhere.
//!
//! This module must not know what is called with them.

use crate::writer::{Refused, visible};
use std::fmt::Write as _;

/// A string in double quotes. Everything outside printable ASCII is written as its number, because older engines end a
/// line at characters that newer ones admit in a string.
pub(crate) fn string(text: &str) -> Result<String, Refused> {
    let mut quoted = "\"".to_owned();
    for c in visible(text)?.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            ' '..='~' => quoted.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(quoted, "\\u{unit:04x}");
                }
            }
        }
    }
    quoted.push('"');
    Ok(quoted)
}

/// A comment of one line.
pub(crate) fn comment(text: &str) -> Result<String, Refused> {
    Ok(format!("// {}", visible(text)?).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_string_is_json_too_and_comes_back(text in crate::writer::any_text()) {
            if let Ok(quoted) = string(&text) {
                prop_assert!(quoted.is_ascii());
                prop_assert_eq!(serde_json::from_str::<String>(&quoted).ok(), Some(text));
            }
        }
    }

    #[test]
    fn lines_are_not_ended() {
        assert!(string("a\u{2028}b").is_err());
        assert!(comment("a\nb").is_err());
    }
}
