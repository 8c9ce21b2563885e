//! # L011 unreachable-queue
//!
//! ## What a clean result proves
//!
//! Every name has a Send connector at every Exchange organization that mail for it comes to.
//!
//! ## Exact condition
//!
//! Mail comes to an Exchange organization, and no Send connector has an address space for its domain.
//!
//! ## Severity
//!
//! error: it waits in the unreachable queue until it expires.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [fabrikam.com]}
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
//!   contoso.com: {mailboxes: cloud, mx: hq}
//!   fabrikam.com: {mailboxes: cloud, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: to cloud, from: hq, to: cloud, recipients: [contoso.com, fabrikam.com]}
//! ```
//!
//! ## Sources
//!
//! - How a Send connector is selected: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::routes::NextHop;
use crate::topology::{LocationId, Party};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::NoConnector, findings, finding);
}

/// The tenant that a route leads to and that has no host, because the host is named after an accepted domain.
fn tenant_without_domains(astray: &Astray<'_>) -> Option<LocationId> {
    let plan = astray.flows.model.plan;
    let mut routes = plan.routes_at(astray.fault.at?);
    routes.find_map(|(_, route)| {
        let to = route.to.location()?;
        let has_domains = || {
            let mut accepted = plan.place(to).accepted.iter();
            accepted.any(|accepted| plan.topology.domain_named(&accepted.domain).is_some())
        };
        let unknown = Some(route.from) == astray.fault.at.map(Party::Location)
            && route.next_hop == NextHop::Unknown
            && plan.topology.location(to).tenant().is_some()
            && !has_domains();
        unknown.then_some(to)
    })
}

fn finding(astray: &Astray<'_>) -> Finding {
    let place = astray.place();
    if let Some(tenant) = tenant_without_domains(astray) {
        let location = astray.topology().location(tenant);
        let holds = astray.topology().domains().find(|(_, domain)| {
            astray.fault.at.is_some_and(|at| domain.holder_ids().any(|holder| holder == at))
        });
        let known = holds.map(|(_, domain)| domain.name.as_str());
        let domain = known.unwrap_or("DOMAIN");
        let name = &location.name;
        let finding = Finding::error(
            Code::L011,
            format!(
                "`{name}` accepts none of our domains, so it has no host that `{place}` could send to: mail from {} for {} waits in the unreachable queue of `{place}` and then bounces",
                astray.senders(),
                astray.names()
            ),
        )
        .at(location.span, format!("`{name}` is here"))
        .on(Object::Location(name.clone()))
        .help(format!(
            "write `also_accepts: [{{domain: {domain}, type: internal-relay}}]` at `{name}`"
        ));
        return match known {
            Some(domain) => finding.fix(Operation::Append {
                object: Object::Location(name.clone()),
                key: "also_accepts",
                value: format!("{{domain: {domain}, type: internal-relay}}"),
            }),
            None => finding,
        };
    }
    Finding::error(
        Code::L011,
        format!(
            "`{place}` has no Send connector for {}: mail from {} waits in the unreachable queue and then bounces",
            astray.names(),
            astray.senders()
        ),
    )
    .help(format!("give `{place}` a route for {}", astray.names()))
}
