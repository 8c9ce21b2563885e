//! Edits that findings propose, each tried before it is offered or applied.
//!
//! Whether an edit mends is decided by a check of the spec with it, and whether it is safe by following the mail before
//! and after. This module must not know how an edit is made or shown.

use crate::compile::{Checked, Input, check};
use crate::diff::{self, Only, Texts};
use crate::finding::{Applicability, Code, Finding, Object, Offer, Operation, Severity};
use crate::source::{Files, Span};
use crate::values::Date;
use std::collections::BTreeMap;

/// Checks a spec and tries what its findings propose: each edit that mends its finding and brings no other is offered,
/// as safe where no mail is lost or worse.
pub(crate) fn offer(input: &Input<'_>, today: Date, checked: &mut Checked) {
    let mut budget = MOST_OFFERS;
    for at in 0..checked.findings.len() {
        let mut offers = Vec::new();
        let Some(finding) = checked.findings.get(at) else {
            continue;
        };
        for operation in finding.fixes.iter().filter(|_| finding.accepted.is_none()) {
            if budget == 0 {
                break;
            }
            budget -= 1;
            offers.extend(tried(input, today, checked, finding, operation).map(|(offer, _)| offer));
        }
        if let Some(finding) = checked.findings.get_mut(at) {
            finding.offers = offers;
        }
    }
}

/// So many edits are tried for one report.
const MOST_OFFERS: usize = 40;

/// So many edits are applied in one run.
const MOST_FIXES: usize = 200;

/// A spec after edits.
pub(crate) struct Fixed {
    /// What is still to be said.
    pub(crate) checked: Checked,
    /// The new texts of the files that changed, by name.
    pub(crate) texts: BTreeMap<String, String>,
    /// What was done, in words.
    pub(crate) applied: Vec<String>,
}

/// Applies safe edits, and the others where that is asked for, until there are none. `adjust` does to each result what
/// the caller does to findings before they count.
pub(crate) fn fix(
    input: &Input<'_>,
    today: Date,
    with_unsafe: bool,
    adjust: &dyn Fn(&mut Checked),
) -> Fixed {
    let mut fixed = Fixed {
        checked: check(input, today),
        texts: BTreeMap::new(),
        applied: Vec::new(),
    };
    adjust(&mut fixed.checked);
    while fixed.applied.len() < MOST_FIXES {
        let Some((check, offer, after)) = with_texts(input, &fixed.texts, |now| {
            let findings = fixed.checked.findings.iter();
            let open = findings.filter(|finding| finding.accepted.is_none());
            let mut all = open.flat_map(|finding| {
                let fixes = finding.fixes.iter();
                fixes.filter_map(|it| {
                    let (offer, after) = tried(now, today, &fixed.checked, finding, it)?;
                    Some((finding.check, offer, after))
                })
            });
            all.find(|(_, offer, _)| with_unsafe || offer.applicability != Applicability::Unsafe)
        }) else {
            break;
        };
        let sources = &fixed.checked.sources;
        let place = offer.edits.first().and_then(|edit| {
            let (file, _) = sources.iter().find(|(_, file)| file.name == edit.file)?;
            let start = u32::try_from(edit.start).ok()?;
            let line = sources.place(Span::new(file, start, start)).line;
            Some(format!("{}:{line}: {check}: ", edit.file))
        });
        let place = place.unwrap_or_default();
        fixed.applied.push(format!("{place}{}", offer.title));
        fixed.texts.extend(after.texts);
        fixed.checked = after.checked;
        adjust(&mut fixed.checked);
    }
    fixed
}

/// A spec with one edit.
struct After {
    checked: Checked,
    texts: BTreeMap<String, String>,
}

/// Does one operation and looks at what it brings; nothing where there is no edit, or where it does not mend.
fn tried(
    input: &Input<'_>,
    today: Date,
    checked: &Checked,
    finding: &Finding,
    operation: &Operation,
) -> Option<(Offer, After)> {
    let edit = crate::fix::edit(&checked.sources, operation)?;
    let mut files = checked.sources.iter();
    let (_, file) = files.find(|(_, file)| file.name == edit.file)?;
    let texts = BTreeMap::from([(edit.file.clone(), crate::fix::applied(&file.text, &edit)?)]);
    let after = checked_with(input, &texts, today);
    if !is_mended(checked, &after, finding) {
        return None;
    }
    let is_worse = checked
        .plan
        .as_ref()
        .zip(after.plan.as_ref())
        .is_some_and(|(old, new)| {
            let reader = diff::Reader {
                old: Texts::new(),
                new: Texts::new(),
                plan: &|_| None,
            };
            diff::compare(old, new, &Only::default(), &reader).reaches(diff::Level::Possible)
        });
    let offer = Offer {
        title: operation.to_string(),
        // Which of the spec's names was meant, no comparison shows where no mail could be followed before.
        applicability: if is_worse
            || takes_words_away(finding.check, operation)
            || demands_of_a_partner(operation)
            || (checked.plan.is_none() && is_another_name(finding.check, operation))
        {
            Applicability::Unsafe
        } else {
            Applicability::Safe
        },
        edits: vec![edit],
    };
    Some((
        offer,
        After {
            checked: after,
            texts,
        },
    ))
}

/// Whether an edit names another object than a slip of the pen would: with another number, or a new one.
fn is_another_name(check: Code, operation: &Operation) -> bool {
    let digits = |text: &str| {
        text.chars()
            .filter(char::is_ascii_digit)
            .collect::<String>()
    };
    check == Code::S001
        && match operation {
            Operation::Replace { old, text, .. } => digits(old) != digits(text),
            _ => true,
        }
}

/// Whether an edit demands TLS of a partner, of whom no spec says what it offers: where it has none, mail waits.
fn demands_of_a_partner(operation: &Operation) -> bool {
    let Operation::Set {
        object: Object::Partner(_),
        keys,
        ..
    } = operation
    else {
        return false;
    };
    keys.first().is_some_and(|key| key == "tls")
}

/// Whether an edit takes out what somebody wrote and meant. Mail may be the same without it, but whoever wrote it is to
/// decide; an entry of `ignore` that hides nothing has nobody to miss it.
fn takes_words_away(check: Code, operation: &Operation) -> bool {
    let removes = match operation {
        Operation::Remove { .. } | Operation::Unset { .. } => true,
        Operation::At { value, .. } => value.is_none(),
        Operation::Replace { .. }
        | Operation::Set { .. }
        | Operation::SetAll { .. }
        | Operation::Append { .. }
        | Operation::Item { .. }
        | Operation::Anew { .. }
        | Operation::AppendAt { .. }
        | Operation::Entry { .. } => false,
    };
    removes && check != Code::S013
}

/// Whether a finding is gone, and no other has come or become worse. What could not be looked at before may show more afterwards.
fn is_mended(before: &Checked, after: &Checked, finding: &Finding) -> bool {
    let same = |other: &&Finding| {
        other.check == finding.check
            && other.objects == finding.objects
            && other.message == finding.message
    };
    let count = |checked: &Checked| checked.findings.iter().filter(same).count();
    if count(after) >= count(before) {
        return false;
    }
    let is_new = |found: &&Finding| {
        found.severity > Severity::Note
            && found.accepted.is_none()
            && !before.findings.iter().any(|known| {
                known.check == found.check
                    && known.objects == found.objects
                    && known.severity >= found.severity
            })
    };
    let new = after.findings.iter().filter(is_new).count();
    match (&before.plan, &after.plan) {
        (Some(_), None) => false,
        (None, Some(_)) => true,
        (Some(_), Some(_)) | (None, None) => new == 0,
    }
}

/// Checks a spec with other texts for some of its files.
pub(crate) fn checked_with(
    input: &Input<'_>,
    texts: &BTreeMap<String, String>,
    today: Date,
) -> Checked {
    with_texts(input, texts, |input| check(input, today))
}

/// What comes of a spec with other texts for some of its files.
pub(super) fn with_texts<T>(
    input: &Input<'_>,
    texts: &BTreeMap<String, String>,
    look: impl FnOnce(&Input<'_>) -> T,
) -> T {
    let bytes = texts.get(input.name).map(String::as_bytes);
    look(&Input {
        name: input.name,
        bytes: bytes.unwrap_or(input.bytes),
        files: &Overlay {
            base: input.files,
            texts,
        },
    })
}

/// Files with other texts for some of them.
struct Overlay<'a> {
    base: &'a dyn Files,
    texts: &'a BTreeMap<String, String>,
}

impl Files for Overlay<'_> {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        match self.texts.get(path) {
            Some(text) => Ok(text.clone().into_bytes()),
            None => self.base.read(path),
        }
    }
}
