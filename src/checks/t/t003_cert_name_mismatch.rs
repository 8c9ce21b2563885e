//! # T003 cert-name-mismatch
//!
//! ## What a clean result proves
//!
//! Every name that a receiving end looks for stands on the certificate that the sending end shows.
//!
//! ## Exact condition
//!
//! A route is recognized by a certificate name that is none of the names on the certificate declared for its sending end: a
//! wildcard in the expected name stands for one label, and what is made of one on the certificate alone is documented
//! nowhere. Or mail must be relayed with `verified`, and no name on the certificate of the receiving end is one that the
//! sending end expects; there a wildcard stands for one label on either side.
//!
//! ## Severity
//!
//! error: the sending end is an external sender there, and what it may do is refused.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"], accepted_by: {certificate: relay.contoso.com}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"], accepted_by: {certificate: mail.contoso.com}}
//! ```
//!
//! ## Sources
//!
//! - How names are compared: <https://www.rfc-editor.org/rfc/rfc9525#section-6.3>
//! - `TlsSenderCertificateName`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::words::{as_written, listed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::Recognition;
use crate::walk::{FaultKind, Flows, TlsFailure, stands_for};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    of_clients(flows.model.plan, findings);
    let mismatch = FaultKind::Unverifiable(TlsFailure::NameMismatch);
    report(flows, mismatch, findings, of_server);
}

/// Mail that waits, because the server that it is for shows another name.
fn of_server(astray: &Astray<'_>) -> Finding {
    let receiver = match astray.fault.party {
        Some(_) => astray.party(),
        None => astray.place(),
    };
    Finding::error(
        Code::T003,
        format!(
            "mail from {} for {} does not get to `{receiver}`: {}",
            astray.senders(),
            astray.names(),
            astray.evidence.way.end.why
        ),
    )
    .help(format!(
        "use a certificate at `{receiver}` that holds the name of the host, whose first label alone a `*` stands for"
    ))
}

fn of_clients(plan: &Plan, findings: &mut Findings) {
    for route in &plan.routes {
        let (Recognition::Certificate(expected), Some(certificate)) =
            (&route.accepted_by, route.shown(&plan.topology))
        else {
            continue;
        };
        let names = || certificate.names.iter().map(|at| at.value.as_str());
        if names().next().is_none() || names().any(|name| stands_for(expected, name)) {
            continue;
        }
        let from = plan.topology.party_name(route.from);
        findings.push(
            Finding::error(
                Code::T003,
                format!(
                    "`{}` expects the certificate name `{expected}` of `{from}`, which shows {}: its mail is treated as external",
                    plan.topology.party_name(route.to),
                    listed(names())
                ),
            )
            .at(route.origin.span(), format!("expects `{expected}`"))
            .at(certificate.span, "is shown")
            .on(Object::Route(route.name.clone()))
            .help(format!(
                "write `accepted_by: {{certificate: {}}}`, or leave `accepted_by` away, which derives it",
                as_written(names().next().unwrap_or_default())
            )),
        );
    }
}
