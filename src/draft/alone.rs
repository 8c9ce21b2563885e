//! Connectors whose other end is not imported: it becomes a location, a partner or a device of its own.

use crate::draft::join::{End, Known, Receiving, Sending, pair};
use crate::draft::places::Place;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item, Pairs, items};
use std::collections::BTreeSet;

/// The pattern that stands for all domains which a location accepts.
pub(super) const ACCEPTED_DOMAINS: &str = "accepted-domains";

/// The sending half of a route.
pub(super) fn out(draft: &mut Draft, from: &Sending, to: &str) -> Item {
    let (location, _, existing) = &from.object;
    // What the wizard made at a tenant is found by what it is, so that its name is left to others.
    let between = format!("{} to {to}", from.at);
    let (name, is_existing) = if from.of_wizard && draft.halves.is_some() {
        (draft.route_name(&between).0, true)
    } else {
        draft.route_name(existing)
    };
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(&from.at)),
        pair("to", quoted(to)),
    ];
    keys.extend(from.keys.iter().cloned());
    let is_named = is_existing || from.object.1 == "table";
    let names = (!is_named).then(|| (location.clone(), name, existing.clone()));
    let says_own =
        |(key, value): &&(String, String)| key == "recipients" && value.contains(ACCEPTED_DOMAINS);
    let own = from.keys.iter().find(says_own);
    let own = own.map(|_| ACCEPTED_DOMAINS.to_owned());
    for pattern in from.patterns.iter().chain(&own) {
        let key = (from.at.clone(), pattern.clone());
        draft.leads.insert(key, to.to_owned());
    }
    Item {
        objects: vec![from.object.clone()],
        keys,
        names: names.into_iter().collect(),
    }
}

/// A connector that leads to somebody who is not imported.
pub(super) fn alone_out(draft: &mut Draft, known: &mut [Known], places: &[Place], from: Sending) {
    let existing = from.object.2.clone();
    let mut headers = None;
    let host = from.hosts.first().unwrap_or(&from.object.2);
    let to = match from.to {
        End::Internet | End::Partner if !from.hosts.is_empty() && from.is_for_all() => {
            let mut keys = vec![pair("kind", "gateway"), pair("hosts", list(&from.hosts))];
            if !from.checked.is_empty() && from.hosts.first() != Some(&from.checked) {
                keys.push(pair("certificate", quoted(&from.checked)));
            }
            let forwards = mapping(&[pair("\"*\"", "internet")]);
            keys.push(pair("forwards", forwards));
            draft.location_with(keys, host, |name| {
                format!(
                    "`{name}` passes mail on to whoever the recipient's MX names: {} `{existing}` leads there with all mail for others",
                    from.object.1
                )
            })
        }
        End::Internet => "internet".to_owned(),
        End::Own => {
            let mut keys = vec![pair("kind", "smtp"), pair("hosts", list(&from.hosts))];
            if !from.checked.is_empty() {
                keys.push(pair("certificate", quoted(&from.checked)));
            }
            headers = Some(from.headers);
            draft.location_with(keys, host, |name| {
                format!(
                    "`{name}` is a mail server of yours that is not imported: {} `{existing}` leads to it",
                    from.object.1
                )
            })
        }
        End::Partner | End::Tenant => {
            let name = draft.name(&existing);
            let domains = from
                .patterns
                .iter()
                .filter(|pattern| pattern.as_str() != "*");
            let mut keys = vec![pair("domains", list(domains))];
            if !from.checked.is_empty() {
                keys.push(pair("certificate", quoted(&from.checked)));
            }
            draft.partners.insert(name.clone(), keys);
            if from.to == End::Tenant {
                draft.assumed.push(format!(
                    "`{name}` is a tenant that is not imported: import it beside the others, or name its location in the route"
                ));
            }
            name
        }
    };
    let place = places.iter().position(|place| place.name == from.at);
    if let Some(known) = place
        .and_then(|at| known.get_mut(at))
        .filter(|_| from.is_detour)
    {
        known.detour = Some(to.clone());
    }
    let mut item = out(draft, &from, &to);
    if let Some(headers) = headers {
        item.keys.push(pair("hybrid_headers", headers.to_string()));
    }
    draft.made_of.entry(to).or_default().push(from.object);
    draft.routes.push(item);
}

/// The server of ours, known by another connector, that shows this certificate, or that has exactly these addresses.
fn known_by(draft: &Draft, certificate: &str, addresses: &[String]) -> Option<String> {
    let text = quoted(certificate);
    let of_connector: BTreeSet<String> = addresses.iter().map(|it| quoted(it)).collect();
    let shows = |(key, value): &(String, String)| match key.as_str() {
        _ if certificate.is_empty() => {
            let hosts = || items(value).into_iter().collect::<BTreeSet<String>>();
            key == "hosts" && !addresses.is_empty() && hosts() == of_connector
        }
        "certificate" => *value == text,
        "hosts" => items(value).contains(&text),
        _ => false,
    };
    let is_it = |(_, keys): &(&String, &Pairs)| {
        keys.contains(&pair("kind", "smtp")) && keys.iter().any(shows)
    };
    let mut found = draft.locations.iter().filter(is_it);
    let (name, _) = found.next()?;
    found.next().is_none().then(|| name.clone())
}

/// Says of a service that rules lead mail to, and that brings it back, that it does.
fn returns(draft: &mut Draft, service: &str, tenant: &str) {
    let led = |item: &Item| {
        let is_led = [
            pair("from", quoted(tenant)),
            pair("to", quoted(service)),
            pair("only_by_rule", "true"),
        ];
        is_led.iter().all(|key| item.keys.contains(key))
    };
    if !draft.routes.iter().any(led) {
        return;
    }
    let keys = draft.locations.entry(service.to_owned()).or_default();
    if !keys.iter().any(|(key, _)| key == "forwards") {
        keys.push(pair("forwards", mapping(&[pair("\"*\"", quoted(tenant))])));
    }
}

/// A connector that takes mail of somebody who is not imported.
pub(super) fn alone_in(
    draft: &mut Draft,
    known: &mut [Known],
    places: &[Place],
    mut at: Receiving,
) {
    let is_ours = at.relays.is_none() && matches!(at.from, End::Own | End::Tenant);
    let known_server = known_by(draft, &at.certificate, &at.addresses).filter(|_| is_ours);
    let from = known_server.clone().unwrap_or_else(|| draft.name(&at.name));
    let place = places.iter().position(|place| place.name == at.at);
    let place = place.and_then(|index| Some((places.get(index)?, known.get_mut(index)?)));
    // Beside a lock it takes mail of external senders from those whom it names.
    if at.is_unsure && place.as_ref().is_some_and(|(place, _)| place.is_locked) {
        at.relays = Some(false);
    }
    let what = at.objects.first().map_or("", |key| key.1.as_str());
    let mut keys = Vec::new();
    if !at.certificate.is_empty() {
        keys.push(pair("certificate", quoted(&at.certificate)));
    }
    match (at.from, at.relays, place) {
        // Servers that take mail of external senders from these alone.
        (_, Some(false), Some((place, known))) if place.is_locked && !at.trusted => {
            keys.splice(
                0..0,
                [pair("kind", "smtp"), pair("egress", list(&at.addresses))],
            );
            known.only_from.push(from.clone());
            draft.locations.insert(from.clone(), keys);
        }
        (_, Some(relays), _) => {
            let keys = vec![
                pair("addresses", list(&at.addresses)),
                pair("sends_as", list(["*"])),
                pair("sends_to", if relays { "anyone" } else { "internal" }),
                pair("method", "relay"),
                pair("via", quoted(&at.at)),
            ];
            draft.assumed.push(format!(
                "`{from}` is a device: {what} `{}` takes its mail, and nothing says what it is",
                at.name
            ));
            draft.devices.insert(from.clone(), keys);
        }
        (End::Own | End::Tenant, None, _) if known_server.is_some() => {
            returns(draft, &from, &at.at);
            let known = draft.locations.entry(from.clone()).or_default();
            if !at.addresses.is_empty() && !known.iter().any(|(key, _)| key == "egress") {
                known.push(pair("egress", list(&at.addresses)));
            }
        }
        (End::Own | End::Tenant, None, _) => {
            keys.insert(0, pair("kind", "smtp"));
            if !at.addresses.is_empty() {
                keys.push(pair("egress", list(&at.addresses)));
            }
            draft.assumed.push(format!(
                "`{from}` is a mail server of yours that is not imported: {what} `{}` takes its mail",
                at.name
            ));
            draft.locations.insert(from.clone(), keys);
        }
        (End::Partner | End::Internet, None, _) => {
            let domains = at.senders.iter().filter(|pattern| pattern.as_str() != "*");
            keys.insert(0, pair("domains", list(domains)));
            if !at.addresses.is_empty() {
                keys.push(pair("addresses", list(&at.addresses)));
            }
            draft.partners.insert(from.clone(), keys);
        }
    }
    let (name, is_existing) = draft.route_name(&at.name);
    // A tenant's connector is called as the route is, a server's by who sends.
    let derived = match at.relays {
        None => name.clone(),
        Some(_) => format!("{} from {from}", at.at),
    };
    let is_named = if at.relays.is_none() {
        is_existing
    } else {
        derived == at.name
    };
    let mut keys = vec![
        pair("name", quoted(&name)),
        pair("from", quoted(&from)),
        pair("to", quoted(&at.at)),
    ];
    let recipients = if at.relays == Some(false) {
        "accepted-domains".to_owned()
    } else {
        list(["*"])
    };
    keys.push(pair("recipients", recipients));
    keys.push(pair("accepted_by", at.known_by.clone()));
    keys.extend(at.alone);
    if at.from == End::Own && at.relays.is_none() || at.relays.is_some() && at.headers {
        // Who is not known keeps no headers.
        let headers = at.headers && at.known_by != "nothing";
        keys.push(pair("hybrid_headers", headers.to_string()));
    }
    if at.trusted {
        keys.push(pair("trusted", "true"));
    }
    keys.extend(at.keys);
    if !at.enabled {
        keys.push(pair("enabled", "false"));
    }
    draft
        .made_of
        .entry(from)
        .or_default()
        .extend(at.objects.iter().cloned());
    let names = (!is_named).then_some((at.at, derived, at.name));
    draft.routes.push(Item {
        objects: at.objects,
        keys,
        names: names.into_iter().collect(),
    });
}
