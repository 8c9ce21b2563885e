//! # H004 cmt-forwarding-leak
//!
//! ## What a clean result proves
//!
//! No forwarded mail leaves a tenant past the detour of centralized transport.
//!
//! ## Exact condition
//!
//! A tenant has centralized transport, and a mailbox that is or may be there forwards to an address that the tenant does not
//! accept (reading R6: the documents say that all mail makes the detour, users report that forwarded mail does not).
//!
//! ## Severity
//!
//! warning (possible): such mail may leave from the addresses of the service, or at the end of the detour with the envelope
//! sender of others, which the tenant does not rewrite there unless its connector says so.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com, ben@contoso.com], hq: [carl@contoso.com]}
//!     mx: cloud
//!     forwards: [{address: ben@contoso.com, target: ben@partner.example}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com:
//!     mailboxes: {cloud: [anna@contoso.com], hq: [ben@contoso.com, carl@contoso.com]}
//!     mx: cloud
//!     forwards: [{address: ben@contoso.com, target: ben@partner.example}]
//! ```
//!
//! ## Sources
//!
//! - Forwarded mail and centralized transport: <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/issues/799>
//! - Its envelope sender: <https://learn.microsoft.com/exchange/reference/sender-rewriting-scheme>

use crate::checks::h::h003_cmt_without_onprem_egress::exit;
use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Certainty, Finding, Findings, Object};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Some((_, exit)) = exit(plan, id) else {
            continue;
        };
        let leaking = plan.forwards_to_outside(id);
        let Some(first) = leaking.first() else {
            continue;
        };
        let addresses: Vec<String> = leaking
            .iter()
            .map(|forward| forward.address.to_string())
            .collect();
        let exit = &plan.topology.location(exit).name;
        let sender = if location.rewrites_sender() {
            "with a rewritten envelope sender"
        } else {
            "with the envelope sender that it came with (`rewrites_sender: true` changes that)"
        };
        let mut finding = Finding::warning(
            Code::H004,
            format!(
                "mail that `{}` forwards for {} makes the detour through `{exit}` by the documents, {sender}, and leaves directly by what users report",
                location.name,
                listed(addresses.iter().map(String::as_str))
            ),
        )
        .at(first.span, "forwards to outside")
        .at(location.span, "has centralized transport")
        .on(Object::Location(location.name.clone()))
        .help(format!(
            "forward where the mailbox is on the premises, or authorize both in SPF, the addresses of `{exit}` and those of the service, and let the tenant sign (`dkim: [{}]`)",
            location.name
        ));
        finding.certainty = Certainty::Possible;
        finding.readings = vec!["R6"];
        finding.recipients = Some(addresses.len() as u64);
        findings.push(finding);
    }
}
