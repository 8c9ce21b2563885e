//! Names that objects have already: an object gets its own in place of the one that mailtopo would give it.
//!
//! Routes keep their names: these are what a spec, a finding and a trace call them by.

use crate::finding::{Code, Finding, Findings, Object, Operation, nearest};
use crate::plan::{Configuration, LocationPlan};
use crate::topology::{GivenName, Location, Topology};
use std::collections::BTreeMap;

/// Says of what was found that no object of others has it.
pub(crate) fn look_for(topology: &Topology, places: &[LocationPlan], findings: &mut Findings) {
    if findings.has_errors() {
        return;
    }
    for found in &topology.found.0 {
        let Some(place) = places.get(found.at.index()) else {
            continue;
        };
        let wanted = found.object.value.to_lowercase();
        // A Receive connector stands on each server.
        let is_it = |(kind, name): &(&str, Option<&str>)| {
            let rest = wanted.strip_prefix(&format!("{} ", kind.to_lowercase()));
            let own = rest.map(|rest| rest.split_once('\\').map_or(rest, |(_, name)| name));
            own.is_some_and(|own| name.is_none_or(|name| own == name.to_lowercase()))
        };
        if !of_others(&place.configuration).iter().any(is_it) {
            let name = &topology.location(found.at).name;
            let message = format!(
                "`{name}` has no object `{}` that others manage, so nothing is compared with what was found",
                found.object.value
            );
            findings.push(
                Finding::error(Code::S001, message)
                    .at(found.object.span, "")
                    .help("write its kind and its name, such as `InboundConnector From bank`, and `managed: false` at its route, rule or partner; or leave it out")
                    .on(Object::Location(name.clone())),
            );
        }
    }
}

/// Kind and name of each object that others manage. What the hybrid wizard made is called as the wizard likes.
fn of_others(configuration: &Configuration) -> Vec<(&'static str, Option<&str>)> {
    macro_rules! unmanaged {
        ($kind:literal, $list:expr) => {
            $list
                .iter()
                .filter(|at| !at.managed || at.by_wizard)
                .map(|at| ($kind, (!at.by_wizard).then_some(at.name.as_str())))
        };
    }
    match configuration {
        Configuration::ExchangeOnline(tenant) => unmanaged!("OutboundConnector", tenant.outbound)
            .chain(unmanaged!("InboundConnector", tenant.inbound))
            .chain(
                tenant
                    .rules
                    .iter()
                    .filter(|rule| !rule.managed)
                    .map(|rule| ("TransportRule", Some(rule.name.as_str()))),
            )
            .collect(),
        Configuration::ExchangeServer(server) => unmanaged!("SendConnector", server.send)
            .chain(unmanaged!("ReceiveConnector", server.receive))
            .collect(),
        Configuration::Postfix(_) | Configuration::Checklist => Vec::new(),
    }
}

/// An object that may have another name.
struct Named<'a> {
    kind: &'static str,
    name: &'a mut String,
    former_names: &'a mut Vec<String>,
}

/// Gives the objects of all locations their names.
pub(crate) fn give(topology: &Topology, places: &mut [LocationPlan], findings: &mut Findings) {
    // What was refused has no object that could be named.
    let is_complete = !findings.has_errors();
    for ((id, location), place) in topology.locations().zip(places) {
        let given: Vec<&GivenName> = topology.names.iter().filter(|at| at.at == id).collect();
        if given.is_empty() {
            continue;
        }
        let mut objects = objects(&mut place.configuration);
        let derived: Vec<String> = objects.iter().map(|at| at.name.to_lowercase()).collect();
        let mut connectors: BTreeMap<String, String> = BTreeMap::new();
        for name in &given {
            let wanted = name.derived.value.to_lowercase();
            let mut found = objects
                .iter_mut()
                .zip(&derived)
                .filter(|(_, derived)| **derived == wanted)
                .map(|(object, _)| object);
            let Some(object) = found.next() else {
                if is_complete {
                    drop(found);
                    findings.push(unknown(location, name, &objects));
                }
                continue;
            };
            if found.next().is_some() {
                let why = "so nothing says which of them has another already";
                findings.push(twice(location, &name.derived, why));
                continue;
            }
            let existing = name.existing.value.clone();
            let derived = std::mem::replace(object.name, existing.clone());
            if derived != existing {
                object.former_names.push(derived.clone());
            }
            if object.kind == "OutboundConnector" {
                connectors.insert(derived, existing);
            }
        }
        let mut taken: Vec<(&str, String)> = Vec::new();
        for object in &objects {
            let key = (object.kind, object.name.to_lowercase());
            let mut names = given.iter().map(|name| &name.existing);
            if taken.contains(&key)
                && let Some(name) = names.find(|name| name.value.to_lowercase() == key.1)
            {
                findings.push(twice(location, name, "and Exchange has each name once"));
            }
            taken.push(key);
        }
        if let Configuration::ExchangeOnline(tenant) = &mut place.configuration {
            for rule in &mut tenant.rules {
                if let Some(name) = connectors.get(&rule.connector) {
                    rule.connector.clone_from(name);
                }
            }
        }
    }
}

/// The objects whose names the compiler makes. Those of the hybrid wizard are found by what they are.
fn objects(configuration: &mut Configuration) -> Vec<Named<'_>> {
    macro_rules! named {
        ($kind:literal, $list:expr) => {
            $list.iter_mut().filter(|at| !at.by_wizard).map(|at| Named {
                kind: $kind,
                name: &mut at.name,
                former_names: &mut at.former_names,
            })
        };
    }
    match configuration {
        Configuration::ExchangeOnline(tenant) => named!("OutboundConnector", tenant.outbound)
            .chain(named!("InboundConnector", tenant.inbound))
            .collect(),
        Configuration::ExchangeServer(server) => named!("SendConnector", server.send)
            .chain(named!("ReceiveConnector", server.receive))
            .collect(),
        Configuration::Postfix(_) | Configuration::Checklist => Vec::new(),
    }
}

fn unknown(location: &Location, name: &GivenName, objects: &[Named<'_>]) -> Finding {
    let known: Vec<&str> = objects.iter().map(|object| object.name.as_str()).collect();
    let finding = Finding::error(
        Code::S001,
        format!(
            "`{}` has no object `{}`, so nothing is adopted under the name `{}`",
            location.name, name.derived.value, name.existing.value
        ),
    )
    .at(name.derived.span, "")
    .on(Object::Location(location.name.clone()));
    match nearest(&name.derived.value, known.iter().copied()) {
        Some(near) => finding.mend(Operation::replace(
            name.derived.span,
            &name.derived.value,
            near,
        )),
        None if known.is_empty() => finding.help("leave it out"),
        None => finding.help(format!("write one of `{}`", known.join("`, `"))),
    }
}

fn twice(location: &Location, name: &crate::source::At<String>, why: &str) -> Finding {
    Finding::error(
        Code::S002,
        format!(
            "two objects of `{}` would have the name `{}`, {why}",
            location.name, name.value
        ),
    )
    .at(name.span, "")
    .on(Object::Location(location.name.clone()))
    .help("give one of them another name")
}
