//! Who writes to whom, and what is wanted of the message: one table, made from the spec alone.

use crate::corpus::Spec;
use crate::surface::{Compiled, Finding, Path, Trace};
use crate::topology::{Topology, domain_of, holds, level, text, texts};
use std::collections::{BTreeMap, BTreeSet};

/// So many senders and recipients of a spec are asked for.
const SENDERS: usize = 9;
const RECIPIENTS: usize = 22;

/// A name below every domain that no spec has.
const NOBODY: &str = "xq7";

/// Somebody outside whom no spec knows.
pub(crate) const OUTSIDE: &str = "sun@xq7-customer.example";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    Stranger,
    Mailbox,
    Partner,
    Device,
}

impl Role {
    const fn word(self) -> &'static str {
        match self {
            Self::Stranger => "a stranger",
            Self::Mailbox => "a mailbox",
            Self::Partner => "a partner",
            Self::Device => "a device",
        }
    }
}

/// Somebody who writes.
#[derive(Clone, Debug)]
pub(crate) struct Sender {
    /// The word of `--from`.
    pub from: String,
    pub role: Role,
}

/// What is known of a recipient.
#[derive(Clone, Debug)]
pub(crate) enum Class {
    /// Mail for it ends in one of these ways.
    Known(BTreeSet<String>),
    /// Nobody has this address in a domain of ours.
    Unknown,
    /// A partner's.
    Partner(String),
    /// A name of ours without mailboxes, or below a domain of ours.
    Nobody,
    /// Anybody else.
    Other,
}

impl Class {
    const fn word(&self) -> &'static str {
        match self {
            Self::Known(_) => "a mailbox",
            Self::Unknown => "an unknown address",
            Self::Partner(_) => "a partner",
            Self::Nobody => "a name that nobody has",
            Self::Other => "anybody else",
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Recipient {
    pub to: String,
    pub class: Class,
}

/// A message and all of its ways.
pub(crate) struct Message {
    pub sender: Sender,
    pub recipient: Recipient,
    pub trace: Trace,
}

/// Why a way is not as wanted.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Fault {
    pub kind: String,
    /// The least severity of a finding about it.
    pub least: &'static str,
}

pub(crate) fn senders(topology: &Topology) -> Vec<Sender> {
    let new = |from: &str, role| Sender {
        from: from.to_owned(),
        role,
    };
    let mut all = vec![new("internet", Role::Stranger)];
    let mut seen = BTreeSet::new();
    for (name, domain) in &topology.domains {
        for (address, place) in &domain.listed {
            if seen.insert((place.clone(), name.clone())) {
                all.push(new(address, Role::Mailbox));
            }
        }
        for place in &domain.open {
            if seen.insert((place.clone(), String::new())) {
                all.push(new(place, Role::Mailbox));
            }
        }
    }
    all.truncate(SENDERS);
    let partners = topology.partners.iter();
    let writers = partners.filter(|(_, it)| !it.domains.is_empty() || !it.sends_as.is_empty());
    all.extend(writers.map(|(name, _)| new(name, Role::Partner)).take(3));
    all.extend(
        topology
            .devices
            .keys()
            .map(|name| new(name, Role::Device))
            .take(3),
    );
    all
}

pub(crate) fn recipients(topology: &Topology) -> Vec<Recipient> {
    let new = |to: String, class| Recipient { to, class };
    let mut all = Vec::new();
    for (name, domain) in &topology.domains {
        let unknown = format!("nobody-{NOBODY}@{name}");
        if domain.parked || domain.send_only || domain.holders().is_empty() {
            all.push(new(unknown, Class::Nobody));
            continue;
        }
        let mut places = BTreeSet::new();
        let forwarded = |address: &String| domain.forwards.iter().any(|it| it.address == *address);
        for (address, place) in &domain.listed {
            if places.insert(place) || forwarded(address) {
                all.extend(
                    wanted_of(topology, address, 0).map(|class| new(address.clone(), class)),
                );
            }
        }
        for forward in &domain.forwards {
            if !domain.listed.contains_key(&forward.address) {
                all.extend(
                    wanted_of(topology, &forward.address, 0)
                        .map(|class| new(forward.address.clone(), class)),
                );
            }
        }
        all.extend(wanted_of(topology, &unknown, 0).map(|class| new(unknown, class)));
        let below = format!("{NOBODY}.{name}");
        let is_somebodys =
            topology.domains.contains_key(&below) || !topology.partners_with(&below).is_empty();
        let is_somebodys = is_somebodys || is_around(topology, &below) || takes_below(topology);
        if !is_somebodys && !domain.subdomains && !domain.catch_all {
            all.push(new(format!("x@{below}"), Class::Nobody));
        }
    }
    for (partner, it) in &topology.partners {
        for pattern in &it.domains {
            let name = match pattern.strip_prefix("*.") {
                Some(base) => format!("{NOBODY}.{base}"),
                None => pattern.clone(),
            };
            if !topology.domains.contains_key(&name) && !is_around(topology, &name) && name != "*" {
                all.push(new(format!("t@{name}"), Class::Partner(partner.clone())));
            }
        }
    }
    let count = all.len();
    if count > RECIPIENTS {
        // Spread over all domains.
        let mut at = 0;
        all.retain(|_| {
            at += 1;
            at * RECIPIENTS / count != (at - 1) * RECIPIENTS / count
        });
    }
    all.push(new(OUTSIDE.to_owned(), Class::Other));
    all
}

/// Whether a place accepts unnamed subdomains by a list of its own.
fn takes_below(topology: &Topology) -> bool {
    let accepts = |place: &crate::topology::Place| {
        let lists = ["accepts", "also_accepts"].map(|key| place.value.get(key));
        let items = lists
            .into_iter()
            .flatten()
            .filter_map(serde_yaml::Value::as_sequence);
        items.flatten().any(|item| item.get("subdomains").is_some())
    };
    topology.places.values().any(accepts)
}

/// Whether a name lies below a domain of ours that takes unnamed subdomains.
pub(crate) fn is_around(topology: &Topology, name: &str) -> bool {
    let mut domains = topology.domains.iter();
    domains.any(|(domain, it)| it.subdomains && name.ends_with(&format!(".{domain}")))
}

/// How mail for an address shall end; nothing where that is hard to say.
fn wanted_of(topology: &Topology, address: &str, depth: usize) -> Option<Class> {
    let name = domain_of(address);
    let Some(domain) = topology.domain(name) else {
        if is_around(topology, name) || name.ends_with(".onmicrosoft.com") {
            return None;
        }
        return match topology.partners_with(name).as_slice() {
            [] => Some(Class::Other),
            [one] => Some(Class::Partner((*one).to_owned())),
            _ => None,
        };
    };
    if let Some(forward) = domain.forwards.iter().find(|it| it.address == address) {
        if depth > 8 {
            return None;
        }
        let mut ends = match wanted_of(topology, &forward.target, depth + 1)? {
            Class::Known(ends) => ends,
            Class::Partner(partner) => BTreeSet::from([format!("handed-off {partner}")]),
            Class::Other => BTreeSet::from(["internet".to_owned()]),
            Class::Unknown | Class::Nobody => return None,
        };
        if forward.keeps_copy {
            let place = domain.listed.get(address)?;
            ends.insert(format!("delivered {place}"));
        }
        return Some(Class::Known(ends));
    }
    let at = |place: &String| format!("delivered {place}");
    if let Some(place) = domain.listed.get(address) {
        return Some(Class::Known(BTreeSet::from([at(place)])));
    }
    if domain.catch_all {
        return None;
    }
    if domain.holders().is_empty() {
        return Some(Class::Nobody);
    }
    Some(if domain.open.is_empty() {
        Class::Unknown
    } else {
        Class::Known(domain.open.iter().map(at).collect())
    })
}

/// Whether mail for the name ends on purpose, or a written route says something of its own about it.
fn ends_on_purpose(topology: &Topology, name: &str) -> bool {
    topology.routes.iter().any(|route| {
        let to = route.get("to").and_then(text).unwrap_or_default();
        let patterns = texts(route.get("recipients"));
        (to == "discard" || to == "reject")
            && (patterns.is_empty()
                || patterns
                    .iter()
                    .any(|it| holds(it, name) || it == "accepted-domains"))
    })
}

/// Every message from somebody in the first list to somebody in the second, with its ways.
pub(crate) fn messages(
    topology: &Topology,
    compiled: &Compiled,
    from: &[Sender],
    to: &[Recipient],
) -> Vec<Message> {
    let Some(tracer) = compiled.tracer() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for recipient in to {
        if ends_on_purpose(topology, domain_of(&recipient.to)) {
            continue;
        }
        for sender in from.iter().filter(|sender| sender.from != recipient.to) {
            if let Ok(trace) = tracer.trace(&sender.from, &recipient.to)
                && !trace.cut
            {
                all.push(Message {
                    sender: sender.clone(),
                    recipient: recipient.clone(),
                    trace,
                });
            }
        }
    }
    all
}

/// The usual messages of a spec; none where it cannot be read or has mistakes.
pub(crate) fn usual(compiled: &Compiled, spec: &Spec) -> Vec<Message> {
    Topology::of(spec).map_or_else(Vec::new, |topology| {
        messages(
            &topology,
            compiled,
            &senders(&topology),
            &recipients(&topology),
        )
    })
}

/// Messages for every listed address and some names of the regions of findings, beyond the usual ones.
pub(crate) fn in_regions(
    topology: &Topology,
    spec: &Spec,
    compiled: &Compiled,
    findings: &[&Finding],
) -> Vec<Message> {
    let mut to: Vec<Recipient> = Vec::new();
    let usual: BTreeSet<&str> = spec
        .messages()
        .iter()
        .map(|it| it.recipient.to.as_str())
        .collect();
    for pattern in findings.iter().flat_map(|finding| &finding.domains) {
        for below in ["xq8", "xq8.xq8"] {
            let name = pattern.replace('*', below);
            let listed = topology.domain(&name).map(|it| it.listed.keys().take(40));
            let listed = listed.into_iter().flatten().cloned();
            // Who has an address in a domain may have one in the name that a tenant has of its provider.
            let is_of_provider = !pattern.contains('*') && topology.domain(&name).is_none();
            let people = topology.domains.values().flat_map(|it| it.listed.keys());
            let people = people.filter(|_| is_of_provider).take(40);
            let people = people.filter_map(|it| Some(format!("{}@{name}", it.rsplit_once('@')?.0)));
            let listed = listed.chain(people);
            for address in listed.chain([format!("any@{name}")]) {
                if !usual.contains(address.as_str()) && to.iter().all(|it| it.to != address) {
                    to.push(Recipient {
                        to: address,
                        class: Class::Other,
                    });
                }
            }
        }
    }
    let mut more = messages(topology, compiled, &senders(topology), &to);
    // Nobody writes to himself, so a listed address is asked of the other mailboxes of its place, too.
    let listed = spec.messages().iter().map(|it| it.recipient.clone());
    let mut seen = BTreeSet::new();
    let listed: Vec<Recipient> = listed
        .filter(|it| matches!(it.class, Class::Known(_)) && seen.insert(it.to.clone()))
        .collect();
    let places: Vec<Sender> = topology
        .places
        .keys()
        .map(|name| Sender {
            from: name.clone(),
            role: Role::Mailbox,
        })
        .collect();
    more.extend(messages(topology, compiled, &places, &listed));
    more
}

/// The table of wanted ends.
pub(crate) fn fault(topology: &Topology, message: &Message, path: &Path) -> Option<Fault> {
    let (sender, recipient) = (&message.sender, &message.recipient);
    let role = sender.role;
    let end = path.ends.split(' ').next().unwrap_or_default();
    let fault = |least| {
        Some(Fault {
            kind: format!("{} to {}: {end}", role.word(), recipient.class.word()),
            // What is not certain is at least a warning.
            least: if path.certainty == "certain" {
                least
            } else {
                "warning"
            },
        })
    };
    let weak = |guaranteed: &str, agreed: &str, least| {
        (level(guaranteed) < level(agreed)).then(|| Fault {
            kind: format!(
                "{} to {}: less TLS than agreed",
                role.word(),
                recipient.class.word()
            ),
            least: if path.certainty == "certain" {
                least
            } else {
                "warning"
            },
        })
    };
    let name = domain_of(&recipient.to);
    // Strangers and partners follow the records, which may be somebody else's; where they are ours, they have to be there.
    let is_found = topology
        .domain(name)
        .is_none_or(|it| it.dns == "managed" && (it.mx.is_empty() || !it.staged));
    if !is_found && matches!(role, Role::Stranger | Role::Partner) {
        return None;
    }
    // So does our own mail for a name that nobody has here.
    let is_elsewhere = topology.domain(name).is_some_and(|it| it.dns == "external");
    if is_elsewhere && matches!(recipient.class, Class::Nobody) && end == "left-model" {
        return None;
    }
    let is_ruled = path.hops.iter().any(|hop| hop.by.starts_with("rule:"));
    // It comes back to whoever is named as the sender, and gets no further.
    let is_backscatter = matches!(end, "bounced" | "deferred");
    match (&recipient.class, role) {
        (Class::Known(ends), _) => {
            if ends.contains(&path.ends) {
                let Role::Partner = role else {
                    return None;
                };
                // Postfix cannot check a name, and takes the addresses for it where there are any (X013).
                let partner = &topology.partners[&sender.from];
                // What is agreed ends where we take the mail.
                let first = path.hops.first()?;
                let place = topology.places.get(&first.to);
                let is_by_address = partner.addresses
                    && place.is_some_and(|place| place.kind == "postfix")
                    && level(&first.tls) >= level("encrypted");
                let least = if is_by_address { "note" } else { "warning" };
                return weak(&first.tls, &partner.inbound, least);
            }
            // A door past the MX that is closed is what a lock is for, and nobody's mail is lost behind one that leads nowhere.
            let by_mx = path
                .hops
                .first()
                .is_some_and(|hop| hop.by.starts_with("mx "));
            if role == Role::Stranger && !by_mx && !matches!(end, "internet" | "handed-off") {
                return None;
            }
            if let Role::Device = role {
                let device = &topology.devices[&sender.from];
                let words = ["internal", "anyone"];
                let may = device.sends_to.is_empty()
                    || device
                        .sends_to
                        .iter()
                        .any(|it| words.contains(&it.as_str()) || holds(it, name));
                if !may && end == "rejected" {
                    return None;
                }
            }
            // A rule of ours may send it anywhere.
            if is_ruled && end == "handed-off" {
                return None;
            }
            fault(if role == Role::Partner || end == "left-model" {
                "warning"
            } else {
                "error"
            })
        }
        (Class::Unknown | Class::Nobody, Role::Stranger | Role::Partner) => match end {
            "rejected" => None,
            "internet"
                if role == Role::Partner
                    || matches!(recipient.class, Class::Nobody) && path.hops.len() < 2 =>
            {
                None
            }
            "internet" => fault("error"),
            "bounced" if matches!(recipient.class, Class::Nobody) => None,
            // It is a report to whoever was named as the sender.
            "bounced" => fault("note"),
            _ => fault("warning"),
        },
        (Class::Unknown, _) => match end {
            "rejected" | "bounced" => None,
            _ => fault("warning"),
        },
        // A device is followed to recipients that exist.
        (Class::Nobody, Role::Device) => None,
        // Whether somebody without an address is a member of a group, nobody knows: a rule of ours may send it anywhere.
        (Class::Nobody, _) if is_ruled && end == "handed-off" => None,
        (Class::Nobody, _) => match end {
            "rejected" | "bounced" | "internet" => None,
            _ => fault("note"),
        },
        (Class::Partner(_) | Class::Other, Role::Mailbox) if is_ruled && end == "handed-off" => {
            None
        }
        (Class::Partner(partner), Role::Mailbox) => {
            if path.ends == format!("handed-off {partner}") {
                weak(&path.tls, &topology.partners[partner].outbound, "error")
            } else {
                fault("error")
            }
        }
        (Class::Other, Role::Mailbox) => (end != "internet").then(|| fault("error")).flatten(),
        (Class::Partner(_) | Class::Other, Role::Stranger) => {
            let least = if is_backscatter { "warning" } else { "error" };
            (end != "rejected").then(|| fault(least)).flatten()
        }
        (Class::Partner(_) | Class::Other, Role::Device) => {
            let device = &topology.devices[&sender.from];
            let may = device
                .sends_to
                .iter()
                .any(|it| it == "anyone" || it != "internal" && holds(it, name));
            match (may, end) {
                // What is bounced has reached nobody.
                (true, "internet" | "handed-off") | (false, "rejected" | "bounced") => None,
                (true, _) => fault("error"),
                (false, _) => fault("warning"),
            }
        }
        (Class::Partner(to), Role::Partner) if *to == sender.from => None,
        (Class::Partner(_) | Class::Other, Role::Partner) => {
            let in_our_name = !topology.partners[&sender.from].sends_as.is_empty();
            match end {
                "rejected" => None,
                "internet" | "handed-off" if in_our_name => None,
                _ if is_backscatter => fault("warning"),
                _ => fault("error"),
            }
        }
    }
}

fn rank(severity: &str) -> usize {
    ["note", "warning", "error"]
        .iter()
        .position(|it| *it == severity)
        .unwrap_or_default()
}

/// Whether the region of a finding holds a name. Of many domains only some are listed.
pub(crate) fn region_holds(finding: &Finding, name: &str) -> bool {
    let listed = u64::try_from(finding.domains.len()).unwrap_or(u64::MAX);
    finding.domains_total > listed || finding.domains.iter().any(|pattern| holds(pattern, name))
}

/// Whether a finding speaks of the way of a message.
pub(crate) fn speaks_of(
    finding: &Finding,
    message: &Message,
    path: &Path,
    routes: &BTreeMap<String, (String, String)>,
) -> bool {
    let name = domain_of(&message.recipient.to);
    if !finding.domains.is_empty() && !region_holds(finding, name) {
        return false;
    }
    let places = path.places();
    // A route that cannot be used is on no way, but starts where the mail does not get on.
    let ended_at = |place: &String| {
        path.ends
            .split([' ', ','])
            .skip(1)
            .any(|word| word == place)
    };
    let touches = |object: &String| match object.split_once(':') {
        Some(("route", _)) => {
            let ends = routes.get(object);
            // A rule sends over the route between the same two, and what knows its sender may be missing.
            let is_between = |hop: &crate::surface::Hop| {
                ends.is_some_and(|(from, to)| *from == hop.at && *to == hop.to)
            };
            let is_on = |hop: &crate::surface::Hop| {
                hop.by == *object || hop.instead_of.contains(object) || is_between(hop)
            };
            path.hops.iter().any(is_on) || ends.is_some_and(|(from, _)| ended_at(from))
        }
        Some(("rule", _)) => true,
        Some(("domain", domain)) => domain == name,
        Some((_, party)) => {
            places.contains(&party)
                || message.sender.from == party
                || path.ends.split([' ', ',']).any(|word| word == party)
        }
        None => false,
    };
    let shared = |hop: &crate::surface::Hop| {
        path.hops
            .iter()
            .any(|it| it.at == hop.at && it.to == hop.to)
    };
    if finding.objects.is_empty() {
        return !finding.domains.is_empty();
    }
    finding.objects.iter().any(touches) || finding.trace.iter().any(shared)
}

/// Whether some finding that is bad enough speaks of the way.
pub(crate) fn is_found(
    findings: &[Finding],
    fault: &Fault,
    message: &Message,
    path: &Path,
    routes: &BTreeMap<String, (String, String)>,
) -> bool {
    let is_bad_enough = |finding: &&Finding| rank(&finding.severity) >= rank(fault.least);
    let mut bad = findings.iter().filter(is_bad_enough);
    bad.any(|finding| speaks_of(finding, message, path, routes))
}

/// Where each route starts and where it leads, by its name as an object.
pub(crate) fn starts(compiled: &Compiled) -> BTreeMap<String, (String, String)> {
    let document = compiled.routes().unwrap_or_default();
    let rows = document["routes"].as_array().into_iter().flatten();
    let word =
        |row: &serde_json::Value, key: &str| row[key].as_str().unwrap_or_default().to_owned();
    rows.map(|row| {
        let ends = (word(row, "from"), word(row, "to"));
        (format!("route:{}", word(row, "name")), ends)
    })
    .collect()
}

/// The findings in one line.
pub(crate) fn said(findings: &[Finding]) -> String {
    let lines = findings.iter().map(|it| {
        format!(
            "{} {} {} on {:?} for {:?}",
            it.check, it.severity, it.certainty, it.objects, it.domains
        )
    });
    lines.collect::<Vec<_>>().join("; ")
}
