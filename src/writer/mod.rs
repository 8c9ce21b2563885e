//! One writer per format. Every value that reaches a file passes through the writer of that file's format, which
//! quotes it or refuses it.
//!
//! The writers build strings and nothing else. They must not know the topology, what a value means, or where the
//! text will be stored.

pub(crate) mod hcl;
pub(crate) mod html;
pub(crate) mod javascript;
pub(crate) mod markdown;
pub(crate) mod octodns;
pub(crate) mod postfix;
pub(crate) mod powershell;
pub(crate) mod shell;
pub(crate) mod svg;
pub(crate) mod zone;

use std::fmt;
use std::fmt::Write as _;

/// What a format cannot carry, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// One sentence as in a finding: names the value in backticks, lower case, no full stop.
    pub message: String,
}

impl Refused {
    /// A refusal that says `message`.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
        }
    }
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Refused {}

/// Gives `text` back if every character of it can be seen, else refuses it.
///
/// All generated files are read by people before they are run. A character that ends the line, turns the direction of
/// the text or does not show makes a file say one thing to the reader and another to the program.
pub(crate) fn visible(text: &str) -> Result<&str, Refused> {
    if is_plain(text) {
        return Ok(text);
    }
    match text.chars().find_map(|c| Some((c, hidden(c)?))) {
        None => Ok(text),
        Some((c, kind)) => Err(Refused::new(format!(
            "`{}` contains {kind} (U+{:04X}), which must not stand in a generated file",
            shown(text),
            u32::from(c)
        ))),
    }
}

/// `text` with everything that cannot be seen spelled out, for messages.
pub(crate) fn shown(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match hidden(c) {
            None => out.push(c),
            Some(_) => {
                let _ = write!(out, "<U+{:04X}>", u32::from(c));
            }
        }
    }
    out
}

/// Whether it is printable ASCII, of which nothing is hidden, as nearly every text is.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// What kind of invisible thing `c` is: control characters (Cc), the line and paragraph separators, format characters
/// (Cf), other code points that Unicode calls default ignorable, and noncharacters.
fn hidden(c: char) -> Option<&'static str> {
    match c {
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            Some("a line break")
        }
        _ if c.is_control() => Some("a control character"),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Some("a character that turns the direction of the text")
        }
        '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{890}'..='\u{891}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200d}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{110bd}'
        | '\u{110cd}'
        | '\u{13430}'..='\u{1343f}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => Some("an invisible character"),
        '\u{fdd0}'..='\u{fdef}' => Some("a code point that is no character"),
        _ if u32::from(c) & 0xfffe == 0xfffe => Some("a code point that is no character"),
        _ => None,
    }
}

/// Text of any characters at all, the hidden ones included, which proptest's own strings leave out.
#[cfg(test)]
fn any_text() -> impl proptest::strategy::Strategy<Value = String> {
    use proptest::prelude::*;
    let any_character = prop_oneof![any::<char>(), any::<u8>().prop_map(char::from)];
    prop::collection::vec(any_character, 0..8).prop_map(String::from_iter)
}

#[cfg(test)]
mod tests {
    use super::{shown, visible};

    #[test]
    fn what_can_be_seen_passes() {
        for text in ["", "Connector 1", "Zürich – Ost", "東京", "a\u{a0}b", "💌"] {
            assert_eq!(visible(text), Ok(text));
        }
    }

    #[test]
    fn what_cannot_be_seen_is_refused_and_named() {
        for (text, named) in [
            ("a\0b", "a control character (U+0000)"),
            ("a\tb", "a control character (U+0009)"),
            ("a\nb", "a line break (U+000A)"),
            ("a\u{85}b", "a line break (U+0085)"),
            ("a\u{2028}b", "a line break (U+2028)"),
            ("a\u{202e}b", "turns the direction of the text (U+202E)"),
            ("a\u{200b}b", "an invisible character (U+200B)"),
            ("\u{feff}b", "an invisible character (U+FEFF)"),
            ("a\u{e0041}", "an invisible character (U+E0041)"),
            ("a\u{fffe}", "no character (U+FFFE)"),
        ] {
            let refused = visible(text).expect_err(text).message;
            assert!(refused.contains(named), "{refused}");
            assert!(!refused.contains(text), "{refused:?} repeats it unseen");
        }
    }

    #[test]
    fn messages_show_the_hidden() {
        assert_eq!(shown("a\u{202e}b\n"), "a<U+202E>b<U+000A>");
    }
}
