//! # U022 spf-too-long
//!
//! ## What a clean result proves
//!
//! SPF records, and all text at their names, fit into the answers that every resolver passes on.
//!
//! ## Exact condition
//!
//! An SPF record that is written or declared has more than 450 octets, or all text records of its name have more than 1,232 together.
//!
//! ## Severity
//!
//! note: a record of more than 450 octets may not fit into an answer of 512. warning where all text of the name does not fit into 1,232 octets, the usual size of an answer by UDP.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.1, 192.0.2.3, 192.0.2.5, 192.0.2.7, 192.0.2.9, 192.0.2.11, 192.0.2.13, 192.0.2.15, 192.0.2.17, 192.0.2.19, 192.0.2.21, 192.0.2.23, 192.0.2.25, 192.0.2.27, 192.0.2.29, 192.0.2.31, 192.0.2.33, 192.0.2.35, 192.0.2.37, 192.0.2.39, 192.0.2.41, 192.0.2.43, 192.0.2.45, 192.0.2.47, 192.0.2.49, 192.0.2.51, 192.0.2.53, 192.0.2.55, 192.0.2.57, 192.0.2.59, 192.0.2.61, 192.0.2.63, 192.0.2.65, 192.0.2.67, 192.0.2.69, 192.0.2.71, 192.0.2.73, 192.0.2.75, 192.0.2.77, 192.0.2.79]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
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
//!     egress: [192.0.2.0/25]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-3.4>

use crate::checks::Run;
use crate::checks::spf_records::{about, place};
use crate::dns::{RData, Zone};
use crate::finding::{Code, Finding, Findings, Severity};
use crate::publish::{GOOD_LENGTH, Published, declared_records};
use crate::topology::{DnsManagement, DomainId};
use crate::walk::Flows;
use std::collections::{BTreeMap, HashMap};

pub(in crate::checks) const RUN: Run = Run::Published(run);

/// Octets of all text of a name.
const MOST: usize = 1232;

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let plan = flows.model.plan;
    let topology = &plan.topology;
    let texts = texts(&plan.zones);
    let mut found: BTreeMap<(bool, usize), Vec<DomainId>> = BTreeMap::new();
    for (id, domain) in topology.domains() {
        let (record, all) = if let DnsManagement::External(records) = &domain.dns {
            let all = records.txt.iter().flatten().map(|at| at.value.len()).sum();
            let record = declared_records(records).into_iter().map(str::len).max();
            (record.unwrap_or_default(), all)
        } else if let Some(record) = published.record(id) {
            let beside = texts.get(domain.name.as_str()).copied().unwrap_or_default();
            (record.len(), record.len() + beside)
        } else {
            continue;
        };
        if all > MOST {
            found.entry((true, all)).or_default().push(id);
        } else if record > GOOD_LENGTH {
            found.entry((false, record)).or_default().push(id);
        }
    }
    for ((all, octets), domains) in found {
        let Some(first) = domains.first().map(|id| topology.domain(*id)) else {
            continue;
        };
        let others = match domains.len() {
            1 => String::new(),
            n => format!(" (and of {} more)", n - 1),
        };
        let (severity, message) = if all {
            (
                Severity::Warning,
                format!("all text records of `{}`{others} have {octets} octets together, more than the {MOST} of a usual answer by UDP", first.name),
            )
        } else {
            (
                Severity::Note,
                format!("the SPF record of `{}`{others} has {octets} octets, more than the {GOOD_LENGTH} that fit into every answer", first.name),
            )
        };
        let finding = Finding::new(Code::U022, severity, message).at(place(first), "");
        findings.push(about(finding, topology, &domains).help(
            "write `spf: {split: true}` under `dns`, which puts the networks into records of their own, or networks in place of single addresses",
        ));
    }
}

/// The octets of all text records of each name, but for those that are made from the mail flow.
fn texts(zones: &[Zone]) -> HashMap<&str, usize> {
    let mut octets = HashMap::new();
    for (key, set) in zones.iter().flat_map(|zone| zone.sets.iter()) {
        for record in &set.records {
            if let RData::Txt(text) = &record.data {
                *octets.entry(key.owner.as_str()).or_default() += text.len();
            }
        }
    }
    octets
}
