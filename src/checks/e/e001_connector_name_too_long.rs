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
use crate::routes::RouteId;
use crate::source::Span;
use crate::topology::Party;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

const LIMIT: usize = 64;

/// A connector, and what its name is made of.
struct Named<'a> {
    name: &'a str,
    ends: (Party, Party),
    span: Span,
    object: Object,
}

fn run(plan: &Plan, findings: &mut Findings) {
    // Both directions between two places, and both ends of each, have long names for the same reason.
    let mut by_ends: BTreeMap<(Party, Party), Vec<Named<'_>>> = BTreeMap::new();
    for (id, location) in plan.topology.locations() {
        for (name, route) in connectors(&plan.place(id).configuration) {
            if name.chars().count() <= LIMIT {
                continue;
            }
            let route = route.map(|id| plan.route(id));
            let ends = route.map_or((Party::Location(id), Party::Location(id)), |route| {
                (route.from.min(route.to), route.from.max(route.to))
            });
            let object = route.map(|route| Object::Route(route.name.clone()));
            by_ends.entry(ends).or_default().push(Named {
                name,
                ends,
                span: route.map_or(location.span, |route| route.origin.span()),
                object: object.unwrap_or_else(|| Object::Location(location.name.clone())),
            });
        }
    }
    for mut connectors in by_ends.into_values() {
        connectors.sort_by_key(|connector| connector.name);
        let names = listed(connectors.iter().map(|connector| connector.name));
        let Some(first) = connectors.into_iter().next() else {
            continue;
        };
        let [a, b] = [first.ends.0, first.ends.1].map(|party| plan.topology.party_name(party));
        let longer = if a.chars().count() > b.chars().count() {
            a
        } else {
            b
        };
        findings.push(
            Finding::error(
                Code::E001,
                format!(
                    "the connector `{}` has a name of {} characters where Exchange takes {LIMIT}: it would not be made, and its mail would go another way or nowhere",
                    first.name,
                    first.name.chars().count()
                ),
            )
            .at(first.span, format!("carries {names}"))
            .on(first.object)
            .help(format!("give `{longer}` a shorter name and write `renamed_from: {longer}` there")),
        );
    }
}

/// The connectors that are written, by name. What locks a location may have no route.
fn connectors(configuration: &Configuration) -> Vec<(&str, Option<RouteId>)> {
    match configuration {
        Configuration::ExchangeOnline(online) => {
            let outbound = online.outbound.iter().filter(|c| !c.by_wizard);
            let outbound = outbound.map(|c| (c.name.as_str(), Some(c.route)));
            let inbound = online.inbound.iter().filter(|c| !c.by_wizard);
            let inbound = inbound.map(|c| (c.name.as_str(), c.routes.first().copied()));
            outbound.chain(inbound).collect()
        }
        Configuration::ExchangeServer(server) => {
            let send = server.send.iter().filter(|c| !c.by_wizard);
            let send = send.map(|c| (c.name.as_str(), Some(c.route)));
            let receive = server.receive.iter().filter(|c| !c.by_wizard);
            let receive = receive.map(|c| (c.name.as_str(), c.routes.first().copied()));
            send.chain(receive).collect()
        }
        Configuration::Postfix(_) | Configuration::Checklist => Vec::new(),
    }
}
