//! # H001 hybrid-connector-misses-domain
//!
//! ## What a clean result proves
//!
//! Every domain that is split between a tenant and an Exchange organization is on the connector between them.
//!
//! ## Exact condition
//!
//! At a tenant, a domain with mailboxes there and at an Exchange organization has no route, though a hybrid route (with the
//! cross-premises headers) leads to that organization.
//!
//! ## Severity
//!
//! error: mail for the mailboxes on the premises follows the MX.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//!   fabrikam.com: {mailboxes: {cloud: 10, hq: 2}, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: to premises, from: cloud, to: hq, recipients: [contoso.com]}
//!   - {name: to cloud, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//!   fabrikam.com: {mailboxes: {cloud: 10, hq: 2}, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: to premises, from: cloud, to: hq, recipients: [contoso.com, fabrikam.com]}
//!   - {name: to cloud, from: hq, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - How hybrid mail is routed: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::attribution::hybrid_route;
use crate::checks::lost_mail::{Astray, report_claimed};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::topology::{Location, LocationId};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report_claimed(flows, Code::H001, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let route = hybrid_route(astray.flows, astray.fault, astray.evidence);
    let (name, home) = (route.map_or("", |route| &route.name), astray.home());
    // A server sends mail for a mailbox elsewhere on by another name, which the route has to have then.
    let location = |at: Option<LocationId>| at.map(|at| astray.topology().location(at));
    let is_server = location(astray.fault.at).is_some_and(|at| at.exchange_server().is_some());
    let home_of = location(astray.fault.home).filter(|_| is_server);
    let own = astray.evidence.to.domain();
    let wanted = home_of.and_then(Location::routing_domain).unwrap_or_else(|| own.clone());
    let (missing, names) = if wanted == *own {
        ("it".to_owned(), astray.names())
    } else {
        (format!("`{wanted}`, under which they are reached"), format!("`{wanted}`"))
    };
    let mut finding = Finding::error(
        Code::H001,
        format!(
            "{} is split between `{}` and `{home}`, and `{name}` does not name {missing}: mail from {} for the mailboxes at `{home}` {}",
            astray.names(),
            astray.place(),
            astray.senders(),
            astray.end()
        ),
    )
    .help(format!("add {names} to `recipients` of `{name}`"));
    if let Some(route) = route {
        finding = finding
            .at(route.origin.span(), "does not name it")
            .on(Object::Route(route.name.clone()));
        if route.takes_more_names() {
            finding = finding.fix(Operation::Append {
                object: Object::Route(route.name.clone()),
                key: "recipients",
                value: wanted.to_string(),
            });
        }
    }
    finding
}
