//! Findings that are known and accepted: what an entry of `ignore` hides, and when it is itself a finding.
//!
//! An entry names a check and an object, never a line or a text. One that was hiding something when it was written and
//! hides nothing now is worse than none: the next finding it happens to match would go unseen.

use crate::checks::{Check, REFUSED, Run, find, nearest};
use crate::finding::{Accepted, Code, Finding, Findings, Operation, Severity};
use crate::topology::Ignore;
use crate::values::{Date, shown};
use std::collections::BTreeSet;

/// The entries of `ignore`, and which of them have met a finding.
pub(crate) struct Acceptance<'a> {
    active: Vec<Entry<'a>>,
    stale: Vec<Finding>,
}

/// An entry that is in force.
struct Entry<'a> {
    written: &'a Ignore,
    check: &'static Check,
    used: bool,
    /// It names a finding about an object that no product takes.
    refused: bool,
    /// What the findings of its check are about, for an entry that names another object.
    others: BTreeSet<String>,
}

impl<'a> Acceptance<'a> {
    /// The entries that are in force on a day.
    pub(crate) fn of(ignores: &'a [Ignore], today: Date) -> Self {
        let mut acceptance = Self {
            active: Vec::new(),
            stale: Vec::new(),
        };
        // An entry without a reason was refused when it was read, and accepts nothing.
        for entry in ignores.iter().filter(|entry| entry.reason.is_some()) {
            match usable(entry) {
                Err(finding) => acceptance.stale.push(*finding),
                Ok(_) if entry.until.is_some_and(|until| until.value < today) => {
                    acceptance.stale.extend(passed(entry));
                }
                Ok(check) => acceptance.active.push(Entry {
                    written: entry,
                    check,
                    used: false,
                    refused: false,
                    others: BTreeSet::new(),
                }),
            }
        }
        acceptance
    }

    /// Marks the findings that are accepted. Every finding must pass here before any is muted: an entry whose finding is
    /// muted for another cause today is not stale.
    pub(crate) fn mark(&mut self, findings: &mut Findings) {
        findings.each(|finding| {
            for entry in &mut self.active {
                if finding.check != entry.check.code {
                    continue;
                }
                if !is_about(finding, entry.written) {
                    entry
                        .others
                        .extend(finding.objects.iter().map(ToString::to_string));
                    continue;
                }
                if REFUSED.contains(&finding.check) && finding.withholds.is_empty() {
                    entry.refused = true;
                    continue;
                }
                entry.used = true;
                let reason = entry.written.reason.as_ref();
                finding.accepted.get_or_insert_with(|| Accepted {
                    reason: reason.map_or_else(String::new, |at| at.value.clone()),
                    until: entry.written.until.map(|until| until.value.to_string()),
                });
            }
        });
    }

    /// What is to be said about the entries themselves, once every finding was marked.
    pub(crate) fn stale(self) -> Vec<Finding> {
        let mut stale = self.stale;
        // What exists is looked at by `drift` alone.
        let compares = |entry: &&Entry<'_>| matches!(entry.check.run, Run::Comparing);
        let unused = self.active.iter();
        let unused = unused.filter(|entry| !entry.used && !compares(entry));
        stale.extend(unused.map(hides_nothing));
        stale
    }
}

fn is_about(finding: &Finding, entry: &Ignore) -> bool {
    entry.on.as_ref().is_none_or(|on| {
        on.value
            .iter()
            .any(|object| finding.objects.contains(object))
    })
}

/// The check that an entry names, unless there is none or it cannot be ignored.
fn usable(entry: &Ignore) -> Result<&'static Check, Box<Finding>> {
    let written = &entry.check.value;
    let Some(check) = find(written) else {
        let finding = Finding::warning(
            Code::S013,
            format!("there is no check `{written}`, so this entry hides nothing"),
        )
        .at(entry.check.span, "");
        return Err(Box::new(match nearest(written) {
            Some(near) => finding.mend(Operation::replace(
                entry.check.span,
                written,
                near.to_string(),
            )),
            None => finding.help("name a check by its code, such as `check: R005`"),
        }));
    };
    if check.can_be_ignored() {
        return Ok(check);
    }
    Err(Box::new(in_vain(entry, check)))
}

fn in_vain(entry: &Ignore, check: &Check) -> Finding {
    Finding::warning(
        Code::S013,
        format!(
            "findings of `{}` ({}) cannot be ignored, so this entry hides nothing",
            check.code, check.name
        ),
    )
    .at(entry.check.span, "")
    .help("delete this entry and mend what is found")
    .fix(Operation::Remove { span: entry.span })
}

fn passed(entry: &Ignore) -> Option<Finding> {
    let until = entry.until?;
    Some(
        Finding::new(
            Code::S014,
            Severity::Warning,
            format!("`{}` was to be ignored until {}, and that day has passed: the entry hides nothing any more", entry.check.value, until.value),
        )
        .at(until.span, "in the past")
        .help("mend what is found and delete this entry, or write a later day")
        .fix(Operation::Remove { span: entry.span }),
    )
}

fn hides_nothing(entry: &Entry<'_>) -> Finding {
    let (written, check) = (entry.written, entry.check);
    if entry.refused {
        return in_vain(written, check);
    }
    let on = written.on.as_ref().and_then(|on| on.value.first());
    let on = on.map_or_else(String::new, |object| {
        format!(" on {}", shown(&object.to_string()))
    });
    let others: Vec<String> = entry
        .others
        .iter()
        .take(3)
        .map(|object| shown(&format!("on: {object}")))
        .collect();
    let finding = Finding::warning(
        Code::S013,
        format!(
            "there is no finding of `{}` ({}){on}, so this entry hides nothing",
            check.code, check.name
        ),
    )
    .at(written.span, "")
    .help(if others.is_empty() {
        "remove this entry: nothing of this kind is found".to_owned()
    } else {
        format!(
            "name what the finding is about: write {}",
            others.join(" or ")
        )
    });
    if entry.others.is_empty() {
        finding.fix(Operation::Remove { span: written.span })
    } else {
        finding
    }
}
