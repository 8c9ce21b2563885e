//! What makes a finding the same finding in the next run: its check, its objects and the mail it concerns, never a line.

use crate::finding::Finding;
use crate::report::Report;
use crate::values::hex;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// One fingerprint per finding, in their order, each only once.
pub(super) fn fingerprints(report: &Report<'_>) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let mut all = Vec::new();
    for finding in report.findings {
        let print = fingerprint(report, finding);
        let number = seen.entry(print.clone()).or_insert(0);
        *number += 1;
        all.push(if *number == 1 {
            print
        } else {
            format!("{print}-{number}")
        });
    }
    all
}

fn fingerprint(report: &Report<'_>, finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let mut add = |part: &str| {
        hash.update(part.as_bytes());
        hash.update([0]);
    };
    add(finding.check.as_str());
    for object in &finding.objects {
        add(&object.to_string());
    }
    for domain in &finding.domains {
        add(domain);
    }
    // A mistake in the writing belongs to no object: its file and its words are all there is.
    if finding.objects.is_empty() && finding.domains.is_empty() {
        add(&report.in_repository(finding).0);
        add(&finding.message);
    }
    hex(hash.finalize().iter().take(16))
}
