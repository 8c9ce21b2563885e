//! # N021 sts-certificate
//!
//! ## What a clean result proves
//!
//! Senders that honour an MTA-STS policy deliver to every MX host of ours that it names.
//!
//! ## Exact condition
//!
//! A domain whose records mailtopo writes has a policy with mode `enforce` or `testing`, and one of its MX hosts at a
//! location of ours shows a certificate that does not name the host (a wildcard stands for one label), that is self-signed
//! or comes from a private authority, or is a Postfix without any certificate, which offers no TLS.
//!
//! ## Severity
//!
//! error with `enforce`: the mail is not delivered. Warning with `testing`: senders report it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: other.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq, mta_sts: {mode: enforce, host: sts.contoso.com}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq, mta_sts: {mode: enforce, host: sts.contoso.com}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8461#section-4.2>

use crate::checks::Run;
use crate::dns::enforced::unfit;
use crate::dns::{exchanges, managed};
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::Plan;
use crate::topology::MtaStsMode;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in managed(topology).filter(|domain| domain.receives()) {
        let Some(policy) = &domain.mta_sts else {
            continue;
        };
        let severity = match policy.value.mode {
            MtaStsMode::Enforce => Severity::Error,
            MtaStsMode::Testing => Severity::Warning,
            MtaStsMode::None => continue,
        };
        for exchange in exchanges(topology, domain).unwrap_or_default() {
            let location = topology.location(exchange.location);
            let Some(why) = unfit(location, exchange.host.as_str()) else {
                continue;
            };
            let then = match severity {
                Severity::Error => "do not deliver",
                Severity::Warning | Severity::Note => "report every delivery",
            };
            let span = location
                .certificate
                .as_ref()
                .map_or(location.span, |certificate| certificate.span);
            findings.push(
                Finding::new(
                    Code::N021,
                    severity,
                    format!(
                        "senders that honour the MTA-STS policy of `{}` {then} to `{}`: {why}",
                        domain.name, exchange.host
                    ),
                )
                .at(span, "what the host shows")
                .at(policy.span, "the policy is wanted here")
                .on(Object::Domain(domain.name.to_string()))
                .on(Object::Location(location.name.clone()))
                .domains([domain.name.to_string()])
                .help(format!(
                    "have a public authority issue a certificate for `{}`, or begin with `mode: testing`",
                    exchange.host
                )),
            );
        }
    }
}
