//! # E017 smart-host-of-others
//!
//! ## What a clean result proves
//!
//! No route hands mail to a host that takes none for whom the route is to.
//!
//! ## Exact condition
//!
//! `smart_hosts` of a route names a host in the provider's domain that is made from no domain of a tenant of the spec, or an
//! address where the route is to a tenant, and mail takes that route.
//!
//! ## Severity
//!
//! error: another tenant refuses the mail, and at an address it waits until it expires (4.4.62).
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
//!   fabrikam.com: {mailboxes: hq, mx: hq}
//! routes:
//!   - {name: to the tenant, from: hq, to: cloud, recipients: [contoso.com], smart_hosts: [northwind-com.mail.protection.outlook.com]}
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
//!   fabrikam.com: {mailboxes: hq, mx: hq}
//! routes:
//!   - {name: to the tenant, from: hq, to: cloud, recipients: [contoso.com], smart_hosts: [contoso-com.mail.protection.outlook.com]}
//! ```
//!
//! ## Sources
//!
//! - What 4.4.62 and 5.7.64 mean: <https://learn.microsoft.com/exchange/mail-flow-best-practices/non-delivery-reports-in-exchange-online/fix-error-code-5-7-64-in-exchange-online>
//! - How the provider names MX hosts: <https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::topology::Party;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::WrongHost, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let help = match astray.fault.party {
        Some(Party::Internet) | None => "name a host that takes this mail, or `smart_hosts: mx`".to_owned(),
        Some(_) => format!(
            "leave `smart_hosts` out: mail is then handed to the hosts of `{}`",
            astray.party()
        ),
    };
    Finding::error(
        Code::E017,
        format!(
            "mail from {} for {} {}",
            astray.senders(),
            astray.names(),
            astray.end()
        ),
    )
    .help(help)
}
