//! For a comment on a change or a job summary: a heading that sums up, then one item per finding.
//!
//! Backticks in a message mark names of the spec; everything between them becomes a code span, and everything else is
//! escaped, so that no name can become a heading, a link or a mention.

use crate::finding::{Finding, TraceHop};
use crate::report::human::summary;
use crate::report::text::visible_lines;
use crate::report::{Report, affected_words, certainty_words, visible};
use crate::values::{Piece, pieces, quoted};
use std::fmt::Write as _;

/// The whole text.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = format!("### mailtopo: {}\n", prose(&summary(report)));
    for finding in report.shown() {
        item(report, finding, &mut out);
    }
    if let Some(words) = report.hidden_words() {
        _ = writeln!(out, "\n{}", prose(&words));
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
        finding.severity.word(),
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

fn hop_words(hop: &TraceHop) -> String {
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
pub(crate) fn prose(text: &str) -> String {
    let pieces = pieces(text).into_iter();
    let written = pieces.map(|piece| match piece {
        Piece::Name(name) => code(name),
        Piece::Words(words) => escape(words),
    });
    written.collect()
}

/// A code span that holds the text whatever it is.
pub(crate) fn code(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    quoted(text)
}

fn escape(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let rest = chars.as_str();
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // No backslash stops a mention.
            '@' => out.push_str("&#64;"),
            // Nor a link that an address makes by itself.
            ':' if rest.starts_with("//") => out.push_str("&#58;"),
            '.' if out.ends_with("www") || out.ends_with("WWW") => out.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
