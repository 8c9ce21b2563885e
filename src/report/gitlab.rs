//! A code quality report, which GitLab compares between branches by fingerprint.
//!
//! Source: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use crate::finding::Severity;
use crate::report::fingerprint::fingerprints;
use crate::report::json::pretty;
use crate::report::{Report, visible};
use serde::Serialize;

#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Begin,
}

#[derive(Serialize)]
struct Begin {
    begin: usize,
}

/// A list of issues, empty where nothing is found.
pub(super) fn render(report: &Report<'_>) -> String {
    let issues: Vec<Issue> = report
        .findings
        .iter()
        .zip(fingerprints(report))
        .filter(|(finding, _)| finding.accepted.is_none())
        .map(|(finding, fingerprint)| {
            let (path, place) = report.primary(finding);
            Issue {
                description: visible(&finding.message).into_owned(),
                check_name: format!("{} {}", finding.check, report.name_of(finding.check)),
                fingerprint,
                severity: match finding.severity {
                    Severity::Error => "critical",
                    Severity::Warning => "minor",
                    Severity::Note => "info",
                },
                location: Location {
                    path,
                    lines: Begin { begin: place.line },
                },
            }
        })
        .collect();
    pretty(&issues)
}
