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
//! accepted domains does; note when it accepts a parent only. Of several such connectors at one tenant it speaks once.
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

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::routes::AcceptedDomain;
use crate::topology::{Location, Party};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

/// So many of the connectors have their place shown.
const MOST_SHOWN: usize = 10;

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let place = plan.place(id);
        let Configuration::ExchangeOnline(online) = &place.configuration else {
            continue;
        };
        let mut unknown: BTreeMap<Standing<'_>, Vec<Unknown<'_>>> = BTreeMap::new();
        for connector in online
            .inbound
            .iter()
            .filter(|c| c.connector_type == ConnectorType::OnPremises)
        {
            let Some(name) = &connector.tls_sender_certificate_name else {
                continue;
            };
            let base = name.strip_prefix("*.").unwrap_or(name);
            let relays = || relays(plan, connector);
            if let Some(standing) = standing(base, &place.accepted, relays) {
                let found = Unknown { base, connector };
                unknown.entry(standing).or_default().push(found);
            }
        }
        for (standing, unknown) in unknown {
            findings.push(finding(plan, location, standing, &unknown));
        }
    }
}

/// A name that a tenant does not accept, and the connector that goes by it.
struct Unknown<'a> {
    base: &'a str,
    connector: &'a InboundConnector,
}

/// Whether mail for others comes by the connector, which is refused where it is not attributed.
fn relays(plan: &Plan, connector: &InboundConnector) -> bool {
    let mut routes = connector.routes.iter().map(|id| plan.route(*id));
    routes.any(|route| route.covers_everything() || !matches!(route.from, Party::Location(_)))
}

/// What a name has to do with the domains that are accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing<'a> {
    /// Nothing, and mail for others comes by it.
    Relays,
    /// Nothing.
    Foreign,
    /// It lies below one of them.
    Below(&'a str),
}

/// `None`: it is accepted.
fn standing<'a>(
    name: &str,
    accepted: &'a [AcceptedDomain],
    relays: impl Fn() -> bool,
) -> Option<Standing<'a>> {
    let is_below = |domain: &AcceptedDomain| {
        name.strip_suffix(domain.domain.as_str())
            .is_some_and(|rest| rest.ends_with('.'))
    };
    if accepted
        .iter()
        .any(|domain| domain.domain.as_str() == name || (domain.subdomains && is_below(domain)))
    {
        return None;
    }
    Some(match accepted.iter().find(|domain| is_below(domain)) {
        Some(parent) => Standing::Below(parent.domain.as_str()),
        None if relays() => Standing::Relays,
        None => Standing::Foreign,
    })
}

fn finding(
    plan: &Plan,
    location: &Location,
    standing: Standing<'_>,
    unknown: &[Unknown<'_>],
) -> Finding {
    let here = &location.name;
    let names = listed(unknown.iter().map(|at| at.base));
    let connectors = listed(unknown.iter().map(|at| at.connector.name.as_str()));
    let (what, them, present) = match unknown {
        [_] => (
            "the name of the certificate behind",
            "it",
            "a certificate for one of its domains",
        ),
        _ => (
            "the names of the certificates behind",
            "them",
            "certificates for its domains",
        ),
    };
    let finding = match standing {
        Standing::Below(parent) => Finding::note(
            Code::T007,
            format!(
                "`{here}` accepts `{parent}` but not {names}, {what} {connectors}: reports without a sender may not be attributed to {them} and are refused then"
            ),
        ),
        Standing::Foreign => Finding::warning(
            Code::T007,
            format!(
                "`{here}` does not accept {names}, {what} {connectors}: mail from there may be taken as a stranger's, past what is set for {them}"
            ),
        ),
        Standing::Relays => Finding::error(
            Code::T007,
            format!(
                "`{here}` does not accept {names}, {what} {connectors}: mail for others is refused as relaying unless its sender is in an accepted domain, reports without a sender always"
            ),
        ),
    };
    let mut items: Vec<String> = unknown
        .iter()
        .take(MOST_SHOWN)
        .map(|at| format!("{{domain: {}}}", at.base))
        .collect();
    if unknown.len() > MOST_SHOWN {
        items.push("…".to_owned());
    }
    let finding = finding.on(Object::Location(here.clone())).help(format!(
        "write `also_accepts: [{}]` at `{here}`, or present {present}",
        items.join(", ")
    ));
    let shown = unknown.iter().take(MOST_SHOWN);
    let routes = shown.filter_map(|at| at.connector.routes.first());
    routes.fold(finding, |finding, &id| {
        let route = plan.route(id);
        let certificate = match route.from {
            Party::Location(id) => plan.topology.location(id).client_certificate(),
            Party::Device(id) => plan.topology.device(id).certificate.as_ref(),
            _ => None,
        };
        let span = certificate.map_or(route.origin.span(), |certificate| certificate.span);
        finding
            .at(span, "the certificate it is recognized by")
            .on(Object::Route(route.name.clone()))
    })
}
