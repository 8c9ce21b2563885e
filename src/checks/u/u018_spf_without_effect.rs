//! # U018 spf-without-effect
//!
//! ## What a clean result proves
//!
//! Every SPF record that is declared says what becomes of all other senders.
//!
//! ## Exact condition
//!
//! A declared SPF record has neither `all` nor `redirect`.
//!
//! ## Severity
//!
//! warning: without an end all other senders are neutral, and others may send in the name of the domain.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records: {mx: [10 mail.contoso.com], txt: ["v=spf1 ip4:192.0.2.10"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com:
//!     mailboxes: box
//!     mx: box
//!     dns: external
//!     records: {mx: [10 mail.contoso.com], txt: ["v=spf1 ip4:192.0.2.10 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.7>

use crate::checks::Run;
use crate::checks::spf_records::{about, place};
use crate::finding::{Code, Finding, Findings};
use crate::plan::Plan;
use crate::publish::declared_records;
use crate::spf::{Mechanism, Record};
use crate::topology::{DnsManagement, Domain};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for (id, domain) in topology.domains() {
        if !is_open(domain) {
            continue;
        }
        let finding = Finding::warning(
            Code::U018,
            format!("the SPF record of `{}` ends without `all`, so that it says nothing of other senders", domain.name),
        )
        .at(place(domain), "");
        findings.push(about(finding, topology, &[id]).help("have `-all` added at its end"));
    }
}

/// Whether the one record that is declared has no end.
fn is_open(domain: &Domain) -> bool {
    let DnsManagement::External(records) = &domain.dns else {
        return false;
    };
    let texts = declared_records(records);
    let [one] = texts.as_slice() else {
        return false;
    };
    Record::parse(one).is_ok_and(|record| {
        let ends = |mechanism: &Mechanism| *mechanism == Mechanism::All;
        record.redirect.is_none() && !record.terms.iter().any(|term| ends(&term.mechanism))
    })
}
