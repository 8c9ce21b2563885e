//! # N025 tlsa-roll-over
//!
//! ## What a clean result proves
//!
//! The TLSA records of a host fit the key that it shows, also when the certificate is renewed.
//!
//! ## Exact condition
//!
//! A domain with `dane: true` has an MX host of ours whose certificate ends within 30 days, and no `next` says which key will follow. Or
//! declared TLSA records (`records.below`) or those of the facts, for a host of ours whose certificate is known, fit neither it nor, with
//! usage 2, one of those that stand behind it in its file.
//!
//! ## Severity
//!
//! warning where the key may change and nobody has published the next one. Error where the records fit no key: senders with DANE do not deliver.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: {names: [mail.contoso.com], not_after: 2026-12-10}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dane: true}
//! dns:
//!   dnssec: {contoso.com: true}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: {names: [mail.contoso.com], not_after: 2026-12-10, next: next.pem}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dane: true}
//! dns:
//!   dnssec: {contoso.com: true}
//! ```
//!
//! ```text file=next.pem
//! -----BEGIN PUBLIC KEY-----
//! MCowBQYDK2VwAyEAiGWqT7ukX4Qc0+3u9gN+U/aOA09WouXOFDL7az7RTB8=
//! -----END PUBLIC KEY-----
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7671#section-8.1>

use crate::checks::Run;
use crate::dns::enforced::{associations, fits_a_key, keys};
use crate::dns::exchanges;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{Certificate, Location, LocationId};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Days before the end of a certificate in which it is renewed.
const SOON: i64 = 30;

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let mut protected: BTreeMap<LocationId, Vec<String>> = BTreeMap::new();
    for domain in topology.domains.iter().filter(|domain| domain.receives()) {
        if domain.dane.is_some_and(|dane| dane.value) {
            let hosts = exchanges(topology, domain).unwrap_or_default();
            for exchange in hosts {
                let domains = protected.entry(exchange.location).or_default();
                domains.push(domain.name.to_string());
            }
        }
    }
    for (id, domains) in protected {
        let location = topology.location(id);
        let ends = location.certificate.as_ref().and_then(|certificate| {
            let end = certificate.not_after.filter(|_| certificate.next.is_none())?;
            let left = plan.today?.days_until(end.value);
            (0..=SOON).contains(&left).then_some((end, left))
        });
        if let Some((end, left)) = ends {
            findings.push(
                Finding::warning(
                    Code::N025,
                    format!(
                        "the certificate of `{}` ends in {left} days, and no TLSA record is there for the key that follows",
                        location.name
                    ),
                )
                .at(end.span, "")
                .on(Object::Location(location.name.clone()))
                .domains(domains)
                .help("write `next: F` beside it, with the certificate or public key that will follow, two TTLs before the change"),
            );
        }
    }
    for location in &topology.locations {
        let Some(certificate) = &location.certificate else {
            continue;
        };
        for host in location.hosts.iter().filter_map(|at| at.value.name()) {
            let list = associations(topology, host.as_str()).unwrap_or_default();
            if let Some(finding) = misfit(location, certificate, host.as_str(), list) {
                findings.push(finding);
            }
        }
    }
}

/// What is said where no record of a host fits a key that it shows; nothing where one does, or may.
fn misfit(location: &Location, certificate: &Certificate, host: &str, list: &[String]) -> Option<Finding> {
    if fits_a_key(certificate, list) {
        return None;
    }
    let finding = Finding::error(
        Code::N025,
        format!("the TLSA records of `{host}` fit no key of `{}`: senders with DANE do not deliver to it", location.name),
    )
    .at(certificate.span, "this key is shown")
    .on(Object::Location(location.name.clone()));
    let wanted = keys(certificate).map(|key| format!("`3 1 1 {key}`"));
    Some(finding.help(format!(
        "have them published as {}, before the old ones are taken out",
        wanted.collect::<Vec<_>>().join(" and ")
    )))
}
