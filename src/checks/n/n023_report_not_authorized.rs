//! # N023 report-not-authorized
//!
//! ## What a clean result proves
//!
//! Whoever gets DMARC reports about a domain has agreed to it.
//!
//! ## Exact condition
//!
//! The DMARC record that the spec gives a domain names a report address in another organization, and neither the spec nor the
//! facts say that the record is there by which that organization agrees. Of a domain of the spec whose records others keep,
//! `records.below` says it, and `dns/changes` lists the record; where its records are written from here, so is this one.
//!
//! ## Severity
//!
//! note: a task for the owner of the other domain. Warning where the record is known to be missing: no report is sent.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dmarc: {policy: none, rua: ["mailto:contoso@reports.example"]}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dmarc: {policy: none, rua: ["mailto:contoso@reports.example"]}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   contoso.com._report._dmarc.reports.example: {txt: [v=DMARC1]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-7.1>

use crate::checks::Run;
use crate::dns::foreign_reports;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (receiver, senders) in foreign_reports(plan) {
        for missing in [false, true] {
            let agreed = missing.then_some(false);
            let of_kind = senders.iter().filter(|one| one.agreed == agreed);
            let of_kind: Vec<_> = of_kind.collect();
            let Some(first) = of_kind.first() else {
                continue;
            };
            let others = match of_kind.len() - 1 {
                0 => String::new(),
                1 => ", and the same for one other domain".to_owned(),
                n => format!(", and the same for {n} other domains"),
            };
            let finding = if missing {
                Finding::warning(
                    Code::N023,
                    format!("`{receiver}` does not agree to reports about `{}`, by what is known of its records: none are sent", first.domain),
                )
            } else {
                Finding::note(
                    Code::N023,
                    format!("reports about `{}` go to `{receiver}`, which has to agree to them", first.domain),
                )
            };
            let finding = finding.at(first.span, "reports are wanted here");
            let finding = of_kind.iter().take(20).fold(finding, |finding, one| {
                finding.on(Object::Domain(one.domain.to_string()))
            });
            let domain = first.domain;
            let finding = finding.domains(of_kind.iter().map(|one| one.domain.to_string()));
            let record = format!("{domain}._report._dmarc.{receiver}");
            findings.push(finding.help(match first.told {
                Some(told) => format!(
                    "have the record `{record}` published, which `dns/changes/{}.md` lists{others}, and declare it in `records.below` of `{}`",
                    told.name, told.name
                ),
                None => format!("have its owner publish `{record}. IN TXT \"v=DMARC1;\"`{others}"),
            }));
        }
    }
}
