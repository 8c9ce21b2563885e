//! A draft spec from what exists, with a verdict for every value that was read.
//!
//! The draft is explicit: one route for each connector, with the names that the objects have. It is compiled and compared
//! with the exports that it was made of, so that what the language cannot say is found by the comparison and not by a table:
//! such an object stands in the draft as one that others manage. This module must not know how an export is read.

mod alone;
mod domains;
mod fold;
mod join;
mod ledger;
mod places;
mod postfix;
mod resources;
mod rules;
mod server;
mod tenant;
mod text;
mod values;
mod zones;

pub(crate) use fold::{Judge, items, mentions, names_parties};
pub(crate) use ledger::Ledger;
use ledger::Verdict;
pub(crate) use postfix::{is_free, is_of_postfix};
pub(crate) use text::{mapping, quoted, said};
pub(crate) use zones::is_of_zones;

use crate::drift::{ObjectDrift, State};
use crate::import::{Export, Live, LiveObject};
use crate::values::{Date, RESERVED};
use join::{Receiving, Sending};
use std::collections::{BTreeMap, BTreeSet};
use values::hosts;

/// An export and the location that it becomes.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// The name of the location.
    pub(crate) location: String,
    /// What exists there.
    pub(crate) export: Export,
}

/// An object: its location, its kind and its name.
pub(crate) type Key = (String, String, String);

/// Properties of an object that the language cannot say, with their values.
pub(crate) type Found = Vec<(String, Vec<String>)>;

/// Keys of the language with their values, as text.
pub(crate) type Pairs = Vec<(String, String)>;

/// A draft, and where each object stands in it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Draft {
    /// The day of the import.
    today: Option<Date>,
    /// The entries of `locations`, `partners`, `devices` and `domains`, by name.
    locations: BTreeMap<String, Pairs>,
    partners: BTreeMap<String, Pairs>,
    devices: BTreeMap<String, Pairs>,
    domains: BTreeMap<String, Pairs>,
    /// Zones: what is said of each, and its records.
    zones: BTreeMap<String, (Pairs, Vec<Item>)>,
    routes: Vec<Item>,
    rules: Vec<Item>,
    /// Where objects stand in a spec that the draft was merged into.
    standing: BTreeMap<Key, String>,
    is_merged: bool,
    /// Routes are derived, too: those that were written before stand in `folded`, for the names of their objects.
    derives: bool,
    folded: Vec<Item>,
    /// The tenant and the servers that the hybrid wizard joined.
    halves: Option<(String, String)>,
    /// Domains that a Postfix host passes on, by its location.
    relayed: BTreeSet<(String, String)>,
    /// Those of them that it passes on with the names below them, because it says so.
    below: BTreeSet<(String, String)>,
    /// Domains that a Postfix host accepts: its location, the domain, and how well it holds the mailboxes.
    accepted: Vec<(String, String, u8)>,
    /// The parameter that a domain of a Postfix host counts by: Postfix asks them in one order, and the first decides.
    classes: BTreeMap<(String, String), &'static str>,
    /// Parameters of a Postfix host that others name: its location, and the parameter.
    named: BTreeSet<(String, String)>,
    /// Services that a Postfix host hands mail to: its location, the pattern, and the service.
    delivers: Vec<(String, String, String)>,
    /// Services of master.cf that a Postfix host sends by, beside its own: its location, and the service.
    services: BTreeSet<(String, String)>,
    /// Where the mail of a location for a pattern is led.
    leads: BTreeMap<(String, String), String>,
    /// Verdicts of values that were judged where they were read: the object, and the property.
    judged: BTreeMap<(Key, String), (Verdict, String)>,
    /// Objects of the hybrid wizard, which are looked for and never written.
    of_wizard: BTreeSet<Key>,
    /// Receive connectors of which the export does not show the right to relay: nobody changes them.
    unsure: BTreeSet<Key>,
    /// What objects of others have that the language cannot say.
    found: BTreeMap<Key, Found>,
    /// Objects that cannot be written, and why.
    left_out: BTreeMap<Key, String>,
    /// What was taken to be so, for people.
    pub(crate) assumed: Vec<String>,
    /// Locations and domains that a spec cannot take beside what it says, as the edits that would add them.
    pub(crate) not_added: Vec<String>,
    taken: BTreeSet<String>,
    /// The objects that an entry of `locations`, `partners` or `devices` was made of, by its name.
    made_of: BTreeMap<String, Vec<Key>>,
    /// Names of routes, in lower case: Exchange compares names without regard to case.
    route_names: BTreeSet<String>,
}

/// A route or rule of the draft.
#[derive(Clone, Debug, Default)]
struct Item {
    /// The objects that it was made of.
    objects: Vec<Key>,
    keys: Pairs,
    /// Names that its objects have: location, the name that the draft would give, and the existing one.
    names: Vec<(String, String, String)>,
}

/// What was found at the locations: what takes mail out of them, and what takes it in.
#[derive(Debug, Default)]
struct Connectors {
    sending: Vec<Sending>,
    receiving: Vec<Receiving>,
}

impl Draft {
    /// The draft of what exists. Objects in `unmanaged` are those that the language cannot say in full, with what it
    /// cannot say; those in `left_out` cannot be written at all.
    pub(crate) fn of(
        parts: &[Part],
        unmanaged: &BTreeMap<Key, Found>,
        left_out: &BTreeMap<Key, String>,
        today: Date,
    ) -> Result<Self, String> {
        let mut draft = Self {
            today: Some(today),
            left_out: left_out.clone(),
            ..Self::default()
        };
        let (zones, all): (Vec<&Part>, Vec<&Part>) =
            parts.iter().partition(|part| is_of_zones(&part.export));
        let names = all.iter().map(|part| part.location.clone());
        draft.taken.extend(names);
        let mut connectors = Connectors::default();
        for part in &all {
            if postfix::is_of_postfix(&part.export) {
                postfix::read(&mut draft, part, &mut connectors);
            } else if part.export.is_of_servers() {
                server::read(&mut draft, part, &mut connectors);
            } else {
                tenant::read(part, &mut connectors);
            }
        }
        draft.leave_cut(&all);
        for Part { location, export } in &all {
            let doubts = export.doubts.iter();
            let doubts =
                doubts.map(|doubt| format!("the export of `{location}` is whole: {doubt}"));
            draft.assumed.extend(doubts);
            draft.assumed.extend(places::none_of(location, export));
        }
        let left_out = draft.left_out.clone();
        let is_written = |key: &Key| !left_out.contains_key(key);
        connectors.sending.retain(|at| is_written(&at.object));
        connectors
            .receiving
            .retain(|at| at.objects.iter().any(is_written));
        let known = join::join(&mut draft, &all, connectors);
        for (part, known) in all.iter().zip(&known) {
            if postfix::is_of_postfix(&part.export) {
                postfix::draft(&mut draft, part, known);
            } else if part.export.is_of_servers() {
                server::draft(&mut draft, part, known);
            } else {
                tenant::draft(&mut draft, part, known)?;
            }
        }
        domains::domains(&mut draft, &all, zones::entries(parts), &zones);
        for part in zones {
            zones::draft(&mut draft, part);
        }
        draft
            .rules
            .retain(|item| item.objects.iter().all(is_written));
        for item in draft.routes.iter_mut().chain(&mut draft.rules) {
            let others = item
                .objects
                .iter()
                .filter_map(|key| unmanaged.get_key_value(key));
            let others: Vec<(&Key, &Found)> = others.collect();
            let is_unsure = item.objects.iter().any(|key| draft.unsure.contains(key));
            if !others.is_empty() || is_unsure {
                let managed = ("managed".to_owned(), "false".to_owned());
                item.keys.retain(|key| *key != managed);
                item.keys.push(managed);
            }
            for (key, found) in others {
                if !found.is_empty() {
                    draft.found.insert(key.clone(), found.clone());
                }
            }
        }
        Ok(draft)
    }

    /// Leaves out connectors of which a list is not whole that decides whose mail they take or where they lead.
    fn leave_cut(&mut self, parts: &[&Part]) {
        for Part { location, export } in parts {
            for object in &export.objects {
                let names_none = !object.is_by_mx()
                    && !object.items("SmartHosts").is_empty()
                    && hosts(object).is_empty();
                let cut = object.lost_end();
                if let Some(name) = cut.or(names_none.then_some("SmartHosts")) {
                    let key = (location.clone(), object.kind.clone(), object.name.clone());
                    let why = format!("`{name}` is not whole in the export");
                    self.assumed.push(format!(
                        "{} `{}` is left out: {why}. Export it again with `Get-{} | Export-Clixml FILE.xml`",
                        object.kind, object.name, object.kind
                    ));
                    self.left_out.insert(key, why);
                }
            }
        }
    }

    /// Where an object stands in the draft, as a path of keys.
    pub(crate) fn path(&self, key: &Key) -> Option<String> {
        if let Some(path) = self.standing.get(key) {
            return Some(path.clone());
        }
        let (location, kind, name) = key;
        let is_it = |item: &Item| {
            let mut objects = item.objects.iter();
            objects.any(|at| at.0 == *location && at.1 == *kind && at.2 == *name)
        };
        let of = |list: &[Item], key: &str| {
            let at = list.iter().position(is_it)?;
            Some(format!("{key}[{at}]"))
        };
        of(&self.routes, "routes")
            .or_else(|| of(&self.rules, "rules"))
            .or_else(|| {
                let item = self.folded.iter().find(|item| is_it(item))?;
                let end = |key: &str| item.keys.iter().find(|(name, _)| name == key);
                let (from, to) = (end("from")?, end("to")?);
                Some(format!("derived: from {} to {}", from.1, to.1))
            })
            .or_else(|| match kind.as_str() {
                "AcceptedDomain" => {
                    let mut keys = self.locations.get(location)?.iter();
                    let says = |(key, value): &&(String, String)| {
                        let domain = format!("domain: {}", text::quoted(&name.to_lowercase()));
                        key.ends_with("accepts") && value.contains(&domain)
                    };
                    let key = keys.find(says);
                    Some(match key {
                        Some((key, _)) => format!("locations.{location}.{key}"),
                        None => format!("derived: what `{location}` accepts"),
                    })
                }
                "DkimSigningConfig" => Some(format!("domains.{name}.dkim")),
                "OrganizationConfig" => Some(format!("locations.{location}.reject_direct_send")),
                "TransportConfig" => Some(format!("locations.{location}.smtp_auth")),
                "RemoteDomain" => Some(format!("locations.{location}")),
                _ => None,
            })
    }

    /// The keys of the route or rule that an object became, and the names that its objects have.
    #[expect(clippy::type_complexity, reason = "the parts of one entry")]
    pub(crate) fn said(
        &self,
        key: &Key,
    ) -> Option<(&[(String, String)], &[(String, String, String)])> {
        let mut items = self.routes.iter().chain(&self.rules);
        let item = items.find(|item| item.objects.contains(key))?;
        Some((&item.keys, &item.names))
    }

    /// The routes from a location that are about a pattern, or that lead to a next hop, by what they were made of.
    pub(crate) fn routes_from(&self, location: &str, pattern: &str, hop: &str) -> Vec<String> {
        let says = |item: &Item, key: &str, wanted: &dyn Fn(&str) -> bool| {
            let mut keys = item.keys.iter();
            keys.any(|(name, value)| name == key && wanted(value))
        };
        let pattern = quoted(pattern);
        let host = hop.trim_start_matches('[').split(']').next();
        let host = host.filter(|host| hop.starts_with('[') && !host.is_empty());
        let is_about = |item: &&Item| {
            says(item, "from", &|from| from == quoted(location))
                && (says(item, "recipients", &|list| items(list).contains(&pattern))
                    || host
                        .is_some_and(|host| says(item, "smart_hosts", &|all| all.contains(host))))
        };
        let found = self.routes.iter().filter(is_about);
        let keys = found.filter_map(|item| item.objects.first());
        keys.map(|(_, _, name)| name.clone()).collect()
    }

    /// Why a spec cannot say a parameter or an entry of a table as it is.
    pub(crate) fn why(&self, part: &Part, object: &LiveObject, property: &str) -> String {
        let value = object.properties.get(property).unwrap_or(&Live::Null);
        match postfix::verdict(self, part, object, property, value) {
            (Verdict::Imported, path) => {
                format!("what a spec says of it ({path}) writes something else, too")
            }
            (_, why) => why,
        }
    }

    /// The keys of an entry of a section.
    pub(crate) fn keys(&self, section: &str, name: &str) -> &[(String, String)] {
        let section = match section {
            "locations" => &self.locations,
            "partners" => &self.partners,
            "devices" => &self.devices,
            _ => &self.domains,
        };
        section.get(name).map_or(&[], Vec::as_slice)
    }

    /// The certificate of whoever takes the mail of a connector.
    pub(crate) fn checked(&self, key: &Key) -> Option<String> {
        let (keys, _) = self.said(key)?;
        let (_, to) = keys.iter().find(|(key, _)| key == "to")?;
        let keys = ["partners", "locations"].map(|section| self.keys(section, to));
        let mut keys = keys.into_iter().flatten();
        let (_, name) = keys.find(|(key, _)| key == "certificate")?;
        Some(name.clone())
    }

    /// The entry of a domain that a location accepts.
    pub(crate) fn accepted(&self, location: &str, domain: &str) -> Option<String> {
        let keys = self.keys("locations", location).iter();
        let (_, accepts) = keys.clone().find(|(key, _)| key == "accepts")?;
        let is_it = |item: &String| item.contains(&format!("domain: {},", text::quoted(domain)));
        items(accepts).into_iter().find(is_it)
    }

    /// Every location, partner and device: its section, its name and its keys.
    pub(crate) fn parties(&self) -> impl Iterator<Item = (&'static str, &String, &Pairs)> {
        let sections = [
            ("locations", &self.locations),
            ("partners", &self.partners),
            ("devices", &self.devices),
        ];
        sections.into_iter().flat_map(|(section, entries)| {
            let entries = entries.iter();
            entries.map(move |(name, keys)| (section, name, keys))
        })
    }

    /// Says of objects that they stand in a spec: those that it had, and those that were added.
    pub(crate) fn stands_in(
        &mut self,
        before: &[(Key, ObjectDrift)],
        after: &[(Key, ObjectDrift)],
    ) {
        let is_there =
            |at: &&(Key, ObjectDrift)| matches!(at.1.state, State::AsCompiled | State::Differs);
        let had: BTreeSet<&Key> = before.iter().filter(is_there).map(|(key, _)| key).collect();
        for (key, _) in after.iter().filter(is_there) {
            let word = if had.contains(key) {
                "the spec has it"
            } else {
                "added to the spec"
            };
            self.standing.insert(key.clone(), word.to_owned());
        }
        self.is_merged = true;
    }

    /// Says of the records of a zone that they are not in the spec.
    pub(crate) fn leave_zone(&mut self, parts: &[Part], zone: &str) {
        let zones = parts.iter().filter(|part| is_of_zones(&part.export));
        for part in zones {
            for object in &part.export.objects {
                if zones::zone_of(&part.export, &object.name).is_some_and(|it| it == zone) {
                    for number in object.properties.keys() {
                        let why = "the spec has this zone, or cannot take it: its records are not compared";
                        let key = zones::key(&part.location, object, number);
                        self.left_out.insert(key, why.to_owned());
                    }
                }
            }
        }
    }

    /// Says of a route that a spec cannot take it beside what it says.
    pub(crate) fn leave_route(&mut self, key: Key) {
        let why =
            "the spec cannot take this route beside what it says: nothing leads this mail there";
        self.left_out.insert(key, why.to_owned());
    }

    /// The first object of each route that a Postfix host became.
    pub(crate) fn of_hosts(&self, parts: &[Part]) -> Vec<Key> {
        let is_of_host = |key: &&Key| {
            let mut hosts = parts
                .iter()
                .filter(|part| postfix::is_of_postfix(&part.export));
            hosts.any(|part| part.location == key.0)
        };
        let firsts = self.routes.iter().filter_map(|item| item.objects.first());
        firsts.filter(is_of_host).cloned().collect()
    }

    /// The domains of the draft.
    pub(crate) fn domain_names(&self) -> impl Iterator<Item = &String> {
        self.domains.keys()
    }

    /// The records of a set: the data and the TTL of each, and the entry of `records` that says it.
    pub(crate) fn records(
        &self,
        zone: &str,
        kind: &str,
        name: &str,
    ) -> Vec<(String, String, String)> {
        let (_, records) = self
            .zones
            .get(zone)
            .map_or((&[][..], &[][..]), |(head, records)| {
                (head.as_slice(), records.as_slice())
            });
        let owner = match name.strip_suffix(zone) {
            Some("") | None => "@",
            Some(owner) => owner.trim_end_matches('.'),
        };
        let word = |item: &Item, key: &str| {
            let value = item.keys.iter().find(|(name, _)| name == key);
            value.map_or_else(String::new, |(_, value)| {
                serde_json::from_str(value).unwrap_or_else(|_| value.clone())
            })
        };
        let own = records.iter().filter(|item| {
            word(item, "type") == kind && word(item, "name").eq_ignore_ascii_case(owner)
        });
        own.map(|item| (word(item, "data"), word(item, "ttl"), mapping(&item.keys)))
            .collect()
    }

    /// The TTL that the name servers of a zone, which stand at this name, have once it is compiled; nothing where they stand as
    /// records.
    fn servers_kept(&self, zone: &str, name: &str) -> Option<String> {
        let (head, records) = self.zones.get(zone)?;
        let is_head = head.iter().any(|(key, _)| key == "nameservers");
        if !is_head || name.trim_end_matches('.') != zone {
            return None;
        }
        let ttl = |item: &Item| {
            let own = item.keys.iter().find(|(key, _)| key == "ttl");
            own.map_or(Some(3600), |(_, ttl)| ttl.parse::<u64>().ok())
        };
        let longest = records.iter().filter_map(ttl).max();
        Some(longest.unwrap_or(3600).to_string())
    }

    /// Each zone with what is said of it, on one line.
    pub(crate) fn zone_values(&self) -> Vec<(String, String)> {
        let value = |(zone, (head, records)): (&String, &(Pairs, Vec<Item>))| {
            let records = records.iter().map(|item| mapping(&item.keys));
            let records: Vec<String> = records.collect();
            let mut keys = head.clone();
            keys.push(join::pair("records", format!("[{}]", records.join(", "))));
            (zone.clone(), mapping(&keys))
        };
        self.zones.iter().map(value).collect()
    }

    /// The objects that the line at this offset of the text was made of.
    pub(crate) fn objects_at(&self, offset: usize) -> Vec<Key> {
        let mut end = 0;
        let mut lines = text::lines(self).into_iter();
        let found = lines.find(|(line, _)| {
            end += line.len() + 1;
            offset < end
        });
        found.map_or_else(Vec::new, |(_, objects)| objects.to_vec())
    }

    /// A name for a location, partner or device that nothing else has.
    fn name(&mut self, wanted: &str) -> String {
        let word: String = wanted
            .to_lowercase()
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        let plain: Vec<&str> = word.split('-').filter(|part| !part.is_empty()).collect();
        let mut plain = plain.join("-");
        plain.truncate(MOST_NAME);
        if plain.is_empty() || RESERVED.contains(&plain.as_str()) {
            plain = format!("other-{plain}");
        }
        let plain = plain.trim_end_matches('-').to_owned();
        let mut name = plain.clone();
        let mut number = 2;
        while !self.taken.insert(name.clone()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        name
    }

    /// The location with these keys, which nobody imported; where there is none yet it is called after a host.
    fn location_with(
        &mut self,
        keys: Pairs,
        host: &str,
        assumed: impl FnOnce(&str) -> String,
    ) -> String {
        let found = self.locations.iter().find(|(_, known)| **known == keys);
        if let Some((name, _)) = found {
            return name.clone();
        }
        let name = self.name(host);
        self.assumed.push(assumed(&name));
        self.locations.insert(name.clone(), keys);
        name
    }

    /// The name of a route, and whether it is the one that was wanted: a spec has each name once, whatever its case.
    fn route_name(&mut self, wanted: &str) -> (String, bool) {
        let mut name = wanted.to_owned();
        let mut number = 2;
        while !self.route_names.insert(name.to_lowercase()) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        let is_wanted = name == wanted;
        (name, is_wanted)
    }

    /// The text of the spec.
    pub(crate) fn text(&self) -> String {
        text::spec(self)
    }
}

/// Names of locations, partners and devices are no longer.
const MOST_NAME: usize = 40;
