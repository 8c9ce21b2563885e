//! # G007 subdomain-hole
//!
//! ## What a clean result proves
//!
//! Mail for unnamed subdomains that some location accepts ends as the spec means.
//!
//! ## Exact condition
//!
//! A location takes the unnamed subdomains of a domain (`subdomains: true`), and mail for one of them comes to a location that has
//! no route for it, is lost on the way, or leaves us again as if it were another organization's. Names below a parked domain are
//! closed, and refusing their mail is right.
//!
//! ## Severity
//!
//! error: the mail comes round or bounces days later, although its entry took it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud, subdomains: true}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com]}
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
//!   contoso.com: {mailboxes: hq, mx: cloud, subdomains: true}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: in, from: cloud, to: hq, recipients: [contoso.com, "*.contoso.com"]}
//! ```
//!
//! ## Sources
//!
//! - Mail flow for subdomains: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/enable-mail-flow-for-subdomains>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::SubdomainWithoutEnd, findings, finding);
    report(flows, FaultKind::SubdomainToOthers, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let (names, way) = (astray.names(), &astray.evidence.way);
    let finding = Finding::error(
        Code::G007,
        format!(
            "mail for {names} is taken, and at `{place}` it {}",
            astray.end()
        ),
    );
    let entry = way.places.first().map_or("", |at| astray.name(*at));
    if way.end.ends.arrives() {
        return finding.help(format!(
            "accept no unnamed subdomains at `{entry}` (`subdomains: false`), and name those under `domains` that have mailboxes"
        ));
    }
    finding.help(format!(
        "add {names} to the route from `{place}` that takes the domain itself"
    ))
}
