//! The edits that could make a Postfix host or a zone as it exists.
//!
//! A draft of the host says its tables in words of the language. Of it the routes are taken that are about an entry which differs,
//! and the keys of the location.

use super::{Edits, Now, Work, flow, put};
use crate::dns::routing::{Taker, host_taker};
use crate::draft::{Key as ObjectKey, is_of_postfix, is_of_zones};
use crate::drift::{self, ObjectDrift, PropertyDrift, State};
use crate::finding::{Object, Operation};
use crate::plan::{Configuration, Plan};
use crate::platforms::postfix::Key;
use crate::routes::{NextHop, RouteId};
use crate::source::{At, Span};
use crate::topology::{ForeignRecord, LocationId, Party};
use crate::values::{Host, Network, Pattern};

/// What of a location is said by its own keys.
const OWN_KEYS: [&str; 7] = [
    "delivers_to",
    "helo",
    "map_type",
    "max_message_size",
    "recipient_delimiter",
    "transports",
    "trusted_networks",
];

/// The pattern that an entry of a table is about, or that a parameter decides about.
fn pattern_of(object: &ObjectDrift, property: &PropertyDrift) -> String {
    match property.name.strip_prefix('.') {
        _ if object.kind == "main.cf" => "*".to_owned(),
        Some(base) => format!("*.{base}"),
        None => property.name.clone(),
    }
}

/// Whether what differs is that something is gone.
fn is_gone(property: &PropertyDrift) -> bool {
    property.actual.as_ref().is_some_and(Vec::is_empty)
}

impl Work<'_> {
    /// Edits that could make what is written as files as it exists.
    pub(super) fn of_files(&self, now: &Now, object: &ObjectDrift, all: &mut Vec<Edits>) {
        let Some(at) = object.at.location() else {
            return self.of_zone(now, object, all);
        };
        let Configuration::Postfix(tables) = &now.plan.place(at).configuration else {
            return;
        };
        let place = &now.plan.topology.location(at).name;
        if object.kind == "main.cf" {
            let keys = self.draft.keys("locations", place).iter();
            let keys = keys.filter(|(key, _)| OWN_KEYS.contains(&key.as_str()));
            all.extend(keys.map(|(key, value)| vec![put(&["locations", place, key], value)]));
        }
        for property in &object.properties {
            let pattern = pattern_of(object, property);
            let known = Pattern::parse(&pattern).ok();
            let about = |id: RouteId| {
                let route = now.plan.route(id);
                let mut patterns = route.recipients.iter().map(|at| &at.pattern);
                let by_hop = tables.hops.iter().any(|hop| {
                    hop.route == Some(id) && hop.next_hop.eq_ignore_ascii_case(&property.name)
                });
                by_hop || patterns.any(|at| known.as_ref() == Some(at))
            };
            // A route for all accepted domains has entries, too.
            let entries = tables.transport.iter();
            let entries = entries.filter(|(key, _)| key.to_string() == property.name);
            let by_entry = entries.filter_map(|(_, entry)| tables.hop(entry.hop).route);
            let routes = now.plan.routes().map(|(id, _)| id);
            let routes = routes.filter(|id| {
                let route = now.plan.route(*id);
                route.from == Party::Location(at) && about(*id)
            });
            let mut routes: Vec<RouteId> = by_entry.chain(routes).collect();
            routes.dedup();
            let drafted = self.draft.routes_from(place, &pattern, &property.name);
            for key in &drafted {
                let key: ObjectKey = (place.clone(), "table".to_owned(), key.clone());
                for id in &routes {
                    self.of_route(now, &key, object, now.plan.route(*id), all);
                }
                // Beside those that are there, or in place of a part of one.
                let outside = self.to_outside(&key);
                for new in outside
                    .into_iter()
                    .chain(self.new_item(now, &key, "routes"))
                {
                    let rest = routes.iter().map(|id| self.without(now, *id, &pattern));
                    let rest: Vec<Edits> = rest.collect();
                    all.push(new.clone());
                    all.extend(rest.into_iter().map(|rest| [rest, new.clone()].concat()));
                }
            }
            if is_gone(property) {
                all.extend(routes.iter().map(|id| self.without(now, *id, &pattern)));
            }
            self.of_domain(place, &property.name, all);
            if property.actual.as_ref().is_some_and(|is| is == &["OK"]) {
                all.push(vec![Operation::Append {
                    object: Object::Location(place.clone()),
                    key: "trusted_networks",
                    value: flow(&property.name),
                }]);
            }
        }
        // What an edit of a route gives to others is not written any more, and so no difference: it would say nothing.
        all.retain(|edits| !edits.iter().any(super::proposed::gives_away));
    }

    /// A domain that the host accepts beside those of the spec.
    fn of_domain(&self, place: &str, domain: &str, all: &mut Vec<Edits>) {
        let one = self.draft.accepted(place, domain);
        all.extend(one.map(|accept| {
            vec![Operation::Append {
                object: Object::Location(place.to_owned()),
                key: "also_accepts",
                value: accept,
            }]
        }));
    }

    /// A route of the draft as one to others: a relay of theirs need not be a location.
    fn to_outside(&self, key: &ObjectKey) -> Option<Edits> {
        let (keys, _) = self.draft.said(key)?;
        let mut keys = keys.to_vec();
        let to = keys.iter_mut().find(|(name, _)| name == "to")?;
        if to.1 == "discard" || to.1 == "reject" {
            return None;
        }
        "internet".clone_into(&mut to.1);
        Some(vec![Operation::Item {
            section: "routes",
            value: crate::draft::mapping(&keys),
        }])
    }

    /// A route without one of its patterns.
    fn without(&self, now: &Now, id: RouteId, pattern: &str) -> Edits {
        let route = now.plan.route(id);
        let patterns = route.recipients.iter().map(|at| at.pattern.to_string());
        let mut patterns: Vec<String> = patterns.collect();
        // A route for everything has the entries of domains, too, whose mailboxes are where it leads.
        let place = route.from.location().map(|at| now.plan.place(at));
        if let Some(Configuration::Postfix(tables)) = place.map(|place| &place.configuration) {
            let own = tables.transport.iter();
            let own = own.filter(|(_, entry)| tables.hop(entry.hop).route == Some(id));
            patterns.extend(own.filter_map(|(key, _)| match key {
                Key::Domain(name) => Some(name.to_string()),
                Key::Below(name) => Some(format!("*.{name}")),
                Key::Address(_) => None,
            }));
        }
        patterns.sort();
        patterns.dedup();
        let rest: Vec<String> = patterns
            .into_iter()
            .filter(|known| known != pattern)
            .map(|known| flow(&known))
            .collect();
        let list = format!("[{}]", rest.join(", "));
        if route.is_written() {
            let path = ["routes", route.name.as_str()];
            return vec![if rest.is_empty() {
                super::gone(&path)
            } else {
                put(&[path[0], path[1], "recipients"], &list)
            }];
        }
        let topology = &now.plan.topology;
        let recipients = if rest.is_empty() {
            format!("[{}], enabled: false", flow(pattern))
        } else {
            list
        };
        let value = format!(
            "{{name: {}, from: {}, to: {}, recipients: {recipients}}}",
            flow(&route.name),
            topology.party_name(route.from),
            topology.party_name(route.to),
        );
        vec![Operation::Item {
            section: "routes",
            value,
        }]
    }

    /// The exchangers of a domain, and records that the spec does not have.
    fn of_zone(&self, now: &Now, object: &ObjectDrift, all: &mut Vec<Edits>) {
        let topology = &now.plan.topology;
        let name = object.name.trim_end_matches('.').to_lowercase();
        if let Some(locations) = exchangers(now, object) {
            let names: Vec<&str> = locations
                .iter()
                .map(|at| topology.location(*at).name.as_str())
                .collect();
            let base = name.strip_prefix("*.").unwrap_or(&name);
            let id = topology.domain_named(base);
            let spelled = id.map(|id| topology.domain(id).name.unicode().clone());
            for key in spelled.iter().map(String::as_str).chain([base]) {
                let list = format!("[{}]", names.join(", "));
                all.push(vec![put(&["domains", key, "mx"], &list)]);
            }
        }
        let mut zones = now.plan.zones.iter().map(|zone| zone.origin.to_string());
        let is_around = |origin: &String| name == *origin || name.ends_with(&format!(".{origin}"));
        let Some(origin) = zones.find(is_around) else {
            return;
        };
        let owner = match name.strip_suffix(&origin) {
            Some("") | None => "@",
            Some(owner) => owner.trim_end_matches('.'),
        };
        let zone = topology.dns.zones.iter();
        let mut zone = zone.filter(|(name, _)| name.as_str() == origin);
        let written = zone.next().map_or(&[][..], |(_, zone)| &zone.records);
        let is_of_set = |at: &&At<ForeignRecord>| {
            at.value.kind == object.kind && at.value.name.eq_ignore_ascii_case(owner)
        };
        let own: Vec<&At<ForeignRecord>> = written.iter().filter(is_of_set).collect();
        if own.is_empty() && object.state != State::Unknown {
            return;
        }
        all.push(self.of_records(&origin, object, &own));
    }

    /// The records of a set, each on its line of `records`, as they exist.
    fn of_records(&self, origin: &str, object: &ObjectDrift, own: &[&At<ForeignRecord>]) -> Edits {
        let name = object.name.trim_end_matches('.').to_lowercase();
        let is_gone = object.live.is_none();
        let mut live = if is_gone {
            Vec::new()
        } else {
            self.draft.records(origin, &object.kind, &name)
        };
        let said = |record: &ForeignRecord| {
            let ttl = record.ttl.map(|ttl| ttl.to_string()).unwrap_or_default();
            (record.data.clone(), ttl)
        };
        let is_timed = object.properties.iter().any(|at| at.name == "TTL");
        let mut changed: Vec<&At<ForeignRecord>> = Vec::new();
        for at in own {
            let (data, ttl) = said(&at.value);
            let is_same = |(other, kept, _): &(String, String, String)| {
                other.eq_ignore_ascii_case(&data) && (!is_timed || *kept == ttl)
            };
            match live.iter().position(is_same) {
                Some(same) => _ = live.remove(same),
                None => changed.push(at),
            }
        }
        // What receivers look for begins with a word of its own; what else stands beside it is of others.
        let tag = |data: &str| {
            data.split([' ', ';'])
                .next()
                .unwrap_or_default()
                .to_lowercase()
        };
        let is_text = object.kind == "TXT";
        let mut edits: Vec<(u32, Operation)> = Vec::new();
        for at in changed {
            let found = live
                .iter()
                .position(|(data, ..)| !is_text || tag(data) == tag(&at.value.data));
            let edit = match found {
                Some(found) => Operation::Anew {
                    span: at.span,
                    value: live.remove(found).2,
                },
                None => Operation::Remove { span: at.span },
            };
            edits.push((at.span.start, edit));
        }
        if is_text && object.state != State::Unknown {
            live.retain(|(data, ..)| tag(data).starts_with("v="));
        }
        // From the end on, so that what stands before an edit stays where it is.
        edits.sort_by_key(|(start, _)| std::cmp::Reverse(*start));
        let path = ["dns", "zones", origin, "records"].map(str::to_owned);
        let added = live.into_iter().map(|(.., value)| Operation::AppendAt {
            path: path.to_vec(),
            value,
        });
        added
            .chain(edits.into_iter().map(|(_, edit)| edit))
            .collect()
    }

    /// Whether an object stands in files.
    pub(super) fn is_file(&self, now: &Now, object: &ObjectDrift) -> bool {
        let place = object.at.name(&now.plan);
        let mut parts = self.parts.iter().filter(|part| part.location == place);
        parts.any(|part| is_of_zones(&part.export) || is_of_postfix(&part.export))
    }

    /// Why the spec says something of a host or zone otherwise still, with the line of each: where it exists, else of the spec.
    pub(super) fn reason(&self, now: &Now, object: &ObjectDrift) -> String {
        if !self.is_file(now, object) {
            return String::new();
        }
        let place = object.at.name(&now.plan);
        let part = self.parts.iter().find(|part| part.location == place);
        let live = |property: &str| {
            let (part, live) = part.zip(object.live.as_ref())?;
            let file = part.export.files.get(live.file)?;
            Some(format!("{file}:{}", live.line_of(property)?))
        };
        let spec = |span: Option<Span>| {
            let span = span?;
            let file = &now.sources.file(span.file).name;
            Some(format!("{file}:{}", now.sources.place(span).line))
        };
        let Some(at) = object.at.location() else {
            let why = match (object.kind.as_str(), exchangers(now, object)) {
                ("MX", None) if object.state != State::Unknown => {
                    "`mx` names locations, and these are not the hosts of any"
                }
                ("TXT", _) => {
                    "its text follows from other keys, of which none was found that makes it so"
                }
                _ => "no key that was tried writes these records and nothing else",
            };
            let said = drift::record_at(&now.plan, &object.kind, &object.name);
            let line = live("records").or_else(|| spec(said));
            return line.map_or_else(|| why.to_owned(), |line| format!("{line}: {why}"));
        };
        let mut reasons: Vec<String> = Vec::new();
        for property in &object.properties {
            let name = &property.name;
            let (line, why) = if is_gone(property) {
                let said = said_at(&now.plan, at, name);
                let why = "it follows from this, and cannot be left out alone".to_owned();
                (spec(Some(said)), why)
            } else {
                let known = part.zip(object.live.as_ref());
                let why = known.map(|(part, live)| self.draft.why(part, live, name));
                (live(name), why.unwrap_or_default())
            };
            let line = line.map_or_else(String::new, |line| format!(" ({line})"));
            let said = format!("`{name}`{line}: {why}");
            if !reasons.contains(&said) {
                reasons.push(said);
            }
        }
        reasons.join("; ")
    }
}

/// What of a spec an entry of a table of a Postfix host follows from: a route, a domain, a partner, a device, or the host.
fn said_at(plan: &Plan, at: LocationId, key: &str) -> Span {
    let topology = &plan.topology;
    let name = key.rsplit('@').next().unwrap_or(key);
    let name = name.trim_start_matches('.');
    let domain = topology.domain_named(name);
    if let Some(id) = domain {
        return topology.domain(id).span;
    }
    let known = Pattern::parse(name).ok();
    let partners = topology.partners.iter();
    let domains = partners.flat_map(|partner| &partner.domains);
    let of_partner = domains.filter(|at| Some(&at.value) == known.as_ref());
    let network = Network::parse(name).ok();
    let devices = topology.devices.iter().flat_map(|it| &it.addresses);
    let trusted = topology.location(at).postfix();
    let trusted = trusted.into_iter().flat_map(|it| &it.trusted_networks);
    let addresses = devices.chain(trusted.map(|it| &it.network));
    let addresses = addresses.filter(|at| network.as_ref() == Some(&at.value));
    let routes = plan.routes().map(|(_, route)| route);
    let hop = |host: &Host| name.contains(&host.target.to_string());
    let routes = routes.filter(|route| {
        route.from == Party::Location(at)
            && matches!(&route.next_hop, NextHop::SmartHosts(hosts) if hosts.iter().any(hop))
    });
    let mut found = of_partner
        .map(|at| at.span)
        .chain(addresses.map(|at| at.span))
        .chain(routes.map(|route| route.origin.span()));
    found.next().unwrap_or(topology.location(at).span)
}

/// The records of a set, each with how long it is kept.
fn records(object: &ObjectDrift) -> Vec<(String, String)> {
    let live = object.live.iter().flat_map(|live| live.properties.values());
    let pairs = live.filter_map(|value| {
        let mut items = value.items().into_iter();
        Some((items.next()?, items.next()?))
    });
    pairs.collect()
}

/// The locations that a set of exchangers of a domain of the spec leads to, in order, where all of them are of the spec.
fn exchangers(now: &Now, object: &ObjectDrift) -> Option<Vec<LocationId>> {
    if object.kind != "MX" {
        return None;
    }
    let name = object.name.trim_end_matches('.').to_lowercase();
    let base = name.strip_prefix("*.").unwrap_or(&name);
    let domain = now
        .plan
        .topology
        .domain(now.plan.topology.domain_named(base)?);
    let mut hosts: Vec<(u16, String)> = records(object)
        .iter()
        .filter_map(|(_, data)| {
            let (rank, host) = data.split_once(' ')?;
            Some((rank.parse().ok()?, host.trim().to_lowercase()))
        })
        .collect();
    hosts.sort();
    let mut found = Vec::new();
    for (_, host) in hosts {
        match host_taker(&now.plan, domain, &host) {
            Taker::Location(at) if found.contains(&at) => {}
            Taker::Location(at) => found.push(at),
            Taker::Stranger(_) => return None,
        }
    }
    (!found.is_empty()).then_some(found)
}
