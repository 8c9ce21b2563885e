//! Text of a spec made harmless: what a terminal or a log would obey is shown as an escape instead.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The text with every character that steers instead of showing written as an escape: controls (`\x1b`), line breaks
/// (`\n`), and the marks that reorder or hide text (`\u{202e}`).
///
/// Runners obey `##[` and `##vso[` anywhere in a line, so that the second mark is an escape there.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    let shown = if text.chars().any(steers) {
        Cow::Owned(text.chars().fold(String::new(), push_visible))
    } else {
        Cow::Borrowed(text)
    };
    if shown.contains("##[") || shown.contains("##vso[") {
        let escaped = shown.replace("##[", "#\\x23[");
        return Cow::Owned(escaped.replace("##vso[", "#\\x23vso["));
    }
    shown
}

/// The same for a name that begins a line, where runners obey `::`.
pub(super) fn first_in_line(name: &str) -> Cow<'_, str> {
    let shown = visible(name);
    match shown.trim_start().strip_prefix("::") {
        Some(rest) => Cow::Owned(format!("\\x3a:{rest}")),
        None => shown,
    }
}

/// The same for text that may stand in several lines, none of which a runner obeys.
pub(crate) fn visible_lines(text: &str) -> String {
    let lines: Vec<_> = text.lines().map(first_in_line).collect();
    lines.join("\n")
}

/// Adds one character, as an escape where it steers.
pub(super) fn push_visible(mut out: String, c: char) -> String {
    match c {
        c if !steers(c) => out.push(c),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        c if c.is_ascii() => _ = write!(out, "\\x{:02x}", c as u32),
        c => _ = write!(out, "\\u{{{:x}}}", c as u32),
    }
    out
}

/// Whether a character is obeyed rather than shown. U+FFFE and U+FFFF are here because XML cannot carry them.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{fffe}' | '\u{ffff}'
            | '\u{e0000}'..='\u{e007f}')
}

/// Breaks text at spaces so that lines stay within `width` characters where they can; breaks in the text are kept, and
/// so are lines that begin with a space, which are text to be copied.
pub(super) fn wrap(text: &str, width: usize) -> String {
    let mut out = String::new();
    for (number, line) in text.lines().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if line.starts_with(' ') {
            out.push_str(line);
            continue;
        }
        let mut used = 0;
        for word in line.split(' ') {
            let length = word.chars().count();
            if used > 0 && used + 1 + length > width {
                out.push('\n');
                used = 0;
                // A word that begins a line now must not be a mark that runners obey there.
                if let Some(rest) = word.strip_prefix("::") {
                    out.push_str("\\x3a:");
                    out.push_str(rest);
                    used = length;
                    continue;
                }
            } else if used > 0 {
                out.push(' ');
                used += 1;
            }
            out.push_str(word);
            used += length;
        }
    }
    out
}

/// `1 recipient`, `4,210 recipients`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", thousands(number))
}

/// The number with a comma between groups of three digits.
pub(super) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_is_shown() {
        let cases = [
            ("contoso.com", "contoso.com"),
            ("bücher 日本", "bücher 日本"),
            ("a\x1b[31mb", "a\\x1b[31mb"),
            ("a\nb\tc\r", "a\\nb\\tc\\r"),
            ("\u{9b}31m", "\\u{9b}31m"),
            ("\u{202e}moc", "\\u{202e}moc"),
            ("\u{7f}\u{0}", "\\x7f\\x00"),
        ];
        for (raw, shown) in cases {
            assert_eq!(visible(raw), shown);
        }
        assert_eq!(visible_lines("a\nb\x07"), "a\nb\\x07");
    }

    #[test]
    fn numbers_have_groups() {
        let cases = [
            (0, "0 recipients"),
            (1, "1 recipient"),
            (999, "999 recipients"),
            (4210, "4,210 recipients"),
        ];
        for (number, words) in cases {
            assert_eq!(counted(number, "recipient"), words);
        }
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn lines_break_at_spaces() {
        assert_eq!(wrap("aa bb cc", 5), "aa bb\ncc");
        assert_eq!(wrap("aaaaaaaa bb", 5), "aaaaaaaa\nbb");
        assert_eq!(
            wrap("a\n  keep   this as it is", 5),
            "a\n  keep   this as it is"
        );
    }
}
