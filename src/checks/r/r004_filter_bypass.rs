//! # R004 filter-bypass
//!
//! ## What a clean result proves
//!
//! Mail from the Internet passes the gateway that the MX names.
//!
//! ## Exact condition
//!
//! The MX of a domain is a gateway, and an external sender who hands mail to a location behind it gets it into a mailbox. Such a
//! location is a tenant, or an Exchange Server or Postfix with a public address or a name in `hosts`.
//!
//! ## Severity
//!
//! error: whoever knows the tenant's name passes the filter by. warning at an Exchange Server or a Postfix, which a firewall may
//! keep other senders from.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - Step 4, the lock: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::topology::Kind;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::Bypass, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let at = astray.fault.at;
    let severity = match at.map(|at| &astray.topology().location(at).kind) {
        Some(Kind::Tenant(_)) | None => Severity::Error,
        Some(_) => Severity::Warning,
    };
    Finding::new(
        Code::R004,
        severity,
        format!(
            "everybody can hand mail for {} to `{place}` past the gateway that the MX names",
            astray.names()
        ),
    )
    .help(format!(
        "write `accept_only_from` with the gateway at `{place}`"
    ))
}
