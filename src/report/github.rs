//! Workflow commands: each line becomes an annotation beside the changed line. GitHub shows ten of a kind per step, so
//! the worst stand first, as everywhere.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use crate::finding::Severity;
use crate::report::{Report, annotation};
use std::fmt::Write as _;

/// One command per finding.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.shown() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let (file, place) = report.in_repository(finding);
        _ = write!(
            out,
            "::{command} file={},line={}",
            property(&file),
            place.line
        );
        // Columns may be given only for what stands in one line.
        if place.line == place.end_line {
            let end = place.end_column.saturating_sub(1).max(place.column);
            _ = write!(
                out,
                ",endLine={},col={},endColumn={end}",
                place.end_line, place.column
            );
        }
        let title = format!("{} {}", finding.check, report.name_of(finding.check));
        _ = writeln!(
            out,
            ",title={}::{}",
            property(&title),
            data(&annotation(finding))
        );
    }
    if let Some(words) = report.hidden_words() {
        _ = writeln!(out, "{words}");
    }
    out
}

fn data(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
