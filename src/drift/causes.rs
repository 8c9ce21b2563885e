//! What of the mail flow differs, and which objects are the cause.
//!
//! A connector that takes mail out concerns only mail that it is for, and alone makes only such mail go elsewhere as it carries
//! before or after. So most mail need not be followed, and most causes need not be tried.

use crate::diff::{self, Diff, Hops, Only, Passed, Reach, Reader, Texts, Watch};
use crate::drift::objects::{ObjectDrift, State};
use crate::drift::{Source, live, put};
use crate::import::address_space;
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::ConnectorType;
use crate::topology::{Holds, LocationId, Tenant, Topology};
use crate::values::{DomainName, Pattern};
use std::collections::BTreeSet;

/// So many objects are looked at one by one for the cause of a change.
const MOST_CAUSES: usize = 40;

/// What of the mail flow differs.
pub(super) fn changed(plan: &Plan, all: &Plan, differing: &[&ObjectDrift]) -> Diff {
    let reader = Reader {
        old: Texts::new(),
        new: Texts::new(),
        plan: &|_| None,
    };
    let only = reached(plan, differing);
    diff::compare(plan, all, &only, &reader)
}

/// The objects each of which alone makes some of this mail go elsewhere; where it takes several, all that differ.
pub(super) fn name(
    plan: &Plan,
    all: &Plan,
    sources: &[Source],
    differing: &[&ObjectDrift],
    flow: &mut Diff,
) {
    for change in &mut flow.changes {
        change.because.clear();
    }
    if flow.changes.is_empty() {
        return;
    }
    // What is alone is the cause.
    if let [only] = differing {
        for change in &mut flow.changes {
            change.because.push(only.title());
        }
        return;
    }
    // Of mail that does not change nobody asks for the cause.
    let watch = Watch::of(plan, &flow.changes);
    let followed = differing.iter().filter(|object| object.is_followed());
    let followed: Vec<(&ObjectDrift, Option<Hops>)> = followed
        .map(|object| (*object, carried_by(plan, object)))
        .collect();
    // Which objects can be the cause of a message. One that is alone is it.
    let of_message = |hops: Hops| -> Vec<usize> {
        let all = followed.iter().enumerate();
        all.filter(|(_, (_, own))| own.as_ref().is_none_or(|own| !own.is_disjoint(&hops)))
            .map(|(at, _)| at)
            .collect()
    };
    let candidates: Vec<Vec<Vec<usize>>> = watch
        .hops(all)
        .into_iter()
        .map(|messages| messages.into_iter().map(of_message).collect())
        .collect();
    let several = candidates.iter().flatten().filter(|list| list.len() > 1);
    let several: BTreeSet<usize> = several.flatten().copied().collect();
    let alone = |messages: &Vec<Vec<usize>>| -> BTreeSet<usize> {
        let alone = messages.iter().filter(|list| list.len() == 1);
        alone.flatten().copied().collect()
    };
    let mut causes: Vec<BTreeSet<usize>> = candidates.iter().map(alone).collect();
    for at in several.into_iter().take(MOST_CAUSES) {
        let Some((object, _)) = followed.get(at) else {
            continue;
        };
        let mut alone = plan.clone();
        put(&mut alone, sources, &mut [&mut (*object).clone()]);
        alone.rejoin();
        let moves = watch.moves(&alone);
        for ((messages, moves), causes) in candidates.iter().zip(moves).zip(&mut causes) {
            let mut own = messages.iter().zip(moves);
            if own.any(|(list, moves)| moves && list.contains(&at)) {
                causes.insert(at);
            }
        }
    }
    for (change, causes) in flow.changes.iter_mut().zip(causes) {
        let own = causes.into_iter().filter_map(|at| followed.get(at));
        change.because = own.map(|(object, _)| object.title()).collect();
        if change.because.is_empty() {
            change.because = differing.iter().map(|object| object.title()).collect();
        }
    }
}

/// What a connector hands mail over by, where it concerns no mail but what it carries; nothing for all others.
fn carried_by(plan: &Plan, object: &ObjectDrift) -> Option<Hops> {
    patterns(plan, object)?;
    hops_of(plan, object)
}

/// What a connector hands mail over by; nothing where a rule chooses it.
fn hops_of(plan: &Plan, object: &ObjectDrift) -> Option<Hops> {
    let at = object.at.location()?;
    let routes = live::routes_of(plan, at, &object.kind, &object.planned);
    if routes.iter().any(|id| plan.route(*id).only_by_rule) {
        return None;
    }
    let names = routes.iter().map(|id| plan.route(*id).name.clone());
    let place = &plan.topology.location(at).name;
    let names = names.chain([object.name.clone()]);
    let names = names.map(|name| (place.clone(), format!("route:{name}")));
    Some(names.collect())
}

/// Properties of connectors that take mail out by which none of them is chosen.
const OF_HOP: [&str; 8] = [
    "Fqdn",
    "IgnoreSTARTTLS",
    "Port",
    "RequireTLS",
    "SmartHosts",
    "TlsAuthLevel",
    "TlsDomain",
    "TlsSettings",
];

/// The patterns of recipients that a connector is for, as compiled and as it exists; nothing where it may take other mail, too.
fn patterns(plan: &Plan, object: &ObjectDrift) -> Option<Vec<Pattern>> {
    let at = object.at.location()?;
    let list = match object.kind.as_str() {
        "OutboundConnector" => "RecipientDomains",
        "SendConnector" => "AddressSpaces",
        _ => return None,
    };
    let mut found = Vec::new();
    for id in live::routes_of(plan, at, &object.kind, &object.planned) {
        let route = plan.route(id);
        if route.only_by_rule || route.is_detour(&plan.topology) {
            return None;
        }
        found.extend(route.recipients.iter().map(|at| at.pattern.clone()));
    }
    if let Some(live) = &object.live {
        let takes_more = [
            "AllAcceptedDomains",
            "IsTransportRuleScoped",
            "RouteAllMessagesViaOnPremises",
        ];
        if takes_more.iter().any(|name| live.is_on(name)) {
            return None;
        }
        for text in live.items(list) {
            let text = address_space(&text).map_or(text, |(domain, _)| domain);
            found.push(Pattern::parse(&text).ok()?);
        }
    } else if object.state != State::Missing {
        return None;
    }
    let is_plain = |pattern: &Pattern| matches!(pattern, Pattern::Exact(_) | Pattern::Below(_));
    (!object.of_wizard && found.iter().all(is_plain)).then_some(found)
}

/// The mail that alone can be concerned; everything where it may be any.
fn reached(plan: &Plan, differing: &[&ObjectDrift]) -> Only {
    let all = differing.iter().map(|object| reach(plan, object));
    Only {
        reached: all.collect(),
        ..Only::default()
    }
}

/// The mail that alone an object can concern.
fn reach(plan: &Plan, object: &ObjectDrift) -> Option<Reach> {
    let at = object.at.location()?;
    match object.kind.as_str() {
        "OutboundConnector" | "SendConnector" => {
            // Mail for one address may become mail for another.
            let rewritten = rewritten(&plan.topology);
            let is_met = |at: &Pattern| rewritten.iter().any(|name| at.matches(name));
            let recipients = patterns(plan, object).filter(|all| !all.iter().any(is_met));
            let mut differs = object.properties.iter();
            let is_of_hop = object.state == State::Differs
                && differs.all(|at| OF_HOP.contains(&at.name.as_str()));
            let hops = hops_of(plan, object).filter(|_| is_of_hop);
            (recipients.is_some() || hops.is_some()).then_some(Reach {
                recipients,
                passes: hops.map(Passed::By),
                senders: None,
            })
        }
        "InboundConnector" => Some(match senders_of(plan, object) {
            Some(senders) => Reach {
                senders: Some(senders),
                ..Reach::default()
            },
            None => Reach {
                passes: Some(entered(plan, object, at)?),
                ..Reach::default()
            },
        }),
        "ReceiveConnector" => Some(Reach {
            passes: Some(Passed::Into(at)),
            ..Reach::default()
        }),
        _ => None,
    }
}

/// What mail passes that a connector of a tenant can take. Which of several tenants takes a session the connectors of all of them
/// decide.
fn entered(plan: &Plan, object: &ObjectDrift, at: LocationId) -> Option<Passed> {
    let tenants = plan.topology.locations.iter();
    if tenants.filter(|it| it.tenant().is_some()).count() > 1 {
        return None;
    }
    let Configuration::ExchangeOnline(tenant) = &plan.place(at).configuration else {
        return None;
    };
    let mut planned = tenant.inbound.iter();
    let planned = planned.find(|it| it.name == object.planned);
    let is_own = planned.is_none_or(|it| it.connector_type == ConnectorType::OnPremises);
    let live = object.live.as_ref();
    let is_own = is_own && live.is_none_or(|it| it.word("ConnectorType") == "OnPremises");
    Some(if is_own {
        Passed::IntoBy(at, object.planned.clone())
    } else {
        Passed::Into(at)
    })
}

/// The domains of senders that a connector of a partner is for, as compiled and as it exists; nothing where it may be asked
/// about other mail, too.
fn senders_of(plan: &Plan, object: &ObjectDrift) -> Option<Vec<Pattern>> {
    let at = object.at.location()?;
    let Configuration::ExchangeOnline(tenant) = &plan.place(at).configuration else {
        return None;
    };
    let live = object.live.as_ref()?;
    if object.kind != "InboundConnector" || object.of_wizard {
        return None;
    }
    let mut inbound = tenant.inbound.iter();
    let planned = inbound.find(|known| known.name == object.planned)?;
    if planned.connector_type != ConnectorType::Partner || live.word("ConnectorType") != "Partner" {
        return None;
    }
    let mut found = planned.sender_domains.clone();
    for text in live.items("SenderDomains") {
        let text = address_space(&text).map_or(text, |(domain, _)| domain);
        found.push(Pattern::parse(&text).ok()?);
    }
    // In our own name others write, too, and mail that is passed on may get a sender of ours.
    let own = &plan.topology.domains;
    let is_own = |pattern: &Pattern| {
        let mut own = own.iter();
        own.any(|domain| pattern.matches(&domain.name) || pattern.base() == Some(&domain.name))
    };
    let is_plain = |pattern: &Pattern| matches!(pattern, Pattern::Exact(_) | Pattern::Below(_));
    let is_theirs = found.iter().all(|it| is_plain(it) && !is_own(it));
    is_theirs.then_some(found)
}

/// The domains of addresses that others may be replaced by.
fn rewritten(topology: &Topology) -> Vec<DomainName> {
    let mut found = Vec::new();
    for location in &topology.locations {
        let own = location.tenant().map(Tenant::initial_domain);
        found.extend(own.and_then(|name| DomainName::parse(&name).ok()));
        found.extend(location.routing_domain());
    }
    for domain in &topology.domains {
        let forwards = domain.forwards.iter().map(|at| &at.target);
        let remote = domain.remote_mailboxes.iter().map(|at| &at.target);
        let caught = domain.catch_all.iter().map(|at| &at.value);
        let listed = domain
            .holders
            .iter()
            .flat_map(|holder| match &holder.holds {
                Holds::Listed(list) => list.as_slice(),
                Holds::Count(_) | Holds::Rest => &[],
            });
        let details = listed.filter_map(|recipient| recipient.details.as_deref());
        let listed = details.flat_map(|it| it.target.iter().chain(it.aliases.iter().flatten()));
        let all = forwards.chain(remote).chain(caught).chain(listed);
        found.extend(all.map(|address| address.domain().clone()));
    }
    found
}
