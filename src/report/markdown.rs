//! For a comment on a change or a job summary: a heading that sums up, then one item per finding.
//!
//! Backticks in a message mark names of the spec; everything between them becomes a code span, and everything else is
//! escaped, so that no name can become a heading, a link or a mention.

use crate::finding::{Finding, Hop};
use crate::report::human::summary;
use crate::report::text::visible_lines;
use crate::report::{Report, affected_words, certainty_words, severity_word, visible};
use std::fmt::Write as _;

/// The whole text.
pub fn render(report: &Report<'_>) -> String {
    let mut out = format!("### mailtopo: {}\n", prose(&summary(report)));
    for finding in report.open() {
        item(report, finding, &mut out);
    }
    out
}

fn item(report: &Report<'_>, finding: &Finding, out: &mut String) {
    let (file, place) = report.primary(finding);
    let place = code(&format!(
        "{}:{}:{}",
        visible(&file),
        place.line,
        place.column
    ));
    _ = writeln!(
        out,
        "\n- **{} {} {}**: {} at {place}",
        severity_word(finding.severity),
        finding.check,
        report.name_of(finding.check),
        prose(&visible(&finding.message))
    );
    for label in finding.labels.iter().skip(1) {
        let at = report.place(label.span);
        let name = report.file_name(label.span);
        let place = code(&format!("{}:{}:{}", visible(&name), at.line, at.column));
        _ = writeln!(out, "  - {place}: {}", prose(&visible(&label.text)));
    }
    if let Some(help) = &finding.help {
        let lines: Vec<String> = visible_lines(help).lines().map(prose).collect();
        _ = writeln!(out, "  - help: {}", lines.join("<br>"));
    }
    if let Some(words) = certainty_words(finding) {
        _ = writeln!(out, "  - certainty: {}", prose(&words));
    }
    if let Some(words) = affected_words(finding) {
        _ = writeln!(out, "  - affects: {}", prose(&words));
    }
    if !finding.trace.is_empty() {
        _ = writeln!(out, "  - the way of one message:");
        for (number, hop) in finding.trace.iter().enumerate() {
            _ = writeln!(out, "    {}. {}", number + 1, hop_words(hop));
        }
    }
}

fn hop_words(hop: &Hop) -> String {
    let shown = |text: &str| code(&visible(text));
    let mut words = format!(
        "{} to {} by {}: {}",
        shown(&hop.at),
        shown(&hop.to),
        shown(&hop.by),
        prose(&visible(&hop.why))
    );
    for loser in &hop.instead_of {
        _ = write!(
            words,
            "; not by {}: {}",
            shown(&loser.by),
            prose(&visible(&loser.why))
        );
    }
    words
}

/// Text in which backticks mark code.
fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    let mut out = String::new();
    for (number, part) in parts.iter().enumerate() {
        // An odd part lies between two backticks, unless it is the last: then its backtick has no partner.
        match (number % 2 == 1, number + 1 == parts.len()) {
            (true, false) => out.push_str(&code(part)),
            (true, true) => {
                out.push_str("\\`");
                out.push_str(&escape(part));
            }
            (false, _) => out.push_str(&escape(part)),
        }
    }
    out
}

/// A code span that holds the text whatever it is.
fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{space}{text}{space}{fence}")
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // No backslash stops a mention.
            '@' => out.push_str("&#64;"),
            '\\' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
