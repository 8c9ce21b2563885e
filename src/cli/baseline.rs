//! `check --baseline`: findings that were there before, and count no more.
//!
//! A finding is known by its check, its objects and the mail it concerns, never by a line. The file only shrinks: what is
//! mended leaves it, and what is new never comes in.

use crate::cli::failure::Failure;
use crate::compile::Checked;
use crate::finding::{Accepted, Code, Finding, Severity};
use crate::report::Report;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct Baseline {
    version: u32,
    findings: Vec<Known>,
}

/// A finding that was there before. The fingerprint decides; the rest is for people.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Known {
    check: String,
    objects: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    domains: Vec<String>,
    fingerprint: String,
}

impl Known {
    /// Whether a finding is this one, about more mail than it was: that is not known.
    fn has_grown_to(&self, finding: &Finding) -> bool {
        let objects = finding.objects.iter().map(ToString::to_string);
        !self.domains.is_empty()
            && self.check == finding.check.as_str()
            && objects.eq(self.objects.iter().cloned())
            && self
                .domains
                .iter()
                .all(|name| finding.domains.contains(name))
    }
}

/// Marks the findings that the file lists; with `write`, makes the file, or takes out of it what is mended.
pub(super) fn apply(
    checked: &mut Checked,
    spec: &str,
    file: &Path,
    write: bool,
) -> Result<(), Failure> {
    let prints = Report::new(spec, &checked.findings, &checked.sources, &[]).fingerprints();
    let old = read(file)?;
    let found: BTreeMap<&str, &Finding> = prints
        .iter()
        .map(String::as_str)
        .zip(&checked.findings)
        .collect();
    let kept: Vec<Known> = match &old {
        Some(old) => {
            let entries = old.findings.iter();
            let is_there = |known: &&Known| found.contains_key(known.fingerprint.as_str());
            entries.filter(is_there).cloned().collect()
        }
        None if write => found
            .iter()
            .filter(|(_, finding)| finding.accepted.is_none() && can_be_known(checked, finding))
            // A note makes no run fail, and those that list domains are other notes with each domain that is added.
            .filter(|(_, finding)| finding.severity != Severity::Note)
            .map(|(print, finding)| known(print, finding))
            .collect(),
        None => {
            return Err(
                Failure::new(format!("there is no file `{}`", file.display()))
                    .help("`--write-baseline` makes it"),
            );
        }
    };
    let mended: Vec<Known> = old
        .map(|old| old.findings)
        .unwrap_or_default()
        .into_iter()
        .filter(|known| !found.contains_key(known.fingerprint.as_str()))
        .collect();
    if write {
        store(file, &kept)?;
    }
    let is_known = |print: &str| kept.iter().any(|known| known.fingerprint == print);
    let marked: Vec<bool> = prints
        .iter()
        .zip(&checked.findings)
        .map(|(print, finding)| is_known(print) && can_be_known(checked, finding))
        .collect();
    for (finding, is_marked) in checked.findings.iter_mut().zip(marked) {
        if is_marked {
            finding.accepted.get_or_insert_with(|| Accepted {
                reason: format!("known: `{}` lists it", file.display()),
                until: None,
            });
        }
    }
    let mut stale: Vec<Known> = Vec::new();
    for known in mended {
        let open = checked
            .findings
            .iter_mut()
            .filter(|finding| finding.accepted.is_none());
        let mut grown = open.filter(|finding| known.has_grown_to(finding));
        let Some(finding) = grown.next() else {
            stale.push(known);
            continue;
        };
        let is_new = |name: &&String| !known.domains.contains(name);
        let new: Vec<String> = finding
            .domains
            .iter()
            .filter(is_new)
            .map(|name| format!("`{name}`"))
            .collect();
        let before = finding
            .help
            .take()
            .map_or_else(String::new, |help| help + "\n");
        finding.help = Some(format!(
            "{before}`{}` lists this finding without {}",
            file.display(),
            new.join(", ")
        ));
    }
    if !write {
        let stale = stale.iter().map(|known| {
            Finding::warning(
                Code::S013,
                format!(
                    "`{}` lists a finding of `{}`{} that is not there any more",
                    file.display(),
                    known.check,
                    match known.objects.as_slice() {
                        [] => String::new(),
                        objects => format!(" on {}", objects.join(", ")),
                    }
                ),
            )
            .help("`--write-baseline` takes it out")
        });
        checked.findings.extend(stale);
    }
    crate::finding::sort(&mut checked.findings);
    Ok(())
}

/// Mistakes that keep the spec from being understood stay: nothing is known of the mail flow then.
fn can_be_known(checked: &Checked, finding: &Finding) -> bool {
    checked.plan.is_some() || !finding.is_open_error()
}

fn known(print: &str, finding: &Finding) -> Known {
    Known {
        check: finding.check.to_string(),
        objects: finding.objects.iter().map(ToString::to_string).collect(),
        domains: finding.domains.clone(),
        fingerprint: print.to_owned(),
    }
}

fn read(file: &Path) -> Result<Option<Baseline>, Failure> {
    let shown = file.display();
    let text = match fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Failure::new(format!("cannot read `{shown}`: {error}"))),
    };
    let baseline: Option<Baseline> = serde_json::from_str(&text).ok();
    baseline
        .filter(|baseline| baseline.version == 1)
        .map(Some)
        .ok_or_else(|| {
            Failure::new(format!(
                "`{shown}` is no baseline that this version of mailtopo can read"
            ))
            .help("remove it; `--write-baseline` makes a new one")
        })
}

fn store(file: &Path, kept: &[Known]) -> Result<(), Failure> {
    let baseline = Baseline {
        version: 1,
        findings: kept.to_vec(),
    };
    // Texts and lists of texts always have a JSON form.
    let text = serde_json::to_string_pretty(&baseline).unwrap_or_default() + "\n";
    crate::cli::forms::replace(file, &text)
        .map_err(|error| Failure::new(format!("cannot write `{}`: {error}", file.display())))
}
