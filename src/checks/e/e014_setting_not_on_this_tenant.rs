//! # E014 setting-not-on-this-tenant
//!
//! ## What a clean result proves
//!
//! Every setting that the spec writes for a tenant is one that this tenant has, so that what is counted on is also set.
//!
//! ## Exact condition
//!
//! A location of `kind: eop` has `reject_direct_send` or `smtp_auth`. A tenant that only filters has neither: the first
//! is a parameter of Exchange Online alone, the second is about mailboxes.
//!
//! ## Severity
//!
//! error: no script can set it, and whoever reads the spec believes that it is set.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   protection: {kind: eop, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, sends: {via: protection}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: protection}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   protection: {kind: eop, tenant: contoso}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, sends: {via: protection}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: protection}
//! ```
//!
//! ## Sources
//!
//! - `RejectDirectSend`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-organizationconfig>
//! - `SmtpClientAuthenticationDisabled`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-transportconfig>

use crate::checks::filtering::{explained, tenants};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (_, location, tenant) in tenants(plan) {
        let written = [
            (
                "reject_direct_send",
                tenant.reject_direct_send.map(|at| at.span),
            ),
            ("smtp_auth", tenant.smtp_auth.map(|at| at.span)),
        ];
        for (key, span) in written {
            let Some(span) = span else { continue };
            let finding = Finding::error(
                Code::E014,
                format!(
                    "`{}` only filters, and such a tenant has no `{key}`: it would stay as the provider has it",
                    location.name
                ),
            )
            .at(span, "cannot be set");
            findings.push(explained(finding, location, &format!("leave `{key}` out")));
        }
    }
}
