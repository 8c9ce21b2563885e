//! # E016 trusted-behind-a-lock
//!
//! ## What a clean result proves
//!
//! All mail that the spec takes for internal counts as internal where it arrives.
//!
//! ## Exact condition
//!
//! Mail over a route to a tenant must count as internal (`trusted: true` at the gateway or at the route), and the
//! only connector that takes it there is the one of `accept_only_from`. That is of type `Partner`, which rejects all other
//! mail and grants nothing: `TreatMessagesAsInternal` exists on connectors of type `OnPremises` alone.
//!
//! ## Severity
//!
//! warning: the mail arrives, and is treated as external: rules, filters and warnings for outsiders act on it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], certificate: in.filter.example, forwards: {"contoso.com": cloud}, trusted: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], certificate: in.filter.example, forwards: {"contoso.com": cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - `TreatMessagesAsInternal` and `ConnectorType`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::r::r007_internal_flag_from_outside::trusted_hops;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, route, from, to) in trusted_hops(plan) {
        let Configuration::ExchangeOnline(tenant) = &plan.place(to).configuration else {
            continue;
        };
        let mut taking = tenant
            .inbound
            .iter()
            .filter(|connector| connector.routes.contains(&id));
        let (Some(lock), None) = (taking.next(), taking.next()) else {
            continue;
        };
        if !lock.is_lock() {
            continue;
        }
        let span = lock.lockdown.unwrap_or_else(|| route.origin.span());
        let [sender, receiver] = [from, to].map(|at| plan.topology.location(at));
        let object = match (sender.trusted, route.is_written()) {
            (true, _) => Object::Location(sender.name.clone()),
            (false, true) => Object::Route(route.name.clone()),
            (false, false) => continue,
        };
        findings.push(
            Finding::warning(
                Code::E016,
                format!(
                    "`trusted` of `{}` has no effect at `{}`: the connector `{}` rejects all other senders and grants no rights, so mail from `{}` is treated as external",
                    if sender.trusted { &sender.name } else { &route.name },
                    receiver.name,
                    lock.name,
                    sender.name
                ),
            )
            .at(if sender.trusted { sender.span } else { route.origin.span() }, "trusted here")
            .at(span, "the lock is its only connector")
            .on(Object::Location(receiver.name.clone()))
            .on(Object::Location(sender.name.clone()))
            .mend(Operation::Unset { object, key: "trusted" }),
        );
    }
}
