//! Mail-flow rules at a Postfix location: relays that depend on the envelope sender.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::postfix::hops::Hops;
use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::{Entry, Key};
use crate::routes::{Origin, RouteId};
use crate::source::{At, Span};
use crate::topology::{Condition, Party, Rule, RuleTarget};
use crate::values::{Address, Pattern};
use std::collections::BTreeMap;

/// The senders that rules at this place choose, and the routes they choose for them. Of several rules for one sender the
/// first applies.
pub(crate) fn sender_relay(
    scene: &Scene<'_>,
    hops: &mut Hops,
    findings: &mut Findings,
) -> BTreeMap<Key, Option<Entry>> {
    let mut table = BTreeMap::new();
    for rule in &scene.topology.rules {
        if rule.at.value != scene.id || !rule.enabled {
            continue;
        }
        let senders = match senders_of(rule) {
            Ok(senders) => senders,
            Err(span) => {
                findings.push(inexpressible(scene, rule, span));
                continue;
            }
        };
        let Some(route) = route_of(scene, rule) else {
            continue;
        };
        let entry = Entry {
            hop: hops.of_route(scene, route, false),
            span: rule.span,
        };
        for key in senders.excepted {
            table.entry(key).or_insert(None);
        }
        for key in senders.chosen {
            table.entry(key).or_insert(Some(entry));
        }
    }
    table
}

struct Senders {
    chosen: Vec<Key>,
    excepted: Vec<Key>,
}

/// Whom a rule chooses, or the condition that a table by sender cannot say.
fn senders_of(rule: &Rule) -> Result<Senders, Span> {
    let mut addresses: Option<Vec<Address>> = None;
    let mut domains: Option<Vec<Pattern>> = None;
    for at in &rule.when {
        match &at.value {
            Condition::Sender(list) if addresses.is_none() => addresses = Some(list.clone()),
            Condition::SenderDomain(list) if domains.is_none() => domains = Some(list.clone()),
            _ => return Err(at.span),
        }
    }
    if let Some(header) = rule.unless_header.first() {
        return Err(header.header.span);
    }
    let mut chosen = match (addresses, domains) {
        (Some(addresses), None) => addresses.into_iter().map(Key::Address).collect(),
        (Some(addresses), Some(domains)) => addresses
            .into_iter()
            .filter(|address| {
                domains
                    .iter()
                    .any(|domain| domain.matches(address.domain()))
            })
            .map(Key::Address)
            .collect(),
        (None, Some(domains)) => domains
            .iter()
            .map(|domain| Key::of(domain).filter(|key| !matches!(key, Key::Below(_))))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| rule.when.first().map_or(rule.span, |at| at.span))?,
        (None, None) => return Err(rule.span),
    };
    let mut excepted = Vec::new();
    for At { value, span } in &rule.unless {
        match value {
            Condition::Sender(list) => {
                chosen
                    .retain(|key| !matches!(key, Key::Address(address) if list.contains(address)));
                excepted.extend(list.iter().cloned().map(Key::Address));
            }
            Condition::SenderDomain(list) => {
                let hit = |key: &Key| match key {
                    Key::Address(address) => list.iter().any(|p| p.matches(address.domain())),
                    Key::Domain(name) | Key::Below(name) => list.iter().any(|p| p.matches(name)),
                };
                chosen.retain(|key| !hit(key));
            }
            _ => return Err(*span),
        }
    }
    Ok(Senders { chosen, excepted })
}

/// The route a rule chooses: the written one, or the one that was derived for its end.
fn route_of(scene: &Scene<'_>, rule: &Rule) -> Option<RouteId> {
    match rule.route.value {
        RuleTarget::Route(at) => {
            let span = scene.topology.routes.get(at)?.span;
            let mut routes = scene.routes.iter();
            routes.find(|(_, route)| route.origin == Origin::Written(span))
        }
        RuleTarget::Party(party) => scene.routes.iter().find(|(_, route)| {
            route.from == Party::Location(scene.id) && route.to == party && route.only_by_rule
        }),
    }
    .map(|(id, _)| id)
}

fn inexpressible(scene: &Scene<'_>, rule: &Rule, span: Span) -> Finding {
    Finding::error(
        Code::X012,
        format!(
            "the rule `{}` cannot be said at the Postfix location `{}`, so its mail would go the usual way",
            rule.name.value, scene.location.name
        ),
    )
    .at(span, "only addresses in `sender` and names in `sender_domain` can choose a relay there")
    .on(Object::Rule(rule.name.value.clone()))
    .withholds(format!("the rule `{}`", rule.name.value))
    .help("choose by `sender` or `sender_domain`, without wildcards and headers")
}
