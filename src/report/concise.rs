//! One line per finding, as compilers print them: `file:line:column: error[S007] message`. Nothing where nothing is found.

use crate::report::text::first_in_line;
use crate::report::{Report, certainty_words, visible};
use std::fmt::Write as _;

/// The lines, worst first.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.shown() {
        let (file, place) = report.primary(finding);
        let certainty =
            certainty_words(finding).map_or_else(String::new, |words| format!(" ({words})"));
        _ = writeln!(
            out,
            "{}:{}:{}: {}[{}] {}{certainty}",
            first_in_line(&file),
            place.line,
            place.column,
            finding.severity.word(),
            finding.check,
            visible(&finding.message)
        );
    }
    if let Some(words) = report.hidden_words() {
        _ = writeln!(out, "{words}");
    }
    out
}
