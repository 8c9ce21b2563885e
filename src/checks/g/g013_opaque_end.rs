//! # G013 opaque-end
//!
//! ## What a clean result proves
//!
//! No mail of ours is handed to a host that the spec does not know.
//!
//! ## Exact condition
//!
//! One of our locations hands mail for one of our own mailboxes to a host that no location has, or to a domain whose entry
//! the spec does not say.
//!
//! ## Severity
//!
//! warning: what becomes of the mail there cannot be decided.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   fabrikam.com: {mailboxes: hq, mx: hq, mx_now: mx.old.example}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//!   - {name: mx, from: cloud, to: internet, recipients: [fabrikam.com]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   fabrikam.com: {mailboxes: hq, mx: hq, mx_now: mx.old.example}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [fabrikam.com]}
//! ```
//!
//! ## Sources
//!
//! - How an exchanger is chosen: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::topology::Domain;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::LeftModel, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let of_region = |domain: &&Domain| astray.region.contains(&domain.name.to_string());
    let domains = astray.topology().domains.iter().filter(of_region);
    let named = Finding::warning(
        Code::G013,
        format!(
            "mail from {} for the mailboxes of {} at `{}` {}",
            astray.senders(),
            astray.names(),
            astray.home(),
            astray.end()
        ),
    )
    .help("write the host at the location that it belongs to (`hosts`), or route this mail to its place");
    domains.fold(named, |finding, domain| finding.on(Object::Domain(domain.name.to_string())))
}
