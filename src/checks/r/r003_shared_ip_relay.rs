//! # R003 shared-ip-relay
//!
//! ## What a clean result proves
//!
//! No location lets other customers of a service relay, or treats their mail as internal, because they show what the
//! service shows: every tenant has the certificate and the addresses of the provider, and a location or partner with `shared: true`
//! has other customers, too.
//!
//! ## Exact condition
//!
//! Whoever connects with the certificate and addresses of such a service, without the headers that tell our own tenant from
//! others, may write to recipients of the Internet at a location that the service can reach (at a tenant also in the name of a
//! domain that it accepts, for whose mail it relays), or sends what is treated as internal there. The objects decide, whatever they were made for. A right that is limited to the domains of a partner is
//! not spoken of. Nor is such a right written where a route for every recipient leads from a tenant to a location that would
//! know it by its published addresses alone.
//!
//! ## Severity
//!
//! error: any other customer could send mail to any recipient through us. note where it has to write in the name of a domain of
//! the tenant, which the service may keep its customers from.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2010
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - The published addresses: <https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges>
//! - How the sender is known instead: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::topology::{LocationId, Party};
use crate::walk::{Flows, OthersMay};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let model = flows.model;
    for service in model.shared_services() {
        for (at, _) in model.plan.topology.locations() {
            if let Some(may) = model.others_may(&flows.population, service, at) {
                findings.push(finding(flows, service, at, &may));
            }
        }
    }
}

fn finding(flows: &Flows<'_>, service: Party, at: LocationId, may: &OthersMay) -> Finding {
    let plan = flows.model.plan;
    let topology = &plan.topology;
    let location = topology.location(at);
    let (here, who) = (&location.name, topology.party_name(service));
    let what = match may {
        OthersMay::Relay(to) => format!("may relay at `{here}`, to `{to}` for one"),
        OthersMay::RelayAs(name, to) => format!("may relay at `{here}`, to `{to}` for one, when they write in the name of `{name}`"),
        OthersMay::CountAsInside => format!("send mail that is treated as internal at `{here}`"),
    };
    // Whether a service lets its customers write in the name of others, only the service can say.
    let severity = match may {
        OthersMay::RelayAs(..) => Severity::Note,
        OthersMay::Relay(_) | OthersMay::CountAsInside => Severity::Error,
    };
    let mut finding = Finding::new(
        Code::R003,
        severity,
        format!("other customers of `{who}` show the same certificate and addresses: they {what}"),
    )
    .at(location.span, format!("`{here}` is here"))
    .on(Object::Location(here.clone()))
    .help(match may {
        OthersMay::RelayAs(..) => format!(
            "let `{who}` hand only mail for `{here}` to it and send all other mail by itself, or see that `{who}` lets none of its customers write in the name of others"
        ),
        _ => format!(
        "give `{who}` no right at `{here}` that its other customers must not have: let it send by itself, and leave `trusted` out"
    ),
    });
    finding = match service {
        Party::Partner(id) => {
            let partner = topology.partner(id);
            finding
                .at(partner.span, "the service")
                .on(Object::Partner(partner.name.clone()))
        }
        _ => match service.location().map(|id| topology.location(id)) {
            Some(service) => finding
                .at(service.span, "the service")
                .on(Object::Location(service.name.clone())),
            None => finding,
        },
    };
    let routes = plan.routes_at(at).filter(|(_, route)| {
        route.enabled && route.from == service && route.to == Party::Location(at)
    });
    let names: BTreeSet<&String> = routes.map(|(_, route)| &route.name).collect();
    let names = names.into_iter();
    names.fold(finding, |finding, name| {
        finding.on(Object::Route(name.clone()))
    })
}
