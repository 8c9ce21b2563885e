//! # R007 internal-flag-from-outside
//!
//! ## What a clean result proves
//!
//! No mail from outside counts as internal.
//!
//! ## Exact condition
//!
//! Mail over a route counts as internal at the receiving end (`trusted: true`), and the location that it comes from is the
//! MX of a domain, so that it relays mail of external senders too; or the addresses it is known by are a partner's too.
//!
//! ## Severity
//!
//! error: external senders pass rules, filters and warnings that are for outsiders, and may relay.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.20], certificate: relay.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: relay}
//! routes:
//!   - {name: in, from: relay, to: cloud, recipients: [contoso.com], trusted: true}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   relay: {kind: postfix, hosts: [relay.contoso.com], egress: [203.0.113.20], certificate: relay.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: relay}
//! routes:
//!   - {name: in, from: relay, to: cloud, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - What counts as internal: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>
//! - Externally secured connectors: <https://learn.microsoft.com/exchange/mail-flow/connectors/allow-anonymous-relay>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_server::Grant;
use crate::routes::{Recognition, Route, RouteId};
use crate::topology::{Domain, LocationId, Partner};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, route, from, to) in trusted_hops(plan) {
        if !is_inside(plan, to, id) {
            continue;
        }
        let [sender, receiver] = [from, to].map(|at| plan.topology.location(at));
        if let Some(domain) = entered_at(plan, from) {
            let mx = domain.mx.iter().find(|at| at.value == from);
            findings.push(
                described(route, format!(
                    "mail of external senders for `{}` enters at `{}`, and `{}` treats all mail from there as internal",
                    domain.name, sender.name, receiver.name
                ))
                .at(mx.map_or(domain.span, |at| at.span), "external senders write to it")
                .help(format!("take `trusted` from `{}` and from `{}`", route.name, sender.name))
                .fix(Operation::Unset {
                    object: if sender.trusted {
                        Object::Location(sender.name.clone())
                    } else {
                        Object::Route(route.name.clone())
                    },
                    key: "trusted",
                }),
            );
        } else if let Some(partner) = shared_with(plan, route) {
            findings.push(
                described(route, format!(
                    "addresses of `{}` belong to the partner `{}` too, so `{}` treats the mail of that partner as internal",
                    sender.name, partner.name, receiver.name
                ))
                .at(partner.span, "has addresses in common")
                .help(format!("know `{}` by a certificate: `accepted_by: certificate`", sender.name))
                .fix(Operation::set(Object::Route(route.name.clone()), "accepted_by", "certificate")),
            );
        }
    }
}

/// The hops between two of our places whose mail shall count as written inside.
pub(crate) fn trusted_hops(
    plan: &Plan,
) -> impl Iterator<Item = (RouteId, &Route, LocationId, LocationId)> {
    let trusted = plan
        .routes()
        .filter(|(_, route)| route.enabled && route.trusted);
    trusted
        .filter_map(|(id, route)| Some((id, route, route.from.location()?, route.to.location()?)))
}

fn described(route: &Route, message: String) -> Finding {
    Finding::error(Code::R007, message)
        .at(route.origin.span(), "its mail is treated as internal")
        .on(Object::Route(route.name.clone()))
}

/// Whether the receiving end really takes it so.
fn is_inside(plan: &Plan, to: LocationId, id: RouteId) -> bool {
    match &plan.place(to).configuration {
        Configuration::ExchangeOnline(tenant) => tenant.inbound.iter().any(|connector| {
            connector.treat_messages_as_internal && connector.routes.contains(&id)
        }),
        Configuration::ExchangeServer(server) => server
            .receive
            .iter()
            .any(|connector| connector.grant == Grant::Trusted && connector.routes.contains(&id)),
        _ => false,
    }
}

/// A domain whose MX the place is.
pub(crate) fn entered_at(plan: &Plan, at: LocationId) -> Option<&Domain> {
    let mut domains = plan.topology.domains.iter();
    domains.find(|domain| domain.mx.iter().any(|mx| mx.value == at))
}

fn shared_with<'a>(plan: &'a Plan, route: &Route) -> Option<&'a Partner> {
    let Recognition::Addresses(networks) = &route.accepted_by else {
        return None;
    };
    plan.topology.partners.iter().find(|partner| {
        let mut theirs = partner.addresses.iter();
        theirs.any(|at| networks.iter().any(|network| network.overlaps(&at.value)))
    })
}
