//! # T007 cert-attribution-name
//!
//! ## What a clean result proves
//!
//! Mail that our own servers and devices hand to a tenant is attributed to this tenant, and with a certificate to it whoever
//! wrote it.
//!
//! ## Exact condition
//!
//! A connector of the type `OnPremises` at a tenant names a certificate, and no name on that certificate, the expected one
//! included, is a domain that the tenant accepts. Error where none of them is one without its first label either and mail
//! for others comes so, or mail is refused for this reason; warning where only mail for accepted domains does, or where
//! rules alone choose the way, for senders in accepted domains; note where a name without its first label is accepted. More
//! labels are not enough. Of several such connectors at one tenant it speaks once.
//!
//! Or another tenant of the spec has a connector of the type `OnPremises` that knows the same client, and the session belongs
//! to that one: because it accepts a name on the certificate shown, and this one accepts none; or because neither does, so that
//! the domain of the envelope sender decides. Error where mail is lost by it, else warning.
//!
//! ## Severity
//!
//! error: the mail is refused as relaying (550 5.7.64) unless its sender is in an accepted domain, reports without a sender
//! always. warning: the mail may be taken as an external sender's, so that what is set for the connector (which hops are skipped,
//! whose mail counts as internal) does not hold. note: reports without a sender may not be attributed. Mail that belongs to
//! another tenant is relayed by that one, as an external sender's, or refused there.
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

use crate::checks::Run;
use crate::checks::attribution::{Speaker, claim};
use crate::checks::claimed_sessions::{as_route, is_claimed, report};
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::platforms::product::Trait;
use crate::platforms::exchange_online::{ConnectorType, InboundConnector};
use crate::routes::Route;
use crate::topology::{
    Certificate, Condition, Domain, Location, LocationId, Party, RuleTarget, Sends,
};
use crate::values::Pattern;
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Doubt(run);

/// So many of the connectors have their place shown.
const MOST_SHOWN: usize = 10;

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let plan = flows.model.plan;
    report(flows, findings);
    let lost = lost(flows);
    for (id, location) in plan.topology.locations() {
        let place = plan.place(id);
        let Configuration::ExchangeOnline(online) = &place.configuration else {
            continue;
        };
        let mut unknown: BTreeMap<NameStatus, Vec<Unknown<'_>>> = BTreeMap::new();
        for connector in online
            .inbound
            .iter()
            .filter(|c| c.enabled && c.connector_type == ConnectorType::OnPremises)
        {
            let Some(name) = &connector.tls_sender_certificate_name else {
                continue;
            };
            // Whose mail another tenant takes never gets here.
            if connector.routes.iter().any(|id| is_claimed(flows, *id)) {
                continue;
            }
            let base = name.strip_prefix("*.").unwrap_or(name);
            let shown = || names(plan, connector).chain([base]);
            let standing = if shown().any(|name| place.accepted.named(name).is_some()) {
                continue;
            } else if shown().any(|name| place.accepted.own(name)) {
                NameStatus::Below
            } else if relays(plan, connector) || loses(plan, connector, id, &lost) {
                NameStatus::Relays
            } else {
                NameStatus::Foreign
            };
            let found = Unknown { base, connector };
            unknown.entry(standing).or_default().push(found);
        }
        for (standing, unknown) in unknown {
            findings.push(finding(plan, location, standing, &unknown));
        }
    }
}

/// Who sends mail that is lost because its certificate has no accepted name, and to which locations.
fn lost(flows: &Flows<'_>) -> BTreeSet<(Party, LocationId)> {
    let faults = flows.faults.iter();
    let ours = faults.filter(|(fault, evidence)| {
        claim(flows, fault, evidence) == Some(Speaker::Check(Code::T007))
    });
    let ends = ours.filter_map(|(fault, evidence)| {
        let mut places = evidence.way.places.iter().rev().copied();
        let at = places.next()?;
        let from = places.next().map(Party::Location).or(fault.party)?;
        Some((from, at))
    });
    ends.collect()
}

fn loses(
    plan: &Plan,
    connector: &InboundConnector,
    at: LocationId,
    lost: &BTreeSet<(Party, LocationId)>,
) -> bool {
    let mut routes = connector.routes.iter().map(|id| plan.route(*id));
    routes.any(|route| lost.contains(&(route.from, at)))
}

/// What the names on a certificate have to do with the domains that are accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum NameStatus {
    /// Nothing, and mail for others comes by it.
    Relays,
    /// Nothing.
    Foreign,
    /// One of them is accepted without its first label.
    Below,
}

/// The names on the certificates of those whom a connector is for.
fn names<'a>(plan: &'a Plan, connector: &'a InboundConnector) -> impl Iterator<Item = &'a str> {
    let routes = connector.routes.iter().map(|id| plan.route(*id));
    let shown = routes.filter_map(|route| presented(plan, route));
    shown.flat_map(|certificate| certificate.names.iter().map(|at| at.value.as_str()))
}

fn presented<'a>(plan: &'a Plan, route: &'a Route) -> Option<&'a Certificate> {
    let ours = matches!(route.from, Party::Location(_) | Party::Device(_));
    route.shown(&plan.topology).filter(|_| ours)
}

/// A name that a tenant does not accept, and the connector that goes by it.
struct Unknown<'a> {
    base: &'a str,
    connector: &'a InboundConnector,
}

/// Whether mail for others comes by the connector, which is refused where it is not attributed.
fn relays(plan: &Plan, connector: &InboundConnector) -> bool {
    let mut routes = connector.routes.iter().map(|id| plan.route(*id));
    routes.any(|route| {
        (route.covers_everything() || !matches!(route.from, Party::Location(_)))
            && !is_of_accepted_senders(plan, route)
    })
}

/// Whether rules alone choose a route, each for senders in domains that the tenant behind it accepts.
fn is_of_accepted_senders(plan: &Plan, route: &Route) -> bool {
    let Some(to) = route.to.location().filter(|_| route.only_by_rule) else {
        return false;
    };
    let accepts = |condition: &Condition| match condition {
        Condition::Sender(senders) => {
            let mut senders = senders.iter();
            senders.all(|sender| plan.place(to).accepted.named(sender.domain()).is_some())
        }
        Condition::SenderDomain(patterns) => patterns.iter().all(|pattern| match pattern {
            Pattern::Exact(name) => plan.place(to).accepted.named(name).is_some(),
            _ => false,
        }),
        _ => false,
    };
    let written = &plan.topology.routes;
    let mut rules = plan.topology.rules.iter().filter(|rule| {
        let is_of_route = match rule.route.value {
            RuleTarget::Party(party) => party == route.to,
            RuleTarget::Route(at) => {
                let target = written.get(at);
                target.is_some_and(|target| target.span == route.origin.span())
            }
        };
        rule.enabled && is_of_route && Party::Location(rule.at.value) == route.from
    });
    rules.all(|rule| rule.when.iter().any(|condition| accepts(&condition.value)))
}

fn finding(
    plan: &Plan,
    location: &Location,
    standing: NameStatus,
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
    let does_not = format!("`{here}` does not accept {names}, {what} {connectors}");
    let finding = match standing {
        NameStatus::Relays => Finding::error(
            Code::T007,
            format!(
                "{does_not}: mail for others is refused as relaying unless its sender is in an accepted domain, reports without a sender always"
            ),
        ),
        NameStatus::Foreign => Finding::warning(
            Code::T007,
            format!(
                "{does_not}: mail from there may be treated as external, past what is set for {them}"
            ),
        ),
        NameStatus::Below => Finding::note(
            Code::T007,
            format!(
                "{does_not}, but the domain above: reports without a sender may not be attributed to {them} and are refused then"
            ),
        ),
    };
    let finding = finding.on(Object::Location(here.clone()));
    if let Some((words, edit)) = keeping_filters(plan, location, unknown) {
        let finding = edit.into_iter().fold(finding.help(words), Finding::fix);
        return shown(plan, finding, unknown);
    }
    let (words, edit) = help(plan, here, unknown, present);
    let finding = edit.into_iter().fold(finding.help(words), Finding::fix);
    shown(plan, finding, unknown)
}

/// What to do about connectors for filters, which take the mail of anybody: the tenant would treat it as its own by a
/// connector that knows them. A lock admits a filter and grants it nothing; mail that relays is not for a filter to bring.
fn keeping_filters(
    plan: &Plan,
    location: &Location,
    unknown: &[Unknown<'_>],
) -> Option<(String, Option<Operation>)> {
    let here = &location.name;
    let topology = &plan.topology;
    let routes = unknown.iter().flat_map(|at| &at.connector.routes).map(|id| plan.route(*id));
    let mut filters: BTreeMap<LocationId, bool> = BTreeMap::new();
    for route in routes {
        let from = route.from.location().filter(|from| topology.location(*from).is(Trait::Filter))?;
        *filters.entry(from).or_default() |= route.covers_everything();
    }
    let name = |at: &LocationId| topology.location(*at).name.as_str();
    let object = |at: &LocationId| Object::Location(name(at).to_owned());
    let names = || listed(filters.keys().map(name));
    let sender = filters.iter().find_map(|(at, everything)| everything.then_some(at));
    if let Some(at) = sender {
        let through = matches!(topology.location(*at).sends.value, Sends::Via(_));
        let direct = through.then(|| Operation::set(object(at), "sends", "direct"));
        let words = match &direct {
            Some(direct) => direct.to_string(),
            None => format!("narrow the `recipients` of its route to the domains that `{here}` accepts"),
        };
        return Some((
            format!("let {} send its mail for others itself, because `{here}` relays for its own servers alone: {words}", listed([name(at)])),
            direct,
        ));
    }
    let is_entry = |domain: &Domain| domain.mx.iter().any(|at| topology.location(at.value).name == *here);
    if topology.domains.iter().any(is_entry) {
        return Some((
            format!("let all domains of `{here}` enter at {}, then write `accept_only_from` at `{here}`: a lock admits a filter without treating it as a server of our own", names()),
            None,
        ));
    }
    let key = "accept_only_from";
    let operation = match &location.accept_only_from {
        None => {
            let all: Vec<&str> = filters.keys().map(name).collect();
            Operation::set(Object::Location(here.clone()), key, format!("[{}]", all.join(", ")))
        }
        Some(_) => Operation::Append {
            object: Object::Location(here.clone()),
            key,
            value: filters.keys().next().map(name).unwrap_or_default().to_owned(),
        },
    };
    Some((
        format!("{operation}: a lock admits a filter without treating it as a server of our own"),
        Some(operation),
    ))
}

fn shown(plan: &Plan, finding: Finding, unknown: &[Unknown<'_>]) -> Finding {
    let shown = unknown.iter().take(MOST_SHOWN);
    let routes = shown.filter_map(|at| at.connector.routes.first());
    routes.fold(finding, |finding, &id| {
        let route = plan.route(id);
        let span = presented(plan, route).map_or(route.origin.span(), |certificate| certificate.span);
        finding
            .at(span, "the certificate it is recognized by")
            .on(Object::Route(route.name.clone()))
    })
}

/// A tenant verifies only domains of its owner, which the domains of the spec and the names below them are, and none of
/// those that another tenant has.
fn help(
    plan: &Plan,
    here: &str,
    unknown: &[Unknown<'_>],
    present: &str,
) -> (String, Option<Operation>) {
    let is_of_another = |name: &str| {
        let mut tenants = plan
            .topology
            .locations()
            .filter(|(_, at)| at.tenant().is_some());
        tenants.any(|(id, at)| at.name != *here && plan.place(id).accepted.own(name))
    };
    let is_ours = |name: &str| {
        let mut domains = plan.topology.domains.iter();
        domains.any(|domain| {
            let above = name.strip_suffix(domain.name.as_str());
            above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    if !unknown
        .iter()
        .all(|at| is_ours(at.base) && !is_of_another(at.base))
    {
        let routes = unknown.iter().filter_map(|at| at.connector.routes.first());
        let routes: Vec<&Route> = routes.map(|id| plan.route(*id)).collect();
        // Who is known by addresses alone keeps no cross-premises headers.
        let keeps_headers = routes.iter().any(|route| route.hybrid_headers);
        let known = if keeps_headers { "accepted_by: addresses, hybrid_headers: false" } else { "accepted_by: addresses" };
        let written = match routes.as_slice() {
            [one] if !one.is_written() => as_route(plan, one, known).map(|written| (*one, written)),
            _ => None,
        };
        let words = match written {
            // A part of a route cannot be pasted, and one with hundreds of names cannot be read.
            Some((one, _)) if one.recipients.len() > MOST_SHOWN => {
                let (name, from) = (&one.name, plan.topology.party_name(one.from));
                format!("write the route `{name}` from `{from}` to `{here}` for its {} names with `{known}`", one.recipients.len())
            }
            Some((_, written)) => format!("write the route `{written}`"),
            None => format!("`{known}` on {}", listed(routes.iter().map(|route| route.name.as_str()))),
        };
        return (format!("present {present}, or know the sender by its addresses: {words}"), None);
    }
    let edit = match unknown {
        [one] => Some(Operation::Append {
            object: Object::Location(here.to_owned()),
            key: "also_accepts",
            value: format!("{{domain: {}}}", one.base),
        }),
        _ => None,
    };
    let items: Vec<String> = unknown.iter().map(|at| format!("{{domain: {}}}", at.base)).collect();
    let words = format!(
        "write `also_accepts: [{}]` at `{here}`, or present {present}",
        items.join(", ")
    );
    (words, edit)
}
