//! Live objects in place of those of a plan, so that the mail through them can be followed.
//!
//! Every property that decides about mail is put where the walk reads it; of the others nothing depends on them, or nobody
//! follows them and the difference says so.

use crate::drift::compared::ANY_RECIPIENT;
use crate::drift::objects::{Effect, ObjectDrift, State};
use crate::drift::properties::{Target, effect, set, set_all};
use crate::drift::rules::acts;
use crate::drift::values::{hosts, text};
use crate::import::{Live, LiveObject};
use crate::plan::{Configuration, LocationPlan, Plan, Takers};
use crate::platforms::exchange::catalogue::{Product, has};
use crate::platforms::exchange::kind::TRANSPORT_RULE;
use crate::platforms::exchange::object::OF_WIZARD;
use crate::platforms::exchange_online::{
    InboundConnector, OutboundConnector, condition_of, is_asked_by, is_mark_of,
};
use crate::platforms::exchange_server::{ReceiveConnector, SendConnector};
use crate::routes::{Acceptance, AcceptedDomain, NextHop, Origin, Route, RouteId, SendingTree};
use crate::source::{At, Span};
use crate::topology::{AcceptedType, Condition, LocationId, Partner, PartnerId, Party, Rule};
use crate::values::{DomainName, Host, HostTarget};
use std::collections::BTreeSet;

/// Puts an object as it exists into a plan, and says of each difference what became of it.
pub(super) fn put(plan: &mut Plan, object: &mut ObjectDrift) {
    match object.state {
        State::AsCompiled | State::NotExported => {}
        State::Missing => remove(plan, object),
        State::Unknown => add(plan, object),
        State::Differs => change(plan, object),
    }
}

/// Where an object is. What is written as files stands in no place of the walk.
fn place_of<'p>(
    places: &'p mut [LocationPlan],
    object: &ObjectDrift,
) -> Option<&'p mut LocationPlan> {
    places.get_mut(object.at.location()?.index())
}

fn change(plan: &mut Plan, object: &mut ObjectDrift) {
    let (Some(live), Some(at)) = (object.live.clone(), object.at.location()) else {
        return;
    };
    let kind = object.kind.clone();
    match kind.as_str() {
        "AcceptedDomain" => change_domain(plan, object, &live),
        "OrganizationConfig" => change_settings(plan, object, &live),
        "TransportRule" => change_rule(plan, object, &live),
        // Nobody but those whom a connector of their own names finds a way in.
        "ReceiveConnector" if object.planned.is_empty() => {
            let span = plan.topology.location(at).span;
            if let Some(Configuration::ExchangeServer(server)) = configuration(plan, at) {
                server.locked = Some(span);
            }
            let effects = object.properties.iter_mut().map(|at| &mut at.effect);
            effects.for_each(|effect| *effect = Effect::Followed);
        }
        _ => {
            let (planned, of_wizard) = (object.planned.clone(), object.of_wizard);
            let is_led = object
                .properties
                .iter()
                .any(|at| LEADS.contains(&at.name.as_str()));
            let meant = routes_of(plan, at, &kind, &planned);
            let meant = meant.first().map(|route| plan.route(*route).to);
            let to = is_led.then(|| leads_to(plan, &live, meant));
            let others = to.map(|to| other_ends(plan, &live, meant, to));
            let Some(mut target) = target(plan, at, &kind, &planned, of_wizard) else {
                return;
            };
            for property in &mut object.properties {
                let any = live.any_recipient().map_or(Live::Null, Live::Bool);
                let value = match property.name.as_str() {
                    ANY_RECIPIENT => &any,
                    name => live.properties.get(name).unwrap_or(&Live::Null),
                };
                property.effect = match value {
                    Live::Lost => Effect::Open,
                    value => set(&mut target, &property.name, value, &live),
                };
            }
            // Mail goes to whoever has the hosts now, and not to whom the spec means.
            if let (Target::Outbound(_, Some(route)) | Target::Send(_, Some(route)), Some(to)) =
                (&mut target, to)
            {
                route.to = to;
            }
            for to in others.into_iter().flatten() {
                beside(plan, at, &kind, &planned, to);
            }
        }
    }
}

/// Properties that say where a connector leads.
const LEADS: [&str; 3] = ["DNSRoutingEnabled", "SmartHosts", "UseMXRecord"];

/// Whoever has the first smart host of a connector; the MX leads outside.
fn leads_to(plan: &mut Plan, live: &LiveObject, meant: Option<Party>) -> Party {
    let by_mx = live.is_on("UseMXRecord") || live.is_on("DNSRoutingEnabled");
    let first = hosts(live)
        .first()
        .filter(|_| !by_mx)
        .and_then(|host| HostTarget::parse(host).ok());
    match first {
        Some(target) => taker(plan, Host::new(target, 25), meant),
        None => Party::Internet,
    }
}

/// Whoever has the smart hosts of a connector behind the first, other than `to`.
fn other_ends(
    plan: &mut Plan,
    live: &LiveObject,
    meant: Option<Party>,
    to: Party,
) -> BTreeSet<Party> {
    if live.is_on("UseMXRecord") || live.is_on("DNSRoutingEnabled") {
        return BTreeSet::new();
    }
    let targets = hosts(live);
    let targets = targets.iter().skip(1);
    let targets: Vec<HostTarget> = targets
        .filter_map(|host| HostTarget::parse(host).ok())
        .collect();
    let ends = targets
        .into_iter()
        .map(|target| taker(plan, Host::new(target, 25), meant));
    ends.filter(|end| *end != to).collect()
}

/// A connector again, with another end: mail may go to either.
fn beside(plan: &mut Plan, at: LocationId, kind: &str, name: &str, to: Party) {
    let Some(id) = routes_of(plan, at, kind, name).first().copied() else {
        return;
    };
    let route = plan.route(id).clone();
    let is_it = |known: &str, by_wizard: bool| known == name || (name == OF_WIZARD && by_wizard);
    // A rule names one of them, and which is tried first nobody knows.
    if route.only_by_rule {
        return;
    }
    let new = RouteId::from_index(plan.routes.len());
    match (configuration(plan, at), kind) {
        (Some(Configuration::ExchangeOnline(tenant)), "OutboundConnector") => {
            let found = tenant
                .outbound
                .iter()
                .find(|it| is_it(&it.name, it.by_wizard))
                .cloned();
            let found = found.map(|it| OutboundConnector { route: new, ..it });
            tenant.outbound.extend(found);
        }
        (Some(Configuration::ExchangeServer(server)), "SendConnector") => {
            let found = server
                .send
                .iter()
                .find(|it| is_it(&it.name, it.by_wizard))
                .cloned();
            let found = found.map(|it| SendConnector { route: new, ..it });
            server.send.extend(found);
        }
        _ => return,
    }
    plan.routes.push(Route { to, ..route });
}

/// Whoever has a host. One that nobody has is another partner than the one that the spec means, or another location like that
/// one, where it holds no mailboxes; in place of servers with mailboxes it is nobody whom the spec knows. All others are outside.
pub(super) fn taker(plan: &mut Plan, host: Host, meant: Option<Party>) -> Party {
    match (plan.takers(&host), meant) {
        (Takers::Known(parties), _) => parties.first().copied().unwrap_or(Party::Internet),
        (Takers::Unsaid, Some(Party::Location(like))) if passes_on(plan, like) => {
            Party::Location(another(plan, like, host))
        }
        (Takers::Unsaid, Some(Party::Partner(like))) => {
            Party::Partner(another_partner(plan, like, &host))
        }
        (Takers::Unsaid, Some(Party::Location(_))) => {
            plan.note_nobodys(&host);
            Party::Internet
        }
        _ => Party::Internet,
    }
}

/// Whether others configure a location, and it holds no mailboxes.
fn passes_on(plan: &Plan, at: LocationId) -> bool {
    let mut domains = plan.topology.domains.iter();
    plan.topology.location(at).handling().is_some()
        && !domains.any(|domain| domain.holder_ids().any(|holder| holder == at))
}

/// A location that does what another one does, at a host that no location has.
fn another(plan: &mut Plan, like: LocationId, host: Host) -> LocationId {
    let name = host.target.to_string();
    let known = &plan.topology.locations;
    let index = known.iter().position(|location| location.name == name);
    let id = LocationId::from_index(index.unwrap_or(known.len()));
    if index.is_some() {
        return id;
    }
    let mut location = plan.topology.location(like).clone();
    // Nobody says that others write to it.
    location.hosts.clear();
    location.smart_hosts = vec![At::new(host, location.span)];
    location.name = name;
    location.egress.clear();
    location.certificate = None;
    location.client_certificate = None;
    location.renamed_from = None;
    plan.topology.locations.push(location);
    plan.places.push(plan.place(like).clone());
    let onward = plan
        .routes
        .iter()
        .filter(|route| route.from == Party::Location(like));
    let onward: Vec<Route> = onward
        .map(|route| Route {
            from: Party::Location(id),
            ..route.clone()
        })
        .collect();
    plan.routes.extend(onward);
    plan.tree = SendingTree::of(&plan.topology);
    id
}

/// A partner of which nobody knows more than a host.
fn another_partner(plan: &mut Plan, like: PartnerId, host: &Host) -> PartnerId {
    let name = host.target.to_string();
    let known = &plan.topology.partners;
    let index = known.iter().position(|partner| partner.name == name);
    let id = PartnerId::from_index(index.unwrap_or(known.len()));
    if index.is_none() {
        let partner = Partner {
            name,
            domains: Vec::new(),
            tls_inbound: None,
            tls_outbound: None,
            certificate: None,
            client_certificate: None,
            addresses: Vec::new(),
            hosts: Vec::new(),
            via: Vec::new(),
            sends_as: Vec::new(),
            signs_as: Vec::new(),
            relays: false,
            renamed_from: None,
            ..plan.topology.partner(like).clone()
        };
        plan.topology.partners.push(partner);
    }
    id
}

/// The routes that a connector is of.
pub(crate) fn routes_of(plan: &Plan, at: LocationId, kind: &str, name: &str) -> Vec<RouteId> {
    let is_it = |known: &str, by_wizard: bool| known == name || (name == OF_WIZARD && by_wizard);
    match (&plan.place(at).configuration, kind) {
        (Configuration::ExchangeOnline(tenant), "OutboundConnector") => {
            let found = tenant
                .outbound
                .iter()
                .filter(|it| is_it(&it.name, it.by_wizard));
            found.map(|it| it.route).collect()
        }
        (Configuration::ExchangeOnline(tenant), "InboundConnector") => {
            let found = tenant
                .inbound
                .iter()
                .filter(|it| is_it(&it.name, it.by_wizard));
            found.flat_map(|it| it.routes.iter().copied()).collect()
        }
        (Configuration::ExchangeServer(server), "SendConnector") => {
            let found = server
                .send
                .iter()
                .filter(|it| is_it(&it.name, it.by_wizard));
            found.map(|it| it.route).collect()
        }
        (Configuration::ExchangeServer(server), "ReceiveConnector") => {
            let found = server
                .receive
                .iter()
                .filter(|it| is_it(&it.name, it.by_wizard));
            found.flat_map(|it| it.routes.iter().copied()).collect()
        }
        _ => Vec::new(),
    }
}

fn target<'p>(
    plan: &'p mut Plan,
    at: LocationId,
    kind: &str,
    name: &str,
    of_wizard: bool,
) -> Option<Target<'p>> {
    let Plan { places, routes, .. } = plan;
    let place = places.get_mut(at.index())?;
    macro_rules! find {
        ($list:expr) => {
            $list.iter_mut().find(|it| {
                if of_wizard {
                    it.by_wizard
                } else {
                    it.name == name
                }
            })?
        };
    }
    Some(match (&mut place.configuration, kind) {
        (Configuration::ExchangeOnline(tenant), "OutboundConnector") => {
            let connector = find!(tenant.outbound);
            let route = routes.get_mut(connector.route.index());
            Target::Outbound(connector, route)
        }
        (Configuration::ExchangeOnline(tenant), "InboundConnector") => {
            Target::Inbound(find!(tenant.inbound))
        }
        (Configuration::ExchangeServer(server), "SendConnector") => {
            let connector = find!(server.send);
            let route = routes.get_mut(connector.route.index());
            Target::Send(connector, route)
        }
        (Configuration::ExchangeServer(server), "ReceiveConnector") => {
            Target::Receive(find!(server.receive))
        }
        _ => return None,
    })
}

fn change_domain(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let subdomains = live.is_on("MatchSubDomains");
    let Some(place) = place_of(&mut plan.places, object) else {
        return;
    };
    take_subdomains(place, &object.planned, subdomains);
    for property in &mut object.properties {
        // Whether unknown addresses are refused depends on a directory that nobody exports.
        property.effect = match property.name.as_str() {
            "MatchSubDomains" => Effect::Followed,
            _ => Effect::Open,
        };
    }
}

fn take_subdomains(place: &mut LocationPlan, name: &str, subdomains: bool) {
    let mut all: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
    for domain in all.iter_mut().filter(|at| at.domain.as_str() == name) {
        domain.subdomains = subdomains;
    }
    place.accepted = all.into();
}

fn change_settings(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let place = place_of(&mut plan.places, object);
    if let Some(Configuration::ExchangeOnline(tenant)) = place.map(|place| &mut place.configuration)
    {
        for property in object
            .properties
            .iter_mut()
            .filter(|at| at.name == "RejectDirectSend")
        {
            tenant.settings.reject_direct_send = Some(live.is_on("RejectDirectSend"));
            property.effect = Effect::Followed;
        }
    }
}

fn change_rule(plan: &mut Plan, object: &mut ObjectDrift, live: &LiveObject) {
    let rules = &mut plan.topology.rules;
    let place = place_of(&mut plan.places, object);
    let Some(Configuration::ExchangeOnline(tenant)) = place.map(|place| &mut place.configuration)
    else {
        return;
    };
    let Some(rule) = tenant
        .rules
        .iter_mut()
        .find(|rule| rule.name == object.planned)
    else {
        return;
    };
    let acts = acts(live, plan.today);
    let mut is_undecided = false;
    let mut asked = rules.get_mut(rule.rule);
    for property in &mut object.properties {
        property.effect = match property.name.as_str() {
            _ if property.actual.is_none() => Effect::Open,
            "ActivationDate" | "ExpiryDate" | "Mode" | "State" => {
                rule.enabled = acts != Some(false);
                is_undecided |= acts.is_none();
                Effect::Followed
            }
            "RouteMessageOutboundConnector" => {
                let name = live
                    .properties
                    .get("RouteMessageOutboundConnector")
                    .and_then(text);
                rule.connector = name.unwrap_or_default();
                Effect::Followed
            }
            // The order is put in place once all rules are there.
            "Priority" => Effect::Followed,
            name if effect(&live.kind, name) == Effect::Nothing => Effect::Nothing,
            name => {
                is_undecided |= !asked.as_mut().is_some_and(|rule| ask(rule, name, live));
                Effect::Followed
            }
        };
    }
    // What it does or asks for now is not known, so that its mail is followed both ways.
    if let Some(rule) = asked.filter(|_| is_undecided) {
        let condition = Condition::Other(object.name.clone());
        rule.when.push(At::new(condition, rule.span));
    }
}

/// Lets a rule ask what a predicate asks now, and says whether that is known: one that is empty asks nothing.
fn ask(rule: &mut Rule, name: &str, live: &LiveObject) -> bool {
    let values = live.items(name);
    let (bare, side) = match name.strip_prefix("ExceptIf") {
        Some(bare) => (bare, &mut rule.unless),
        None => (name, &mut rule.when),
    };
    if !has(
        TRANSPORT_RULE.set,
        &format!("ExceptIf{bare}"),
        Product::Online,
    ) {
        return false;
    }
    side.retain(|at| match &at.value {
        Condition::Other(words) => !is_empty_now(words, name, live),
        condition => !is_asked_by(condition, bare),
    });
    if values.is_empty() {
        rule.unless_header.retain(|mark| !is_mark_of(mark, name));
        return true;
    }
    let condition = condition_of(bare, &values);
    let is_known = condition.is_some();
    side.extend(condition.map(|condition| At::new(condition, rule.span)));
    is_known
}

/// Whether nothing is left of what a spec has no words for but the names of its predicates, of which this is one.
fn is_empty_now(words: &str, name: &str, live: &LiveObject) -> bool {
    let names = words.split(", ").filter_map(|part| part.split(' ').next());
    let names: Vec<&str> = names.collect();
    names.contains(&name) && names.iter().all(|name| live.items(name).is_empty())
}

fn remove(plan: &mut Plan, object: &ObjectDrift) {
    let Some(place) = place_of(&mut plan.places, object) else {
        return;
    };
    let is_it = |name: &str, by_wizard: bool| {
        if object.of_wizard {
            by_wizard
        } else {
            name == object.planned
        }
    };
    if object.kind == "AcceptedDomain" {
        // At servers unnamed subdomains are an object of their own.
        if let Some(base) = object.planned.strip_prefix("*.") {
            take_subdomains(place, base, false);
        }
        let kept = place
            .accepted
            .iter()
            .filter(|at| at.domain.as_str() != object.planned);
        place.accepted = kept.cloned().collect::<Vec<_>>().into();
    }
    match &mut place.configuration {
        Configuration::ExchangeOnline(tenant) => match object.kind.as_str() {
            "OutboundConnector" => tenant.outbound.retain(|it| !is_it(&it.name, it.by_wizard)),
            "InboundConnector" => tenant.inbound.retain(|it| !is_it(&it.name, it.by_wizard)),
            "TransportRule" => tenant.rules.retain(|it| it.name != object.planned),
            _ => {}
        },
        Configuration::ExchangeServer(server) => match object.kind.as_str() {
            "SendConnector" => server.send.retain(|it| !is_it(&it.name, it.by_wizard)),
            "ReceiveConnector" => server.receive.retain(|it| !is_it(&it.name, it.by_wizard)),
            _ => {}
        },
        Configuration::Postfix(_) | Configuration::Checklist => {}
    }
}

/// Adds what the spec does not have. Of a connector whose end the export lost nobody knows what it does.
fn add(plan: &mut Plan, object: &ObjectDrift) {
    let live = object.live.as_ref();
    let live = live.filter(|live| live.lost_end().is_none());
    let (Some(live), Some(at)) = (live, object.at.location()) else {
        return;
    };
    let span = plan.topology.location(at).span;
    let id = RouteId::from_index(plan.routes.len());
    let mut added: Option<Route> = None;
    match object.kind.as_str() {
        "OutboundConnector" => {
            let mut connector = OutboundConnector::blank(&object.name, id);
            let mut route = destination(plan, at, &object.name, live, span);
            set_all(Target::Outbound(&mut connector, Some(&mut route)), live);
            added = Some(route);
            if let Some(Configuration::ExchangeOnline(tenant)) = configuration(plan, at) {
                tenant.outbound.push(connector);
            }
        }
        "SendConnector" => {
            let mut connector = SendConnector::blank(&object.name, id);
            let mut route = destination(plan, at, &object.name, live, span);
            set_all(Target::Send(&mut connector, Some(&mut route)), live);
            added = Some(route);
            if let Some(Configuration::ExchangeServer(server)) = configuration(plan, at) {
                server.send.push(connector);
            }
        }
        "InboundConnector" => {
            let mut connector = InboundConnector::blank(&object.name);
            set_all(Target::Inbound(&mut connector), live);
            if let Some(Configuration::ExchangeOnline(tenant)) = configuration(plan, at) {
                tenant.inbound.push(connector);
            }
        }
        "ReceiveConnector" => {
            let mut connector = ReceiveConnector::blank(&object.name);
            set_all(Target::Receive(&mut connector), live);
            if let Some(Configuration::ExchangeServer(server)) = configuration(plan, at) {
                server.receive.push(connector);
            }
        }
        "AcceptedDomain" => add_domain(plan, object, live, span),
        _ => {}
    }
    plan.routes.extend(added);
}

fn configuration(plan: &mut Plan, at: LocationId) -> Option<&mut Configuration> {
    let place = plan.places.get_mut(at.index())?;
    Some(&mut place.configuration)
}

fn add_domain(plan: &mut Plan, object: &ObjectDrift, live: &LiveObject, span: Span) {
    let Ok(domain) = DomainName::parse(&object.name) else {
        return;
    };
    let kind = live.properties.get("DomainType").and_then(text);
    let kind = match kind.as_deref() {
        Some("Authoritative") => AcceptedType::Authoritative,
        Some("ExternalRelay") => AcceptedType::ExternalRelay,
        _ => AcceptedType::InternalRelay,
    };
    if let Some(place) = place_of(&mut plan.places, object) {
        let mut all: Vec<AcceptedDomain> = place.accepted.iter().cloned().collect();
        all.push(AcceptedDomain {
            domain,
            kind,
            subdomains: live.is_on("MatchSubDomains"),
            why: Acceptance::Written,
            span,
        });
        all.sort_by(|a, b| a.domain.cmp(&b.domain));
        place.accepted = all.into();
    }
}

/// A route to whoever takes the mail of a connector.
fn destination(
    plan: &mut Plan,
    at: LocationId,
    name: &str,
    live: &LiveObject,
    span: Span,
) -> Route {
    let to = leads_to(plan, live, None);
    let mut route = Route::blank(
        name.to_owned(),
        Party::Location(at),
        to,
        Vec::new(),
        Origin::Written(span),
    );
    route.next_hop = NextHop::Mx;
    route
}
