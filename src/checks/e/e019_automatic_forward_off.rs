//! # E019 automatic-forward-off
//!
//! ## What a clean result proves
//!
//! No mailbox of a tenant forwards mail to an address outside, which Exchange Online rejects until a policy allows it.
//!
//! ## Exact condition
//!
//! A mailbox that a tenant holds, or may hold where no list names it, has an entry of `forwards` to an address in no domain that
//! the tenant accepts. What the outbound spam policy of the tenant says is not read: its default, `Automatic`, means off.
//!
//! ## Severity
//!
//! warning: the mail is rejected by default, and the setting that decides stands in no spec.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com, bob@contoso.com]}
//!     mx: cloud
//!     forwards: [{address: bob@contoso.com, target: bob@customer.example}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com, bob@contoso.com]}
//!     mx: cloud
//!     forwards: [{address: bob@contoso.com, target: anna@contoso.com}]
//! ```
//!
//! ## Sources
//!
//! - `Automatic` means off, and applies to mailboxes of the service: <https://learn.microsoft.com/defender-office-365/outbound-spam-policies-external-email-forwarding>
//! - A policy for some senders: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-hostedoutboundspamfilterrule>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        if location.tenant().is_none() {
            continue;
        }
        let forwards = plan.forwards_to_outside(id);
        let Some(first) = forwards.first() else {
            continue;
        };
        let addresses: Vec<String> = forwards.iter().map(|one| one.address.to_string()).collect();
        let targets: Vec<String> = forwards.iter().map(|one| one.target.to_string()).collect();
        let [addresses, targets] = [addresses, targets].map(|all| listed(all.iter().map(String::as_str)));
        let mut finding = Finding::warning(
            Code::E019,
            format!(
                "`{}` forwards mail of {addresses} to {targets} only where its outbound spam policy allows automatic forwarding to outside, which is off by default: else it rejects that mail (550 5.7.520)",
                location.name
            ),
        )
        .at(first.span, "forwards to outside")
        .at(location.span, "the tenant that forwards")
        .on(Object::Location(location.name.clone()))
        .help(format!(
            "allow it for these senders alone with the commands of the runbook, and accept this finding: `ignore: [{{check: E019, on: {}, reason: \"the policy allows it\"}}]`; or delete the forward",
            location.name
        ));
        finding.recipients = Some(forwards.len() as u64);
        findings.push(finding);
    }
}
