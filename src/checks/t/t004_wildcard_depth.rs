//! # T004 wildcard-depth
//!
//! ## What a clean result proves
//!
//! No certificate is relied on for a name deeper than its wildcard reaches.
//!
//! ## Exact condition
//!
//! A host of a location or partner is two or more labels below the base of a wildcard on its certificate, and no other name on
//! the certificate covers it. A wildcard in a certificate stands for one label, unlike one in a pattern of domains.
//!
//! ## Severity
//!
//! warning: whoever checks the host's name (MTA-STS, DANE or a partner) does not accept the certificate; connectors that
//! expect the wildcard itself do.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.eu.contoso.com], egress: [203.0.113.10], certificate: "*.contoso.com", sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.eu.contoso.com], egress: [203.0.113.10], certificate: {names: ["*.contoso.com", mail.eu.contoso.com]}, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - What a wildcard in a certificate covers: <https://www.rfc-editor.org/rfc/rfc9525#section-6.3>

use crate::checks::certificates::{Cover, covers};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::source::At;
use crate::topology::Certificate;
use crate::values::{Host, HostName};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for location in &plan.topology.locations {
        let object = Object::Location(location.name.clone());
        let certificate = location.certificate.as_ref();
        look(
            &location.hosts,
            certificate,
            &location.name,
            &object,
            findings,
        );
    }
    for partner in &plan.topology.partners {
        let object = Object::Partner(partner.name.clone());
        let certificate = partner.certificate.as_ref();
        look(
            &partner.hosts,
            certificate,
            &partner.name,
            &object,
            findings,
        );
    }
}

fn look(
    hosts: &[At<Host>],
    certificate: Option<&Certificate>,
    owner: &str,
    object: &Object,
    findings: &mut Findings,
) {
    let Some(certificate) = certificate else {
        return;
    };
    let names = || certificate.names.iter().map(|at| at.value.as_str());
    for at in hosts {
        let Some(host) = at.value.name().map(HostName::as_str) else {
            continue;
        };
        let deep = names().find(|name| covers(name, host) == Some(Cover::TooDeep));
        let covered = names().any(|name| covers(name, host) == Some(Cover::Covered));
        if let (Some(wildcard), false) = (deep, covered) {
            findings.push(
                Finding::warning(
                    Code::T004,
                    format!("the certificate of `{owner}` has `{wildcard}`, which stands for one label and does not cover `{host}`"),
                )
                .at(at.span, "has more labels")
                .at(certificate.span, "the certificate")
                .on(object.clone())
                .help(format!("add `{host}` to the names on the certificate, or name the host with one label less")),
            );
        }
    }
}
