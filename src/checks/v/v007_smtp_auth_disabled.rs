//! # V007 smtp-auth-disabled
//!
//! ## What a clean result proves
//!
//! Every device that logs in with a mailbox finds a tenant that lets it.
//!
//! ## Exact condition
//!
//! A device has `method: client-submission` through a tenant whose `smtp_auth` is `disabled` or not written (the
//! provider's default is off), or through one that holds no mailboxes at all.
//!
//! ## Severity
//!
//! error: the login fails (535 5.7.139) and the device cannot send.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp:
//!     addresses: [203.0.113.50]
//!     sends_as: [erp@contoso.com]
//!     sends_to: anyone
//!     method: client-submission
//!     via: cloud
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, smtp_auth: per-mailbox}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp:
//!     addresses: [203.0.113.50]
//!     sends_as: [erp@contoso.com]
//!     sends_to: anyone
//!     method: client-submission
//!     via: cloud
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/clients-and-mobile-in-exchange-online/authenticated-client-smtp-submission>
//! - `SmtpClientAuthenticationDisabled`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-transportconfig>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::topology::{Device, Method, SmtpAuth};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Some(tenant) = location.tenant() else {
            continue;
        };
        let is_on = tenant
            .smtp_auth
            .is_some_and(|at| at.value != SmtpAuth::Disabled);
        if is_on && !tenant.filtering_only {
            continue;
        }
        let users: Vec<&Device> = plan
            .topology
            .devices
            .iter()
            .filter(|device| {
                device.via.value == id && device.method.value == Method::ClientSubmission
            })
            .collect();
        let Some(first) = users.first() else {
            continue;
        };
        let names = listed(users.iter().map(|device| device.name.as_str()));
        let (why, help) = if tenant.filtering_only {
            (
                "holds no mailboxes to log in with",
                "write `method: relay`".to_owned(),
            )
        } else {
            (
                "lets nobody log in to send",
                format!(
                    "write `smtp_auth: per-mailbox` at `{}`, and switch it on for the mailboxes they use",
                    location.name
                ),
            )
        };
        let mut finding = Finding::error(
            Code::V007,
            format!(
                "`{}` {why}: the login of {names} fails, and nothing of theirs is sent",
                location.name
            ),
        )
        .at(first.method.span, "logs in to send");
        finding = match tenant.smtp_auth {
            Some(at) => finding.at(at.span, "logins are off"),
            None => finding.at(location.span, "logins are off by the provider's default"),
        };
        for device in users {
            finding = finding.on(Object::Device(device.name.clone()));
        }
        let object = Object::Location(location.name.clone());
        finding = finding.on(object.clone()).help(help);
        if !tenant.filtering_only {
            finding = finding.fix(Operation::set(object, "smtp_auth", "per-mailbox"));
        }
        findings.push(finding);
    }
}
