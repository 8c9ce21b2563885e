//! Logging commands of Azure Pipelines: each line becomes an issue of the run.
//!
//! Source: <https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands>

use crate::finding::Severity;
use crate::report::text::first_in_line;
use crate::report::{Report, annotation, visible};
use std::fmt::Write as _;

/// One command per finding. There are issues of two kinds only: a note is a line of the log.
pub(super) fn render(report: &Report<'_>) -> String {
    let mut out = String::new();
    for finding in report.shown() {
        let (file, place) = report.in_repository(finding);
        let kind = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => {
                _ = writeln!(
                    out,
                    "{}:{}:{}: note[{}] {}",
                    first_in_line(&file),
                    place.line,
                    place.column,
                    finding.check,
                    visible(&finding.message)
                );
                continue;
            }
        };
        _ = writeln!(
            out,
            "##vso[task.logissue type={kind};sourcepath={};linenumber={};columnnumber={};code={}]{}",
            value(&file),
            place.line,
            place.column,
            finding.check,
            value(&annotation(finding))
        );
    }
    if let Some(words) = report.hidden_words() {
        _ = writeln!(out, "{words}");
    }
    out
}

fn value(text: &str) -> String {
    text.replace('%', "%AZP25")
        .replace(';', "%3B")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
        .replace(']', "%5D")
}
