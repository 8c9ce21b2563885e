//! # L004 cmt-marker-lost
//!
//! ## What a clean result proves
//!
//! Mail that makes the detour of centralized transport makes it once.
//!
//! ## Exact condition
//!
//! Mail at a tenant with `centralized_transport` goes to the servers of the organization, and returns as an
//! external sender's, without the headers that say so: the connector that knows the servers by their certificate does not keep
//! them. Where it would keep them and the servers do not send them, or it knows the servers by their addresses, the
//! documents leave open whether being known is enough (R11), and the finding is possible.
//!
//! ## Severity
//!
//! error: the tenant sends it on the detour again, until the hop limit; warning where it is possible.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: cloud}
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [contoso.com, contoso.mail.onmicrosoft.com], hybrid_headers: false}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: cloud}
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [contoso.com, contoso.mail.onmicrosoft.com]}
//! ```
//!
//! ## Sources
//!
//! - Centralized transport, and what must not stand between: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::DetourAgain, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    Finding::error(
        Code::L004,
        format!(
            "mail from {} for {} makes the detour of centralized transport again where it has been, and {}",
            astray.senders(),
            astray.names(),
            astray.end()
        ),
    )
    .help("let the tenant identify the servers on the path to it, and let both ends keep the cross-premises headers: `accepted_by: certificate` and `hybrid_headers: true`")
}
