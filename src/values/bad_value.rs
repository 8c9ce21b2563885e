//! What is wrong with a text that should have been a value.

use crate::finding::Code;
use crate::values::prose::quoted;
use std::fmt;

/// A mistake in one value, in words. The caller knows the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadValue {
    /// The check that speaks: `S003` for domain names, `S005` for a wildcard inside a name, else `S019`.
    pub code: Code,
    /// One sentence that names the text in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl BadValue {
    /// A mistake in a value of no special kind.
    pub fn new(message: impl Into<String>) -> Self {
        Self::coded(Code::S019, message)
    }

    /// A mistake that a check of its own speaks about.
    pub fn coded(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            help: None,
        }
    }

    /// Says what to write.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for BadValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for BadValue {}

/// The longest piece of foreign text that a message repeats, in characters.
const SHOWN: usize = 80;

/// `text` as a message names it: in backticks, short, and without characters that could move a terminal's cursor.
pub(crate) fn shown(text: &str) -> String {
    let mut short = String::new();
    for (index, c) in text.chars().enumerate() {
        if index == SHOWN {
            short.push('…');
            break;
        }
        if is_invisible(c) {
            short.extend(c.escape_unicode());
        } else {
            short.push(c);
        }
    }
    quoted(&short)
}

/// Characters that a person does not see, or that change how the text around them is shown.
pub(crate) fn is_invisible(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_short_and_visible() {
        assert_eq!(shown("a\u{1b}[31m\u{202e}b"), "`a\\u{1b}[31m\\u{202e}b`");
        assert_eq!(shown("a` b `c"), "``a` b `c``");
        assert_eq!(shown("`a``"), "``` `a`` ```");
        assert_eq!(shown(&"ä".repeat(500)).chars().count(), SHOWN + 3);
    }
}
