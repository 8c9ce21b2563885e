//! # U019 dkim-target-foreign
//!
//! ## What a clean result proves
//!
//! No selector points into a zone whose name is that of the signer's, misspelt.
//!
//! ## Exact condition
//!
//! Two selectors of a signer point into zones whose registered names differ by one or two letters.
//!
//! ## Severity
//!
//! warning: one of the two is probably misspelt, and a signature with its selector cannot be verified.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {s1: s1.dkim.bulkmail.example, s2: s2.dkim.bulkmial.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulkmail.example"}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {s1: s1.dkim.bulkmail.example, s2: s2.dkim.bulkmail.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulkmail.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc6376#section-3.6.2.1>

use crate::checks::Run;
use crate::checks::spf_records::about;
use crate::finding::{Code, Finding, Findings, distance};
use crate::plan::Plan;
use crate::topology::{Dkim, DkimKey};
use crate::values::DomainName;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Letters by which a misspelt name differs.
const SLIPS: usize = 2;

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for (id, domain) in topology.domains() {
        let Dkim::Signers(signers) = &domain.dkim else {
            continue;
        };
        for signer in signers {
            // By the zone they point into, how many do.
            let mut zones: BTreeMap<String, usize> = BTreeMap::new();
            let mut targets = Vec::new();
            for (selector, key) in &signer.selectors {
                let DkimKey::Target(target) = key else { continue };
                let Ok(name) = DomainName::parse(&plain(target)) else {
                    continue;
                };
                let zone = name.registrable().to_string();
                *zones.entry(zone.clone()).or_default() += 1;
                targets.push((selector, zone));
            }
            for (selector, zone) in targets {
                let own = zones.get(&zone).copied().unwrap_or_default();
                let others = zones.iter().filter(|(other, count)| **other != zone && (**count, other.as_str()) > (own, zone.as_str()));
                let others = others.map(|(other, _)| (distance(&zone, other), other));
                let Some((_, near)) = others.filter(|(edits, _)| *edits <= SLIPS).min() else {
                    continue;
                };
                let finding = Finding::warning(
                    Code::U019,
                    format!("the selector `{}` of `{}` points into `{zone}`, and another of the same signer into `{near}`", selector.value, domain.name),
                )
                .at(selector.span, "");
                findings.push(about(finding, topology, &[id]).help(format!("if one of them is misspelt, write `{near}` or `{zone}` in both")));
            }
        }
    }
}

/// A target without the labels that no host has.
fn plain(target: &str) -> String {
    let labels = target.split('.').filter(|label| !label.starts_with('_'));
    labels.collect::<Vec<_>>().join(".")
}
