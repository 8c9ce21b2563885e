//! The connectors that every server has from the start, by which mail of external senders comes in.

use crate::drift::objects::{Effect, ObjectDrift, PropertyDrift, State};
use crate::drift::properties::{has_word, is_for_everybody};
use crate::import::{Live, LiveObject};
use crate::plan::{Configuration, Plan};
use crate::topology::LocationId;
use std::collections::BTreeMap;

/// The connectors for all addresses of servers that take no mail of external senders, although the spec locks nobody out.
pub(super) fn shut(plan: &Plan, at: LocationId, all: &[&LiveObject]) -> Vec<ObjectDrift> {
    let is_open = |live: &LiveObject| {
        has_word(live, "PermissionGroups", "anonymoususers") && live.is_enabled()
    };
    let Configuration::ExchangeServer(configuration) = &plan.place(at).configuration else {
        return Vec::new();
    };
    // By number of port: clients that log on come to other ones.
    let listens = |live: &LiveObject| {
        let bindings = live.items("Bindings");
        bindings.is_empty() || bindings.iter().any(|binding| binding.ends_with(":25"))
    };
    let mut of_server: BTreeMap<Option<&str>, Vec<&LiveObject>> = BTreeMap::new();
    for live in all.iter().filter(|live| is_for_everybody(live)) {
        of_server.entry(live.on_server().0).or_default().push(live);
    }
    let is_shut = |of: &Vec<&LiveObject>| {
        let is_shown = |live: &&LiveObject| {
            live.properties
                .get("PermissionGroups")
                .is_some_and(|at| *at != Live::Lost)
        };
        of.iter().all(is_shown) && !of.iter().any(|live| is_open(live))
    };
    // Whoever finds one server open is not shut out.
    let is_followed = of_server.values().all(is_shut);
    let shut = of_server
        .values()
        .filter(|of| configuration.locked.is_none() && is_shut(of));
    let first = shut.filter_map(|of| of.iter().find(|live| listens(live)));
    first
        .map(|live| {
            let (name, expected) = if live.is_enabled() {
                let mut words = live.items("PermissionGroups");
                words.push("AnonymousUsers".to_owned());
                ("PermissionGroups", words)
            } else {
                ("Enabled", vec!["True".to_owned()])
            };
            ObjectDrift {
                live: Some((*live).clone()),
                of_others: true,
                planned: if is_followed {
                    String::new()
                } else {
                    live.name.clone()
                },
                properties: vec![PropertyDrift {
                    name: name.to_owned(),
                    actual: Some(live.items(name)),
                    expected,
                    effect: Effect::Open,
                }],
                ..ObjectDrift::new(at, &live.kind, live.name.clone(), State::Differs)
            }
        })
        .collect()
}
