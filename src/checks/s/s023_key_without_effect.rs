//! # S023 key-without-effect
//!
//! ## What a clean result proves
//!
//! The hosts, SPF terms and addresses of devices that the spec writes stand in a file, or are looked at somewhere on a way.
//!
//! ## Exact condition
//!
//! One of these keys is written and nothing depends on it. Where some mail does not end as it should, `cost`, `senders`, `login`,
//! `addresses` and `accepted_by` alone are spoken of.
//!
//! - `hosts` of a Postfix that no MX record, route, partner or device leads to, and that are given no addresses of their own;
//! - `spf` of a location or partner that hands nobody mail whose record mailtopo writes, or that says no more than its addresses;
//! - `addresses` of a device that logs on, and `login` of one that logs on to no mailbox;
//! - `cost` of a route from a tenant, whose connectors have none;
//! - `rewrites_sender: true` of a tenant without a connector to our own servers: toward others it rewrites without being told;
//! - `senders` of a route between locations to an Exchange Server, whose connectors do not tell senders apart;
//! - `subdomains` and `nonexistent` in `dmarc` of a domain below another with a policy, whose record alone speaks for names below;
//! - `type` in `accepts` or `also_accepts` of a Postfix for a domain whose mailboxes it holds, other than `authoritative`;
//! - `accepted_by: addresses` or `certificate` of a route whose sender has none in the spec.
//!
//! ## Severity
//!
//! warning: the plan is the same without it, so that whoever wrote it expects something that does not happen.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx1.filter.example], egress: [192.0.2.0/24], forwards: {contoso.com: cloud}, spf: "include:spf.filter.example"}
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
//! - Whose records count for SPF: <https://www.rfc-editor.org/rfc/rfc7208#section-2.4>
//! - Devices that log on: <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::publish::{Known, Published, Terms, addresses};
use crate::routes::{Recognition, Route};
use crate::source::Span;
use crate::topology::{AcceptedBy, AcceptedType, LocationId, Method, Party};
use crate::walk::{FaultKind, Flows};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let plan = flows.model.plan;
    let topology = &plan.topology;
    for route in plan.routes.iter().filter(|route| route.cost != 1) {
        let from = route.from.location().map(|id| topology.location(id));
        if from.is_some_and(|from| from.tenant().is_some()) {
            let object = Object::Route(route.name.clone());
            let why = "the connectors of a tenant have no cost";
            findings.push(finding("cost", route.origin.span(), object, why));
        }
    }
    for route in plan.routes.iter().filter(|route| !route.senders.is_empty()) {
        let ends = (route.from.location(), route.to.location());
        let (Some(_), Some(to)) = ends else { continue };
        let to = topology.location(to);
        let why = if to.exchange_server().is_some() {
            "the connectors of an Exchange Server do not tell senders apart"
        } else if to.tenant().is_some() {
            "a tenant's connector for own servers takes what they hand over, whoever sends it"
        } else {
            continue;
        };
        let object = Object::Route(route.name.clone());
        findings.push(finding("senders", route.origin.span(), object, why));
    }
    for written in &topology.routes {
        let asked = match written.accepted_by.as_ref().map(|at| &at.value) {
            Some(AcceptedBy::Addresses) => "addresses",
            Some(AcceptedBy::Certificate) => "certificate",
            _ => continue,
        };
        let mut routes = plan.routes.iter();
        let route = routes.find(|route| route.origin.span() == written.span);
        if let Some(route) = route.filter(|it| it.accepted_by == Recognition::Nothing) {
            findings.push(unknown(plan, route, asked));
        }
    }
    let known = Known::of(plan, published);
    for domain in &topology.domains {
        let Some(dmarc) = domain.dmarc.as_ref().filter(|_| !known.is_top(&domain.name)) else {
            continue;
        };
        let keys = [("subdomains", dmarc.value.subdomains), ("nonexistent", dmarc.value.nonexistent)];
        for (key, _) in keys.into_iter().filter(|(_, policy)| policy.is_some()) {
            let object = Object::Domain(domain.name.to_string());
            findings.push(
                Finding::warning(
                    Code::S023,
                    format!("`{key}` in `dmarc` of `{object}` changes nothing: receivers look at the record of the name itself, and else at that of the highest domain above it"),
                )
                .at(dmarc.span, "written here")
                .on(object)
                .help(format!("delete `{key}`, or give the names below a record of their own")),
            );
        }
    }
    for device in &topology.devices {
        let logs_on = device.method.value.logs_on();
        let object = || Object::Device(device.name.clone());
        if let Some(first) = device.addresses.first().filter(|_| logs_on) {
            let why = "it logs on, so that nobody asks where it connects from";
            findings.push(finding("addresses", first.span, object(), why));
        }
        let by_mailbox = device.method.value == Method::ClientSubmission;
        if let Some(login) = device.login.as_ref().filter(|_| !by_mailbox) {
            let why = "only with `method: client-submission` a device logs on to a mailbox";
            findings.push(finding("login", login.span, object(), why));
        }
    }
    // Where mail does not end as it should, what it would need is not known; a tenant's own names and reports hide nothing.
    let hides = |kind| !matches!(kind, FaultKind::OwnNameLost | FaultKind::ReportLost);
    if flows.faults.keys().any(|fault| hides(fault.kind)) {
        return;
    }
    let exits = exits(plan, published);
    for (id, location) in topology.locations() {
        let party = Party::Location(id);
        let object = || Object::Location(location.name.clone());
        if let Some(first) = location.hosts.first()
            && location.postfix().is_some()
            && location.hosts.iter().all(|at| at.value.addresses.is_empty())
            && !is_led_to(plan, id)
        {
            let why = "no MX record, route, partner or device leads there";
            findings.push(finding("hosts", first.span, object(), why));
        }
        // Postfix delivers what it holds and refuses the other addresses of the domain.
        let accepts = location.accepts.iter().flat_map(|at| &at.value).chain(&location.also_accepts);
        for accept in accepts.filter(|_| location.postfix().is_some()) {
            let domain = topology.domain_named(&accept.domain.value).map(|id| topology.domain(id));
            let is_held = domain.is_some_and(|domain| domain.holder_ids().any(|holder| holder == id));
            if is_held && accept.kind.is_some_and(|kind| kind != AcceptedType::Authoritative) {
                findings.push(
                    Finding::warning(
                        Code::S023,
                        format!("`type` of `{}` in what {} accepts changes nothing: Postfix delivers the mailboxes that it holds and refuses the other addresses", accept.domain.value, object()),
                    )
                    .at(accept.domain.span, "written here")
                    .on(object())
                    .help(format!("delete `type` there; where another location has the other addresses, write it in `mailboxes` of `{}` with `rest`", accept.domain.value)),
                );
            }
        }
        if let Some(rewrites) = location.rewrites_sender.filter(|at| at.value)
            && let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration
            && tenant.outbound.iter().all(|connector| connector.sender_rewriting_enabled.is_none())
        {
            let why = "no connector leads to our own servers, and toward others the tenant rewrites the envelope sender of what it forwards without being told";
            findings.push(finding("rewrites_sender", rewrites.span, object(), why));
        }
        if let Some(spf) = &location.spf
            && let Some(why) = spf_without_effect(plan, party, &spf.value, &exits)
        {
            findings.push(finding("spf", spf.span, object(), why));
        }
    }
    for (id, partner) in topology.partners() {
        if let Some(spf) = &partner.spf
            && let Some(why) = spf_without_effect(plan, Party::Partner(id), &spf.value, &exits)
        {
            let object = Object::Partner(partner.name.clone());
            findings.push(finding("spf", spf.span, object, why));
        }
    }
}

fn finding(key: &'static str, span: Span, object: Object, why: &str) -> Finding {
    Finding::warning(
        Code::S023,
        format!("`{key}` of `{object}` changes nothing: {why}"),
    )
    .at(span, "written here")
    .on(object.clone())
    .help(format!("delete `{key}`, or keep it for those who read the spec"))
    .fix(Operation::Unset { object, key })
}

/// A route whose receiving end is to know the sender by something that the sender has not.
fn unknown(plan: &Plan, route: &Route, asked: &str) -> Finding {
    let from = plan.topology.party_name(route.from);
    let key = match (asked, route.from) {
        ("addresses", Party::Location(_)) => "egress",
        (asked, _) => asked,
    };
    let object = Object::Route(route.name.clone());
    Finding::warning(
        Code::S023,
        format!(
            "`accepted_by: {asked}` of `{object}` changes nothing: `{from}` has no `{key}`, so `{}` takes its mail for an external sender's",
            plan.topology.party_name(route.to)
        ),
    )
    .at(route.origin.span(), "written here")
    .on(object)
    .help(format!("write `{key}` at `{from}`, or `accepted_by: nothing` where it is to be taken for one"))
}

/// Whoever hands over mail of a domain of ours that a receiver judges.
fn exits(plan: &Plan, published: &Published) -> BTreeSet<Party> {
    let topology = &plan.topology;
    let domains = topology.domains.iter();
    let ids = domains.filter_map(|domain| topology.domain_named(&domain.name));
    let mut exits: BTreeSet<Party> = ids
        .flat_map(|id| published.egress.of_domain(id))
        .map(|exit| exit.by)
        .collect();
    let locations = published.egress.locations().iter();
    exits.extend(locations.map(|id| Party::Location(*id)));
    // What a service comes from is compared with the record of its envelope senders, whosever that is.
    exits.extend(published.egress.departures().map(|(departure, _)| departure.by));
    exits
}

/// Whether any mail may be handed to a location.
fn is_led_to(plan: &Plan, id: LocationId) -> bool {
    let topology = &plan.topology;
    plan.routes_at(id).any(|(_, route)| route.to == Party::Location(id))
        || topology.domains.iter().any(|domain| {
            domain.mx.iter().any(|at| at.value == id) || domain.mx_now.is_some()
        })
        || topology.devices.iter().any(|device| device.via.value == id)
        || topology.partners.iter().any(|partner| partner.via.iter().any(|at| at.value == id))
}

/// Why the SPF terms of somebody stand in no record, or say what stands there without them.
fn spf_without_effect(
    plan: &Plan,
    party: Party,
    spf: &str,
    exits: &BTreeSet<Party>,
) -> Option<&'static str> {
    if !exits.contains(&party) {
        return Some("no mail of a domain of ours leaves there, so that no record includes it");
    }
    let mut written = Terms::default();
    written.add_text(spf);
    let alone = Terms {
        networks: addresses(&plan.topology, party).into_iter().collect(),
        ..Terms::default()
    };
    (written == alone).then_some("its addresses say the same")
}
