//! # T007 cert-attribution-name
//!
//! ## What a clean result proves
//!
//! Mail that our own servers and devices hand to a tenant with a certificate is attributed to this tenant, whoever
//! wrote it.
//!
//! ## Exact condition
//!
//! A connector of the type `OnPremises` at a tenant names a certificate whose name (without `*.`) the tenant does not
//! accept. Error when it accepts no parent of the name either and mail for others comes so, warning when only mail for
//! accepted domains does; note when it accepts a parent only.
//!
//! ## Severity
//!
//! error: the mail is refused as relaying (550 5.7.64). warning: the mail is taken as a stranger's, so that what is set for
//! the connector (which hops are skipped, whose mail counts as written inside) does not hold. note: ordinary mail is
//! attributed by its sender, but reports without a sender may not be.
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
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     client_certificate: relay.vendor.example
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, also_accepts: [{domain: mail.contoso.com}]}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://techcommunity.microsoft.com/blog/exchange/updated-requirements-for-smtp-relay-through-exchange-online/3851357>
//! - How mail is attributed to a tenant (MC1226222): <https://mwpro.co.uk/blog/2026/02/04/>

use super::{Check, Run};
use crate::finding::Severity;
use crate::finding::{Finding, Findings, Object};
use crate::plan::exchange_online::{ConnectorType, InboundConnector};
use crate::plan::{AcceptedDomain, Configuration, Plan};
use crate::topology::{Location, Party};

/// The check.
pub const CHECK: Check = Check {
    code: "T007",
    name: "cert-attribution-name",
    severity: Severity::Error,
    source: include_str!("t007_cert_attribution_name.rs"),
    run: Run::Plan(run),
};

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let place = plan.place(id);
        let Configuration::ExchangeOnline(online) = &place.configuration else {
            continue;
        };
        for connector in online
            .inbound
            .iter()
            .filter(|c| c.connector_type == ConnectorType::OnPremises)
        {
            let Some(name) = &connector.tls_sender_certificate_name else {
                continue;
            };
            let base = name.strip_prefix("*.").unwrap_or(name);
            match standing(base, &place.accepted) {
                Standing::Accepted => {}
                Standing::ParentAccepted(parent) => findings.push(describe(plan, connector, Finding::note(
                    "T007",
                    format!("`{}` accepts `{parent}` but not `{base}`, the name of the certificate behind `{}`: reports without a sender may not be attributed to it and are refused then", location.name, connector.name),
                ), location, base)),
                Standing::Foreign if !relays(plan, connector) => findings.push(describe(plan, connector, Finding::warning(
                    "T007",
                    format!("`{}` does not accept `{base}`, the name of the certificate behind `{}`: mail from there may be taken as a stranger's, past what is set for it", location.name, connector.name),
                ), location, base)),
                Standing::Foreign => findings.push(describe(plan, connector, Finding::error(
                    "T007",
                    format!("`{}` does not accept `{base}`, the name of the certificate behind `{}`: mail for others is refused as relaying unless its sender is in an accepted domain, reports without a sender always", location.name, connector.name),
                ), location, base)),
            }
        }
    }
}

/// Whether mail for others comes by the connector, which is refused where it is not attributed.
fn relays(plan: &Plan, connector: &InboundConnector) -> bool {
    let mut routes = connector.routes.iter().map(|id| plan.route(*id));
    routes.any(|route| route.covers_everything() || !matches!(route.from, Party::Location(_)))
}

enum Standing<'a> {
    Accepted,
    ParentAccepted(&'a str),
    Foreign,
}

fn standing<'a>(name: &str, accepted: &'a [AcceptedDomain]) -> Standing<'a> {
    let is_below = |domain: &AcceptedDomain| {
        name.strip_suffix(domain.domain.as_str())
            .is_some_and(|rest| rest.ends_with('.'))
    };
    if accepted
        .iter()
        .any(|domain| domain.domain.as_str() == name || (domain.subdomains && is_below(domain)))
    {
        return Standing::Accepted;
    }
    match accepted.iter().find(|domain| is_below(domain)) {
        Some(parent) => Standing::ParentAccepted(parent.domain.as_str()),
        None => Standing::Foreign,
    }
}

fn describe(
    plan: &Plan,
    connector: &InboundConnector,
    finding: Finding,
    location: &Location,
    base: &str,
) -> Finding {
    let mut finding = finding.on(Object::Location(location.name.clone())).help(format!(
        "write `also_accepts: [{{domain: {base}}}]` at `{}`, or present a certificate for one of its domains",
        location.name
    ));
    if let Some(&route) = connector.routes.first() {
        let route = plan.route(route);
        let certificate = match route.from {
            Party::Location(id) => plan.topology.location(id).client_certificate(),
            Party::Device(id) => plan.topology.device(id).certificate.as_ref(),
            _ => None,
        };
        let span = certificate.map_or(route.origin.span(), |certificate| certificate.span);
        finding = finding
            .at(span, "the certificate it is recognized by")
            .on(Object::Route(route.name.clone()));
    }
    finding
}
