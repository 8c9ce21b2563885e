//! The tables of a Postfix host as routes and rules.

use crate::draft::join::{End, Sending, pair};
use crate::draft::postfix::{Entry, Host, Way, pattern, services, short, way};
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Connectors, Draft, Item, Part, Verdict};
use crate::values::DomainName;
use std::collections::{BTreeMap, BTreeSet};

/// The next hops of mail that no table names; empty where the MX is asked.
struct Usual {
    /// For domains of others.
    others: String,
    /// For domains that are passed on.
    relayed: String,
    /// `default_transport` names the one for others.
    is_by_transport: bool,
}

impl Usual {
    /// A next hop of the transport comes before the relay host (<https://www.postfix.org/postconf.5.html#relayhost>).
    fn of(host: &Host<'_>) -> Self {
        let hop = |transport: &str| next_hop_of(&host.value(transport));
        let or_relay = |hop: String| {
            if hop.is_empty() {
                host.value("relayhost")
            } else {
                hop
            }
        };
        let others = hop("default_transport");
        Self {
            is_by_transport: !others.is_empty(),
            others: or_relay(others),
            relayed: or_relay(hop("relay_transport")),
        }
    }
}

/// The exchangers of the recipient's domain.
const fn by_mx() -> Way {
    Way {
        hosts: Vec::new(),
        port: 25,
        text: String::new(),
    }
}

/// The next hop of `transport:nexthop`, where the transport is SMTP.
fn next_hop_of(value: &str) -> String {
    let (service, hop) = value.split_once(':').unwrap_or((value, ""));
    if matches!(service, "smtp" | "relay" | "") {
        hop.trim().to_owned()
    } else {
        String::new()
    }
}

/// Whether a service is Postfix's own SMTP client.
fn is_client(service: &str) -> bool {
    matches!(service, "smtp" | "relay" | "")
}

/// The word for a service that ends mail. One that answers with 4xx ends none.
fn end_of(service: &str, text: &str) -> Option<&'static str> {
    match service {
        "discard" => Some("discard"),
        "error" if !text.starts_with('4') => Some("reject"),
        _ => None,
    }
}

/// Judges domains that stand in a second class, too: Postfix asks the classes in one order
/// (<https://www.postfix.org/ADDRESS_CLASS_README.html>).
fn judge_second(host: &mut Host<'_>, name: &str, before: &BTreeMap<String, &'static str>) {
    let is_below = name == "relay_domains" && host.takes_below();
    let verdict = |domains: &[String]| {
        let mut by_first: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for domain in domains {
            let first = before.get(domain).copied().unwrap_or_default();
            by_first
                .entry(first)
                .or_default()
                .push(format!("`{domain}`"));
        }
        let why = by_first.into_iter().map(|(first, domains)| {
            let stand = if domains.len() == 1 {
                "stands"
            } else {
                "stand"
            };
            let domains = domains.join(", ");
            format!("Postfix asks `{first}` first, and {domains} {stand} there")
        });
        let why = why.collect::<Vec<_>>().join("; ");
        if is_below {
            let names: Vec<String> = domains.iter().map(|name| format!("`{name}`")).collect();
            let names = names.join(", ");
            let why = format!(
                "mail for names below {names} is passed on, too, which the draft says of names in `transport_maps` alone; {why}"
            );
            (Verdict::NotUnderstood, why)
        } else {
            (Verdict::NoEffect, why)
        }
    };
    let (entries, words) = host.entries(name);
    for entry in entries
        .into_iter()
        .filter(|it| before.contains_key(&it.key))
    {
        let (verdict, why) = verdict(&[entry.key]);
        host.judge(entry.at, verdict, &why);
    }
    let words = words.iter().map(|word| word.to_lowercase());
    let twice: Vec<String> = words.filter(|word| before.contains_key(word)).collect();
    if twice.is_empty() {
        return;
    }
    let is_all = host.words(name).len() == before.len();
    let path = format!("locations.{}.accepts", host.part.location);
    match verdict(&twice) {
        (Verdict::NoEffect, why) if !is_all => {
            host.judge_parameter(name, Verdict::Imported, &format!("{path}; {why}"));
        }
        (verdict, why) => host.judge_parameter(name, verdict, &why),
    }
}

/// Names of `transport_maps` below domains that stay here and are relay domains as well: Postfix passes their mail on.
fn relayed_below(host: &mut Host<'_>, domains: &BTreeMap<String, &'static str>) {
    let location = host.part.location.clone();
    for entry in host.entries("transport_maps").0 {
        let (_, parent) = entry.key.split_once('.').unwrap_or_default();
        let mut parents = std::iter::successors(Some(parent), |name| {
            name.split_once('.').map(|(_, rest)| rest)
        });
        let key = (location.clone(), entry.key.clone());
        let is_name = DomainName::parse(&entry.key).is_ok();
        if is_name
            && parents.any(|name| domains.contains_key(name))
            && !host.draft.classes.contains_key(&key)
        {
            host.draft.classes.insert(key.clone(), "relay_domains");
            host.draft.relayed.insert(key);
            host.draft.accepted.push((location.clone(), entry.key, 1));
        }
    }
}

/// Relay domains of which `transport_maps` delivers one name here: mail for the names below it goes to their exchangers.
fn passed_on_below(host: &mut Host<'_>, domains: &[String], listed: &[String]) {
    let location = host.part.location.clone();
    let takes_below = host.takes_below();
    let is_open = |domain: &&String| {
        let key = (location.clone(), (*domain).clone());
        host.draft.relayed.contains(&key)
            && (takes_below || host.draft.below.contains(&key))
            && !listed.contains(&format!("*.{domain}"))
    };
    let open: Vec<String> = domains.iter().filter(is_open).cloned().collect();
    let why = |domain: &str| {
        format!(
            "mail for names below `{domain}` is passed on to their exchangers, and the draft returns it: `transport_maps` delivers mail for `{domain}` alone"
        )
    };
    let (entries, words) = host.entries("relay_domains");
    for entry in entries.into_iter().filter(|it| open.contains(&it.key)) {
        let why = why(&entry.key);
        host.judge(entry.at, Verdict::NotUnderstood, &why);
    }
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    if let Some(domain) = open.iter().find(|domain| words.contains(domain)) {
        host.judge_parameter("relay_domains", Verdict::NotUnderstood, &why(domain));
    }
}

/// Its tables as connectors of the join.
pub(in crate::draft) fn read(draft: &mut Draft, part: &Part, found: &mut Connectors) {
    let location = part.location.clone();
    let named = crate::draft::postfix::parameters::named(&part.export).into_iter();
    draft
        .named
        .extend(named.map(|name| (location.clone(), name)));
    let mut host = Host::of(draft, part);
    for (name, holds) in [
        ("mydestination", 2),
        ("virtual_alias_domains", 2),
        ("virtual_mailbox_domains", 2),
        ("relay_domains", 1),
    ] {
        let mut before: BTreeMap<String, &'static str> = BTreeMap::new();
        let (domains, below) = host.domains(name);
        let below = below.into_iter().map(|base| (location.clone(), base));
        host.draft.below.extend(below);
        for domain in domains {
            let key = (location.clone(), domain.clone());
            if let Some(first) = host.draft.classes.get(&key) {
                before.insert(domain, first);
                continue;
            }
            host.draft.classes.insert(key.clone(), name);
            if holds == 1 {
                host.draft.relayed.insert(key);
            }
            host.draft.accepted.push((location.clone(), domain, holds));
        }
        judge_second(&mut host, name, &before);
        if name == "relay_domains" && host.takes_below() {
            relayed_below(&mut host, &before);
        }
    }
    let accepted = host
        .draft
        .accepted
        .iter()
        .filter(|(at, ..)| *at == location);
    let accepted = accepted.map(|(_, name, holds)| (name.clone(), *holds));
    let accepted: BTreeMap<String, u8> = accepted.collect();
    let key = |name: &str| (location.clone(), "table".to_owned(), name.to_owned());
    // Entries with one next hop are one route; those of domains that are passed on lead to whoever has the mailboxes.
    let mut by_hop: BTreeMap<(String, bool), Vec<Entry>> = BTreeMap::new();
    let usual = Usual::of(&host);
    let mut star: Option<String> = None;
    let mut at_home = BTreeSet::new();
    for mut entry in host.entries("transport_maps").0 {
        if entry.value == ":" {
            // It stands for the way without the table.
            let domain = pattern(&entry.key).unwrap_or_default();
            entry.value = match accepted.get(&domain) {
                Some(2) => {
                    let why = format!("locations.{location}.accepts: its mail stays here");
                    host.judge(entry.at, Verdict::Imported, &why);
                    at_home.insert(domain);
                    continue;
                }
                Some(_) => format!("smtp:{}", usual.relayed),
                None => format!("smtp:{}", usual.others),
            };
        }
        if entry.key == "*" {
            star = Some(entry.value.clone());
        }
        let domain = pattern(&entry.key).unwrap_or_default();
        let is_passed_on = host.draft.relayed.contains(&(location.clone(), domain));
        let group = (entry.value.clone(), is_passed_on);
        by_hop.entry(group).or_default().push(entry);
    }
    host.judge_tables("transport_maps", Verdict::Imported, "routes");
    let takes_below = host.takes_below();
    let mut listed: Vec<String> = by_hop
        .values()
        .flatten()
        .filter_map(|entry| pattern(&entry.key))
        .collect();
    for ((value, _), entries) in by_hop {
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
        let end = end_of(service, next_hop);
        let holds = |least: u8| {
            let is_held = |domain: &str| accepted.get(domain).is_some_and(|holds| *holds >= least);
            let is_below = |base: &str| {
                let listed = (location.clone(), base.to_owned());
                least == 1 && (takes_below || host.draft.below.contains(&listed))
            };
            patterns
                .iter()
                .all(|pattern| match pattern.strip_prefix("*.") {
                    Some(base) => is_held(base) && is_below(base),
                    None => is_held(pattern),
                })
        };
        // What the host hands to a service beside it is at home here.
        let is_beside = match service {
            "local" | "virtual" => !holds(2),
            "lmtp" => true,
            _ => end.is_none() && !is_client(service) && next_hop.is_empty(),
        };
        if matches!(service, "local" | "virtual") && holds(2) {
            for entry in known {
                at_home.insert(pattern(&entry.key).unwrap_or_default());
                let why = format!("locations.{location}.accepts: its mail stays here");
                host.judge(entry.at, Verdict::Imported, &why);
            }
            continue;
        }
        if is_beside && holds(1) {
            if !matches!(service, "local" | "virtual" | "lmtp") {
                let own = (location.clone(), service.to_owned());
                host.draft.services.insert(own);
            }
            let domains = known.iter().filter_map(|entry| pattern(&entry.key));
            let domains: Vec<String> = domains.collect();
            passed_on_below(&mut host, &domains, &listed);
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
        let is_program = matches!(
            host.program(service),
            Some("pipe" | "local" | "virtual" | "spawn")
        );
        let way = match service {
            _ if end.is_some() => Some(by_mx()),
            _ if is_program => None,
            _ if is_client(service) && next_hop.is_empty() => Some(by_mx()),
            "discard" | "error" | "retry" | "local" | "virtual" | "lmtp" => None,
            _ => way(next_hop),
        };
        let Some(way) = way else {
            let why = match service {
                "error" | "retry" => {
                    "its mail waits until it is returned (`maximal_queue_lifetime`); the nearest word is `to: reject`, which returns it at once"
                        .to_owned()
                }
                _ if is_client(service) => "this next hop is no host".to_owned(),
                "lmtp" | "local" | "virtual" => {
                    "mail that is delivered here, for a domain that the host does not accept"
                        .to_owned()
                }
                _ if is_program => format!(
                    "the service `{service}` hands mail for a domain that the host does not accept to a program"
                ),
                _ => format!(
                    "only master.cf says what the service `{service}` does with mail for a domain that the host does not accept"
                ),
            };
            for entry in known {
                host.judge(entry.at, Verdict::NotUnderstood, &why);
            }
            continue;
        };
        let mut more = Vec::new();
        if end.is_none() && !is_client(service) {
            more.push(pair("transport", quoted(service)));
            let service = service.to_owned();
            if host
                .draft
                .services
                .insert((location.clone(), service.clone()))
                && host.program(&service).is_none()
            {
                host.draft.assumed.push(format!(
                    "the service `{service}` in the master.cf of `{location}` is an SMTP client"
                ));
            }
        }
        let name = if let Some(end) = end {
            let (name, _) = host
                .draft
                .route_name(&short(&format!("{location} to {end}")));
            name
        } else if !more.is_empty() {
            host.name(&format!("{location} by {service} to {}", way.text))
        } else if way.text.is_empty() {
            host.name(&format!("{location} by MX"))
        } else {
            host.name(&format!("{location} to {}", way.text))
        };
        let own = host.draft.accepted.iter();
        let mut own = own.filter(|(at, domain, holds)| {
            let is_held = *at == location && *holds == 2;
            is_held && !listed.contains(domain) && !at_home.contains(domain)
        });
        let own = own.next().map(|(_, domain, _)| domain.clone());
        for entry in known {
            match &own {
                Some(own) if entry.key == "*" => host.judge(
                    entry.at,
                    Verdict::NotUnderstood,
                    &format!(
                        "it takes the mail for `{own}` away, too, which the draft leaves here"
                    ),
                ),
                _ => {
                    let unsaid = if end == Some("reject") && !next_hop.is_empty() {
                        "the text of the refusal is not said; "
                    } else {
                        ""
                    };
                    let why = format!("{unsaid}routes: `{name}`");
                    host.judge(entry.at, Verdict::Imported, &why);
                }
            }
        }
        if let Some(end) = end {
            host.draft.routes.push(Item {
                objects: vec![key(&name)],
                keys: vec![
                    pair("name", quoted(&name)),
                    pair("from", quoted(&location)),
                    pair("to", end),
                    pair("recipients", list(&patterns)),
                ],
                names: Vec::new(),
            });
            continue;
        }
        let sending = host.sending(key(&name), patterns, &way, more);
        found.sending.push(sending);
    }
    let takes_mail = host.draft.accepted.iter().any(|(at, ..)| *at == location)
        || !services::is_of_host_alone(&host.value("mynetworks"));
    let accepts = host.draft.accepted.iter().any(|(at, ..)| *at == location);
    if accepts && star.is_none() {
        by_level(&mut host, &usual, &mut listed, found);
    }
    if let Some(way) = way(&usual.others) {
        let name = host.name(&format!("{location} to relayhost"));
        let sending = host.sending(key(&name), vec!["*".to_owned()], &way, Vec::new());
        found.sending.push(sending);
        let said = if usual.is_by_transport {
            "default_transport"
        } else {
            "relayhost"
        };
        host.judge_parameter(said, Verdict::Imported, &format!("routes: `{name}`"));
    } else if star.is_none() && takes_mail && host.usual_tls() != "opportunistic" {
        let name = host.name(&format!("{location} to others"));
        let sending = host.sending(key(&name), vec!["*".to_owned()], &by_mx(), Vec::new());
        found.sending.push(sending);
    } else if star.is_none() && host.usual_tls() != "opportunistic" {
        // No mail of the draft comes here that a route could say it of.
        host.draft.assumed.push(format!(
            "`{location}` takes no mail; what it writes itself and no rule is for leaves with TLS where it is offered, and not as `smtp_tls_security_level` says"
        ));
    }
    // What is passed on and has no entry takes the way of what is passed on, and whoever stands there holds its mailboxes.
    let is_listed: BTreeSet<&String> = listed.iter().collect();
    let relayed = host.draft.relayed.iter().filter(|(at, _)| *at == location);
    let relayed: Vec<String> = relayed
        .map(|(_, domain)| domain.clone())
        .filter(|domain| !is_listed.contains(domain))
        .collect();
    let is_relaying = !relayed.is_empty();
    let name = host.name(&format!("{location} to its relay domains"));
    if is_relaying {
        let hop = star.as_deref().map(next_hop_of);
        let hop = hop.unwrap_or_else(|| usual.relayed.clone());
        let way = way(&hop).unwrap_or_else(by_mx);
        let sending = host.sending(key(&name), relayed, &way, Vec::new());
        found.sending.push(sending);
    }
    if usual.is_by_transport {
        let (verdict, why) = if is_relaying {
            (Verdict::Imported, format!("routes: `{name}`"))
        } else {
            let why = "`default_transport` names a next hop, which comes first";
            (Verdict::NoEffect, why.to_owned())
        };
        host.judge_parameter("relayhost", verdict, &why);
    }
    if !next_hop_of(&host.value("relay_transport")).is_empty() {
        let why = format!("routes: `{name}`");
        host.judge_parameter("relay_transport", Verdict::Imported, &why);
    }
    let (by_sender, _) = host.entries("sender_dependent_relayhost_maps");
    let name = "sender_dependent_relayhost_maps";
    if !by_sender.is_empty() || host.unread(name).is_some() {
        host.judge_tables(name, Verdict::Imported, "rules");
    }
    for entry in by_sender {
        let first = if star.is_some() {
            "`*` of `transport_maps`"
        } else {
            "the next hop of `default_transport`"
        };
        if is_relaying {
            let why = "the draft says the relay of a sender for others' domains alone, and not for the relay domains";
            host.judge(entry.at.clone(), Verdict::NotUnderstood, why);
        } else if star.is_some() || usual.is_by_transport {
            host.judge(entry.at, Verdict::NoEffect, &format!("{first} comes first"));
            continue;
        }
        let Some(way) = way(&entry.value) else {
            host.judge(
                entry.at,
                Verdict::NotUnderstood,
                "the language has no word for this next hop",
            );
            continue;
        };
        let route = host.name(&format!("{location} for {}", entry.key));
        let (condition, value) = match entry.key.strip_prefix('@') {
            Some(domain) => ("sender_domain", domain.to_owned()),
            None => ("sender", entry.key.clone()),
        };
        let mut more = vec![pair("only_by_rule", "true")];
        if host.value("smtp_sender_dependent_authentication") == "yes" {
            let login = host.login(&[&entry.key]);
            more.extend(login.map(|login| pair("auth", quoted(&login))));
        }
        let sending = host.sending(key(&route), vec!["*".to_owned()], &way, more);
        found.sending.push(sending);
        if !is_relaying {
            host.judge(entry.at, Verdict::Imported, &format!("rules: `{route}`"));
        }
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
    judge_unused(&mut host);
    // Who takes what is passed on is one location for all mail that is led there.
    let of_host = |at: &&mut Sending| at.at == location && !at.hosts.is_empty();
    let holders: BTreeSet<(Vec<String>, String)> = found
        .sending
        .iter()
        .filter(|at| at.at == location && at.to == End::Own && !at.hosts.is_empty())
        .map(|at| (at.hosts.clone(), at.checked.clone()))
        .collect();
    for other in found.sending.iter_mut().filter(of_host) {
        if other.to != End::Tenant
            && holders.contains(&(other.hosts.clone(), other.checked.clone()))
        {
            other.to = End::Own;
        }
    }
}

/// Judges levels of TLS of hosts that no entry hands mail to.
fn judge_unused(host: &mut Host<'_>) {
    let unread = [
        "sender_dependent_default_transport_maps",
        "sender_dependent_relayhost_maps",
        "transport_maps",
    ];
    if unread.iter().any(|name| host.unread(name).is_some()) {
        return;
    }
    for entry in host.entries("smtp_tls_policy_maps").0 {
        if entry.key.starts_with('[') && !host.is_judged(&entry.at) {
            let why = "no table hands mail to this next hop";
            host.judge(entry.at, Verdict::NoEffect, why);
        }
    }
}

/// The TLS that the exchangers of single domains have to give, where their mail follows the MX: a route for each level. Names
/// that certificates are checked for are those of a next hop, which the language has for hosts alone.
fn by_level(host: &mut Host<'_>, usual: &Usual, listed: &mut Vec<String>, found: &mut Connectors) {
    let location = host.part.location.clone();
    let mut levels: BTreeMap<(&str, bool), Vec<String>> = BTreeMap::new();
    for entry in host.entries("smtp_tls_policy_maps").0 {
        let level = match entry.value.as_str() {
            "none" => "none",
            "may" => "opportunistic",
            "encrypt" => "encrypted",
            _ => continue,
        };
        let is_name = !entry.key.contains(['[', ':', '@', '*']);
        let Some(pattern) = pattern(&entry.key).filter(|_| is_name) else {
            continue;
        };
        let relayed = &host.draft.relayed;
        let is_relayed = relayed.contains(&(location.clone(), pattern.clone()));
        let hop = if is_relayed {
            &usual.relayed
        } else {
            &usual.others
        };
        if !hop.is_empty() || listed.contains(&pattern) {
            continue;
        }
        let group = levels.entry((level, is_relayed)).or_default();
        group.push(pattern);
        let why = "routes: the TLS level of mail for this domain";
        host.judge(entry.at, Verdict::Imported, why);
    }
    for ((level, _), patterns) in levels {
        listed.extend(patterns.iter().cloned());
        let name = short(&format!("{location} by MX, {level}"));
        let (name, _) = host.draft.route_name(&name);
        let key = (location.clone(), "table".to_owned(), name);
        let mut sending = host.sending(key, patterns, &by_mx(), Vec::new());
        for (key, value) in &mut sending.keys {
            if key == "tls" {
                level.clone_into(value);
            }
        }
        found.sending.push(sending);
    }
}
