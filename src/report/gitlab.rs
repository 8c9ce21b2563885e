//! A code quality report, which GitLab compares between branches by fingerprint.
//!
//! Source: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use crate::finding::{Finding, Severity};
use crate::report::fingerprint::fingerprints;
use crate::report::json::pretty;
use crate::report::text::visible_lines;
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
    let prints = fingerprints(report);
    let issues: Vec<Issue> = report
        .all_shown()
        .filter(|(_, finding)| finding.accepted.is_none())
        .map(|(at, finding)| {
            let fingerprint = prints.get(at).cloned().unwrap_or_default();
            let (path, place) = report.in_repository(finding);
            Issue {
                description: description(finding),
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

/// The message, and what to write instead.
fn description(finding: &Finding) -> String {
    let mut text = visible(&finding.message).into_owned();
    if let Some(help) = &finding.help {
        text.push_str("\nhelp: ");
        text.push_str(&visible_lines(help));
    }
    text
}
