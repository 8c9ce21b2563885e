//! # E001 connector-name-too-long
//!
//! ## What a clean result proves
//!
//! The name of every connector that is made fits into 64 characters, so no script stops half-way because a name was
//! refused.
//!
//! ## Exact condition
//!
//! A connector of a tenant or of an Exchange organization has a name of more than 64 characters. Names of derived
//! connectors are made of the names of their two ends. Connectors of the Hybrid Configuration Wizard are not looked
//! at.
//!
//! ## Severity
//!
//! error: the cmdlet refuses the connector, and its mail takes another way or none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   headquarters-of-the-northern-region-and-its-forty-branches-in-town:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: headquarters-of-the-northern-region-and-its-forty-branches-in-town, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq-north:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq-north, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - `Name`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - `Name`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::routes::{Route, RouteId};
use crate::topology::Party;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

const LIMIT: usize = 64;

fn run(plan: &Plan, findings: &mut Findings) {
    // Both directions between two places, and both ends of each, have long names for the same reason.
    let mut by_ends: BTreeMap<(Party, Party), Vec<(&str, &Route)>> = BTreeMap::new();
    for place in &plan.places {
        for (name, id) in connectors(&place.configuration) {
            if name.chars().count() > LIMIT {
                let route = plan.route(id);
                let ends = (route.from.min(route.to), route.from.max(route.to));
                by_ends.entry(ends).or_default().push((name, route));
            }
        }
    }
    for ((a, b), mut connectors) in by_ends {
        connectors.sort_by_key(|(name, _)| *name);
        let Some((name, route)) = connectors.first() else {
            continue;
        };
        let [a, b] = [a, b].map(|party| plan.topology.party_name(party));
        let longer = if a.chars().count() > b.chars().count() {
            a
        } else {
            b
        };
        findings.push(
            Finding::error(
                Code::E001,
                format!(
                    "the connector `{name}` has a name of {} characters where Exchange takes {LIMIT}: it would not be made, and its mail would go another way or nowhere",
                    name.chars().count()
                ),
            )
            .at(route.origin.span(), format!("carries {}", listed(connectors.iter().map(|(name, _)| *name))))
            .on(Object::Route(route.name.clone()))
            .help(format!("give `{longer}` a shorter name and write `renamed_from: {longer}` there")),
        );
    }
}

fn connectors(configuration: &Configuration) -> Vec<(&str, RouteId)> {
    match configuration {
        Configuration::ExchangeOnline(online) => {
            let outbound = online
                .outbound
                .iter()
                .filter(|c| !c.by_wizard)
                .map(|c| (c.name.as_str(), c.route));
            let inbound = online.inbound.iter().filter(|c| !c.by_wizard);
            outbound
                .chain(inbound.filter_map(|c| Some((c.name.as_str(), *c.routes.first()?))))
                .collect()
        }
        Configuration::ExchangeServer(server) => {
            let send = server
                .send
                .iter()
                .filter(|c| !c.by_wizard)
                .map(|c| (c.name.as_str(), c.route));
            let receive = server.receive.iter().filter(|c| !c.by_wizard);
            send.chain(receive.filter_map(|c| Some((c.name.as_str(), *c.routes.first()?))))
                .collect()
        }
        _ => Vec::new(),
    }
}
