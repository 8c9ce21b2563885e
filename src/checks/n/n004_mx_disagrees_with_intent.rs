//! # N004 mx-disagrees-with-intent
//!
//! ## What a clean result proves
//!
//! Internet mail enters where `mx` says, and nowhere else.
//!
//! ## Exact condition
//!
//! A record of another purpose in a managed zone is an MX record of a domain for which `mx` makes others; or a location
//! in `mx` has no host that an MX record can name; or an MX record that the spec declares (`dns: external`, `records`) names a
//! host that is none of ours, and no change is staged (`mx_now`).
//!
//! ## Severity
//!
//! error: a part of the mail, or all of it, goes to another server or to none. Who sends may choose any host of the list, and
//! spam is often sent to the last one.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: "@", type: MX, data: 20 mx.old-filter.example.}]
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
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::routing::declared_strangers;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::topology::DnsManagement;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Records that others keep. Those that mailtopo writes are judged where they are made.
fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in topology.domains.iter().filter(|domain| domain.receives()) {
        let strangers = declared_strangers(plan, domain);
        let Some((first, _)) = strangers.first() else {
            continue;
        };
        let hosts = listed(strangers.iter().map(|(_, host)| host.as_str()));
        let entries = listed(domain.mx.iter().map(|at| topology.location(at.value).name.as_str()));
        let declared = match &domain.dns {
            DnsManagement::External(records) => records.mx.as_ref().map_or(0, Vec::len),
            DnsManagement::Managed | DnsManagement::None => 0,
        };
        // Senders may choose any host of the list.
        let left = declared > strangers.len();
        let message = if left {
            format!(
                "the MX of `{}` names {hosts} beside the hosts of {entries}, and no location of the spec has it: mail whose sender chooses that host goes there, past {entries}",
                domain.name
            )
        } else {
            format!("the MX of `{}` names {hosts}, which no location of the spec has: Internet mail enters there and not at {entries}", domain.name)
        };
        let mut finding = Finding::error(Code::N004, message)
            .at(*first, "the declared record")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()]);
        finding = if left {
            let finding = finding.help("have this record taken out of the zone, and then take it out of `records.mx`; a host of ours stands in `hosts` of its location");
            match strangers.as_slice() {
                [(span, _)] => finding.fix(Operation::Remove { span: *span }),
                _ => finding,
            }
        } else {
            finding.help(format!("declare this host at the location that it belongs to (`hosts`), or have the record lead to {entries}; while it is being changed, write `mx_now`"))
        };
        if let Some(entry) = domain.mx.first() {
            finding = finding.at(entry.span, "Internet mail must enter there");
        }
        findings.push(finding);
    }
}
