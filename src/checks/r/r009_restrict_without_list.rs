//! # R009 restrict-without-list
//!
//! ## What a clean result proves
//!
//! Every connector that admits only certain senders says which, by a certificate or by addresses that it can hold.
//!
//! ## Exact condition
//!
//! A Partner connector of a tenant restricts to addresses and has none, or restricts to a certificate and names none;
//! or it has addresses and does not restrict to them. A Receive connector has no addresses to know its clients by. A
//! Postfix location takes mail from certain locations only (`accept_only_from`), and of one of these no address is known.
//!
//! ## Severity
//!
//! error: with an empty list everybody is refused, without the restriction nobody is.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx1.filter.example], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx1.filter.example], egress: [192.0.2.0/24], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - `check_client_access`: <https://www.postfix.org/SMTPD_ACCESS_README.html>
//! - `RestrictDomainsToIPAddresses`, `RestrictDomainsToCertificate`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::topology::{Location, Party};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(online) = &plan.place(id).configuration else {
            continue;
        };
        for connector in online
            .inbound
            .iter()
            .filter(|c| c.connector_type == ConnectorType::Partner)
        {
            let without_addresses = connector.restrict_domains_to_ip_addresses
                && connector.sender_ip_addresses.is_empty();
            let without_name = connector.restrict_domains_to_certificate
                && connector.tls_sender_certificate_name.is_none();
            if without_addresses || without_name {
                findings.push(refuses_everybody(plan, location, connector));
            } else if !connector.restrict_domains_to_ip_addresses
                && !connector.sender_ip_addresses.is_empty()
            {
                findings.push(restricts_nobody(plan, location, connector));
            }
        }
    }
}

fn refuses_everybody(plan: &Plan, location: &Location, connector: &InboundConnector) -> Finding {
    let name = &location.name;
    if let (Some(span), Some(only)) = (connector.lockdown, &location.accept_only_from) {
        let admitted = listed(
            only.value
                .iter()
                .map(|&id| plan.topology.location(id).name.as_str()),
        );
        let finding = Finding::error(
            Code::R009,
            if only.value.is_empty() {
                format!("`{name}` admits no sender, so it would reject all mail from outside")
            } else {
                format!("nothing says how `{name}` identifies {admitted}: it would reject all mail from outside, theirs too")
            },
        )
        .at(span, "only these are admitted")
        .on(Object::Location(name.clone()));
        return finding.help(match only.value.first() {
            Some(&first) => format!(
                "write `certificate` or public IPv4 addresses in `egress` at `{}`",
                plan.topology.location(first).name
            ),
            None => {
                "name the gateway that mail comes through: `accept_only_from: [GATEWAY]`".to_owned()
            }
        });
    }
    let mut finding = Finding::error(
        Code::R009,
        format!("connector `{}` of `{name}` restricts its senders to an empty list, so all their mail would be refused", connector.name),
    )
    .on(Object::Location(name.clone()))
    .help("write a `certificate`, or public IPv4 addresses: connectors of Exchange Online hold no others");
    if let Some(&route) = connector.routes.first() {
        let route = plan.route(route);
        finding = finding.at(route.origin.span(), "whose mail it is");
        if let Party::Partner(id) = route.from {
            finding = finding.on(Object::Partner(plan.topology.partner(id).name.clone()));
        }
    }
    finding
}

fn restricts_nobody(plan: &Plan, location: &Location, connector: &InboundConnector) -> Finding {
    let mut finding = Finding::error(
        Code::R009,
        format!("connector `{}` of `{}` lists addresses without restricting its senders to them: their mail is taken from anywhere", connector.name, location.name),
    )
    .on(Object::Location(location.name.clone()))
    .help("write `accepted_by: addresses`");
    if let Some(&route) = connector.routes.first() {
        let route = plan.route(route);
        finding = finding.at(route.origin.span(), "whose mail it is").fix(Operation::set(
            Object::Route(route.name.clone()),
            "accepted_by",
            "addresses",
        ));
    }
    finding
}
