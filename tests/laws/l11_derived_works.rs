//! L11: what is derived works.
//!
//! A spec that writes no route, no rule and no accepted domains, whose places have what their links need and whose split
//! domains are listed, has no error about mail, and every known recipient is delivered from everywhere. What cannot work
//! is refused by name.

use crate::breach::{Breach, Breaches, holds_of};
use crate::corpus::{Spec, numbers};
use crate::messages::{Class, Role, fault};
use crate::random::Random;
use crate::surface::{Compiled, Files, MAIN};
use crate::topology::Topology;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// So many specs of this shape are part of every run.
const EVERYDAY: u64 = 150;

/// Refusals of what cannot work.
const REFUSED: [&str; 4] = ["X010", "G014", "G015", "R010"];

/// Groups of checks that speak of mail and its ways.
const ABOUT_MAIL: [char; 7] = ['A', 'D', 'G', 'H', 'L', 'R', 'T'];

#[test]
fn what_is_derived_works() {
    let specs: Vec<Spec> = numbers("derived/", EVERYDAY)
        .into_iter()
        .map(|number| Spec::new(format!("derived/{number}"), derived(number)))
        .collect();
    let all: Vec<&Spec> = specs.iter().collect();
    holds_of("L11", derived_works, &all);
}

const NAMES: [&str; 6] = ["alpha", "bravo", "delta", "echo", "golf", "hotel"];
const DOMAINS: [&str; 4] = [
    "contoso.example",
    "eu.contoso.example",
    "fabrikam.example",
    "tailspin.example",
];
const PEOPLE: [&str; 4] = ["ann", "bob", "cho", "dev"];

/// The spec with this number.
fn derived(number: u64) -> Files {
    let mut random = Random::new(number.wrapping_add(7_000_000));
    let count = 1 + random.below(6);
    let names = &NAMES[..count];
    let mut kinds = Vec::new();
    for _ in names {
        let kind = *random.pick(&[
            "exchange-online",
            "exchange-server",
            "exchange-server",
            "postfix",
            "postfix",
            "smtp",
            "gateway",
            "eop",
        ]);
        let is_tenant = |kind: &&str| matches!(*kind, "exchange-online" | "eop");
        let is_second = is_tenant(&kind) && kinds.iter().any(is_tenant);
        kinds.push(if is_second { "smtp" } else { kind });
    }
    let holders: Vec<usize> = (0..count)
        .filter(|&at| !matches!(kinds[at], "gateway" | "eop"))
        .collect();
    let mut text = String::from("version: 1\ndomains:\n");
    // The places that mail for each domain goes to from a gateway.
    let mut first: Vec<(&str, usize)> = Vec::new();
    for name in DOMAINS.iter().take(1 + random.below(DOMAINS.len())) {
        if holders.is_empty() {
            let _ = writeln!(text, "  {name}: {{parked: true}}");
            continue;
        }
        let mut lists: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for person in PEOPLE {
            let place = *random.pick(&holders);
            lists
                .entry(place)
                .or_default()
                .push(format!("{person}@{name}"));
        }
        let rest = if random.chance(30) {
            lists.keys().next().copied()
        } else {
            None
        };
        let parts: Vec<String> = lists
            .iter()
            .map(|(place, list)| match rest {
                Some(rest) if rest == *place => format!("{}: rest", names[*place]),
                _ => format!("{}: [{}]", names[*place], list.join(", ")),
            })
            .collect();
        first.push((name, *lists.keys().next().expect("somebody")));
        // Behind a gateway that the MX names, a lock would have to be written.
        let entries: Vec<usize> = (0..count).filter(|&at| kinds[at] != "gateway").collect();
        let mx = names[*random.pick(&entries)];
        let _ = writeln!(
            text,
            "  {name}: {{mailboxes: {{{}}}, mx: {mx}}}",
            parts.join(", ")
        );
    }
    text.push_str("locations:\n");
    for at in 0..count {
        let (name, kind) = (names[at], kinds[at]);
        let _ = write!(text, "  {name}: {{kind: {kind}");
        if matches!(kind, "exchange-online" | "eop") {
            let others = (0..count).filter(|&other| other != at);
            let accepts: Vec<String> = others
                .map(|other| format!("{{domain: {}.hosts.test}}", names[other]))
                .collect();
            let _ = write!(
                text,
                ", tenant: contoso, also_accepts: [{}]",
                accepts.join(", ")
            );
        } else {
            let _ = write!(
                text,
                ", hosts: [{name}.hosts.test], egress: [203.0.113.{}], certificate: {name}.hosts.test",
                10 + at
            );
        }
        match kind {
            "exchange-server" => {
                let _ = write!(text, ", version: 2019, servers: [{}]", name.to_uppercase());
            }
            "postfix" => text.push_str(", delivers_to: \"lmtp:unix:private/store\""),
            "gateway" => {
                let parts: Vec<String> = first
                    .iter()
                    .map(|(name, place)| format!("{name}: {}", names[*place]))
                    .collect();
                if !parts.is_empty() {
                    let _ = write!(text, ", forwards: {{{}}}", parts.join(", "));
                }
            }
            _ => {}
        }
        // Only an Exchange Server can tell a tenant from all others.
        let is_tenant = matches!(kind, "exchange-online" | "eop");
        let above: Vec<usize> = (0..at)
            .filter(|&it| !is_tenant || kinds[it] == "exchange-server")
            .collect();
        if !above.is_empty() && random.chance(60) {
            let _ = write!(text, ", sends: {{via: {}}}", names[*random.pick(&above)]);
        }
        text.push_str("}\n");
    }
    Files::from([(MAIN.to_owned(), text.into_bytes())])
}

fn derived_works(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let errors = || compiled.findings.iter().filter(|it| it.severity == "error");
    let is_refused = errors().any(|it| REFUSED.contains(&it.check.as_str()));
    let Some(topology) = Topology::of(spec) else {
        return Vec::new();
    };
    if is_refused || topology.explicit || !topology.routes.is_empty() {
        return Vec::new();
    }
    let mut breaches = Breaches::default();
    for error in errors().filter(|it| it.check.starts_with(ABOUT_MAIL)) {
        let other = format!(
            "{} on {:?} for {:?}: {}",
            error.check, error.objects, error.domains, error.message
        );
        let one = "a derived spec whose places have what they need";
        breaches.add(error.check.as_str(), one, other);
    }
    if !breaches.is_empty() {
        return breaches.all();
    }
    let known = |class: &Class| matches!(class, Class::Known(_));
    for message in spec
        .messages()
        .iter()
        .filter(|it| known(&it.recipient.class))
    {
        for path in &message.trace.paths {
            if let Some(fault) = fault(&topology, message, path) {
                // A gateway takes strangers' mail for what it forwards alone.
                if message.sender.role == Role::Stranger && path.ends.starts_with("rejected") {
                    continue;
                }
                let other = format!(
                    "{} to {}: {} by {:?}",
                    message.sender.from,
                    message.recipient.to,
                    path.ends,
                    path.places()
                );
                breaches.add(fault.kind, "no error", other);
            }
        }
    }
    breaches.all()
}
