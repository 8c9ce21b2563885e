//! # N012 sts-dane-conflict
//!
//! ## What a clean result proves
//!
//! Senders with DANE and senders with MTA-STS find the same certificate good.
//!
//! ## Exact condition
//!
//! A domain has `dane: true` and a policy of MTA-STS in the mode `enforce` or `testing`, a TLSA record is written for one of its MX
//! hosts, and the certificate there is one that MTA-STS does not accept: DANE looks at the key alone, MTA-STS at the authority and the
//! name.
//!
//! ## Severity
//!
//! warning: what the one kind of senders delivers the other refuses, which is hard to find.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: {file: mail.pem}, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dane: true, mta_sts: {mode: testing, host: sts.contoso.com}}
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
//! - <https://www.rfc-editor.org/rfc/rfc7672#section-3.1.1>
//! - <https://www.rfc-editor.org/rfc/rfc8461#section-4.2>

use crate::checks::Run;
use crate::dns::enforced::unfit;
use crate::dns::{RecordType, exchanges, managed};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::MtaStsMode;
use crate::values::OwnerName;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in managed(topology).filter(|domain| domain.receives()) {
        let policy = domain.mta_sts.as_ref().filter(|at| at.value.mode != MtaStsMode::None);
        let (Some(policy), Some(dane)) = (policy, domain.dane.filter(|dane| dane.value)) else {
            continue;
        };
        for exchange in exchanges(topology, domain).unwrap_or_default() {
            let location = topology.location(exchange.location);
            let owner = OwnerName::parse(&format!("_25._tcp.{}", exchange.host));
            let has_record = owner.is_ok_and(|owner| {
                let mut zones = plan.zones.iter();
                zones.any(|zone| zone.set(&owner, RecordType::Tlsa).is_some())
            });
            let Some(why) = unfit(location, exchange.host.as_str()).filter(|_| has_record) else {
                continue;
            };
            findings.push(
                Finding::warning(
                    Code::N012,
                    format!("senders with DANE deliver to `{}` and senders with MTA-STS do not: {why}", exchange.host),
                )
                .at(dane.span, "DANE looks at the key alone")
                .at(policy.span, "MTA-STS looks at the authority and the name")
                .on(Object::Domain(domain.name.to_string()))
                .on(Object::Location(location.name.clone()))
                .domains([domain.name.to_string()])
                .help(format!("have a public authority issue a certificate for `{}`, or take one of both out", exchange.host)),
            );
        }
    }
}
