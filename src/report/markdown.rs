//! For a comment on a change or a job summary: a heading that sums up, then one item per finding.
//!
//! Backticks in a message mark names of the spec; everything between them becomes a code span, and everything else is
//! escaped, so that no name can become a heading, a link or a mention.

use crate::finding::{Finding, Hop};
use crate::report::human::summary;
use crate::report::text::visible_lines;
use crate::report::{Report, affected_words, certainty_words, visible};
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

/// Text in which backticks mark code: as many of them end it as begin it. Backticks without a partner are text.
pub(crate) fn prose(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let (before, from) = rest.split_at(at);
        out.push_str(&escape(before));
        let inner = from.trim_start_matches('`');
        let (fence, _) = from.split_at(from.len() - inner.len());
        if let Some(end) = closing(inner, fence.len()) {
            let (name, after) = inner.split_at(end);
            out.push_str(&code(unpadded(name)));
            rest = after.strip_prefix(fence).unwrap_or_default();
        } else {
            out.push_str(&"\\`".repeat(fence.len()));
            rest = inner;
        }
    }
    out.push_str(&escape(rest));
    out
}

/// Where exactly so many backticks stand together.
fn closing(text: &str, count: usize) -> Option<usize> {
    let mut at = 0;
    for run in text.split_inclusive(|c| c != '`') {
        let length = run.len() - run.trim_start_matches('`').len();
        if length == count {
            return Some(at);
        }
        at += run.len();
    }
    None
}

/// The space that keeps a name's own backticks apart from those around it is no part of the name.
fn unpadded(name: &str) -> &str {
    let inner = name
        .strip_prefix(' ')
        .and_then(|name| name.strip_suffix(' '));
    inner
        .filter(|inner| inner.starts_with('`') || inner.ends_with('`'))
        .unwrap_or(name)
}

/// A code span that holds the text whatever it is.
pub(crate) fn code(text: &str) -> String {
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
            '\\' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    out
}
