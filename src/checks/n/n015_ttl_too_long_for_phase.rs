//! # N015 ttl-too-long-for-phase
//!
//! ## What a clean result proves
//!
//! Where a change of MX records is staged, everybody sees the new ones within a day.
//!
//! ## Exact condition
//!
//! A domain has `mx_now` with another entry than `mx`, and the TTL of its MX records, as `records.ttl` declares it or as this spec writes it for the last stage, is
//! longer than a day.
//!
//! ## Severity
//!
//! warning: for so long after the change, and after going back, mail enters where it did before.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, mx_now: [mail.old.example], dns: external, records: {mx: [10 mail.old.example], txt: ["v=spf1 ip4:192.0.2.10 -all"], ttl: 604800}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, mx_now: [mail.old.example], dns: external, records: {mx: [10 mail.old.example], txt: ["v=spf1 ip4:192.0.2.10 -all"], ttl: 3600}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1912#section-2.2>

use crate::checks::Run;
use crate::dns::changes_entry;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{DnsManagement, Purpose};
use crate::values::OwnerName;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Seconds that a step of a runbook may wait.
const DAY: u32 = 86_400;

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in &topology.domains {
        let Some(now) = domain.mx_now.as_ref().filter(|_| changes_entry(topology, domain)) else {
            continue;
        };
        let (ttl, span) = match &domain.dns {
            DnsManagement::External(records) => match &records.ttl {
                Some(at) => (at.value, at.span),
                None => continue,
            },
            DnsManagement::Managed => {
                let owner = OwnerName::from(domain.name.clone());
                (topology.ttl(&owner, Some(Purpose::Mx)), now.span)
            }
            DnsManagement::None => continue,
        };
        if ttl <= DAY {
            continue;
        }
        findings.push(
            Finding::warning(
                Code::N015,
                format!(
                    "the MX records of `{}` are kept for {} hours, and its mail enters at the old place for so long after the change",
                    domain.name,
                    ttl / 3600
                ),
            )
            .at(span, "")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!("lower the TTL {} hours before the change, and write the lower one here", ttl / 3600)),
        );
    }
}
