//! Markdown as GitHub reads it: text, code and tables that show a value as it is.
//!
//! Rules: `CommonMark` 0.31 (<https://spec.commonmark.org/0.31.2/>) and GitHub's tables
//! (<https://github.github.com/gfm/#tables-extension->).

use crate::values::{Piece, pieces};
use crate::writer::{Refused, visible};
use std::fmt::Write as _;

/// `text` as running text, also in a table cell or a heading. What Markdown, HTML or GitHub would read as markup is
/// escaped; blanks at the ends are kept.
pub(crate) fn text(text: &str) -> Result<String, Refused> {
    let body = visible(text)?;
    let mut out = String::with_capacity(body.len() + 8);
    for (at, c) in body.char_indices() {
        let first = body[..at].trim().is_empty();
        let last = body[at..].trim().is_empty();
        match c {
            c if c.is_whitespace() && (first || last) => entity(&mut out, c),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '$'
            | '&' | '!' => {
                out.push('\\');
                out.push(c);
            }
            // At the start of a line these make lists, rules and headings; `1.` makes a numbered list.
            '-' | '+' | '=' | ':' if first => {
                out.push('\\');
                out.push(c);
            }
            '.' | ')' if at > 0 && body[..at].trim_start().bytes().all(|b| b.is_ascii_digit()) => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// `code` in fixed width, also in a table cell. Plain code is put in backticks; what a backtick span or a table would
/// read differently is put in a `<code>` element with every sign as an entity, which reads the same everywhere.
pub(crate) fn code(code: &str) -> Result<String, Refused> {
    let body = visible(code)?;
    if body.trim() == body && !body.is_empty() && !body.contains(['`', '|', '\\']) {
        return Ok(format!("`{body}`"));
    }
    let mut out = "<code>".to_owned();
    for c in body.chars() {
        if c.is_ascii_punctuation() || c.is_whitespace() {
            entity(&mut out, c);
        } else {
            out.push(c);
        }
    }
    out.push_str("</code>");
    Ok(out)
}

/// `prose` as running text, in which what stands between backticks is code.
pub(crate) fn prose(prose: &str) -> Result<String, Refused> {
    let pieces = pieces(prose);
    let last = pieces.len().saturating_sub(1);
    let mut out = String::with_capacity(prose.len() + 8);
    for (at, piece) in pieces.into_iter().enumerate() {
        let words = match piece {
            Piece::Name(name) => {
                out.push_str(&code(name)?);
                continue;
            }
            Piece::Words(words) => words,
        };
        // Blanks beside code need no entity to be kept.
        let begin = if at == 0 {
            0
        } else {
            words.len() - words.trim_start_matches(' ').len()
        };
        let end = if at == last {
            words.len()
        } else {
            words.trim_end_matches(' ').len().max(begin)
        };
        out.push_str(&words[..begin]);
        // Only at the start of a line could a sign make a list or a heading.
        let before = if at == 0 { "" } else { "x" };
        let written = text(&format!("{before}{}", &words[begin..end]))?;
        out.push_str(&written[before.len()..]);
        out.push_str(&words[end..]);
    }
    Ok(out)
}

/// A block of code of one or more lines, fenced. The fence is longer than any run of backticks in it.
pub(crate) fn block(language: &str, lines: &[&str]) -> Result<String, Refused> {
    if !language.chars().all(|c| c.is_ascii_alphanumeric()) {
        return Err(Refused::new(format!(
            "`{}` is not the name of a language",
            crate::writer::shown(language)
        )));
    }
    let run = lines
        .iter()
        .flat_map(|line| line.split(|c| c != '`'))
        .map(str::len)
        .max();
    let fence = "`".repeat(run.unwrap_or(0).max(2) + 1);
    let mut out = format!("{fence}{language}\n");
    for line in lines {
        let _ = writeln!(out, "{}", visible(line)?);
    }
    out.push_str(&fence);
    out.push('\n');
    Ok(out)
}

/// A table whose cells are already written, by [`text`] or [`code`]. Short rows are filled up with empty cells.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |cells: &[&str]| {
        let padded = (0..header.len()).map(|at| cells.get(at).copied().unwrap_or_default());
        padded.fold("|".to_owned(), |line, cell| format!("{line} {cell} |")) + "\n"
    };
    let mut out = line(header) + &line(&vec!["---"; header.len()]);
    for row in rows {
        out.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    out
}

fn entity(out: &mut String, c: char) {
    let _ = write!(out, "&#{};", u32::from(c));
}

#[cfg(test)]
mod tests {
    use super::{block, code, prose, table, text};
    use crate::writer::any_text;
    use proptest::prelude::*;

    /// What a reader of Markdown shows: escapes and numeric entities taken back, and nothing else may be left that
    /// means something.
    fn show(written: &str) -> Option<String> {
        let mut out = String::new();
        let mut rest = written.chars();
        while let Some(c) = rest.next() {
            match c {
                '\\' => out.push(rest.next().filter(char::is_ascii_punctuation)?),
                '&' => {
                    let (number, after) = rest.as_str().strip_prefix('#')?.split_once(';')?;
                    out.push(char::from_u32(number.parse().ok()?)?);
                    rest = after.chars();
                }
                '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '#' | '$' => return None,
                c => out.push(c),
            }
        }
        Some(out)
    }

    #[test]
    fn running_text() {
        for (value, expected) in [
            ("mail.contoso.com", "mail.contoso.com"),
            ("a|b", r"a\|b"),
            ("<script>", r"\<script\>"),
            ("**x** _y_ `z`", r"\*\*x\*\* \_y\_ \`z\`"),
            ("[a](b) ![c](d)", r"\[a\](b) \!\[c\](d)"),
            ("- item", r"\- item"),
            ("1. item", r"1\. item"),
            ("10.0.0.1", r"10\.0.0.1"),
            ("# head &amp;", r"\# head \&amp;"),
            ("    code", "&#32;&#32;&#32;&#32;code"),
            ("x ", "x&#32;"),
            ("", ""),
        ] {
            assert_eq!(text(value).as_deref(), Ok(expected));
        }
        assert!(text("a\n# b").is_err());
    }

    #[test]
    fn sentences_with_code() {
        for (value, expected) in [
            ("run `a_b` and *read*", r"run `a_b` and \*read\*"),
            ("`a|b`", "<code>a&#124;b</code>"),
            ("an odd ` is text", r"an odd \` is text"),
            ("``", r"\`\`"),
            ("rule ``a`b``", "rule <code>a&#96;b</code>"),
            (" a `b` c ", "&#32;a `b` c&#32;"),
            ("`a`: b", "`a`: b"),
        ] {
            assert_eq!(prose(value).as_deref(), Ok(expected));
        }
        assert!(prose("a `b\nc`").is_err());
    }

    #[test]
    fn spans_of_code() {
        for (value, expected) in [
            ("*.contoso.com", "`*.contoso.com`"),
            ("<b> & $x", "`<b> & $x`"),
            ("a|b", "<code>a&#124;b</code>"),
            ("``", "<code>&#96;&#96;</code>"),
            (" a", "<code>&#32;a</code>"),
            ("", "<code></code>"),
        ] {
            assert_eq!(code(value).as_deref(), Ok(expected));
        }
        assert!(code("a\nb").is_err());
    }

    #[test]
    fn blocks_and_tables() {
        assert_eq!(
            block("sh", &["a ```", "b"]).as_deref(),
            Ok("````sh\na ```\nb\n````\n")
        );
        assert!(block("sh", &["a\nb"]).is_err());
        assert!(block("s`h", &[]).is_err());
        let cell = |value| text(value).expect("can be seen");
        assert_eq!(
            table(
                &["Domain", "To"],
                &[vec![cell("a|b"), cell("c")], vec![cell("d")]]
            ),
            "| Domain | To |\n| --- | --- |\n| a\\|b | c |\n| d |  |\n"
        );
    }

    proptest! {
        #[test]
        fn text_shows_as_itself_or_is_refused(value in any_text()) {
            if let Ok(written) = text(&value) {
                prop_assert_eq!(show(&written), Some(value));
            }
        }

        #[test]
        fn markup_shows_as_itself(value in "[-+=:.)1 a`*_<>&#;|~$!\\[\\](){}\\\\]{0,10}") {
            let written = text(&value).expect("can be seen");
            prop_assert!(!written.starts_with(['-', '+', '=', ' ']), "{}", written);
            prop_assert_eq!(show(&written), Some(value));
        }

        #[test]
        fn code_shows_as_itself(value in "[ a`<&|\\\\$]{0,10}") {
            let written = code(&value).expect("can be seen");
            let inner = written.strip_prefix("<code>").and_then(|rest| rest.strip_suffix("</code>"));
            let shown = match inner {
                Some(inner) => show(inner),
                None => written.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')).map(str::to_owned),
            };
            prop_assert_eq!(shown, Some(value));
            prop_assert!(!written.contains('|'));
        }
    }
}
