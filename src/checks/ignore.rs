//! Findings that are known and accepted: what an entry of `ignore` hides, and when it is itself a finding.
//!
//! An entry names a check and an object, never a line or a text. One that was hiding something when it was written and
//! hides nothing now is worse than none: the next finding it happens to match would go unseen.

use crate::checks::{Check, find, nearest};
use crate::finding::{Accepted, Code, Finding, Findings, Severity};
use crate::topology::Ignore;
use crate::values::Date;

/// The entries of `ignore`, and which of them have met a finding.
pub struct Acceptance<'a> {
    active: Vec<(&'a Ignore, &'static Check, bool)>,
    stale: Vec<Finding>,
}

impl<'a> Acceptance<'a> {
    /// The entries that are in force on a day.
    pub fn of(ignores: &'a [Ignore], today: Date) -> Self {
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
                Ok(check) => acceptance.active.push((entry, check, false)),
            }
        }
        acceptance
    }

    /// Marks the findings that are accepted. Every finding must pass here before any is muted: an entry whose finding is
    /// muted for another cause today is not stale.
    pub fn mark(&mut self, findings: &mut Findings) {
        for finding in findings.iter_mut() {
            for (entry, check, used) in &mut self.active {
                if hides(entry, check, finding) {
                    *used = true;
                    let reason = entry.reason.as_ref();
                    finding.accepted.get_or_insert_with(|| Accepted {
                        reason: reason.map_or_else(String::new, |at| at.value.clone()),
                        until: entry.until.map(|until| until.value.to_string()),
                    });
                }
            }
        }
    }

    /// What is to be said about the entries themselves, once every finding was marked.
    pub fn stale(self) -> Vec<Finding> {
        let mut stale = self.stale;
        let unused = self.active.iter().filter(|(_, _, used)| !used);
        stale.extend(unused.map(|(entry, check, _)| hides_nothing(entry, check)));
        stale
    }
}

fn hides(entry: &Ignore, check: &Check, finding: &Finding) -> bool {
    finding.check == check.code
        && entry.on.as_ref().is_none_or(|on| {
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
            Some(near) => finding.help(format!("did you mean `{near}`?")),
            None => finding.help("name a check by its code, such as `check: R005`"),
        }));
    };
    if check.can_be_ignored() {
        return Ok(check);
    }
    Err(Box::new(
        Finding::warning(
            Code::S013,
            format!(
                "findings of `{}` ({}) cannot be ignored, so this entry hides nothing",
                check.code, check.name
            ),
        )
        .at(entry.check.span, "")
        .help("delete this entry and mend what is found"),
    ))
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
        .help("mend what is found and delete this entry, or write a later day"),
    )
}

fn hides_nothing(entry: &Ignore, check: &Check) -> Finding {
    let on = entry.on.as_ref().map_or(String::new(), |on| {
        on.value
            .first()
            .map_or(String::new(), |object| format!(" on `{object}`"))
    });
    Finding::warning(
        Code::S013,
        format!(
            "there is no finding of `{}` ({}){on}, so this entry hides nothing",
            check.code, check.name
        ),
    )
    .at(entry.span, "")
    .help("delete this entry")
}
