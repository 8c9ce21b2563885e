//! Findings as people and programs read them: one file per form.
//!
//! This module sees findings and the text they point into. It must not know how findings come about, what a spec means,
//! or where the output goes. Every form shows text of a spec so that it cannot steer a terminal, a page or a log.

mod azure;
mod concise;
mod excerpt;
mod fingerprint;
mod github;
mod gitlab;
mod human;
mod json;
mod junit;
mod lines;
mod markdown;
mod rdjson;
mod sarif;
mod text;

use crate::finding::{Certainty, Code, Finding, Severity};
use crate::source::{Position, Sources, Span};
use lines::Lines;
use serde::Serialize;
use std::collections::BTreeMap;

pub(crate) use markdown::{code, prose};
pub(crate) use text::{counted, visible};

/// How the form for people looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// It has colour.
    pub color: bool,
    /// The width of a line of words.
    pub width: usize,
    /// Which findings are shown with the lines of the spec.
    pub extent: Extent,
}

/// Which findings the form for people shows with the lines of the spec; its last line counts all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// Every finding.
    All,
    /// Errors and warnings, and a line that counts the notes by check.
    FoldedNotes,
    /// Errors.
    Errors,
    /// Errors, and the last line names the checks of the others: the findings stand beside an answer.
    ErrorsBeside,
    /// None, and the last line names the checks.
    NoneBeside,
}

impl Extent {
    fn shows(self, finding: &Finding) -> bool {
        match self {
            Self::All => true,
            Self::FoldedNotes => finding.severity > Severity::Note,
            Self::Errors | Self::ErrorsBeside => finding.severity == Severity::Error,
            Self::NoneBeside => false,
        }
    }
}

impl Look {
    /// As it looks where no terminal shows it: the same spec gives the same text on every machine.
    pub(crate) const PLAIN: Self = Self {
        color: false,
        width: 100,
        extent: Extent::All,
    };
}

/// Everything one run has to say.
pub(crate) struct Report<'a> {
    spec: &'a str,
    findings: &'a [Finding],
    sources: &'a Sources,
    rules: &'a [Rule],
    summary: Summary,
    fail_on: Option<Severity>,
    lines: Lines,
    /// Whether each finding is shown, and what is not.
    kept: Vec<bool>,
    hidden: BTreeMap<Code, usize>,
    base: Base,
}

/// Where the files of the spec are in the user's repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Base {
    /// The root of the repository, with forward slashes; empty where there is none.
    pub(crate) root: String,
    /// The current folder, from there.
    pub(crate) here: String,
}

/// So many findings of one check are shown at most.
const MOST_OF_A_CHECK: usize = 200;

/// So many findings are shown at most, unless something else is asked for.
pub(crate) const MOST_FINDINGS: usize = 1000;

/// A check as reports name and explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Group letter and three digits.
    pub code: Code,
    /// The stable name beside the code.
    pub name: &'static str,
    /// How bad its findings are, unless a finding says otherwise.
    pub severity: Severity,
    /// What a clean result proves, in one paragraph.
    pub proves: String,
    /// The whole page, in Markdown.
    pub page: String,
}

impl Rule {
    /// Where its page stands.
    pub(crate) fn address(&self) -> String {
        let pages = concat!(
            env!("CARGO_PKG_REPOSITORY"),
            "/blob/v",
            env!("CARGO_PKG_VERSION"),
            "/docs/checks.md"
        );
        format!("{pages}#{}-{}", self.code, self.name).to_lowercase()
    }
}

/// What was looked at, beside the findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// How many flows were followed from their source to their end: pairs of a sender and a class of recipients.
    pub flows: u64,
    /// How many classes of recipients there are that something can tell apart.
    pub classes: u64,
    /// How many senders were followed.
    pub sources: u64,
    /// The readings of the vendors' documents under which they were followed.
    pub readings: Vec<&'static str>,
    /// What receivers can prove of the mail that leaves.
    pub authentication: Authentication,
    /// The entries of `expect` that were asked: where each stands, and what it asks for.
    pub expectations: Vec<(Span, String)>,
}

/// What receivers can prove of the mail that leaves, counted by way out and domain.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Authentication {
    /// By SPF and a signature.
    pub proved: usize,
    /// By one of both.
    pub one_leg: usize,
    /// It depends on something that nobody knows.
    pub unknown: usize,
    /// By neither.
    pub broken: usize,
    /// Domains in whose name mail leaves.
    #[serde(skip)]
    pub domains: usize,
    /// Of these, those of which SPF alone proves some mail.
    #[serde(skip)]
    pub spf_alone: usize,
    /// Of these, those that have no policy.
    #[serde(skip)]
    pub without_policy: usize,
    /// Of these, those whose automatic replies nothing proves.
    #[serde(skip)]
    pub replies: usize,
    /// Those who hand it over.
    #[serde(skip)]
    pub exits: usize,
    /// The day of what is known of others' records.
    #[serde(skip)]
    pub facts: Option<String>,
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    /// Errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Notes.
    pub notes: usize,
    /// What the spec accepts, of any severity, and which is in none of the others.
    pub accepted: usize,
}

/// A form of the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Format {
    /// With the lines of the spec, for people.
    Human,
    /// One line per finding.
    Concise,
    /// The contract of this tool.
    Json,
    /// Static analysis results, version 2.1.0.
    Sarif,
    /// Workflow commands that become annotations.
    Github,
    /// A code quality report.
    Gitlab,
    /// A test report.
    Junit,
    /// For a comment or a job summary.
    Markdown,
    /// Logging commands of Azure Pipelines.
    Azure,
    /// Diagnostics for reviewdog.
    Rdjson,
}

impl Format {
    /// Every form, in the order in which help lists them.
    pub(crate) const ALL: [Self; 10] = [
        Self::Human,
        Self::Concise,
        Self::Json,
        Self::Sarif,
        Self::Github,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
        Self::Azure,
        Self::Rdjson,
    ];

    /// The word of `--output-format`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Azure => "azure",
            Self::Rdjson => "rdjson",
        }
    }
}

impl<'a> Report<'a> {
    /// A report on `findings`, which must be sorted. `spec` is the main spec as the user named it: the folder in it
    /// stands before every file name, so that a name can be opened from where the user is.
    pub(crate) fn new(
        spec: &'a str,
        findings: &'a [Finding],
        sources: &'a Sources,
        rules: &'a [Rule],
    ) -> Self {
        let labels = findings.iter().flat_map(|finding| &finding.labels);
        Self {
            spec,
            findings,
            sources,
            rules,
            summary: Summary::default(),
            fail_on: Some(Severity::Error),
            lines: Lines::of(sources, labels.map(|label| label.span.file)),
            kept: Vec::new(),
            hidden: BTreeMap::new(),
            base: Base::default(),
        }
    }

    /// Says what was looked at.
    #[must_use]
    pub(crate) fn summary(mut self, summary: Summary) -> Self {
        self.summary = summary;
        self
    }

    /// Shows so many findings at most, and of each check a part of them; 0: all. The totals stay exact.
    #[must_use]
    pub(crate) fn at_most(mut self, most: usize) -> Self {
        if most == 0 {
            return self;
        }
        let mut of_check: BTreeMap<Code, usize> = BTreeMap::new();
        let mut shown = 0;
        for finding in self.findings {
            let count = of_check.entry(finding.check).or_default();
            let is_kept = shown < most && *count < MOST_OF_A_CHECK.min(most);
            if is_kept {
                *count += 1;
                shown += 1;
            } else {
                *self.hidden.entry(finding.check).or_default() += 1;
            }
            self.kept.push(is_kept);
        }
        self
    }

    /// Says where the files of the spec are in the user's repository.
    #[must_use]
    pub(crate) fn base(mut self, base: Base) -> Self {
        self.base = base;
        self
    }

    /// From which severity on a finding is a failure; `None`: none is.
    #[must_use]
    pub(crate) fn fail_on(mut self, severity: Option<Severity>) -> Self {
        self.fail_on = severity;
        self
    }

    /// What makes each finding the same finding in the next run.
    pub(crate) fn fingerprints(&self) -> Vec<String> {
        fingerprint::fingerprints(self)
    }

    /// Writes the report in a form. Only the human form has a look.
    pub(crate) fn render(&self, format: Format, look: Look) -> String {
        match format {
            Format::Human => human::render(self, look),
            Format::Concise => concise::render(self),
            Format::Json => json::render(self),
            Format::Sarif => sarif::render(self),
            Format::Github => github::render(self),
            Format::Gitlab => gitlab::render(self),
            Format::Junit => junit::render(self),
            Format::Markdown => markdown::render(self),
            Format::Azure => azure::render(self),
            Format::Rdjson => rdjson::render(self),
        }
    }

    /// One line that counts the findings, or says what was shown.
    pub(crate) fn summary_line(&self) -> String {
        human::summary(self)
    }

    /// Whether the run failed.
    pub(crate) fn failed(&self) -> bool {
        self.findings.iter().any(|finding| self.fails(finding))
    }

    /// Whether there is nothing to say.
    pub(crate) fn is_empty(&self) -> bool {
        self.findings.is_empty()
    }

    /// How many findings there are of each severity.
    pub(crate) fn counts(&self) -> Counts {
        let of = |severity| self.open().filter(|f| f.severity == severity).count();
        Counts {
            errors: of(Severity::Error),
            warnings: of(Severity::Warning),
            notes: of(Severity::Note),
            accepted: self.findings.len() - self.open().count(),
        }
    }

    /// What nobody accepted: the forms for people show nothing else.
    fn open(&self) -> impl Iterator<Item = &'a Finding> + use<'a> {
        let open = |finding: &&Finding| finding.accepted.is_none();
        self.findings.iter().filter(open)
    }

    /// What nobody accepted, as far as it is shown.
    fn shown(&self) -> impl Iterator<Item = &'a Finding> {
        self.all_shown()
            .map(|(_, finding)| finding)
            .filter(|finding| finding.accepted.is_none())
    }

    /// What is shown, accepted findings included, with its position.
    fn all_shown(&self) -> impl Iterator<Item = (usize, &'a Finding)> {
        let is_kept = |at: usize| self.kept.get(at).copied().unwrap_or(true);
        let all = self.findings.iter().enumerate();
        all.filter(move |(at, _)| is_kept(*at))
    }

    /// How many findings are not shown, in words.
    fn hidden_words(&self) -> Option<String> {
        let parts: Vec<String> = self
            .hidden
            .iter()
            .map(|(code, count)| format!("{} more {code}", text::thousands(*count as u64)))
            .collect();
        (!parts.is_empty())
            .then(|| format!("and {}: `--max-findings 0` shows all", parts.join(", ")))
    }

    fn fails(&self, finding: &Finding) -> bool {
        let fails = |least| finding.severity >= least && finding.accepted.is_none();
        self.fail_on.is_some_and(fails)
    }

    /// The stable name of a check; a code without a page is its own name.
    fn name_of(&self, code: Code) -> &'static str {
        let rule = self.rules.iter().find(|rule| rule.code == code);
        rule.map_or(code.as_str(), |rule| rule.name)
    }

    fn place(&self, span: Span) -> Position {
        self.lines.place(self.sources, span)
    }

    /// The file and place of a finding; what has no place stands at the beginning of the main spec.
    fn primary(&self, finding: &Finding) -> (String, Position) {
        let Some(label) = finding.labels.first() else {
            let start = Position {
                line: 1,
                column: 1,
                end_line: 1,
                end_column: 1,
            };
            return (self.spec.to_owned(), start);
        };
        (self.file_name(label.span), self.place(label.span))
    }

    /// The file and place of a finding, the file as it is named from the root of the user's repository.
    fn in_repository(&self, finding: &Finding) -> (String, Position) {
        let (file, place) = self.primary(finding);
        (self.name_in_repository(&file), place)
    }

    /// A file name from the root of the repository; names outside of it stay as they are.
    fn name_in_repository(&self, name: &str) -> String {
        if self.base.root.is_empty() || name == "-" {
            return name.strip_prefix("./").unwrap_or(name).to_owned();
        }
        let whole = if name.starts_with('/') {
            let inside = name.strip_prefix(self.base.root.as_str());
            match inside.and_then(|rest| rest.strip_prefix('/')) {
                Some(inside) => inside.to_owned(),
                None => return name.to_owned(),
            }
        } else {
            format!("{}/{name}", self.base.here)
        };
        let mut parts: Vec<&str> = Vec::new();
        for part in whole.split('/') {
            match part {
                ".." => {
                    if parts.pop().is_none() {
                        return name.to_owned();
                    }
                }
                "" | "." => {}
                part => parts.push(part),
            }
        }
        parts.join("/")
    }

    /// The name of a file as it can be opened from where the user is.
    fn file_name(&self, span: Span) -> String {
        let name = &self.sources.file(span.file).name;
        if self.spec == "-" && span.file.0 == 0 {
            return self.spec.to_owned();
        }
        match self.spec.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{name}"),
            None => name.clone(),
        }
    }
}

/// What certainty adds to a finding, in words; nothing where it is certain.
fn certainty_words(finding: &Finding) -> Option<String> {
    let readings = finding.readings.join(", ");
    match finding.certainty {
        Certainty::Certain => None,
        Certainty::Possible if readings.is_empty() => Some("possible".to_owned()),
        Certainty::Possible => Some(format!("possible, by reading {readings}")),
        Certainty::Assumed => Some("assumed: the spec does not say".to_owned()),
    }
}

/// The mail concerned, in words: `contoso.com, *.contoso.com and 7 more; 4,210 recipients`.
fn affected_words(finding: &Finding) -> Option<String> {
    let mut parts = Vec::new();
    if !finding.domains.is_empty() {
        let hidden = finding.domains_total.saturating_sub(finding.domains.len());
        let domains: Vec<_> = finding.domains.iter().map(|d| visible(d)).collect();
        let domains = domains.join(", ");
        parts.push(if hidden == 0 {
            domains
        } else {
            format!("{domains} and {} more", text::thousands(hidden as u64))
        });
    }
    if let Some(recipients) = finding.recipients {
        parts.push(text::counted(recipients, "recipient"));
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}

/// What is said of a finding besides its message, a line each.
fn further_lines(finding: &Finding) -> impl Iterator<Item = String> {
    let help = finding.help.as_deref();
    let lines = [
        help.map(|help| format!("help: {}", text::visible_lines(help))),
        certainty_words(finding).map(|words| format!("certainty: {words}")),
        affected_words(finding).map(|words| format!("affects: {words}")),
    ];
    lines.into_iter().flatten()
}

/// All that is said of a finding, for forms that have one text for it.
fn annotation(finding: &Finding) -> String {
    let mut lines = vec![visible(&finding.message).into_owned()];
    lines.extend(further_lines(finding));
    lines.join("\n")
}

#[cfg(test)]
mod tests;
