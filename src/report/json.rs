//! The form that other programs may rely on. Keys are added, never renamed.

use crate::finding::{Accepted, Certainty, Finding, Offer, Severity, TraceHop};
use crate::report::{Authentication, Report};
use serde::Serialize;
use std::collections::BTreeMap;

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    spec: &'a str,
    findings: Vec<Entry<'a>>,
    summary: Totals<'a>,
}

#[derive(Serialize)]
struct Entry<'a> {
    check: &'a str,
    name: &'a str,
    severity: Severity,
    certainty: Certainty,
    readings: &'a [&'static str],
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<&'a str>,
    objects: Vec<String>,
    domains: &'a [String],
    domains_total: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<u64>,
    labels: Vec<Pointer<'a>>,
    trace: &'a [TraceHop],
    #[serde(skip_serializing_if = "Option::is_none")]
    accepted: Option<&'a Accepted>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    fixes: &'a [Offer],
}

#[derive(Serialize)]
struct Pointer<'a> {
    file: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    text: &'a str,
}

#[derive(Serialize)]
struct Totals<'a> {
    errors: usize,
    warnings: usize,
    notes: usize,
    accepted: usize,
    flows: u64,
    classes: u64,
    sources: u64,
    readings: &'a [&'static str],
    /// How many findings of each check are not listed.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    hidden: BTreeMap<&'static str, usize>,
    authentication: &'a Authentication,
}

/// The document, indented, with a line break at the end.
pub(super) fn render(report: &Report<'_>) -> String {
    let counts = report.counts();
    let document = Document {
        version: 1,
        spec: report.spec,
        findings: report
            .all_shown()
            .map(|(_, finding)| entry(report, finding))
            .collect(),
        summary: Totals {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            accepted: counts.accepted,
            flows: report.summary.flows,
            classes: report.summary.classes,
            sources: report.summary.sources,
            readings: &report.summary.readings,
            hidden: report
                .hidden
                .iter()
                .map(|(code, count)| (code.as_str(), *count))
                .collect(),
            authentication: &report.summary.authentication,
        },
    };
    pretty(&document)
}

/// Any of our own documents as indented JSON. They hold nothing that JSON cannot carry.
pub(super) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).unwrap_or_default();
    text.push('\n');
    text
}

fn entry<'a>(report: &Report<'_>, finding: &'a Finding) -> Entry<'a> {
    let labels = finding.labels.iter().map(|label| {
        let place = report.place(label.span);
        Pointer {
            file: report.file_name(label.span),
            line: place.line,
            column: place.column,
            end_line: place.end_line,
            end_column: place.end_column,
            text: &label.text,
        }
    });
    Entry {
        check: finding.check.as_str(),
        name: report.name_of(finding.check),
        severity: finding.severity,
        certainty: finding.certainty,
        readings: &finding.readings,
        message: &finding.message,
        help: finding.help.as_deref(),
        objects: finding.objects.iter().map(ToString::to_string).collect(),
        domains: &finding.domains,
        domains_total: finding.domains_total,
        recipients: finding.recipients,
        labels: labels.collect(),
        trace: &finding.trace,
        accepted: finding.accepted.as_ref(),
        fixes: &finding.offers,
    }
}
