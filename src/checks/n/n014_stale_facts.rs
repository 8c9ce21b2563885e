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

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Days after which records of others are looked up again.
const LONGEST: i64 = 180;

fn run(plan: &Plan, findings: &mut Findings) {
    let facts = &plan.topology.facts;
    let (Some(gathered), Some(today)) = (&facts.gathered, plan.today) else {
        return;
    };
    if facts.records.is_empty() && facts.published.is_none() {
        return;
    }
    let age = today.days().saturating_sub(gathered.value.days());
    let message = if age > LONGEST {
        format!("the facts were gathered {age} days ago, and records of others change")
    } else if age < 0 {
        format!("the facts were gathered on {}, which is after the day of this run", gathered.value)
    } else {
        return;
    };
    findings.push(
        Finding::warning(Code::N014, message)
            .at(gathered.span, "")
            .help("gather them again, and write the day"),
    );
}
