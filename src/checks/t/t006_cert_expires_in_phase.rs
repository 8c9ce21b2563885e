//! # T006 cert-expires-in-phase
//!
//! ## What a clean result proves
//!
//! No certificate of the spec has run out, or does so while the plan is being put into effect.
//!
//! ## Exact condition
//!
//! `not_after` of a certificate of a location, partner or device lies before the day of the run (`--today`), or within the
//! 30 days after it.
//!
//! ## Severity
//!
//! error for a day that has passed: whoever checks the certificate refuses the connection or takes the sender for an external sender.
//! warning for a day that is near.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: {names: [mail.contoso.com], not_after: 2020-01-31}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: {names: [mail.contoso.com], not_after: 2099-01-31}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Validity of certificates: <https://www.rfc-editor.org/rfc/rfc5280#section-4.1.2.5>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::source::Span;
use crate::topology::Certificate;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// So many days before its last one a certificate is spoken of.
const NEAR: i64 = 30;

fn run(plan: &Plan, findings: &mut Findings) {
    let Some(today) = plan.today else { return };
    let topology = &plan.topology;
    let locations = topology.locations.iter().flat_map(|location| {
        let shown = [&location.certificate, &location.client_certificate];
        shown.map(|certificate| (certificate, Object::Location(location.name.clone())))
    });
    let partners = topology.partners.iter().flat_map(|partner| {
        let shown = [&partner.certificate, &partner.client_certificate];
        shown.map(|certificate| (certificate, Object::Partner(partner.name.clone())))
    });
    let devices = topology.devices.iter().map(|device| {
        let shown = &device.certificate;
        (shown, Object::Device(device.name.clone()))
    });
    let routes = topology.routes.iter().map(|route| {
        let name = route.name.as_ref().map(|at| at.value.clone()).unwrap_or_default();
        (&route.client_certificate, Object::Route(name))
    });
    let mut said: BTreeSet<Span> = BTreeSet::new();
    for (certificate, object) in locations.chain(partners).chain(devices).chain(routes) {
        let Some(certificate) = certificate else {
            continue;
        };
        let Some(last) = certificate.not_after else {
            continue;
        };
        let left = today.days_until(last.value);
        if left > NEAR || !said.insert(certificate.span) {
            continue;
        }
        findings.push(finding(certificate, object, left).at(last.span, "its last day"));
    }
}

fn finding(certificate: &Certificate, object: Object, left: i64) -> Finding {
    let name = certificate.name().unwrap_or("without a name");
    let (severity, what) = if left < 0 {
        (
            Severity::Error,
            "is no longer valid: connections that verify it fail, and a tenant treats mail of a server that shows it as external",
        )
    } else {
        (
            Severity::Warning,
            "is valid for a few days only: connections for which it is checked fail after that",
        )
    };
    Finding::new(
        Code::T006,
        severity,
        format!("the certificate `{name}` {what}"),
    )
    .on(object)
    .help("renew it, and write the new `not_after`")
}
