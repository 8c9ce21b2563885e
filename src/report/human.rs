//! The form for people: what is wrong, the lines it stands in, what to write, which mail is concerned, and the way of
//! one message where a finding has a counterexample.
//!
//! Notes can be folded into one line: at a terminal they would move what is wrong off the screen. Beside the answer of
//! another command one line says what is no error.

use crate::finding::{Code, Finding, Severity, TraceHop};
use crate::report::excerpt::{Excerpt, Mark};
use crate::report::text::{counted, first_in_line, visible_lines, wrap};
use crate::report::{
    Authentication, Extent, Look, Report, Summary, affected_words, certainty_words, visible,
};
use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};

/// Every finding, then one line that sums up.
pub(super) fn render(report: &Report<'_>, look: Look) -> String {
    let theme = if look.color {
        GraphicalTheme::unicode()
    } else {
        GraphicalTheme::unicode_nocolor()
    };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_wrap_lines(false)
        .without_syntax_highlighting();
    let mut out = String::new();
    let mut folded: BTreeMap<Code, usize> = BTreeMap::new();
    for finding in report.shown() {
        if !look.extent.shows(finding) {
            *folded.entry(finding.check).or_default() += 1;
            continue;
        }
        let (excerpt, marks) = Excerpt::of(report, finding);
        let shown = Shown {
            finding,
            width: look.width,
            code: head(report, finding),
            excerpt,
            marks,
        };
        if handler.render_report(&mut out, &shown).is_err() {
            // Writing into a string does not fail, but should miette refuse an excerpt, the finding must still be said.
            out.push_str(&visible(&finding.message));
            out.push('\n');
        }
        for line in details(finding) {
            out.push_str("  ");
            out.push_str(&wrap(&line, look.width).replace('\n', "\n    "));
            out.push('\n');
        }
        out.push('\n');
    }
    if let Some(words) = report.hidden_words() {
        out.push_str(&words);
        out.push('\n');
    }
    let all: usize = folded.values().sum();
    let them = if all == 1 { "it" } else { "them" };
    let checks = folded.iter().map(|(check, count)| match count {
        1 => check.to_string(),
        _ => format!("{check} ×{count}"),
    });
    let checks = checks.collect::<Vec<_>>().join(", ");
    let sum = summary(report);
    match look.extent {
        Extent::FoldedNotes if all > 0 => {
            let notes = counted(all as u64, "note");
            _ = write!(out, "{notes} ({checks}); `-v` shows {them}\n{sum}");
        }
        Extent::ErrorsBeside | Extent::NoneBeside if all > 0 => {
            _ = write!(out, "{sum} ({checks}): `mailtopo check` shows {them}");
        }
        _ => out.push_str(&sum),
    }
    out.push('\n');
    out
}

/// `error[G004] mx-entry-cannot-forward  location:filter`, with the object that `ignore` takes.
fn head(report: &Report<'_>, finding: &Finding) -> String {
    let object = finding.objects.first();
    let object = object.map_or_else(String::new, |object| format!("  {object}"));
    format!(
        "{}[{}] {}{}",
        finding.severity.word(),
        finding.check,
        report.name_of(finding.check),
        visible(&object)
    )
}

/// What follows the excerpt: certainty, region and the way of a message.
fn details(finding: &Finding) -> Vec<String> {
    let mut lines = Vec::new();
    lines.extend(certainty_words(finding).map(|words| format!("certainty: {words}")));
    lines.extend(affected_words(finding).map(|words| format!("affects: {words}")));
    if !finding.trace.is_empty() {
        lines.push("the way of one message:".to_owned());
        for (number, hop) in finding.trace.iter().enumerate() {
            lines.extend(hop_lines(number + 1, hop));
        }
    }
    lines
}

fn hop_lines(number: usize, hop: &TraceHop) -> Vec<String> {
    let tls = hop
        .tls
        .as_ref()
        .map_or_else(String::new, |tls| format!(", tls {}", visible(tls)));
    let mut lines = vec![format!(
        "  {number}. {} to {} by {}{tls}: {}",
        visible(&hop.at),
        visible(&hop.to),
        visible(&hop.by),
        visible(&hop.why)
    )];
    for loser in &hop.instead_of {
        lines.push(format!(
            "     not by {}: {}",
            visible(&loser.by),
            visible(&loser.why)
        ));
    }
    lines
}

/// `1 error and 2 warnings in mailtopo.yaml`, and where nothing is wrong what that has shown.
pub(super) fn summary(report: &Report<'_>) -> String {
    let spec = first_in_line(report.spec);
    let counts = report.counts();
    let parts: Vec<String> = [
        (counts.errors, "error"),
        (counts.warnings, "warning"),
        (counts.notes, "note"),
        (counts.accepted, "accepted finding"),
    ]
    .into_iter()
    .filter(|&(number, _)| number > 0)
    .map(|(number, noun)| counted(number as u64, noun))
    .collect();
    let proved = (counts.errors + counts.warnings + counts.accepted == 0)
        .then(|| proved(&report.summary))
        .flatten();
    match (parts.split_last(), proved) {
        (None, None) => format!("{spec}: nothing found"),
        (None, Some(proved)) => format!("{spec}: {proved}"),
        (Some((last, rest)), proved) => {
            let rest = rest.join(", ");
            let and = if rest.is_empty() { "" } else { " and " };
            let proved = proved.map_or_else(String::new, |proved| format!(": {proved}"));
            format!("{rest}{and}{last} in {spec}{proved}")
        }
    }
}

fn proved(summary: &Summary) -> Option<String> {
    if summary.flows == 0 {
        return None;
    }
    let readings = match summary.readings.as_slice() {
        [] => String::new(),
        readings => format!(", under every reading of {}", readings.join(", ")),
    };
    let authenticated = authenticated(&summary.authentication);
    Some(format!(
        "{} of mail from {} all end as intended{readings}{authenticated}",
        classes(summary.classes),
        counted(summary.sources, "source")
    ))
}

/// What receivers can prove of the mail that leaves. It never says more than was shown.
fn authenticated(found: &Authentication) -> String {
    let all = found.proved + found.one_leg + found.unknown + found.broken;
    if all == 0 {
        return String::new();
    }
    let number = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let leaves = if found.domains == 1 {
        format!(
            "one domain leaves over {}",
            counted(number(found.exits), "exit")
        )
    } else {
        format!(
            "{} domains leaves over {}",
            found.domains,
            counted(number(found.exits), "exit")
        )
    };
    let passes = match (all - found.unknown - found.broken, found.unknown) {
        (passes, _) if passes == all => {
            let verb = if found.without_policy == found.domains {
                "would pass"
            } else {
                "passes"
            };
            let but = if found.replies > 0 {
                " but automatic replies"
            } else {
                ""
            };
            let alone = match found.spf_alone {
                0 => String::new(),
                1 if found.domains == 1 => ", by SPF alone".to_owned(),
                alone => format!(", for {} by SPF alone", counted(number(alone), "domain")),
            };
            let without = match found.without_policy {
                0 => String::new(),
                _ if found.without_policy == found.domains => {
                    ", and no policy asks for it".to_owned()
                }
                1 => "; one domain has no policy".to_owned(),
                more => format!("; {more} domains have no policy"),
            };
            format!("DMARC {verb} for all of it{but}{alone}{without}")
        }
        (passes, unknown) => format!(
            "DMARC passes for {passes} of {all} pairs of a domain and an exit, and what nobody knows decides of {unknown}"
        ),
    };
    let facts = found.facts.as_ref().map_or_else(String::new, |day| {
        format!("; records of others as of {day}")
    });
    format!("; mail in the name of {leaves}: {passes}{facts}")
}

fn classes(number: u64) -> String {
    if number == 1 {
        "1 class".to_owned()
    } else {
        format!("{number} classes")
    }
}

/// A finding dressed for miette.
struct Shown<'a> {
    finding: &'a Finding,
    width: usize,
    code: String,
    excerpt: Excerpt,
    marks: Vec<Mark>,
}

impl fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.code)
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&wrap(
            &visible(&self.finding.message),
            self.width.saturating_sub(4),
        ))
    }
}

impl std::error::Error for Shown<'_> {}

impl Diagnostic for Shown<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let help = self.finding.help.as_ref()?;
        Some(Box::new(wrap(
            &visible_lines(help),
            self.width.saturating_sub(8),
        )))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.marks.is_empty()).then_some(&self.excerpt as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let labels = self.marks.iter().enumerate().map(|(number, mark)| {
            let text = (!mark.text.is_empty()).then(|| mark.text.clone());
            let span = (mark.start, mark.length);
            if number == 0 {
                LabeledSpan::new_primary_with_span(text, span)
            } else {
                LabeledSpan::new_with_span(text, span)
            }
        });
        (!self.marks.is_empty()).then(|| Box::new(labels) as _)
    }
}
