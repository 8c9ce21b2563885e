//! # R011 lockdown-shuts-out-internet
//!
//! ## What a clean result proves
//!
//! Whoever sends to one of our domains over its MX is heard: no place that mail enters at is locked against
//! strangers.
//!
//! ## Exact condition
//!
//! A location has `accept_only_from`, and for some domain every place in `mx` is a location that is locked so.
//!
//! ## Severity
//!
//! error: all Internet mail for these domains is refused in the session.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter:
//!     kind: gateway
//!     hosts: [mx1.filter.example]
//!     egress: [192.0.2.0/24]
//!     forwards: {contoso.com: cloud}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter:
//!     kind: gateway
//!     hosts: [mx1.filter.example]
//!     egress: [192.0.2.0/24]
//!     forwards: {contoso.com: cloud}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>
//! - `RestrictDomainsToIPAddresses`, `RestrictDomainsToCertificate`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{Domain, LocationId};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let mut shut_out: BTreeMap<LocationId, Vec<&Domain>> = BTreeMap::new();
    for domain in &topology.domains {
        let locked = |id: LocationId| topology.location(id).accept_only_from.is_some();
        if let (Some(first), true) = (
            domain.mx.first(),
            domain.mx.iter().all(|entry| locked(entry.value)),
        ) {
            shut_out.entry(first.value).or_default().push(domain);
        }
    }
    for (id, domains) in shut_out {
        let location = topology.location(id);
        let (Some(only), Some(entry)) = (
            &location.accept_only_from,
            domains.first().and_then(|domain| domain.mx.first()),
        ) else {
            continue;
        };
        let admitted: Vec<&str> = only
            .value
            .iter()
            .map(|&id| topology.location(id).name.as_str())
            .collect();
        let names: Vec<&str> = domains.iter().map(|domain| domain.name.as_str()).collect();
        findings.push(
            Finding::error(
                Code::R011,
                format!(
                    "mail from the Internet for {} comes straight to `{}`, which takes mail of strangers from {} alone: all of it would be refused",
                    listed(names.iter().copied()),
                    location.name,
                    if admitted.is_empty() { "nobody".to_owned() } else { listed(admitted.iter().copied()) }
                ),
            )
            .at(entry.span, "Internet mail enters here")
            .at(only.span, "only these are admitted")
            .on(Object::Location(location.name.clone()))
            .domains(names)
            .help(match admitted.first() {
                Some(first) => format!("write `mx: {first}`, or delete `accept_only_from`"),
                None => "delete `accept_only_from`".to_owned(),
            }),
        );
    }
}
