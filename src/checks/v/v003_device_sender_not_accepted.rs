//! # V003 device-sender-not-accepted
//!
//! ## What a clean result proves
//!
//! Every device that relays through a tenant writes with senders, or shows a certificate, by which the tenant knows
//! it as ours. Every device that logs on at Exchange writes with senders that its mailbox can have the right to send as.
//!
//! ## Exact condition
//!
//! A device with `method: relay` through a tenant has a sender in `sends_as` whose domain the tenant does not accept,
//! and no certificate with a name in an accepted domain. Or a device with `method: client-submission` at Exchange has a sender in
//! a domain that is not accepted there.
//!
//! ## Severity
//!
//! error: its mail to outside is rejected (550 5.7.64), and all mail as such a sender where it logs on (550 5.7.60).
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
//!   printers:
//!     addresses: [203.0.113.40]
//!     sends_as: [scanner@printers.example]
//!     sends_to: anyone
//!     via: cloud
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   printers:
//!     addresses: [203.0.113.40]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     via: cloud
//! ```
//!
//! ## Sources
//!
//! - <https://techcommunity.microsoft.com/blog/exchange/updated-requirements-for-smtp-relay-through-exchange-online/3851357>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::{AcceptedDomain, AcceptedDomains, logins};
use crate::topology::{Device, Method, SendsAs, SendsTo};
use crate::values::DomainName;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for device in &plan.topology.devices {
        let via = plan.topology.location(device.via.value);
        let accepted = &plan.place(device.via.value).accepted;
        let is_judged = match device.method.value {
            // Mail for our own mailboxes is no relaying, and taken from anybody.
            Method::Relay => {
                via.tenant().is_some()
                    && device.sends_to != SendsTo::Internal
                    && !has_accepted_certificate(device, accepted)
            }
            Method::ClientSubmission => logins::judges_senders(via),
            Method::DirectSend | Method::HighVolume => false,
        };
        if !is_judged {
            continue;
        }
        let foreign: Vec<_> = device
            .sends_as
            .iter()
            .filter(|sender| !is_ours(&sender.value, accepted))
            .collect();
        let Some(first) = foreign.first() else {
            continue;
        };
        let names: Vec<String> = foreign
            .iter()
            .map(|sender| sender.value.to_string())
            .collect();
        let (end, at) = if device.method.value == Method::Relay {
            ("what it sends to outside is refused", "the tenant that relays for it")
        } else {
            (
                "no mailbox can have the right to send as that, and such mail is rejected (550 5.7.60)",
                "where it logs on",
            )
        };
        findings.push(
            Finding::error(
                Code::V003,
                format!("`{}` writes as {}, which is in no domain that `{}` accepts: {end}", device.name, listed(names.iter().map(String::as_str)), via.name),
            )
            .at(first.span, "not an accepted domain")
            .at(device.via.span, at)
            .on(Object::Device(device.name.clone()))
            .help(match accepted.first() {
                Some(domain) => format!("let it write as an address in one of our domains, such as `{}`, or accept the domain at `{}`", suggestion(plan, device, domain), via.name),
                None => format!("accept its domain at `{}`", via.name),
            }),
        );
    }
}

fn suggestion(plan: &Plan, device: &Device, fallback: &AcceptedDomain) -> String {
    let own = plan
        .topology
        .domains
        .iter()
        .find(|domain| domain.receives())
        .map_or(&fallback.domain, |domain| &domain.name);
    format!("{}@{own}", device.name)
}

fn is_ours(sender: &SendsAs, accepted: &AcceptedDomains) -> bool {
    match sender {
        SendsAs::Address(address) => accepted.accepts(address.domain()),
        SendsAs::Pattern(pattern) => accepted.cover(pattern),
    }
}

fn has_accepted_certificate(device: &Device, accepted: &[AcceptedDomain]) -> bool {
    let names = device
        .certificate
        .iter()
        .flat_map(|certificate| &certificate.names);
    names
        .map(|name| name.value.strip_prefix("*.").unwrap_or(&name.value))
        .any(|name| {
            DomainName::parse(name).is_ok_and(|name| {
                accepted
                    .iter()
                    .any(|a| a.domain == name || name.is_below(&a.domain))
            })
        })
}
