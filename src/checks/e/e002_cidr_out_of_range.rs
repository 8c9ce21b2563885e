//! # E002 cidr-out-of-range
//!
//! ## What a clean result proves
//!
//! Every range that a route to a tenant is recognized by is one that a connector of Exchange Online takes as it is
//! written.
//!
//! ## Exact condition
//!
//! `accepted_by: {addresses: […]}` of a route to a tenant holds an IPv4 network wider than /24. Networks that are
//! derived from `egress` or `addresses` are split into /24s instead; where that gives more than 256 entries, it is
//! said.
//!
//! ## Severity
//!
//! error for a written range; warning for a derived list of more than 256 entries.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.112.0/23]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routes:
//!   - {name: Through the cloud, from: hq, to: cloud, recipients: ["*"], accepted_by: {addresses: [203.0.112.0/23]}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.112.0/23]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! routes:
//!   - {name: Through the cloud, from: hq, to: cloud, recipients: ["*"], accepted_by: {addresses: [203.0.112.0/24, 203.0.113.0/24]}}
//! ```
//!
//! ## Sources
//!
//! - `SenderIPAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::source::At;
use crate::topology::AcceptedBy;
use crate::values::Network;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// Longest list that is still taken without a word; no limit is documented, large sites get by with some dozens.
const MANY: usize = 256;

fn run(plan: &Plan, findings: &mut Findings) {
    for route in &plan.topology.routes {
        let to_tenant = route
            .to
            .value
            .location()
            .filter(|&id| plan.topology.location(id).tenant().is_some());
        let (
            Some(tenant),
            Some(At {
                value: AcceptedBy::Networks(networks),
                ..
            }),
        ) = (to_tenant, &route.accepted_by)
        else {
            continue;
        };
        let tenant = &plan.topology.location(tenant).name;
        let from = plan.topology.party_name(route.from.value);
        for network in networks.iter().filter(|at| is_too_wide(&at.value)) {
            findings.push(
                Finding::error(
                    Code::E002,
                    format!(
                        "`{}` is wider than /24, and a connector of `{tenant}` takes /24 to /32 only: without it the tenant treats mail of `{from}` as external",
                        network.value
                    ),
                )
                .at(network.span, "too wide")
                .on(Object::Location(tenant.clone()))
                .help(split_help(&network.value)),
            );
        }
    }
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(online) = &plan.place(id).configuration else {
            continue;
        };
        for connector in online
            .inbound
            .iter()
            .filter(|c| c.sender_ip_addresses.len() > MANY)
        {
            let mut finding = Finding::warning(
                Code::E002,
                format!(
                    "connector `{}` of `{}` would hold {} address ranges, more than any public report has seen work: mail from ranges left out is treated as external",
                    connector.name,
                    location.name,
                    connector.sender_ip_addresses.len()
                ),
            )
            .on(Object::Location(location.name.clone()))
            .help("recognize this sender by its `certificate`, or name fewer addresses");
            if let Some(&route) = connector.routes.first() {
                finding = finding.at(
                    plan.route(route).origin.span(),
                    "the addresses come from here",
                );
            }
            findings.push(finding);
        }
    }
}

fn is_too_wide(network: &Network) -> bool {
    !network.is_ipv6() && network.prefix_len() < 24
}

fn split_help(network: &Network) -> String {
    if network.prefix_len() < 21 {
        return "name the addresses that mail really comes from, or recognize the sender by its `certificate`".to_owned();
    }
    let parts: Vec<String> = network
        .split_v4_24()
        .iter()
        .map(ToString::to_string)
        .collect();
    format!(
        "write {} in its place, or fewer",
        listed(parts.iter().map(String::as_str))
    )
}
