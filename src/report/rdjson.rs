//! Diagnostics for reviewdog, which comments on the changed lines of a review.
//!
//! Source: <https://github.com/reviewdog/reviewdog/tree/master/proto/rdf>

use crate::finding::Severity;
use crate::report::json::pretty;
use crate::report::text::visible_lines;
use crate::report::{Report, certainty_words, visible};
use crate::source::Span;
use serde_json::{Value, json};

/// The whole document.
pub(super) fn render(report: &Report<'_>) -> String {
    let diagnostics: Vec<Value> = report
        .shown()
        .map(|finding| {
            let (path, place) = report.in_repository(finding);
            let mut message = visible(&finding.message).into_owned();
            let help = finding
                .help
                .as_deref()
                .map(|help| format!("help: {}", visible_lines(help)));
            let certainty = certainty_words(finding).map(|words| format!("certainty: {words}"));
            for line in [help, certainty].into_iter().flatten() {
                message.push('\n');
                message.push_str(&line);
            }
            let span = finding.labels.first().map(|label| label.span);
            let (start, end) = span.map_or((1, 1), |span| columns(report, span));
            json!({
                "message": message,
                "location": {
                    "path": path,
                    "range": {
                        "start": {"line": place.line, "column": start},
                        "end": {"line": place.end_line, "column": end},
                    },
                },
                "severity": match finding.severity {
                    Severity::Error => "ERROR",
                    Severity::Warning => "WARNING",
                    Severity::Note => "INFO",
                },
                "code": {"value": finding.check.as_str()},
            })
        })
        .collect();
    pretty(&json!({"source": {"name": "mailtopo"}, "diagnostics": diagnostics}))
}

/// The columns of a range in bytes of UTF-8 from 1, as the format counts them.
fn columns(report: &Report<'_>, span: Span) -> (usize, usize) {
    let text = &*report.sources.file(span.file).text;
    let column = |offset: u32| {
        let before = text.get(..offset as usize).unwrap_or_default();
        before.len() - before.rfind('\n').map_or(0, |at| at + 1) + 1
    };
    (column(span.start), column(span.end.max(span.start)))
}
