//! # E010 rule-names-unscoped-connector
//!
//! ## What a clean result proves
//!
//! Every mail-flow rule of a tenant chooses a connector that only rules use, and that starts at the place where the
//! rule acts.
//!
//! ## Exact condition
//!
//! `route` of a rule at a tenant names a written route without `only_by_rule: true`; or, anywhere, a route that
//! starts at another place than the rule's `at`.
//!
//! ## Severity
//!
//! error: Exchange Online refuses the rule, and an unscoped connector would take mail of everybody beside it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.0/24]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: signatures, from: cloud, to: filter, recipients: ["*"]}
//! rules:
//!   - {name: Sales signatures, at: cloud, when: {sender: [sales@contoso.com]}, route: signatures, unless_header: X-Signed}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.0/24]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: signatures, from: cloud, to: filter, recipients: ["*"], only_by_rule: true}
//! rules:
//!   - {name: Sales signatures, at: cloud, when: {sender: [sales@contoso.com]}, route: signatures, unless_header: X-Signed}
//! ```
//!
//! ## Sources
//!
//! - `IsTransportRuleScoped`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/conditional-mail-routing>

use super::{Check, Run};
use crate::finding::Severity;
use crate::finding::{Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{Party, RuleTarget};

/// The check.
pub const CHECK: Check = Check {
    code: "E010",
    name: "rule-names-unscoped-connector",
    severity: Severity::Error,
    source: include_str!("e010_rule_names_unscoped_connector.rs"),
    run: Run::Plan(run),
};

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for rule in &topology.rules {
        let RuleTarget::Route(index) = rule.route.value else {
            continue;
        };
        let Some(route) = topology.routes.get(index) else {
            continue;
        };
        let at = topology.location(rule.at.value);
        let name = route.name.as_ref().map_or_else(
            || {
                format!(
                    "{} to {}",
                    topology.party_name(route.from.value),
                    topology.party_name(route.to.value)
                )
            },
            |name| name.value.clone(),
        );
        let (message, help) = if route.from.value != Party::Location(rule.at.value) {
            let from = topology.party_name(route.from.value);
            (
                format!(
                    "rule `{}` acts at `{}` and chooses `{name}`, which starts at `{from}`: the rule could not be made, and its mail would go the ordinary way",
                    rule.name.value, at.name
                ),
                format!(
                    "write `at: {from}`, or choose a route that starts at `{}`",
                    at.name
                ),
            )
        } else if at.tenant().is_some() && !route.only_by_rule {
            (
                format!(
                    "rule `{}` chooses `{name}`, which is not reserved for rules: `{}` refuses the rule, and the connector takes mail that the rule does not mean",
                    rule.name.value, at.name
                ),
                format!("write `only_by_rule: true` at `{name}`"),
            )
        } else {
            continue;
        };
        findings.push(
            Finding::error("E010", message)
                .at(rule.route.span, "chosen here")
                .at(route.span, "the route")
                .on(Object::Rule(rule.name.value.clone()))
                .on(Object::Route(name))
                .help(help),
        );
    }
}
