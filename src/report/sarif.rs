//! Static Analysis Results Interchange Format, version 2.1.0, for code scanning.
//!
//! A page of a check is as long as a hundred results, so that only its address stands here, and a second description of those
//! that found something. Every rule is declared, also those that found
//! nothing, so that a clean run closes what an earlier run opened.
//! Source: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/sarif-v2.1.0-os.html>

use crate::finding::{Accepted, Certainty, Code, Edit, Finding, Offer, Severity, TraceHop};
use crate::report::fingerprint::fingerprints;
use crate::report::{Report, Rule, certainty_words, visible};
use crate::source::{Position, Span};
use serde::Serialize;
use std::collections::BTreeSet;
use std::fmt::Write as _;

#[derive(Serialize)]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    column_kind: &'static str,
    results: Vec<Outcome>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    information_uri: &'static str,
    rules: Vec<Descriptor>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    id: &'static str,
    name: &'static str,
    short_description: Message,
    help_uri: String,
    /// Code scanning wants both of a check that it shows something of.
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Message>,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_configuration: Option<Configuration>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Outcome {
    rule_id: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rule_index: Option<usize>,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fixes: Vec<Fix>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    code_flows: Vec<CodeFlow>,
    partial_fingerprints: Fingerprints,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: Properties,
}

#[derive(Serialize)]
struct Suppression {
    /// Outside the text that it is about.
    kind: &'static str,
    justification: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Fix {
    description: Message,
    artifact_changes: Vec<ArtifactChange>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactChange {
    artifact_location: Artifact,
    replacements: [Replacement; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Replacement {
    deleted_region: Region,
    inserted_content: Message,
}

#[derive(Serialize)]
struct Fingerprints {
    #[serde(rename = "mailtopo/v1")]
    own: String,
}

#[derive(Serialize)]
struct Properties {
    certainty: Certainty,
    readings: Vec<&'static str>,
    objects: Vec<String>,
    domains: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipients: Option<u64>,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    #[serde(rename = "physicalLocation")]
    physical: Physical,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Words>,
}

#[derive(Clone, Serialize)]
struct Words {
    text: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Clone, Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Clone, Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CodeFlow {
    thread_flows: [ThreadFlow; 1],
}

#[derive(Serialize)]
struct ThreadFlow {
    locations: Vec<Step>,
}

#[derive(Serialize)]
struct Step {
    location: Location,
}

/// The whole log.
pub(super) fn render(report: &Report<'_>) -> String {
    let prints = fingerprints(report);
    let results = report.all_shown().map(|(at, finding)| {
        let print = prints.get(at).cloned().unwrap_or_default();
        outcome(report, finding, print)
    });
    let found: BTreeSet<Code> = report.all_shown().map(|(_, it)| it.check).collect();
    let rules = report.rules.iter();
    let rules = rules.map(|rule| descriptor(rule, found.contains(&rule.code)));
    let log = Log {
        schema: "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: "mailtopo",
                    semantic_version: env!("CARGO_PKG_VERSION"),
                    information_uri: env!("CARGO_PKG_REPOSITORY"),
                    rules: rules.collect(),
                },
            },
            column_kind: "unicodeCodePoints",
            results: results.collect(),
        }],
    };
    // Programs read it, and nothing in it is what JSON cannot carry.
    serde_json::to_string(&log).unwrap_or_default() + "\n"
}

fn descriptor(rule: &Rule, has_found: bool) -> Descriptor {
    let shown = |text: String| has_found.then_some(Message { text });
    Descriptor {
        id: rule.code.as_str(),
        name: rule.name,
        short_description: Message {
            text: rule.proves.clone(),
        },
        help_uri: rule.address(),
        full_description: shown(rule.proves.clone()),
        help: shown(format!(
            "`mailtopo explain {}` prints the page of this check.",
            rule.code
        )),
        // A warning is what a rule without a level is (3.50.2), and this file is small.
        default_configuration: match rule.severity {
            Severity::Warning => None,
            severity => Some(Configuration {
                level: severity.word(),
            }),
        },
    }
}

fn outcome(report: &Report<'_>, finding: &Finding, own: String) -> Outcome {
    let (file, place) = report.in_repository(finding);
    let main = location(
        &file,
        place,
        finding.labels.first().map(|label| label.text.as_str()),
    );
    let related = finding
        .labels
        .iter()
        .enumerate()
        .skip(1)
        .map(|(id, label)| {
            let name = report.name_in_repository(&report.file_name(label.span));
            let mut related = location(&name, report.place(label.span), Some(&label.text));
            related.id = Some(id);
            related
        });
    let mut text = plain(&finding.message);
    for extra in [finding.help.clone(), certainty_words(finding)]
        .into_iter()
        .flatten()
    {
        text.push_str("\n\n");
        let lines: Vec<String> = extra.lines().map(plain).collect();
        text.push_str(&lines.join("\n"));
    }
    Outcome {
        rule_id: finding.check.as_str(),
        rule_index: report
            .rules
            .iter()
            .position(|rule| rule.code == finding.check),
        level: finding.severity.word(),
        message: Message { text },
        locations: vec![main.clone()],
        related_locations: related.collect(),
        fixes: finding.offers.iter().map(|it| fix(report, it)).collect(),
        code_flows: code_flow(&finding.trace, &main),
        partial_fingerprints: Fingerprints { own },
        suppressions: finding.accepted.iter().map(suppression).collect(),
        properties: Properties {
            certainty: finding.certainty,
            readings: finding.readings.clone(),
            objects: finding.objects.iter().map(ToString::to_string).collect(),
            domains: finding.domains.clone(),
            recipients: finding.recipients,
        },
    }
}

fn fix(report: &Report<'_>, offer: &Offer) -> Fix {
    Fix {
        description: Message {
            text: plain(&offer.title),
        },
        artifact_changes: offer
            .edits
            .iter()
            .filter_map(|edit| change(report, edit))
            .collect(),
    }
}

fn change(report: &Report<'_>, edit: &Edit) -> Option<ArtifactChange> {
    let mut files = report.sources.iter();
    let (file, _) = files.find(|(_, file)| file.name == edit.file)?;
    let at = |offset: usize| u32::try_from(offset).ok();
    let span = Span::new(file, at(edit.start)?, at(edit.end)?);
    let name = report.name_in_repository(&report.file_name(span));
    Some(ArtifactChange {
        artifact_location: Artifact { uri: uri(&name) },
        replacements: [Replacement {
            deleted_region: region(report.place(span)),
            inserted_content: Message {
                text: edit.text.clone(),
            },
        }],
    })
}

const fn region(place: Position) -> Region {
    Region {
        start_line: place.line,
        start_column: place.column,
        end_line: place.end_line,
        end_column: place.end_column,
    }
}

fn suppression(accepted: &Accepted) -> Suppression {
    let until = accepted.until.as_ref();
    let until = until.map_or_else(String::new, |day| format!(" (until {day})"));
    Suppression {
        kind: "external",
        justification: visible(&accepted.reason).into_owned() + &until,
    }
}

/// The way of the counterexample. A hop has no line of its own, so each step stands where the finding stands.
fn code_flow(trace: &[TraceHop], main: &Location) -> Vec<CodeFlow> {
    if trace.is_empty() {
        return Vec::new();
    }
    let step = |hop: &TraceHop| {
        let text = format!("{} to {} by {}: {}", hop.at, hop.to, hop.by, hop.why);
        let message = Some(Words { text: plain(&text) });
        Step {
            location: Location {
                message,
                ..main.clone()
            },
        }
    };
    vec![CodeFlow {
        thread_flows: [ThreadFlow {
            locations: trace.iter().map(step).collect(),
        }],
    }]
}

fn location(file: &str, place: Position, text: Option<&str>) -> Location {
    Location {
        id: None,
        physical: Physical {
            artifact_location: Artifact { uri: uri(file) },
            region: region(place),
        },
        message: text
            .filter(|text| !text.is_empty())
            .map(|text| Words { text: plain(text) }),
    }
}

/// One line of a message. `[text](target)` in a message is a link (section 3.11.6), and none of ours is meant as one.
fn plain(text: &str) -> String {
    visible(text).replace('[', "\\[").replace(']', "\\]")
}

/// A path as a URI reference (RFC 3986): what a path segment may not hold is percent-encoded.
fn uri(path: &str) -> String {
    let mut out = String::new();
    if path.starts_with('/') {
        out.push_str("file://");
    }
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => {
                out.push(char::from(byte));
            }

            other => _ = write!(out, "%{other:02X}"),
        }
    }
    out
}
