//! L2: what is written is what was walked, as far as the own readers of the products' files go.
//!
//! At every hop of a way the file of the place is read back and asked by the product's own rules: Postfix's tables for
//! the client, the recipient and its next hop, the connector by its name and hosts, the checklist by its rows, the zone
//! for the MX. `l02_read_back` reads the objects of Exchange back whole.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Class, Role};
use crate::readers::postfix::{Host, Session, Verdict, Way};
use crate::readers::{pages, powershell, zone};
use crate::surface::{Compiled, Files};
use crate::topology::{Topology, domain_of, holds as pattern_holds, texts};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

#[test]
fn what_is_written_is_what_was_walked() {
    holds("L2", written_is_walked, |_, _| true);
}

/// A route as `routes` prints it.
struct Route {
    kind: String,
    hosts: Vec<String>,
}

fn routes(compiled: &Compiled) -> BTreeMap<String, Route> {
    let document = compiled.routes().unwrap_or_default();
    let rows = document["routes"].as_array().cloned().unwrap_or_default();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    rows.iter()
        .map(|row| {
            let hosts = row["next_hop"]["hosts"].as_array().into_iter().flatten();
            let route = Route {
                kind: text(&row["next_hop"]["kind"]),
                hosts: hosts.map(text).collect(),
            };
            (text(&row["name"]), route)
        })
        .collect()
}

/// A host without port and brackets.
fn bare(host: &str) -> String {
    let host = host.trim_start_matches('[');
    let host = host.split(']').next().unwrap_or(host);
    let is_v6 = host.matches(':').count() > 1;
    let host = match host.rsplit_once(':') {
        Some((name, port)) if !is_v6 && port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    host.trim_end_matches('.').to_lowercase()
}

fn text_of(files: &Files, path: &str) -> Option<String> {
    let bytes = files.get(path)?;
    Some(String::from_utf8_lossy(bytes).into_owned())
}

fn written_is_walked(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(files)) = (Topology::of(spec), &compiled.files) else {
        return Vec::new();
    };
    let routes = routes(compiled);
    let zones = zone::records(files);
    let mut hosts = BTreeMap::new();
    let mut scripts = BTreeMap::new();
    let mut lists = BTreeMap::new();
    for name in topology.places.keys() {
        hosts.extend(Host::read(files, name).map(|host| (name.as_str(), host)));
        let script = text_of(files, &format!("{name}/commands.ps1"));
        scripts.extend(script.map(|text| (name.as_str(), powershell::commands(&text))));
        let list = text_of(files, &format!("{name}/CHECKLIST.md"));
        lists.extend(list.map(|text| (name.as_str(), pages::table(&text, "Hand mail on"))));
    }
    let mut breaches = Breaches::default();
    for message in spec.messages() {
        let to = &message.recipient.to;
        // What a device writes as is the sender that a table by senders has.
        let device = topology.devices.get(&message.sender.from);
        let sender = match device.map(|it| it.sends_as.as_slice()) {
            Some([domain]) if !domain.contains('@') => format!("x@{domain}"),
            Some([address]) => address.clone(),
            _ => message.sender.from.clone(),
        };
        let redirects = topology.domain(domain_of(to));
        let is_redirected =
            redirects.is_some_and(|it| it.forwards.iter().any(|forward| forward.address == *to));
        for path in &message.trace.paths {
            let mut is_plain = !is_redirected && to.is_ascii();
            for (number, hop) in path.hops.iter().enumerate() {
                let mut add = |kind: &str, other: String| {
                    let one = format!(
                        "{} to {to}: {} by {:?}, {} from {} to {}",
                        message.sender.from,
                        path.ends,
                        path.places(),
                        hop.by,
                        hop.at,
                        hop.to
                    );
                    breaches.add(kind, one, other);
                };
                if let Some(host) = hosts.get(hop.to.as_str()).filter(|_| to.is_ascii()) {
                    let is_taken = number + 1 < path.hops.len()
                        || path.ends == format!("delivered {}", hop.to);
                    // Whoever is met first has the address as the sender wrote it.
                    let is_as_written = number == 0 && is_taken;
                    if is_as_written && host.knows(to) == Some(false) {
                        add(
                            "the tables of Postfix refuse whom the walk lets in",
                            format!("{} does not know {to}", hop.to),
                        );
                    }
                    let is_unknown = matches!(message.recipient.class, Class::Unknown)
                        && message.sender.role == Role::Stranger;
                    if is_unknown
                        && path.ends == format!("rejected {}", hop.to)
                        && host.knows(to) == Some(true)
                        && !is_asking(&topology, &hop.to)
                    {
                        add(
                            "the tables of Postfix know whom the walk refuses",
                            format!("{} knows {to}", hop.to),
                        );
                    }
                }
                if let Some(host) = hosts.get(hop.to.as_str()).filter(|_| is_plain) {
                    let is_last = number + 1 == path.hops.len();
                    let is_taken = !is_last || path.ends == format!("delivered {}", hop.to);
                    let is_refused = is_last && path.ends == format!("rejected {}", hop.to);
                    let said: BTreeSet<Option<bool>> = clients(&topology, &hop.at)
                        .into_iter()
                        .map(|client| {
                            let said = host.admits(&Session {
                                client,
                                sender: sender.contains('@').then_some(sender.as_str()),
                                recipient: to,
                            });
                            (said != Verdict::Unknown).then_some(said == Verdict::Permit)
                        })
                        .collect();
                    let is_login = hop.by.starts_with("device:");
                    if is_taken && !is_login && said == BTreeSet::from([Some(false)]) {
                        add(
                            "the access tables of Postfix refuse whom the walk lets in",
                            format!("{} refuses {} to {to}", hop.to, hop.at),
                        );
                    }
                    let is_known = host.knows(to) != Some(false) && !is_asking(&topology, &hop.to);
                    if is_refused && is_known && said == BTreeSet::from([Some(true)]) {
                        add(
                            "the access tables of Postfix let in whom the walk refuses",
                            format!("{} lets in {} to {to}", hop.to, hop.at),
                        );
                    }
                }
                if let Some(name) = hop.by.strip_prefix("mx ") {
                    let exchangers = zones.iter().filter(|it| {
                        it.kind == "MX" && (it.name == name || pattern_holds(&it.name, name))
                    });
                    let names: Vec<String> = exchangers
                        .map(|it| bare(it.data.last().map_or("", String::as_str)))
                        .collect();
                    let place = topology.places.get(&hop.to);
                    let shown: BTreeSet<String> = place
                        .map(|it| texts(it.value.get("hosts")))
                        .unwrap_or_default()
                        .iter()
                        .map(|it| bare(it))
                        .collect();
                    let is_managed = topology
                        .domain(name)
                        .is_some_and(|it| it.dns == "managed" && !it.staged);
                    if is_managed && !shown.is_empty() && names.iter().all(|it| !shown.contains(it))
                    {
                        add(
                            "the zone has no MX of the place that mail enters",
                            format!("MX of {name}: {names:?}, hosts of {}: {shown:?}", hop.to),
                        );
                    }
                    continue;
                }
                let route = hop
                    .by
                    .strip_prefix("route:")
                    .and_then(|name| Some((name, routes.get(name)?)));
                let Some((name, route)) = route else {
                    continue;
                };
                let wanted: BTreeSet<String> = route.hosts.iter().map(|it| bare(it)).collect();
                if let Some(host) = hosts.get(hop.at.as_str()).filter(|_| is_plain) {
                    match host.way(&sender, to) {
                        Way::Mx if route.kind == "mx" => {}
                        Way::To { next_hop, .. } if wanted.contains(&bare(&next_hop)) => {}
                        way => add(
                            "the tables of Postfix have another next hop",
                            format!("{way:?}, the route has {wanted:?}"),
                        ),
                    }
                }
                if let Some(commands) = scripts.get(hop.at.as_str()) {
                    let connector = commands.iter().find(|it| {
                        matches!(
                            it.cmdlet.as_str(),
                            "New-OutboundConnector" | "New-SendConnector"
                        ) && it.one("Name") == name
                    });
                    // What a tenant does by itself, and what the wizard makes, is no command.
                    let has_object = route.kind == "smart-hosts";
                    match connector {
                        None if has_object && !is_wizards(&topology, &hop.at, &hop.to) => add(
                            "no connector of this name is made",
                            format!("{name} is not in {}/commands.ps1", hop.at),
                        ),
                        Some(it) => {
                            let shown: BTreeSet<String> =
                                it.get("SmartHosts").iter().map(|it| bare(it)).collect();
                            if has_object && shown.is_disjoint(&wanted) {
                                add(
                                    "the connector has other hosts",
                                    format!("{shown:?}, the route has {wanted:?}"),
                                );
                            }
                            if it.one("Enabled") == "$false" {
                                add("the connector is not enabled", name.to_owned());
                            }
                            let patterns = if it.cmdlet == "New-SendConnector" {
                                it.get("AddressSpaces")
                            } else {
                                it.get("RecipientDomains")
                            };
                            let holds_it = |pattern: &String| {
                                let pattern = pattern
                                    .split(';')
                                    .next()
                                    .unwrap_or_default()
                                    .trim_start_matches("smtp:");
                                let base = pattern.trim_start_matches("*.");
                                pattern_holds(pattern, domain_of(to)) || base == domain_of(to)
                            };
                            let is_ruled = it.one("IsTransportRuleScoped") == "$true"
                                || it.one("AllAcceptedDomains") == "$true"
                                || it.one("RouteAllMessagesViaOnPremises") == "$true";
                            if is_plain
                                && !is_ruled
                                && !patterns.is_empty()
                                && !has_routing_domain(&topology)
                                && !patterns.iter().any(holds_it)
                            {
                                add("the connector is not for the name", format!("{patterns:?}"));
                            }
                        }
                        None => {}
                    }
                }
                if let Some(rows) = lists.get(hop.at.as_str())
                    && route.kind == "smart-hosts"
                {
                    let has_host = |row: &Vec<String>| {
                        row.get(2).is_some_and(|cell| {
                            wanted.iter().any(|host| cell.to_lowercase().contains(host))
                        })
                    };
                    if !rows.iter().any(has_host) {
                        add(
                            "the checklist has no row with this next hop",
                            format!("{rows:?}, the route has {wanted:?}"),
                        );
                    }
                }
                // Exchange hands on by routing addresses, which no one sees from outside.
                is_plain &= !topology
                    .places
                    .get(&hop.at)
                    .is_some_and(|it| it.kind.starts_with("exchange"));
            }
        }
    }
    breaches.all()
}

/// Where a party may connect from; an address that is not known is none.
fn clients(topology: &Topology, name: &str) -> Vec<Option<IpAddr>> {
    // No spec has this address.
    if name == "internet" {
        return vec!["192.88.99.199".parse().ok()];
    }
    let parties = ["partners", "devices"].map(|key| topology.document.get(key)?.get(name));
    let place = topology.places.get(name).map(|it| &it.value);
    let value = place.or_else(|| parties.into_iter().flatten().next());
    let written = value.map(|value| {
        let keys = ["egress", "addresses"].map(|key| texts(value.get(key)));
        keys.concat()
    });
    let written: Vec<Option<IpAddr>> = written
        .unwrap_or_default()
        .iter()
        .map(|it| it.split('/').next()?.parse().ok())
        .collect();
    let is_tenant = topology
        .places
        .get(name)
        .is_some_and(|it| matches!(it.kind.as_str(), "exchange-online" | "eop"));
    match written.is_empty() {
        // The addresses of Exchange Online
        // (<https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges>).
        true if is_tenant => vec!["40.107.0.1".parse().ok()],
        true => vec![None],
        false => written,
    }
}

/// Whether a place refuses for another reason: the next hop is asked, or it is locked.
fn is_asking(topology: &Topology, name: &str) -> bool {
    let place = topology.places.get(name);
    place.is_some_and(|it| {
        it.value.get("accept_only_from").is_some()
            || it.value.get("directory").is_some_and(|it| *it == "callout")
    })
}

fn has_routing_domain(topology: &Topology) -> bool {
    topology
        .places
        .values()
        .any(|it| it.kind.starts_with("exchange") && it.kind != "exchange-server")
        || topology
            .places
            .values()
            .any(|it| it.value.get("routing_domain").is_some())
}

fn is_wizards(topology: &Topology, one: &str, other: &str) -> bool {
    [one, other].iter().any(|name| {
        let place = topology.places.get(*name);
        place.is_some_and(|it| it.value.get("hybrid_wizard").is_some())
    })
}
