//! # D004 scoped-without-rule
//!
//! ## What a clean result proves
//!
//! Every route that is left to mail-flow rules is named by one.
//!
//! ## Exact condition
//!
//! A route with `only_by_rule: true` is named by no enabled rule.
//!
//! ## Severity
//!
//! error: the connector takes no mail at all.
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
//! routes:
//!   - {name: big files, from: cloud, to: hq, recipients: ["*"], only_by_rule: true}
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
//! routes:
//!   - {name: big files, from: cloud, to: hq, recipients: ["*"], only_by_rule: true}
//! rules:
//!   - {name: Archive team, at: cloud, when: {sender_member_of: [archive@contoso.com], to: outside}, route: big files, unless_header: X-Contoso-Routed}
//! ```
//!
//! ## Sources
//!
//! - `IsTransportRuleScoped`: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{RuleTarget, Topology};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Whether the written route at this position takes no mail, because no enabled rule names it.
pub(in crate::checks) fn is_without_rule(topology: &Topology, index: usize) -> bool {
    let mut rules = topology.rules.iter();
    let named = rules.any(|rule| rule.enabled && rule.route.value == RuleTarget::Route(index));
    let route = topology.routes.get(index);
    route.is_some_and(|route| route.only_by_rule && route.enabled.value) && !named
}

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for (index, route) in topology.routes.iter().enumerate() {
        if !is_without_rule(topology, index) {
            continue;
        }
        let name = route.name.as_ref().map_or_else(
            || {
                let ends = [route.from.value, route.to.value];
                let [from, to] = ends.map(|party| topology.party_name(party));
                format!("{from} to {to}")
            },
            |name| name.value.clone(),
        );
        let off = topology
            .rules
            .iter()
            .find(|rule| rule.route.value == RuleTarget::Route(index));
        let why = match off {
            Some(rule) => format!(
                "the rule `{}` that names it is switched off",
                rule.name.value
            ),
            None => "no rule names it".to_owned(),
        };
        findings.push(
            Finding::error(
                Code::D004,
                format!("`{name}` takes only what a rule gives to it, and {why}: it takes no mail"),
            )
            .at(route.span, "`only_by_rule: true`")
            .on(Object::Route(name.clone()))
            .help(format!(
                "write a rule with `route: {name}`, or take `only_by_rule` from the route"
            )),
        );
    }
}
