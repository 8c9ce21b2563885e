//! # U005 spf-plus-all
//!
//! ## What a clean result proves
//!
//! No SPF record lets others pass.
//!
//! ## Exact condition
//!
//! A declared SPF record, or terms in `spf` of a location or partner, let all senders pass by `+all` or half of all IPv4 addresses;
//! or they name more than 2^20 addresses, or private ones.
//!
//! ## Severity
//!
//! error: others send in the name of the domain, and receivers believe them. warning where the networks are only wide, or private.
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
//!     records: {mx: [10 mail.contoso.com], txt: ["v=spf1 ip4:192.0.2.10 +all"]}
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
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-5.1>

use crate::checks::Run;
use crate::checks::spf_records::place;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::publish::declared_records;
use crate::source::Span;
use crate::spf::{Mechanism, Qualifier, Term};
use crate::topology::{DnsManagement, Topology};
use crate::values::Network;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Bits of addresses that are wide, and that are half of all.
const WIDE: u32 = 20;
const HALF: u32 = 31;

fn run(plan: &Plan, findings: &mut Findings) {
    for (text, span, object) in texts(&plan.topology) {
        if let Some((severity, message)) = fault(text) {
            findings.push(
                Finding::new(Code::U005, severity, message)
                    .at(span, "")
                    .on(object)
                    .help("name the addresses that mail leaves from, and no others"),
            );
        }
    }
}

/// Every record or part of one that somebody wrote by hand, and whose it is.
fn texts(topology: &Topology) -> Vec<(&str, Span, Object)> {
    let mut found = Vec::new();
    for domain in &topology.domains {
        if let DnsManagement::External(records) = &domain.dns {
            for text in declared_records(records) {
                found.push((text, place(domain), Object::Domain(domain.name.to_string())));
            }
        }
    }
    for location in &topology.locations {
        if let Some(at) = &location.spf {
            found.push((at.value.as_str(), at.span, Object::Location(location.name.clone())));
        }
    }
    for partner in &topology.partners {
        if let Some(at) = &partner.spf {
            found.push((at.value.as_str(), at.span, Object::Partner(partner.name.clone())));
        }
    }
    found
}

fn fault(text: &str) -> Option<(Severity, String)> {
    let mut addresses: u64 = 0;
    let mut private = None;
    for term in text.split_ascii_whitespace().filter_map(Term::parse) {
        match (term.qualifier, &term.mechanism) {
            (Qualifier::Pass, Mechanism::All) => {
                let message = format!("`{}` lets the whole Internet send with this name", term.text);
                return Some((Severity::Error, message));
            }
            (_, Mechanism::All) => break,
            (Qualifier::Pass, Mechanism::Ip(network)) => {
                if network.addr().is_ipv4() {
                    let bits = u32::from(network.max_prefix_len() - network.prefix_len());
                    addresses = addresses.saturating_add(1 << bits);
                }
                if Network::from(*network).is_private() {
                    private = Some(term.text.clone());
                }
            }
            _ => {}
        }
    }
    if addresses >= 1 << HALF {
        return Some((
            Severity::Error,
            "its terms let half of all IPv4 addresses send with this name".to_owned(),
        ));
    }
    if addresses > 1 << WIDE {
        return Some((
            Severity::Warning,
            format!("its terms let {addresses} addresses send with this name"),
        ));
    }
    private.map(|term| {
        (
            Severity::Warning,
            format!("`{term}` is private: no receiver ever sees mail from there, and whoever has the same addresses passes in his own network"),
        )
    })
}
