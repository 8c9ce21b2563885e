//! # N014 stale-facts
//!
//! ## What a clean result proves
//!
//! What rests on records and addresses of others rests on such as were gathered lately.
//!
//! ## Exact condition
//!
//! The facts were gathered more than 180 days before the day of the run, or after it, and hold records of others or
//! published addresses.
//!
//! ## Severity
//!
//! warning: records of others change, and what was proved may no longer be so.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {b1: b1.bulk.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulk.example"}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-01-20
//! records:
//!   spf.bulk.example: {txt: ["v=spf1 ip4:198.51.100.0/28 -all"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {b1: b1.bulk.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulk.example"}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.bulk.example: {txt: ["v=spf1 ip4:198.51.100.0/28 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-5.2>
//! - <https://learn.microsoft.com/microsoft-365/enterprise/microsoft-365-ip-web-service>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::plan::Plan;
use crate::source::At;
use crate::topology::ForeignNames;
use crate::values::Date;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Days after which records of others are looked up again.
const LONGEST: i64 = 180;

fn run(plan: &Plan, findings: &mut Findings) {
    let facts = &plan.topology.facts;
    let (Some(gathered), Some(today)) = (&facts.gathered, plan.today) else {
        return;
    };
    let has_own = |records: &&ForeignNames| records.date.is_some();
    // A name that was asked for on a day of its own is as old as that day says.
    if facts.published.is_some() || facts.records.values().any(|records| !has_own(&records)) {
        let about = "the facts were gathered".to_owned();
        findings.extend(finding(about, gathered, today));
    }
    for (name, records) in &facts.records {
        if let Some(date) = &records.date {
            let about = format!("`{name}` was asked for");
            findings.extend(finding(about, date, today));
        }
    }
}

fn finding(about: String, day: &At<Date>, today: Date) -> Option<Finding> {
    let age = today.days().saturating_sub(day.value.days());
    let message = match age {
        ..0 => format!("{about} on {}, which is after the day of this run", day.value),
        0..=LONGEST => return None,
        age => format!("{about} {age} days ago, and records of others change"),
    };
    let finding = Finding::warning(Code::N014, message).at(day.span, "");
    Some(finding.help("gather them again, and write the day"))
}
