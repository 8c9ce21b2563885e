//! # L006 routing-domain-not-routed
//!
//! ## What a clean result proves
//!
//! The address that reaches a tenant's mailbox from elsewhere has a route.
//!
//! ## Exact condition
//!
//! An Exchange organization hands mail for a mailbox elsewhere on by its target address, and a location on the way has no
//! route for that address's domain or does not accept it.
//!
//! ## Severity
//!
//! error: the mail for all of these mailboxes bounces or waits.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//!   - {name: to hq, from: cloud, to: hq, recipients: [contoso.com]}
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
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! routing: explicit
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//!   - {name: to cloud, from: hq, to: cloud, recipients: [contoso.mail.onmicrosoft.com]}
//!   - {name: to hq, from: cloud, to: hq, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - Transport routing in hybrid deployments: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;
use crate::checks::lost_mail::{Astray, report};
use crate::finding::{Code, Finding, Findings, Object, Operation, written_route};
use crate::plan::Configuration;
use crate::routes::facts::reached_under;
use crate::topology::Tenant;
use crate::walk::{Cause, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::RoutingDomain, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (place, home) = (astray.place(), astray.home());
    let own = astray.evidence.to.domain();
    let target = astray.evidence.way.sent_on(own).unwrap_or(own);
    let domain = target.as_str();
    let plan = astray.flows.model.plan;
    // A server of ours that knows the address has to lead it there itself, past whoever does not.
    let owner = astray.evidence.way.places.iter().rev().find(|at| {
        let location = plan.topology.location(**at);
        location.name != place && location.exchange_server().is_some()
    });
    let is_other = astray.fault.at.is_some_and(|at| {
        matches!(plan.place(at).configuration, Configuration::Checklist)
    });
    let from = owner.filter(|_| is_other).map_or(place, |at| astray.name(*at));
    let value = written_route(from, home, domain, "");
    let refusing = astray.fault.at.map(|at| plan.topology.location(at));
    let cause = astray.evidence.way.end.cause;
    let refusing = refusing.filter(|_| {
        from == place && place != home && matches!(cause, Cause::NotAccepted | Cause::NotAllowed)
    });
    let (why, help) = if let Some(refusing) = refusing {
        let help = if refusing.tenant().is_some() {
            format!("let no route and no rule lead this mail to `{place}`")
        } else {
            format!("write `also_accepts: [{{domain: {domain}, type: internal-relay}}]` at `{place}`, or let nothing lead this mail there")
        };
        (format!("which `{place}` does not accept"), help)
    } else if from != place && from == home {
        (
            format!("which `{from}` hands to `{place}`, and that has no route for it"),
            format!("write a route from `{from}` to the location with the mailboxes of `{domain}`"),
        )
    } else if from != place {
        (
            format!("which `{from}` hands to `{place}`, and that has no route for it"),
            format!("let `{from}` lead it past `{place}`: `{value}`"),
        )
    } else if place == home {
        (
            format!("which `{home}` does not accept"),
            format!("write `also_accepts: [{{domain: {domain}}}]` at `{home}`"),
        )
    } else {
        (
            format!("for which `{place}` has no route"),
            format!("add `{domain}` to the recipients of the route from `{place}` to `{home}`"),
        )
    };
    let finding = Finding::error(
        Code::L006,
        format!(
            "mail for the mailboxes of {} at `{home}` is sent on as `{domain}`, {why}: it {}",
            astray.names(),
            astray.end()
        ),
    )
    .on(Object::Location(home.to_owned()))
    .help(help);
    let name_of = |party| plan.topology.party_name(party);
    let written = plan.routes.iter().find(|route| {
        let is_used = route.takes_more_names() && route.enabled && !route.only_by_rule;
        is_used && name_of(route.from) == from && name_of(route.to) == home
    });
    // A name that a tenant has of its provider is accepted nowhere else.
    let is_of_tenant = plan.topology.locations().any(|(_, location)| {
        let names = |tenant: &Tenant| [tenant.initial_domain(), tenant.routing_domain()];
        location
            .tenant()
            .is_some_and(|it| names(it).iter().any(|name| name == domain))
    });
    let is_ours = plan.topology.nearest_domain(target).is_some()
        || reached_under(&plan.topology, target).is_some();
    match written {
        _ if !is_ours || (place == home && is_of_tenant) => finding.help(format!(
            "write a `target` for these mailboxes in a domain that `{home}` accepts"
        )),
        _ if refusing.is_some_and(|it| it.tenant().is_some()) => finding,
        _ if refusing.is_some() => finding.fix(Operation::Append {
            object: Object::Location(place.to_owned()),
            key: "also_accepts",
            value: format!("{{domain: {domain}, type: internal-relay}}"),
        }),
        _ if place == home => finding.fix(Operation::Append {
            object: Object::Location(home.to_owned()),
            key: "also_accepts",
            value: format!("{{domain: {domain}}}"),
        }),
        Some(route) => finding.fix(Operation::Append {
            object: Object::Route(route.name.clone()),
            key: "recipients",
            value: domain.to_owned(),
        }),
        None if from != place && from != home => finding.fix(Operation::Item {
            section: "routes",
            value,
        }),
        None => finding,
    }
}
