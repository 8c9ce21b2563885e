//! Workflow commands: each line becomes an annotation beside the changed line. GitHub shows ten of a kind per step, so
//! the worst stand first, as everywhere, and the last lines say how many are not shown.
//!
//! Source: <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use crate::finding::Severity;
use crate::report::{Report, annotation};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many annotations of a kind are shown of a step.
const SHOWN_BY_GITHUB: usize = 10;

/// One command per finding.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in report.shown() {
        let command = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        *counts.entry(command).or_default() += 1;
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
    for (command, all) in counts {
        if all > SHOWN_BY_GITHUB {
            _ = writeln!(
                out,
                "GitHub shows {SHOWN_BY_GITHUB} of these {all} annotations of the kind `{command}`"
            );
        }
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
