//! Findings that are known and accepted: what an entry of `ignore` hides, and when it is itself a finding.
//!
//! An entry names a check and an object, never a line or a text. One that was hiding something when it was written and
//! hides nothing now is worse than none: the next finding it happens to match would go unseen.

use crate::checks::{Check, find, nearest};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::topology::Ignore;
use crate::values::Date;

/// Takes away what the entries hide, and adds what is to be said about the entries.
pub fn apply(ignores: &[Ignore], today: Date, findings: &mut Findings) {
    let mut said = Vec::new();
    let mut active: Vec<(&Ignore, &Check, bool)> = Vec::new();
    // An entry without a reason was refused when it was read, and accepts nothing.
    for entry in ignores.iter().filter(|entry| entry.reason.is_some()) {
        match usable(entry) {
            Err(finding) => said.push(*finding),
            Ok(_) if entry.until.is_some_and(|until| until.value < today) => {
                said.extend(passed(entry));
            }
            Ok(check) => active.push((entry, check, false)),
        }
    }
    findings.retain(|finding| {
        let mut hidden = false;
        for (entry, check, used) in &mut active {
            if hides(entry, check, finding) {
                *used = true;
                hidden = true;
            }
        }
        !hidden
    });
    let unused = active.iter().filter(|(_, _, used)| !used);
    said.extend(unused.map(|(entry, check, _)| hides_nothing(entry, check)));
    findings.extend(said);
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
