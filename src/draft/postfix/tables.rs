//! The tables of a Postfix host as routes and rules.

use crate::draft::join::pair;
use crate::draft::postfix::{Entry, Host, Way, pattern, short, way};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Connectors, Draft, Item, Part, Verdict};
use std::collections::BTreeMap;

/// Its tables as connectors of the join.
pub(in crate::draft) fn read(draft: &mut Draft, part: &Part, found: &mut Connectors) {
    let location = part.location.clone();
    let mut host = Host::of(draft, part);
    for (name, holds) in [
        ("mydestination", 2),
        ("virtual_mailbox_domains", 2),
        ("relay_domains", 1),
    ] {
        for domain in host.domains(name) {
            if holds == 1 {
                host.draft
                    .relayed
                    .insert((location.clone(), domain.clone()));
            }
            host.draft.accepted.push((location.clone(), domain, holds));
        }
    }
    let key = |name: &str| (location.clone(), "table".to_owned(), name.to_owned());
    // Entries with one next hop are one route.
    let mut by_hop: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
    for entry in host.entries("transport_maps").0 {
        by_hop.entry(entry.value.clone()).or_default().push(entry);
    }
    host.judge_parameter("transport_maps", Verdict::Imported, "routes");
    let listed: Vec<String> = by_hop
        .values()
        .flatten()
        .filter_map(|entry| pattern(&entry.key))
        .collect();
    for (value, entries) in by_hop {
        let (service, next_hop) = value.split_once(':').unwrap_or((&value, ""));
        let mut patterns = Vec::new();
        let mut known = Vec::new();
        for entry in entries {
            match pattern(&entry.key) {
                Some(pattern) => {
                    patterns.push(pattern);
                    known.push(entry);
                }
                None => host.judge(
                    entry.at,
                    Verdict::NotUnderstood,
                    "a route for one address, which the language has only by a rule of a tenant",
                ),
            }
        }
        if known.is_empty() {
            continue;
        }
        patterns.sort();
        patterns.dedup();
        let next_hop = next_hop.trim();
        // What the host hands to a service beside it is at home here.
        if matches!(service, "lmtp" | "virtual" | "local")
            && known.iter().all(|entry| {
                host.draft
                    .relayed
                    .contains(&(location.clone(), pattern(&entry.key).unwrap_or_default()))
            })
        {
            for entry in known {
                host.draft.delivers.push((
                    location.clone(),
                    pattern(&entry.key).unwrap_or_default(),
                    value.clone(),
                ));
                host.judge(
                    entry.at,
                    Verdict::Imported,
                    &format!("locations.{location}.delivers_to"),
                );
            }
            continue;
        }
        let way = match service {
            "smtp" | "relay" | "" if next_hop.is_empty() => Some(Way {
                hosts: Vec::new(),
                port: 25,
                text: String::new(),
            }),
            "smtp" | "relay" | "" => way(next_hop),
            _ => None,
        };
        let Some(way) = way else {
            for entry in known {
                host.judge(
                    entry.at,
                    Verdict::NotUnderstood,
                    "the language has no word for this service or its next hop",
                );
            }
            continue;
        };
        let name = if way.text.is_empty() {
            format!("{location} by MX")
        } else {
            format!("{location} to {}", way.text)
        };
        for entry in known {
            host.judge(entry.at, Verdict::Imported, &format!("routes: `{name}`"));
        }
        let sending = host.sending(key(&short(&name)), patterns, &way, Vec::new());
        found.sending.push(sending);
    }
    // A next hop of the usual transport comes before the relay host.
    let usual = host.value("default_transport");
    let usual = usual.strip_prefix("smtp:").unwrap_or_default().to_owned();
    let relayhost = if usual.is_empty() {
        host.value("relayhost")
    } else {
        usual.clone()
    };
    if !usual.is_empty() && way(&usual).is_some() {
        let name = short(&format!("{location} to relayhost"));
        host.judge_parameter(
            "default_transport",
            Verdict::Imported,
            &format!("routes: `{name}`"),
        );
    }
    if let Some(way) = way(&relayhost).filter(|_| !relayhost.is_empty()) {
        let name = short(&format!("{location} to relayhost"));
        host.judge_parameter("relayhost", Verdict::Imported, &format!("routes: `{name}`"));
        let sending = host.sending(key(&name), vec!["*".to_owned()], &way, Vec::new());
        found.sending.push(sending);
    }
    // What is passed on and has no entry takes the way of all other mail, and whoever stands there holds its mailboxes.
    let relayed = host.draft.relayed.iter().filter(|(at, _)| *at == location);
    let relayed: Vec<String> = relayed
        .map(|(_, domain)| domain.clone())
        .filter(|domain| !listed.contains(domain))
        .collect();
    if !relayed.is_empty() {
        let by_mx = Way {
            hosts: Vec::new(),
            port: 25,
            text: String::new(),
        };
        let way = way(&relayhost)
            .filter(|_| !relayhost.is_empty())
            .unwrap_or(by_mx);
        let sending = host.sending(
            key(&short(&format!("{location} to its relay domains"))),
            relayed,
            &way,
            Vec::new(),
        );
        found.sending.push(sending);
    }
    let (by_sender, _) = host.entries("sender_dependent_relayhost_maps");
    if !by_sender.is_empty() {
        host.judge_parameter(
            "sender_dependent_relayhost_maps",
            Verdict::Imported,
            "rules",
        );
    }
    for entry in by_sender {
        let Some(way) = way(&entry.value) else {
            host.judge(
                entry.at,
                Verdict::NotUnderstood,
                "the language has no word for this next hop",
            );
            continue;
        };
        let route = short(&format!("{location} for {}", entry.key));
        let (condition, value) = match entry.key.strip_prefix('@') {
            Some(domain) => ("sender_domain", domain.to_owned()),
            None => ("sender", entry.key.clone()),
        };
        let sending = host.sending(
            key(&route),
            vec!["*".to_owned()],
            &way,
            vec![pair("only_by_rule", "true")],
        );
        found.sending.push(sending);
        host.judge(entry.at, Verdict::Imported, &format!("rules: `{route}`"));
        let when = mapping(&[pair(condition, list([value]))]);
        let rule = Item {
            objects: vec![key(&route)],
            keys: vec![
                pair("name", quoted(&route)),
                pair("at", quoted(&location)),
                pair("when", when),
                pair("route", quoted(&route)),
            ],
            names: Vec::new(),
        };
        host.draft.rules.push(rule);
    }
}
