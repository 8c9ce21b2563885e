//! # N003 parked-not-closed
//!
//! ## What a clean result proves
//!
//! A parked name that others publish is closed: nobody receives with it, and receivers refuse what is sent in its name.
//!
//! ## Exact condition
//!
//! A domain is `parked` and has `dns: external`, and what `records` declares is not a null MX, the SPF record `v=spf1 -all`, or
//! a DMARC record with `p=reject`. What is not declared is not known.
//!
//! ## Severity
//!
//! warning: others can send in the name of the domain.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso.example: {parked: true, dns: external, records: {mx: ["0 ."], txt: []}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso.example: {parked: true, dns: external, records: {mx: ["0 ."], txt: ["v=spf1 -all"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7505#section-3>
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-10.1.2>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::write::changes::wanted;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::Sending;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for wanted in wanted(plan) {
        let domain = wanted.domain;
        let missing = wanted.missing(&plan.topology);
        let names: Vec<String> = missing.iter().map(|(owner, kind)| format!("{kind} {owner}")).collect();
        if domain.sending != Sending::Parked || names.is_empty() {
            continue;
        }
        findings.push(
            Finding::warning(
                Code::N003,
                format!(
                    "`{}` is parked and not closed: it lacks {}",
                    domain.name,
                    listed(names.iter().map(String::as_str))
                ),
            )
            .at(domain.span, "")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!("have its owner publish what `dns/changes/{}.md` lists", domain.name)),
        );
    }
}
