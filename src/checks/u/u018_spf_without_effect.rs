//! # U018 spf-without-effect
//!
//! ## What a clean result proves
//!
//! Every SPF record that is declared says what becomes of all other senders.
//!
//! ## Exact condition
//!
//! A declared SPF record has neither `all` nor `redirect`, or ends in `?all`. Or it lets nobody pass, mail of the domain is sent, and nobody knows
//! from which addresses; where they are known, U001 names them. Besides, it has the term `ptr`.
//!
//! ## Severity
//!
//! warning: without an end all other senders are neutral, and others may send in the name of the domain. error where it lets nobody pass.
//! note for `ptr`, which is not to be published: it is slow, and large receivers leave it out.
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
//! - `ptr`: <https://www.rfc-editor.org/rfc/rfc7208#section-5.5>

use crate::checks::Run;
use crate::checks::spf_records::{about, place};
use crate::dns::write::changes::widened;
use crate::finding::{Code, Finding, Findings};
use crate::publish::{Published, declared_records};
use crate::spf::{Mechanism, Qualifier, Record};
use crate::publish::verdict::SpfLeg;
use crate::topology::{DnsManagement, Domain, DomainId};
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    // Of addresses that are known U001 speaks.
    let known = published.judged.iter().filter(|judged| {
        let proof = judged.proof.as_ref();
        proof.is_some_and(|proof| matches!(proof.spf, SpfLeg::Fails(_)))
    });
    let known: BTreeSet<DomainId> = known.flat_map(|judged| judged.domains.iter().copied()).collect();
    for (id, domain) in topology.domains() {
        let Some((text, record)) = declared(domain) else {
            continue;
        };
        let name = &domain.name;
        if record.terms.iter().any(|term| matches!(term.mechanism, Mechanism::Ptr(_))) {
            let words = format!("the SPF record of `{name}` has `ptr`, which many receivers do not evaluate: what passes by it alone may fail");
            let finding = Finding::note(Code::U018, words).at(place(domain), "");
            findings.push(about(finding, topology, &[id]).help("have `ptr` taken out, and the addresses or hosts named that it stands for"));
        }
        let leaves = published.egress.of_domain(id).any(|exit| exit.outside);
        let finding = if leaves && lets_nobody_pass(&record) && !known.contains(&id) {
            Finding::error(
                Code::U018,
                format!("the SPF record of `{name}` lets nobody pass, and mail with this name is sent: SPF fails for all of it"),
            )
            .help(match published.asked_for(topology, name.as_str()).and_then(|new| widened(text, new)) {
                Some(record) => format!("have `{name} TXT {record}` published, and declare it in `records`"),
                None => "say what addresses it leaves from, and have a record published that lets them pass".to_owned(),
            })
        } else if is_open(&record) {
            Finding::warning(
                Code::U018,
                format!("the SPF record of `{name}` {}, so that it says nothing of other senders", if ends(&record).is_some() { "ends in `?all`" } else { "ends without `all`" }),
            )
            .help("have it end in `-all`")
        } else {
            continue;
        };
        findings.push(about(finding.at(place(domain), ""), topology, &[id]));
    }
}

/// The one record that is declared, where it can be read.
fn declared(domain: &Domain) -> Option<(&str, Record)> {
    let DnsManagement::External(records) = &domain.dns else {
        return None;
    };
    match declared_records(records).as_slice() {
        [one] => Some((*one, Record::parse(one).ok()?)),
        _ => None,
    }
}

fn lets_nobody_pass(record: &Record) -> bool {
    let passes = |qualifier| qualifier == Qualifier::Pass;
    record.redirect.is_none() && !record.terms.iter().any(|term| passes(term.qualifier))
}

fn is_open(record: &Record) -> bool {
    match ends(record) {
        Some(qualifier) => qualifier == Qualifier::Neutral,
        None => record.redirect.is_none(),
    }
}

/// What the record says of everyone whom no term before names.
fn ends(record: &Record) -> Option<Qualifier> {
    let all = record.terms.iter().find(|term| term.mechanism == Mechanism::All);
    all.map(|term| term.qualifier)
}
