//! L9: derived and explicit are the same.
//!
//! What `routes` prints is written as `routes:` with `routing: explicit`. Findings, ways, records and objects are equal,
//! but for words about where an object comes from.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::surface::Compiled;
use crate::topology::{Topology, text};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

#[test]
fn derived_and_explicit_are_the_same() {
    holds("L9", derived_is_explicit, |_, _| true);
}

/// The document with all routes written out; nothing where it says what no route can.
fn explicit(main: &Value, topology: &Topology, compiled: &Compiled) -> Option<Value> {
    let wizard = |place: &crate::topology::Place| place.value.get("hybrid_wizard").is_some();
    if topology.explicit || !topology.rules.is_empty() || topology.places.values().any(wizard) {
        return None;
    }
    // Who carries a domain is asked for by name where nothing says it; written routes say it.
    if compiled.findings.iter().any(|it| it.check == "G015") {
        return None;
    }
    let document = compiled.routes()?;
    let mut routes = Vec::new();
    for row in document["routes"].as_array()? {
        let word = |key: &str| row[key].as_str().unwrap_or_default();
        // A name that Exchange does not take is none to write a route with.
        if word("name").chars().count() > 64 {
            return None;
        }
        if row["origin"] == "written" {
            let is_it =
                |route: &&Value| route.get("name").and_then(text).as_deref() == Some(word("name"));
            routes.push(topology.routes.iter().find(is_it)?.clone());
            continue;
        }
        // What a place does by itself is no route to write, whoever prints it.
        let by_itself = topology
            .places
            .get(word("from"))
            .is_some_and(|it| !matches!(it.kind.as_str(), "exchange-server" | "postfix"));
        let is_inherent = word("to") == "internet" && by_itself && row["next_hop"]["kind"] == "mx";
        if row["origin"] != "derived" || is_inherent {
            continue;
        }
        // Mail of a partner enters by a written route from it, and else by MX: the two do not mean the same.
        let enters =
            |name: &str| topology.partners.contains_key(name) && !has_via(&topology.document, name);
        if enters(word("from")) {
            return None;
        }
        let mut route = Mapping::new();
        let mut put = |key: &str, value: Value| route.insert(key.into(), value);
        for key in ["name", "from", "to", "tls"] {
            put(key, word(key).into());
        }
        put("recipients", to_yaml(&row["for"]));
        match word_of(&row["next_hop"], "kind") {
            "smart-hosts" => put("smart_hosts", to_yaml(&row["next_hop"]["hosts"])),
            "mx" => put("smart_hosts", "mx".into()),
            _ => None,
        };
        let known = &row["known_by"];
        put(
            "accepted_by",
            match word_of(known, "kind") {
                "certificate" => one("certificate", to_yaml(&known["name"])),
                "addresses" => one("addresses", to_yaml(&known["addresses"])),
                _ => "nothing".into(),
            },
        );
        if row["cost"] != 1 {
            put("cost", to_yaml(&row["cost"]));
        }
        if row["enabled"] == false {
            put("enabled", false.into());
        }
        if row["only_by_rule"] == true {
            put("only_by_rule", true.into());
        }
        routes.push(Value::Mapping(route));
    }
    let mut main = main.clone();
    let map = main.as_mapping_mut()?;
    map.insert("routing".into(), "explicit".into());
    map.insert("routes".into(), Value::Sequence(routes));
    Some(main)
}

fn has_via(document: &Value, partner: &str) -> bool {
    let partner = document.get("partners").and_then(|all| all.get(partner));
    partner.is_some_and(|it| it.get("via").is_some())
}

fn word_of<'a>(value: &'a serde_json::Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_default()
}

fn to_yaml(value: &serde_json::Value) -> Value {
    serde_yaml::to_value(value).expect("a value")
}

fn one(key: &str, value: Value) -> Value {
    Value::Mapping([(key.into(), value)].into_iter().collect())
}

/// Everything that may not differ.
fn outcome(
    compiled: &Compiled,
    asked: &[(String, String)],
    with_files: bool,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut said: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for it in &compiled.findings {
        // What a place does by itself is no route of the written spec.
        let by_itself = |object: &&String| object.ends_with(" to internet");
        let objects: BTreeSet<&String> = it.objects.iter().filter(|it| !by_itself(it)).collect();
        let line = format!(
            "{} {} {} {objects:?} {:?}",
            it.check, it.severity, it.certainty, it.domains
        );
        said.entry("findings".to_owned()).or_default().insert(line);
    }
    if let Some(tracer) = compiled.tracer() {
        for (from, to) in asked {
            let paths = tracer
                .trace(from, to)
                .map(|trace| trace.paths)
                .unwrap_or_default();
            let ways = paths.iter().map(|it| {
                format!(
                    "{} {} tls {} by {:?} from {:?}",
                    it.ends,
                    it.certainty,
                    it.tls,
                    it.places(),
                    it.egress
                )
            });
            said.insert(format!("{from} to {to}"), ways.collect());
        }
    }
    for (path, bytes) in compiled.files.iter().flatten().filter(|_| with_files) {
        let is_prose =
            crate::corpus::has_ending(path, "md") || crate::corpus::has_ending(path, "html");
        let is_object = path.starts_with("dns/")
            || path.ends_with("commands.ps1")
            || !path.contains('.') && path.contains('/')
            || path.ends_with("main.cf");
        if is_object && !is_prose {
            let text = String::from_utf8_lossy(bytes);
            let is_said = |line: &&str| {
                !line.starts_with(['#', ';'])
                    && !line.contains("mailtopo:")
                    && !line.trim().is_empty()
            };
            // The last line of a command is the comment in one of the two.
            let plain = |line: &str| line.trim().trim_end_matches('`').trim().to_owned();
            said.insert(
                path.clone(),
                text.lines().filter(is_said).map(plain).collect(),
            );
        }
    }
    said
}

fn derived_is_explicit(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(main)) = (Topology::of(spec), spec.main()) else {
        return Vec::new();
    };
    // Routes of an included file would stand beside these.
    if main.get("include").is_some() {
        return Vec::new();
    }
    let Some(changed) = explicit(&main, &topology, compiled) else {
        return Vec::new();
    };
    let mut asked: Vec<(String, String)> = spec
        .messages()
        .iter()
        .map(|it| (it.sender.from.clone(), it.recipient.to.clone()))
        .collect();
    asked.truncate(60);
    let written = Compiled::of(&spec.with_main(&changed).files);
    // Where one of the two is not written, the findings say why.
    let are_written = compiled.files.is_some() && written.files.is_some();
    let was = outcome(compiled, &asked, are_written);
    let is = outcome(&written, &asked, are_written);
    let mut breaches = Breaches::default();
    let mut add = |kind: String, what: &str, was: &BTreeSet<String>, is: &BTreeSet<String>| {
        if was != is {
            let only = |one: &BTreeSet<String>, other: &BTreeSet<String>| {
                format!("{:?}", one.difference(other).collect::<Vec<_>>())
            };
            breaches.add(
                kind,
                format!("{what}, derived: {}", only(was, is)),
                format!("written: {}", only(is, was)),
            );
        }
    };
    for what in was.keys().chain(is.keys()) {
        let lines = |all: &'_ BTreeMap<String, BTreeSet<String>>| {
            all.get(what).cloned().unwrap_or_default()
        };
        let (was, is) = (lines(&was), lines(&is));
        if what == "findings" {
            let code = |line: &String| line.split(' ').next().unwrap_or_default().to_owned();
            let codes: BTreeSet<String> = was.union(&is).map(code).collect();
            for wanted in codes {
                let of = |all: &BTreeSet<String>| {
                    let lines = all.iter().filter(|line| code(line) == wanted);
                    lines.cloned().collect::<BTreeSet<String>>()
                };
                add(format!("finding {wanted}"), what, &of(&was), &of(&is));
            }
        } else {
            let kind = match what.as_str() {
                path if path.starts_with("dns/") => "records",
                path if path.contains('/') => "objects",
                _ => "ways",
            };
            add(kind.to_owned(), what, &was, &is);
        }
    }
    breaches.all()
}
