//! # A010 ip-range-partial-overlap
//!
//! ## What a clean result proves
//!
//! Every address that connects to an Exchange organization has one Receive connector that is most specific for it.
//!
//! ## Exact condition
//!
//! Two enabled Receive connectors of a server have a range in common. Ranges that lie within one another are no conflict: the
//! narrower one counts. Senders with the same addresses that the server treats alike, such as two tenants of a provider,
//! share one connector and are no conflict either. Devices whose rights differ are V004.
//!
//! ## Severity
//!
//! error: Exchange refuses the second connector, and which rights its clients have is not decided.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//!   lab: {kind: smtp, hosts: [lab.contoso.com], egress: [10.0.0.9], certificate: lab.contoso.com, trusted: true, sends: {via: hq}}
//!   office: {kind: postfix, hosts: [office.contoso.com], egress: [10.0.0.9], certificate: office.contoso.com, delivers_to: "lmtp:unix:private/lmtp", sends: {via: hq}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//!   lab.contoso.com: {mailboxes: lab, mx: hq}
//!   office.contoso.com: {mailboxes: {office: [postmaster@office.contoso.com]}, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//!   lab: {kind: smtp, hosts: [lab.contoso.com], egress: [10.0.0.9], certificate: lab.contoso.com, trusted: true, sends: {via: hq}}
//!   office: {kind: postfix, hosts: [office.contoso.com], egress: [10.0.0.10], certificate: office.contoso.com, delivers_to: "lmtp:unix:private/lmtp", sends: {via: hq}}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//!   lab.contoso.com: {mailboxes: lab, mx: hq}
//!   office.contoso.com: {mailboxes: {office: [postmaster@office.contoso.com]}, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - The most specific range wins: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_server::ReceiveConnector;
use crate::topology::{Location, Party};
use crate::values::Network;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeServer(server) = &plan.place(id).configuration else {
            continue;
        };
        let mut by_range: BTreeMap<Network, &ReceiveConnector> = BTreeMap::new();
        let mut said: BTreeSet<(&str, &str)> = BTreeSet::new();
        // The connector for all addresses has no range that it could share.
        let ranged = |it: &&ReceiveConnector| it.enabled && !it.is_default(server.version);
        for connector in server.receive.iter().filter(ranged) {
            for range in &connector.remote_ip_ranges {
                let Some(&other) = by_range.get(range) else {
                    by_range.insert(*range, connector);
                    continue;
                };
                let pair = (other.name.as_str(), connector.name.as_str());
                if pair.0 != pair.1
                    && !differs_as_device(plan, other, connector)
                    && said.insert(pair)
                {
                    findings.push(finding(plan, location, *range, other, connector));
                }
            }
        }
    }
}

fn sender(plan: &Plan, connector: &ReceiveConnector) -> Option<Party> {
    connector.routes.first().map(|id| plan.route(*id).from)
}

/// What V004 speaks of.
fn differs_as_device(plan: &Plan, a: &ReceiveConnector, b: &ReceiveConnector) -> bool {
    let is_device = |connector| matches!(sender(plan, connector), Some(Party::Device(_)));
    is_device(a) != is_device(b) || (is_device(a) && a.grant != b.grant)
}

fn finding(
    plan: &Plan,
    location: &Location,
    range: Network,
    a: &ReceiveConnector,
    b: &ReceiveConnector,
) -> Finding {
    let apart = "give each its own addresses, or let one of the two send through the other";
    let differences = a.differences(b).join(" and ");
    let (what, help) = if differences.is_empty() {
        (String::new(), apart.to_owned())
    } else {
        (
            format!(", and differ in {differences}"),
            format!("write the same for both, so that one connector serves both, or {apart}"),
        )
    };
    let mut finding = Finding::error(
        Code::A010,
        format!(
            "`{}` and `{}` would both be for `{range}` at `{}`{what}: Exchange refuses two Receive connectors for one range",
            a.name, b.name, location.name
        ),
    )
    .help(help);
    for connector in [b, a] {
        if let Some(id) = connector.routes.first() {
            let route = plan.route(*id);
            finding = finding
                .at(route.origin.span(), format!("`{}`", connector.name))
                .on(Object::Route(route.name.clone()));
        }
    }
    finding
}
