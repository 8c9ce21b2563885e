//! # H002 cloudservices-one-side
//!
//! ## What a clean result proves
//!
//! Cross-premises headers are kept at both ends of every hop between an Exchange organization and a tenant, or at neither,
//! and where a domain has mailboxes at both, at neither only because the spec says so.
//!
//! ## Exact condition
//!
//! On a hop between the two, the sending end keeps the headers (`CloudServicesMailEnabled`) and the receiving end does not,
//! or the other way round: a receiving end can do so only where it knows the other by a certificate. Or the route is one
//! that keeps them, its receiving end knows the other by its addresses alone, so that neither keeps them, and a domain has
//! mailboxes at both. Or both ends keep them, one of them is an Edge server without a subscription (`edge: true`), and servers
//! behind it do not trust what it passes on.
//!
//! ## Severity
//!
//! error where a domain has mailboxes at both, whose mail among each other counts as an external sender's; warning elsewhere.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: {names: [mail.contoso.com], issuer: private}, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 100, hq: 20}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - `CloudServicesMailEnabled`: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>
//! - Edge servers in a hybrid have to be subscribed: <https://learn.microsoft.com/exchange/edge-transport-servers>
//! - Certificates in a hybrid: <https://learn.microsoft.com/exchange/certificate-requirements>

use crate::routes::endpoints::can_keep_headers;
use crate::checks::Run;
use crate::checks::claimed_sessions::is_claimed;
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::plan::{Configuration, Plan};
use crate::routes::{Route, RouteId};
use crate::topology::{Issuer, LocationId, Party, Tenant};
use crate::values::TlsLevel;
use crate::walk::{Flows, Model};
use foldhash::HashMap;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    let kept = Kept::of(flows.model);
    at_edges(plan, &kept, findings);
    for (id, route) in plan.routes().filter(|(_, route)| route.enabled) {
        let (Some(from), Some(to)) = (route.from.location(), route.to.location()) else {
            continue;
        };
        let ends = (kept.sending.get(&id), kept.receiving.get(&id));
        let (Some(&sends), Some(&receives)) = ends else {
            continue;
        };
        // What lies between the two and cannot keep them is spoken of there.
        if !can_keep_headers(&plan.topology, route) {
            continue;
        }
        if sends == receives && (sends || !route.loses_headers()) {
            continue;
        }
        // Why a certificate that is expected is not shown, another check says.
        if sends != receives && flows.model.unshown(route.from, to).is_some() {
            continue;
        }
        // What another tenant takes needs a certificate first, and T007 says which.
        if is_claimed(flows, id) {
            continue;
        }
        let shared = share_a_domain(plan, from, to);
        // Mail that makes the detour of centralized transport comes back by its headers.
        let makes_detour = [from, to].iter().any(|at| {
            let tenant = plan.topology.location(*at).tenant();
            tenant.is_some_and(Tenant::has_centralized_transport)
        });
        let or = |otherwise: String| if makes_detour { String::new() } else { otherwise };
        let [from, to] = [from, to].map(|id| plan.topology.location(id).name.as_str());
        let (what, label) = if sends != receives {
            let (keeps, drops) = if sends { (from, to) } else { (to, from) };
            let what = format!(
                "`{keeps}` keeps the cross-premises headers on `{}` and `{drops}` does not",
                route.name
            );
            (what, "one end only")
        } else if shared {
            let what = format!(
                "`{to}` knows `{from}` on `{}` by its addresses alone, so that neither keeps the cross-premises headers",
                route.name
            );
            (what, "neither end")
        } else {
            continue;
        };
        let severity = if shared {
            Severity::Error
        } else {
            Severity::Warning
        };
        let finding = Finding::new(
            Code::H002,
            severity,
            format!("{what}: `{to}` treats mail of `{from}` as external"),
        )
        .at(route.origin.span(), label)
        .on(Object::Route(route.name.clone()));
        let shown = route.shown(&plan.topology);
        let is_public = shown.is_some_and(|shown| {
            shown.issuer == Issuer::Public && shown.name().is_some()
        });
        findings.push(if is_public && route.is_written() && route.loses_headers() {
            let or = or(", or write `hybrid_headers: false` for this route".to_owned());
            let object = || Object::Route(route.name.clone());
            let by_certificate = Operation::Unset { object: object(), key: "accepted_by" };
            if route.tls == TlsLevel::None {
                // Without TLS no certificate is shown.
                let with_tls = Operation::set(object(), "tls", "encrypted");
                finding
                    .help(format!("{with_tls}, and leave `accepted_by` out, so that `{to}` knows `{from}` by its certificate{or}"))
            } else {
                finding
                    .help(format!("leave `accepted_by` out, so that `{to}` knows `{from}` by its certificate{or}"))
                    .fix(by_certificate)
            }
        } else {
            finding.help(if receives && !route.hybrid_headers {
                format!(
                    "write `hybrid_headers: true` for this route{}",
                    or(format!(", or `hybrid_headers: false` for the other routes from `{from}` to `{to}`, too: one connector takes them in"))
                )
            } else {
                format!(
                    "let `{to}` know `{from}` by a public certificate (`certificate` at `{from}`){}",
                    or(", or write `hybrid_headers: false` for this route".to_owned())
                )
            })
        });
    }
}

/// Edge servers without a subscription: what keeps the headers up to them hands over what hub servers take for external mail.
fn at_edges(plan: &Plan, kept: &Kept, findings: &mut Findings) {
    let ends = |route: &Route| Some((route.from.location()?, route.to.location()?));
    let keeps = |id: RouteId| [&kept.sending, &kept.receiving].map(|at| at.get(&id)) == [Some(&true); 2];
    for (edge, location) in plan.topology.locations().filter(|(_, at)| at.is_edge()) {
        let routes = || plan.routes_at(edge).filter(|(_, route)| route.enabled);
        let tenants = routes().filter(|(id, _)| keeps(*id)).filter_map(|(_, route)| ends(route));
        let tenants = tenants.map(|(from, to)| if from == edge { to } else { from });
        let tenants: BTreeSet<LocationId> = tenants.collect();
        let behind = routes().filter(|(_, route)| !route.trusted).find_map(|(_, route)| {
            let (from, to) = ends(route)?;
            let tenant = tenants.iter().find(|tenant| share_a_domain(plan, **tenant, to))?;
            (from == edge).then_some((route, *tenant, to))
        });
        let Some((route, tenant, hub)) = behind else { continue };
        let [tenant, hub] = [tenant, hub].map(|id| plan.topology.location(id).name.as_str());
        let edge = &location.name;
        findings.push(
            Finding::warning(
                Code::H002,
                format!("`{edge}` is an Edge server without a subscription, so that the cross-premises headers end there: `{hub}` treats mail of `{tenant}` as external"),
            )
            .at(location.span, "`edge: true`")
            .at(route.origin.span(), "its mail counts as external")
            .on(Object::Location(edge.clone()))
            .help(format!("subscribe it to the organization of `{hub}` (`New-EdgeSubscription`) and describe the two as one location, or let `{tenant}` and `{hub}` hand mail to each other")),
        );
    }
}

fn share_a_domain(plan: &Plan, one: LocationId, other: LocationId) -> bool {
    plan.topology.domains.iter().any(|domain| {
        let holds = |at: LocationId| domain.holder_ids().any(|holder| holder == at);
        holds(one) && holds(other)
    })
}

/// Whether the ends of each route keep the headers; of ends that are neither product nothing is known.
#[derive(Default)]
struct Kept {
    sending: HashMap<RouteId, bool>,
    receiving: HashMap<RouteId, bool>,
}

impl Kept {
    fn of(model: &Model<'_>) -> Self {
        let mut kept = Self::default();
        for place in &model.plan.places {
            match &place.configuration {
                Configuration::ExchangeOnline(tenant) => {
                    for connector in &tenant.outbound {
                        let keeps = connector.cloud_services_mail_enabled;
                        kept.sending.entry(connector.route).or_insert(keeps);
                    }
                    for connector in &tenant.inbound {
                        let keeps = connector.cloud_services_mail_enabled;
                        kept.received(model, &connector.routes, keeps);
                    }
                }
                Configuration::ExchangeServer(server) => {
                    for connector in &server.send {
                        let keeps = connector.cloud_services_mail_enabled == Some(true);
                        kept.sending.entry(connector.route).or_insert(keeps);
                    }
                    for connector in &server.receive {
                        let keeps = connector.accept_cloud_services_mail_from.is_some();
                        kept.received(model, &connector.routes, keeps);
                    }
                }
                _ => {}
            }
        }
        kept
    }

    /// What a connector is to believe is believed where the sending end comes in at one that does.
    fn received(&mut self, model: &Model<'_>, routes: &[RouteId], keeps: bool) {
        for id in routes {
            let route = model.plan.route(*id);
            if let Party::Location(to) = route.to {
                let believes = keeps && model.believes_headers(*id, to);
                self.receiving.entry(*id).or_insert(believes);
            }
        }
    }
}
