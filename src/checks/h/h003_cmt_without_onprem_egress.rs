//! # H003 cmt-without-onprem-egress
//!
//! ## What a clean result proves
//!
//! Mail that makes the detour of centralized transport gets out to the Internet.
//!
//! ## Exact condition
//!
//! A tenant with centralized transport hands all mail for others to an Exchange organization that has no enabled route for `*`.
//!
//! ## Severity
//!
//! error: all mail of the tenant for outside stays in the unreachable queue and then bounces.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"], enabled: false}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! routes:
//!   - {name: out, from: hq, to: internet, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - Centralized transport: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation, written_route};
use crate::plan::{Configuration, Plan};
use crate::routes::Route;
use crate::topology::{LocationId, Party};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, tenant) in plan.topology.locations() {
        let Some((route, exit)) = exit(plan, id) else {
            continue;
        };
        if has_way_out(plan, exit) {
            continue;
        }
        let exit = plan.topology.location(exit);
        let off = plan
            .routes
            .iter()
            .find(|other| other.from == route.to && !other.enabled && other.covers_everything());
        let help = match off {
            Some(off) => format!("switch it on: `enabled: true` at `{}`", off.name),
            None => format!(
                "add `{}` to `routes`",
                written_route(&exit.name, "internet", "\"*\"", "")
            ),
        };
        let mut finding = Finding::error(
            Code::H003,
            format!(
                "all mail of `{}` for outside makes the detour through `{}`, which has no route for `*`: it stays in the unreachable queue and then bounces",
                tenant.name, exit.name
            ),
        )
        .at(exit.span, "has no way out")
        .at(tenant.span, "sends everything there")
        .on(Object::Location(exit.name.clone()))
        .domains(["*"])
        .help(help);
        finding = match off {
            Some(off) => finding.at(off.origin.span(), "is switched off").fix(Operation::set(
                Object::Route(off.name.clone()),
                "enabled",
                "true",
            )),
            None => finding.fix(Operation::route(&exit.name, "internet", "\"*\"", "")),
        };
        findings.push(finding);
    }
}

/// The Exchange organization through which all mail of a tenant leaves, and the route there.
pub(crate) fn exit(plan: &Plan, tenant: LocationId) -> Option<(&Route, LocationId)> {
    let Configuration::ExchangeOnline(objects) = &plan.place(tenant).configuration else {
        return None;
    };
    let mut connectors = objects.outbound.iter();
    let detour = connectors.find(|connector| connector.is_detour())?;
    let route = plan.route(detour.route);
    let exit = route.to.location()?;
    plan.topology.location(exit).exchange_server()?;
    Some((route, exit))
}

/// Whether a place has a route for every name.
pub(crate) fn has_way_out(plan: &Plan, at: LocationId) -> bool {
    plan.routes.iter().any(|route| {
        route.from == Party::Location(at)
            && route.enabled
            && !route.only_by_rule
            && route.covers_everything()
    })
}
