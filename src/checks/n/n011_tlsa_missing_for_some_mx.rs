//! # N011 tlsa-missing-for-some-mx
//!
//! ## What a clean result proves
//!
//! With DANE, no MX host of a domain takes mail that its sender cannot check.
//!
//! ## Exact condition
//!
//! A domain has `dane: true`, and one of its MX hosts has no TLSA record: a tenant under a name without DNSSEC, a host of which
//! declared records or facts say that it has none, or, beside one that has a record, a host in a zone of ours whose key is not
//! known (`certificate.file`; where no host has one, N017 speaks of what is withheld). Of a host whose zone others keep and
//! nobody has asked about, nothing is said.
//!
//! ## Severity
//!
//! error: DANE protects each host for itself, so an attacker has senders use the one without; where no host has a record,
//! senders verify nothing.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: {file: mail.pem}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//!   spare: {kind: postfix, hosts: [spare.contoso.com], egress: [192.0.2.11], certificate: spare.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: box, mx: [box, spare], dane: true}
//! dns:
//!   dnssec: {contoso.com: true}
//! ```
//!
//! ```text file=mail.pem
//! -----BEGIN CERTIFICATE-----
//! MIIB6TCCAZCgAwIBAgIUb02k3tif36W5GoFNNYJebd196TcwCgYIKoZIzj0EAwIw
//! LTEQMA4GA1UECgwHQ29udG9zbzEZMBcGA1UEAwwQbWFpbC5jb250b3NvLmNvbTAg
//! Fw0yNjExMjUxMjQwMThaGA8yMTI2MTEwMTEyNDAxOFowLTEQMA4GA1UECgwHQ29u
//! dG9zbzEZMBcGA1UEAwwQbWFpbC5jb250b3NvLmNvbTBZMBMGByqGSM49AgEGCCqG
//! SM49AwEHA0IABEpGSClafnU+2u768b2rVf+1b5Y4kZOQv9Ex2HMU8OPEcvhgw2+u
//! /gFw0B7ZNpW7eWmYVkLb2L3qp2uEa/tvfSejgYswgYgwHQYDVR0OBBYEFMMMeq25
//! hDbSOqLWikwkycPMNRUAMB8GA1UdIwQYMBaAFMMMeq25hDbSOqLWikwkycPMNRUA
//! MA8GA1UdEwEB/wQFMAMBAf8wNQYDVR0RBC4wLIIQbWFpbC5jb250b3NvLmNvbYIY
//! QXV0b2Rpc2NvdmVyLmNvbnRvc28uY29tMAoGCCqGSM49BAMCA0cAMEQCIEArq7IY
//! Hb/vVkzdVaF01sMeTe1QvCV6Ei6DB19jTnfuAiBNGZjJgyQp949RFGVVPUz1n024
//! olKNDaLTGZ9AvDumBA==
//! -----END CERTIFICATE-----
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: {file: mail.pem}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dane: true}
//! dns:
//!   dnssec: {contoso.com: true}
//! ```
//!
//! ```text file=mail.pem
//! -----BEGIN CERTIFICATE-----
//! MIIB6TCCAZCgAwIBAgIUb02k3tif36W5GoFNNYJebd196TcwCgYIKoZIzj0EAwIw
//! LTEQMA4GA1UECgwHQ29udG9zbzEZMBcGA1UEAwwQbWFpbC5jb250b3NvLmNvbTAg
//! Fw0yNjExMjUxMjQwMThaGA8yMTI2MTEwMTEyNDAxOFowLTEQMA4GA1UECgwHQ29u
//! dG9zbzEZMBcGA1UEAwwQbWFpbC5jb250b3NvLmNvbTBZMBMGByqGSM49AgEGCCqG
//! SM49AwEHA0IABEpGSClafnU+2u768b2rVf+1b5Y4kZOQv9Ex2HMU8OPEcvhgw2+u
//! /gFw0B7ZNpW7eWmYVkLb2L3qp2uEa/tvfSejgYswgYgwHQYDVR0OBBYEFMMMeq25
//! hDbSOqLWikwkycPMNRUAMB8GA1UdIwQYMBaAFMMMeq25hDbSOqLWikwkycPMNRUA
//! MA8GA1UdEwEB/wQFMAMBAf8wNQYDVR0RBC4wLIIQbWFpbC5jb250b3NvLmNvbYIY
//! QXV0b2Rpc2NvdmVyLmNvbnRvc28uY29tMAoGCCqGSM49BAMCA0cAMEQCIEArq7IY
//! Hb/vVkzdVaF01sMeTe1QvCV6Ei6DB19jTnfuAiBNGZjJgyQp949RFGVVPUz1n024
//! olKNDaLTGZ9AvDumBA==
//! -----END CERTIFICATE-----
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7672#section-2.2.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::enforced::associations;
use crate::dns::{Exchange, RecordType, exchanges};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::DnsManagement;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in topology.domains.iter().filter(|domain| !matches!(domain.dns, DnsManagement::None)) {
        let Some(dane) = domain.dane.filter(|dane| dane.value && domain.receives()) else {
            continue;
        };
        let hosts = exchanges(topology, domain).unwrap_or_default();
        let found: Vec<(&str, Record)> = hosts
            .iter()
            .filter_map(|host| Some((host.host.as_str(), record(plan, host)?)))
            .collect();
        let with = |wanted: &[Record]| {
            let hosts = found.iter().filter(|(_, record)| wanted.contains(record));
            hosts.map(|(host, _)| *host).collect::<Vec<_>>()
        };
        let protected = with(&[Record::There]);
        let open = if protected.is_empty() {
            with(&[Record::Missing])
        } else {
            with(&[Record::Missing, Record::Withheld])
        };
        if open.is_empty() {
            continue;
        }
        let what = if protected.is_empty() {
            "so that senders verify nothing".to_owned()
        } else {
            format!("beside {}, so that mail can be turned there unseen", listed(protected.iter().copied()))
        };
        findings.push(
            Finding::error(
                Code::N011,
                format!("{} of `{}` has no TLSA record, {what}", listed(open.iter().copied()), domain.name),
            )
            .at(dane.span, "wanted here")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help("name the PEM file of its certificate (`certificate: {file: F}`), or take the host out of `mx`"),
        );
    }
}

/// The TLSA records of a host.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Record {
    /// It has some.
    There,
    /// It has none.
    Missing,
    /// It would have some, if its key were known.
    Withheld,
}

/// The TLSA records of a host, where anybody says.
fn record(plan: &Plan, exchange: &Exchange) -> Option<Record> {
    let there = |there| if there { Record::There } else { Record::Missing };
    let host = exchange.host.as_str();
    let location = plan.topology.location(exchange.location);
    if location.tenant().is_some() {
        let signed = host.ends_with(".mx.microsoft");
        return (signed || !exchange.derived).then_some(there(signed));
    }
    let owner = format!("_25._tcp.{host}");
    let zone = plan.zone_around(&owner);
    if zone.is_some_and(|zone| zone.set(&owner, RecordType::Tlsa).is_some()) {
        return Some(Record::There);
    }
    if let Some(list) = associations(&plan.topology, host) {
        return Some(there(!list.is_empty()));
    }
    // What would be written has no key to be made from.
    let key = location.certificate.as_ref().and_then(|one| one.spki_sha256);
    (zone.is_some() && key.is_none()).then_some(Record::Withheld)
}
