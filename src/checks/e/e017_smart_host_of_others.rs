//! # E017 smart-host-of-others
//!
//! ## What a clean result proves
//!
//! No route hands mail to a host that takes none for whom the route is to.
//!
//! ## Exact condition
//!
//! `smart_hosts` of a route names a host in the provider's domain that is made from no domain of a tenant of the spec, or,
//! where the route is to a tenant, an address or another service of the provider's, and mail takes that route. Or a Postfix
//! location hands mail to a name, at port 25, that stands in its own `hosts`.
//!
//! ## Severity
//!
//! error: another tenant refuses the mail; at an address or another service it waits until it expires (4.4.62); and Postfix
//! bounces what it would hand to itself ("loops back to myself").
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
//! - Names of services before this one: <https://www.vermasandeep.in/2018/05/avoid-email-delivery-delays-update-your.html>
//! - Loops back to itself: <https://www.postfix.org/postconf.5.html#best_mx_transport>
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
    let sender = astray.fault.at.map(Party::Location);
    let own = astray.last_route().filter(|route| {
        route.is_written() && Some(route.from) == sender && route.to.location().is_none()
    });
    let help = match astray.fault.party {
        Some(party) if Some(party) == sender && own.is_some() => format!(
            "take `smart_hosts` from {}, or name a host of others there",
            own.map_or_else(String::new, |route| format!("`{}`", route.name))
        ),
        Some(party) if Some(party) == sender => format!(
            "give `{0}` a name that no other location has: in `hosts` at `{0}`, and as `myhostname` on the server",
            astray.party()
        ),
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
