//! L10, second part: a location means the same whatever product it is.
//!
//! A server becomes one of another kind that can express its routes, with no key that only the other kind has. Every
//! message ends as before, or a finding about its way says how the products differ.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Message, said, speaks_of, starts};
use crate::surface::{Compiled, Finding, Path};
use crate::topology::Topology;
use serde_yaml::Value;
use std::collections::BTreeSet;

#[test]
fn a_location_means_the_same_whatever_product_it_is() {
    holds("L10b", kinds_mean_the_same, |number, spec| {
        let parts = ["examples/", "cases/", "oracle/"];
        parts.iter().any(|start| spec.name.starts_with(start)) || number % 4 == 0
    });
}

/// Kinds of servers, and what each has to say.
const KINDS: [(&str, &str); 3] = [
    ("smtp", "{}"),
    ("postfix", "{delivers_to: \"lmtp:unix:private/store\"}"),
    ("exchange-server", "{version: 2019, servers: [XQ7]}"),
];

/// Keys of every kind of server.
const COMMON: [&str; 14] = [
    "hosts",
    "smart_hosts",
    "egress",
    "certificate",
    "client_certificate",
    "sends",
    "also_accepts",
    "accepts",
    "directory",
    "accept_only_from",
    "tls",
    "helo",
    "spf",
    "auth",
];

/// So many messages are compared.
const MESSAGES: usize = 60;

/// The document with a location of another kind; nothing where the location says what only its own kind can.
fn as_kind(main: &Value, name: &str, kind: &str, own: &str) -> Option<Value> {
    let mut main = main.clone();
    let place = main.get_mut("locations")?.get_mut(name)?.as_mapping_mut()?;
    let former: Vec<(Value, Value)> = place.iter().map(|(k, v)| (k.clone(), v.clone())).collect();
    place.clear();
    place.insert("kind".into(), kind.into());
    for (key, value) in former {
        let word = key.as_str()?.to_owned();
        let is_of_kind = KINDS
            .iter()
            .any(|(_, own)| own.contains(&format!("{word}:")));
        match word.as_str() {
            "kind" => {}
            _ if is_of_kind => {}
            _ if COMMON.contains(&word.as_str()) => {
                place.insert(key, value);
            }
            _ => return None,
        }
    }
    let own: Value = serde_yaml::from_str(own).ok()?;
    for (key, value) in own.as_mapping()? {
        place.insert(key.clone(), value.clone());
    }
    Some(main)
}

fn ends<'p>(paths: impl IntoIterator<Item = &'p Path>) -> BTreeSet<(&'p str, &'p str)> {
    let each = paths.into_iter();
    each.map(|it| (it.ends.as_str(), it.certainty.as_str()))
        .collect()
}

fn kinds_mean_the_same(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(main)) = (Topology::of(spec), spec.main()) else {
        return Vec::new();
    };
    // What becomes of mail beside an error depends on what the product leaves out.
    if main.get("include").is_some() || compiled.has_errors() {
        return Vec::new();
    }
    let mut breaches = Breaches::default();
    let key = |it: &Finding| (it.check.clone(), it.objects.clone(), it.domains.clone());
    for (name, place) in &topology.places {
        if !KINDS.iter().any(|(kind, _)| *kind == place.kind) {
            continue;
        }
        for (kind, own) in KINDS.iter().filter(|(kind, _)| *kind != place.kind) {
            let Some(changed) = as_kind(&main, name, kind, own) else {
                continue;
            };
            let other = Compiled::of(&spec.with_main(&changed).files);
            let Some(tracer) = other.tracer() else {
                continue;
            };
            let (was, is): (BTreeSet<_>, BTreeSet<_>) = (
                compiled.findings.iter().map(key).collect(),
                other.findings.iter().map(key).collect(),
            );
            let differing: Vec<&Finding> = compiled
                .findings
                .iter()
                .chain(&other.findings)
                .filter(|it| was.contains(&key(it)) != is.contains(&key(it)))
                .collect();
            let routes = starts(&other);
            for message in spec.messages().iter().take(MESSAGES) {
                let (from, to) = (&message.sender.from, &message.recipient.to);
                let Ok(trace) = tracer.trace(from, to) else {
                    continue;
                };
                let paths = || message.trace.paths.iter().chain(&trace.paths);
                // How mail for nobody is lost is each product's own affair.
                let arrives = |path: &Path| {
                    ["delivered", "handed-off", "internet"]
                        .iter()
                        .any(|end| path.ends.starts_with(end))
                };
                let is_equal = ends(&message.trace.paths) == ends(&trace.paths);
                if is_equal || !paths().any(arrives) {
                    continue;
                }
                let speaks = |message: &Message, it: &&Finding| {
                    it.objects
                        .iter()
                        .any(|it| it.split([':', ' ']).any(|word| word == name))
                        || paths().any(|path| speaks_of(it, message, path, &routes))
                };
                if differing.iter().any(|it| speaks(message, it)) {
                    continue;
                }
                breaches.add(
                    format!("{} as {kind} ends otherwise", place.kind),
                    format!(
                        "{from} to {to} over {name}: {:?}",
                        ends(&message.trace.paths)
                    ),
                    format!("{:?}: {}", ends(&trace.paths), said(&other.findings)),
                );
            }
        }
    }
    breaches.all()
}
