//! What can be said about a spec.
//!
//! A finding is data: which check speaks, how sure it is, which mail is concerned and where to look. This module must
//! not know how findings are shown (`report`), nor what any check looks for (`checks`).

mod code;
mod fix;
pub(crate) mod words;

pub(crate) use code::Code;
pub(crate) use code::every_code;
pub(crate) use fix::{Applicability, Edit, Offer, Operation, written_route};

use crate::source::Span;
use serde::Serialize;
use std::cmp::Reverse;
use std::fmt;

/// How bad it is.
///
/// An error means that mail is lost, misdelivered or exposed, or that the spec contradicts itself. A warning depends on
/// a reading, a tie or an assumption, or degrades. A note is tidying up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Tidying up.
    Note,
    /// Depends on something, or degrades.
    Warning,
    /// Mail is lost, misdelivered or exposed.
    Error,
}

impl Severity {
    /// `error`, `warning` or `note`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum Certainty {
    /// Holds under every reading of the vendors' documents.
    #[default]
    Certain,
    /// Holds under some reading, which the finding names.
    Possible,
    /// Rests on something the spec does not say, such as what an opaque gateway does.
    Assumed,
}

/// A place and what is to be said about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What the place has to do with the finding; may be empty on the first label.
    pub text: String,
}

/// A thing of the spec, named as `cli.md` names it: `location:cloud`, `route:Connector 1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Object {
    /// A location.
    Location(String),
    /// A domain, in its A-label form.
    Domain(String),
    /// A partner.
    Partner(String),
    /// A device.
    Device(String),
    /// A route, written or derived, by its name.
    Route(String),
    /// A mail-flow rule.
    Rule(String),
}

impl Object {
    /// Its name alone.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Location(name)
            | Self::Domain(name)
            | Self::Partner(name)
            | Self::Device(name)
            | Self::Route(name)
            | Self::Rule(name) => name,
        }
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, name) = match self {
            Self::Location(name) => ("location", name),
            Self::Domain(name) => ("domain", name),
            Self::Partner(name) => ("partner", name),
            Self::Device(name) => ("device", name),
            Self::Route(name) => ("route", name),
            Self::Rule(name) => ("rule", name),
        };
        write!(f, "{kind}:{name}")
    }
}

/// A choice that lost, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Loser {
    /// The item that would have decided otherwise, such as `route:Connector 1`.
    pub by: String,
    /// Why it did not.
    pub why: String,
}

/// One step of a message.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct TraceHop {
    /// Where the message is: `internet`, a location, a partner or a device.
    pub at: String,
    /// Where it goes next.
    pub to: String,
    /// The item that decided, such as `route:Connector 3` or `mx sales.contoso.com`.
    pub by: String,
    /// Why this item decided, in words.
    pub why: String,
    /// What would have decided otherwise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub instead_of: Vec<Loser>,
    /// The TLS level that is guaranteed on this hop, where one is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<String>,
}

/// That the spec accepts a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Accepted {
    /// Why.
    pub reason: String,
    /// The last day, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

/// One thing to be said about the spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The check that speaks: a group letter and three digits.
    pub check: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub certainty: Certainty,
    /// The readings under which it holds, where it is not certain.
    pub readings: Vec<&'static str>,
    /// One sentence: names the thing in backticks, lower case, no full stop.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
    /// Places; the first is where it happened.
    pub labels: Vec<Label>,
    /// The objects concerned.
    pub objects: Vec<Object>,
    /// The affected domains in the language's patterns, at most twenty of them.
    pub domains: Vec<String>,
    /// How many there are in all.
    pub domains_total: usize,
    /// How many listed or counted recipients are affected.
    pub recipients: Option<u64>,
    /// The hops of a counterexample.
    pub trace: Vec<TraceHop>,
    /// What is not written because of it, in words.
    pub withholds: Vec<String>,
    /// Where `ignore` names it. It stays a finding, but is no failure.
    pub accepted: Option<Accepted>,
    /// Changes of the spec, each of which mends it.
    pub fixes: Vec<Operation>,
    /// Edits of the text that were tried.
    pub offers: Vec<Offer>,
}

impl Finding {
    /// A finding with a message and nothing else yet.
    pub fn new(check: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            check,
            severity,
            certainty: Certainty::Certain,
            readings: Vec::new(),
            message: bounded(message.into()),
            help: None,
            labels: Vec::new(),
            objects: Vec::new(),
            domains: Vec::new(),
            domains_total: 0,
            recipients: None,
            trace: Vec::new(),
            withholds: Vec::new(),
            accepted: None,
            fixes: Vec::new(),
            offers: Vec::new(),
        }
    }

    /// An error.
    pub fn error(check: Code, message: impl Into<String>) -> Self {
        Self::new(check, Severity::Error, message)
    }

    /// A warning.
    pub fn warning(check: Code, message: impl Into<String>) -> Self {
        Self::new(check, Severity::Warning, message)
    }

    /// A note.
    pub fn note(check: Code, message: impl Into<String>) -> Self {
        Self::new(check, Severity::Note, message)
    }

    /// Adds a place.
    #[must_use]
    pub fn at(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label {
            span,
            text: bounded(text.into()),
        });
        self
    }

    /// Says what to write.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Proposes a change of the spec, which is said by the help text.
    #[must_use]
    pub(crate) fn fix(mut self, operation: Operation) -> Self {
        self.fixes.push(operation);
        self
    }

    /// Proposes a change of the spec, and says so.
    #[must_use]
    pub(crate) fn mend(self, operation: Operation) -> Self {
        self.help(operation.to_string()).fix(operation)
    }

    /// Names an object that is concerned.
    #[must_use]
    pub fn on(mut self, object: Object) -> Self {
        self.objects.push(object);
        self
    }

    /// Says what is not written because of it.
    #[must_use]
    pub fn withholds(mut self, what: impl Into<String>) -> Self {
        self.withholds.push(what.into());
        self
    }

    /// Whether it is an error that nobody accepted.
    pub fn is_open_error(&self) -> bool {
        self.severity == Severity::Error && self.accepted.is_none()
    }

    /// Names the affected domains, of which the first twenty are kept and all are counted.
    #[must_use]
    pub fn domains<S: Into<String>>(mut self, domains: impl IntoIterator<Item = S>) -> Self {
        for domain in domains {
            self.domains_total += 1;
            if self.domains.len() < 20 {
                self.domains.push(domain.into());
            }
        }
        self
    }
}

/// Where every step puts what it has to say. A step never stops at the first mistake.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    list: Vec<Finding>,
}

impl Findings {
    /// Adds one.
    pub fn push(&mut self, finding: Finding) {
        self.list.push(finding);
    }

    /// Adds many.
    pub fn extend(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.list.extend(findings);
    }

    /// Keeps only those for which `keep` says so.
    pub fn retain(&mut self, keep: impl FnMut(&Finding) -> bool) {
        self.list.retain(keep);
    }

    /// Whether any is an error that nobody accepted.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(Finding::is_open_error)
    }

    /// Says that something else is not written either, because it needs what an error about this object withholds.
    pub fn withhold_too(&mut self, needed: &Object, what: &str) {
        let cause = self
            .list
            .iter_mut()
            .find(|finding| !finding.withholds.is_empty() && finding.objects.contains(needed));
        if let Some(cause) = cause {
            cause.withholds.push(what.to_owned());
        }
    }

    /// Does something to each, such as marking it.
    pub fn each(&mut self, act: impl FnMut(&mut Finding)) {
        self.list.iter_mut().for_each(act);
    }

    /// All, in the order in which they were found.
    pub fn iter(&self) -> std::slice::Iter<'_, Finding> {
        self.list.iter()
    }

    /// Gives them out, worst first, then by place, check and message, each once; what is accepted comes last.
    pub fn into_sorted(mut self) -> Vec<Finding> {
        sort(&mut self.list);
        self.list
    }
}

/// Names in messages are cut at so many characters.
const LONGEST_NAME: usize = 200;

/// A message in which every longer name ends in an ellipsis: a name, as a message has it, is what stands between
/// backticks, or a word.
fn bounded(message: String) -> String {
    if message.len() <= LONGEST_NAME {
        return message;
    }
    let is_long = |text: &str| text.chars().nth(LONGEST_NAME).is_some();
    let cut = |text: &str| {
        let kept: String = text.chars().take(LONGEST_NAME - 1).collect();
        kept + "…"
    };
    let pieces = message.split('`').enumerate().map(|(number, piece)| {
        let is_name = number % 2 == 1;
        if is_name && is_long(piece) {
            return cut(piece);
        }
        let words = piece.split(' ');
        let words = words.map(|word| {
            if is_long(word) {
                cut(word)
            } else {
                word.to_owned()
            }
        });
        words.collect::<Vec<_>>().join(" ")
    });
    pieces.collect::<Vec<_>>().join("`")
}

/// Puts the worst first, then by place, check and message, each once; what is accepted comes last.
pub(crate) fn sort(list: &mut Vec<Finding>) {
    list.sort_by(|a, b| {
        let place = |f: &Finding| f.labels.first().map(|l| l.span);
        a.accepted
            .is_some()
            .cmp(&b.accepted.is_some())
            .then_with(|| b.severity.cmp(&a.severity))
            .then_with(|| place(a).cmp(&place(b)))
            .then_with(|| (a.check, &a.message).cmp(&(b.check, &b.message)))
    });
    list.dedup();
}

impl<'a> IntoIterator for &'a Findings {
    type Item = &'a Finding;
    type IntoIter = std::slice::Iter<'a, Finding>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// The candidate nearest to `word`, where one alone is near enough to be meant.
pub(crate) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let limit = (word.chars().count() / 3).max(1);
    let candidates = candidates.into_iter();
    let mut near: Vec<(usize, Reverse<usize>, &str)> = candidates
        .map(|it| (distance(word, it), Reverse(common_start(word, it)), it))
        .filter(|&(distance, ..)| distance <= limit)
        .collect();
    near.sort_unstable();
    near.dedup();
    match near.as_slice() {
        [one, other, ..] if (one.0, one.1) == (other.0, other.1) => None,
        near => near.first().map(|&(.., candidate)| candidate),
    }
}

/// How many letters two words begin with alike.
fn common_start(a: &str, b: &str) -> usize {
    let pairs = a.chars().zip(b.chars());
    pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
}

/// Edits between two words; neighbours swapped count as one edit.
pub(crate) fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut rows: Vec<Vec<usize>> = vec![(0..=b.len()).collect()];
    for i in 1..=a.len() {
        let mut row = vec![i; b.len() + 1];
        for j in 1..=b.len() {
            let change = usize::from(a[i - 1] != b[j - 1]);
            row[j] = (rows[i - 1][j] + 1)
                .min(row[j - 1] + 1)
                .min(rows[i - 1][j - 1] + change);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                row[j] = row[j].min(rows[i - 2][j - 2] + 1);
            }
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}
