//! # G011 missing-egress
//!
//! ## What a clean result proves
//!
//! Whoever has a mailbox at an Exchange organization can write to the Internet.
//!
//! ## Exact condition
//!
//! An Exchange Server location holds mailboxes and no route that is on starts there for `*`.
//!
//! ## Severity
//!
//! error: mail to outside stays in the unreachable queue until it expires. (Exchange Online and Postfix follow the MX
//! where no route matches.)
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: To the cloud, from: hq, to: cloud, recipients: [fabrikam.com]}
//!   - {name: To hq, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: To the cloud, from: hq, to: cloud, recipients: [fabrikam.com]}
//!   - {name: hq to internet, from: hq, to: internet, recipients: ["*"]}
//!   - {name: To hq, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::checks::h::h003_cmt_without_onprem_egress::{exit, has_way_out};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let holds_mailboxes = plan
            .topology
            .domains
            .iter()
            .any(|domain| domain.holder_ids().any(|holder| holder == id));
        // Where a tenant's mail leaves through it too, more is lost than its own.
        let is_exit = plan
            .topology
            .locations()
            .any(|(tenant, _)| exit(plan, tenant).is_some_and(|(_, exit)| exit == id));
        if location.exchange_server().is_none()
            || !holds_mailboxes
            || is_exit
            || has_way_out(plan, id)
        {
            continue;
        }
        findings.push(
            Finding::error(
                Code::G011,
                format!("no route leads from `{}` to the Internet: mail of its mailboxes for outside stays in the unreachable queue and then bounces", location.name),
            )
            .at(location.span, "has no route for `*`")
            .on(Object::Location(location.name.clone()))
            .domains(["*"])
            .mend(Operation::route(&location.name, "internet", "\"*\"", "")),
        );
    }
}
