//! # G008 internal-relay-without-onward
//!
//! ## What a clean result proves
//!
//! Whatever a location passes on because it does not know the recipient has a route.
//!
//! ## Exact condition
//!
//! A location accepts a domain as internal relay, mail for an address that nobody has comes to it, and it has no route for
//! the domain, so that it follows the MX.
//!
//! ## Severity
//!
//! error: the MX leads back, and the mail loops until the hop limit.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accepts: [{domain: contoso.com, type: internal-relay}]}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: {cloud: [anna@contoso.com]}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Internal relay: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/manage-accepted-domains>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::RelayWithoutRoute, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    let topology = astray.topology();
    let domain = topology.domain_named(astray.evidence.to.domain());
    let location = astray.fault.at.map(|at| topology.location(at));
    let is_of_tenant = location.is_some_and(|location| location.tenant().is_some());
    Finding::error(
        Code::G008,
        format!(
            "`{place}` passes on mail for unknown addresses of {} and has no route for it: it {}",
            astray.names(),
            astray.end()
        ),
    )
    .help(format!(
        "give `{place}` a route for {}, or let it know every recipient: `directory: complete`{}",
        astray.names(),
        // A tenant matches subdomains of relay domains only.
        if is_of_tenant && domain.is_some_and(|id| topology.domain(id).subdomains) {
            ", with the subdomains named one by one"
        } else {
            ""
        }
    ))
}
