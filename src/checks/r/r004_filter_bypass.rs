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
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::routes::Route;
use crate::topology::{Kind, Party};
use crate::walk::{FaultKind, Flows};
use std::collections::BTreeSet;

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
    .mend(Operation::set(
        Object::Location(place.to_owned()),
        "accept_only_from",
        format!("[{}]", before(astray).join(", ")),
    ))
}

/// The locations that hand mail of the Internet to the one that is passed by: those before it that are nearest.
fn before<'a>(astray: &Astray<'a>) -> Vec<&'a str> {
    let plan = astray.flows.model.plan;
    let to = astray.fault.at.map(Party::Location);
    let routes = plan.routes.iter().filter(|route| route.enabled && Some(route.to) == to);
    let gateways = |route: &&Route| matches!(route.from.location(), Some(at) if matches!(plan.topology.location(at).kind, Kind::Gateway(_)));
    let from = |route: &Route| route.from.location().map(|at| plan.topology.location(at).name.as_str());
    let all: BTreeSet<&str> = routes.clone().filter(gateways).filter_map(from).collect();
    if all.is_empty() { routes.filter_map(from).collect::<BTreeSet<_>>().into_iter().collect() } else { all.into_iter().collect() }
}
