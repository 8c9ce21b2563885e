//! What a spec says, read with YAML alone: who is where, who writes, and what is wanted of each message.
//!
//! It follows the language's description and nothing of the library, and reads only what the laws ask for. A spec that
//! says something else than it can read is none (`Topology::of` gives nothing).

use crate::corpus::Spec;
use crate::surface::{Files, MAIN};
use serde_yaml::{Mapping, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A place that mail ends in or passes through.
pub(crate) struct Place {
    pub kind: String,
    pub value: Value,
}

impl Place {
    /// Whether we say what is set there.
    pub(crate) fn is_ours(&self) -> bool {
        matches!(
            self.kind.as_str(),
            "exchange-online" | "eop" | "exchange-server" | "postfix"
        )
    }
}

/// A redirect of one address.
pub(crate) struct Redirect {
    pub address: String,
    pub target: String,
    pub keeps_copy: bool,
}

/// A domain and where its mailboxes are.
#[derive(Default)]
pub(crate) struct Domain {
    /// Listed addresses and their places.
    pub listed: BTreeMap<String, String>,
    /// Places where addresses that are not listed may be.
    pub open: BTreeSet<String>,
    pub mx: Vec<String>,
    pub parked: bool,
    pub send_only: bool,
    pub subdomains: bool,
    pub catch_all: bool,
    pub forwards: Vec<Redirect>,
    pub dns: String,
    pub staged: bool,
}

impl Domain {
    pub(crate) fn holders(&self) -> BTreeSet<&str> {
        let listed = self.listed.values().map(String::as_str);
        listed.chain(self.open.iter().map(String::as_str)).collect()
    }
}

/// Another organization.
pub(crate) struct Partner {
    pub domains: Vec<String>,
    pub sends_as: Vec<String>,
    /// It says where its mail comes from.
    pub addresses: bool,
    pub outbound: String,
    pub inbound: String,
}

/// A sender without a mailbox, and whom it writes to.
pub(crate) struct Device {
    pub sends_as: Vec<String>,
    pub sends_to: Vec<String>,
}

pub(crate) struct Topology {
    pub document: Value,
    pub explicit: bool,
    pub places: BTreeMap<String, Place>,
    pub domains: BTreeMap<String, Domain>,
    pub partners: BTreeMap<String, Partner>,
    pub devices: BTreeMap<String, Device>,
    pub routes: Vec<Value>,
    pub rules: Vec<Value>,
}

/// The levels of TLS, the weakest first.
pub(crate) const LEVELS: [&str; 5] = [
    "none",
    "opportunistic",
    "encrypted",
    "ca-verified",
    "verified",
];

/// The rank of a level.
pub(crate) fn level(word: &str) -> usize {
    LEVELS.iter().position(|it| *it == word).unwrap_or(1)
}

/// Whether a pattern of the language holds a name.
pub(crate) fn holds(pattern: &str, name: &str) -> bool {
    let (pattern, name) = (pattern.to_lowercase(), name.to_lowercase());
    match pattern.strip_prefix("*.") {
        _ if pattern == "*" => true,
        Some(base) => name.len() > base.len() + 1 && name.ends_with(&format!(".{base}")),
        None => pattern.trim_end_matches('.') == name.trim_end_matches('.'),
    }
}

/// The domain of an address.
pub(crate) fn domain_of(address: &str) -> &str {
    address
        .rsplit_once('@')
        .map_or(address, |(_, domain)| domain)
}

pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// A list, or a scalar for a list of one.
pub(crate) fn texts(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Sequence(list)) => list.iter().filter_map(text).collect(),
        Some(value) => text(value).into_iter().collect(),
        None => Vec::new(),
    }
}

pub(crate) fn map<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (String, &'a Value)> {
    let map = value.get(key).and_then(Value::as_mapping);
    map.into_iter()
        .flat_map(Mapping::iter)
        .filter_map(|(key, value)| Some((text(key)?, value)))
}

fn is_true(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or(false)
}

fn list(value: &Value, key: &str) -> Vec<Value> {
    let list = value.get(key).and_then(Value::as_sequence);
    list.cloned().unwrap_or_default()
}

impl Topology {
    pub(crate) fn of(spec: &Spec) -> Option<Self> {
        Self::read(&spec.files)
    }

    pub(crate) fn read(files: &Files) -> Option<Self> {
        let document = whole(files)?;
        let mut places = BTreeMap::new();
        for (name, value) in map(&document, "locations") {
            let kind = text(value.get("kind")?)?;
            let value = value.clone();
            places.insert(name, Place { kind, value });
        }
        let mut domains = BTreeMap::new();
        for (name, value) in map(&document, "domains") {
            let domain = domain(&name.to_lowercase(), value, files)?;
            domains.insert(name.to_lowercase().trim_end_matches('.').to_owned(), domain);
        }
        let mut partners = BTreeMap::new();
        for (name, value) in map(&document, "partners") {
            partners.insert(name, partner(value));
        }
        let mut devices = BTreeMap::new();
        for (name, value) in map(&document, "devices") {
            let device = Device {
                sends_as: texts(value.get("sends_as")),
                sends_to: texts(value.get("sends_to")),
            };
            devices.insert(name, device);
        }
        Some(Self {
            explicit: document.get("routing").and_then(Value::as_str) == Some("explicit"),
            routes: list(&document, "routes"),
            rules: list(&document, "rules"),
            document,
            places,
            domains,
            partners,
            devices,
        })
    }

    /// The domain that holds an address, and whether as an unnamed subdomain.
    pub(crate) fn domain(&self, name: &str) -> Option<&Domain> {
        self.domains.get(name)
    }

    /// The partners with this name among their domains.
    pub(crate) fn partners_with(&self, name: &str) -> Vec<&str> {
        let all = self.partners.iter();
        let with = all.filter(|(_, partner)| partner.domains.iter().any(|it| holds(it, name)));
        with.map(|(name, _)| name.as_str()).collect()
    }
}

/// The main document with everything that it includes.
fn whole(files: &Files) -> Option<Value> {
    let mut document: Value = serde_yaml::from_slice(files.get(MAIN)?).ok()?;
    for name in texts(document.get("include")) {
        let more: Value = serde_yaml::from_slice(files.get(&name)?).ok()?;
        for (key, value) in more.as_mapping()? {
            let main = document.as_mapping_mut()?;
            match (main.get_mut(key), value) {
                (Some(Value::Mapping(have)), Value::Mapping(more)) => {
                    have.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
                }
                (Some(Value::Sequence(have)), Value::Sequence(more)) => have.extend(more.clone()),
                (None, _) => {
                    main.insert(key.clone(), value.clone());
                }
                _ => {}
            }
        }
    }
    Some(document)
}

fn domain(name: &str, value: &Value, files: &Files) -> Option<Domain> {
    let mut domain = Domain {
        mx: texts(value.get("mx")),
        parked: is_true(value, "parked"),
        send_only: is_true(value, "send_only"),
        subdomains: is_true(value, "subdomains"),
        catch_all: value.get("catch_all").is_some(),
        staged: value.get("mx_now").is_some(),
        dns: value
            .get("dns")
            .and_then(text)
            .unwrap_or_else(|| "managed".to_owned()),
        ..Domain::default()
    };
    match value.get("mailboxes") {
        None => {}
        Some(all @ Value::String(_)) => {
            domain.open.extend(text(all));
        }
        Some(Value::Mapping(parts)) => {
            for (place, part) in parts {
                let place = text(place)?;
                mailboxes(&mut domain, name, &place, part, files)?;
            }
        }
        Some(_) => return None,
    }
    for forward in list(value, "forwards") {
        domain.forwards.push(Redirect {
            address: text(forward.get("address")?)?.to_lowercase(),
            target: text(forward.get("target")?)?,
            keeps_copy: is_true(&forward, "keep_copy"),
        });
    }
    Some(domain)
}

fn mailboxes(
    domain: &mut Domain,
    name: &str,
    place: &str,
    part: &Value,
    files: &Files,
) -> Option<()> {
    match part {
        Value::String(word) if place == "file" => rows(domain, name, None, word, files)?,
        Value::String(word) if word.contains('@') => {
            domain.listed.insert(word.to_lowercase(), place.to_owned());
        }
        Value::String(word) if word == "rest" => {
            domain.open.insert(place.to_owned());
        }
        Value::Number(_) => {
            domain.open.insert(place.to_owned());
        }
        Value::Sequence(list) => {
            for address in list {
                domain
                    .listed
                    .insert(text(address)?.to_lowercase(), place.to_owned());
            }
        }
        Value::Mapping(_) => rows(
            domain,
            name,
            Some(place),
            part.get("file")?.as_str()?,
            files,
        )?,
        _ => return None,
    }
    Some(())
}

/// The addresses of a list that end in the name of the domain.
fn rows(
    domain: &mut Domain,
    name: &str,
    place: Option<&str>,
    file: &str,
    files: &Files,
) -> Option<()> {
    let text = String::from_utf8(files.get(file)?.clone()).ok()?;
    let text = text.trim_start_matches('\u{feff}').to_lowercase();
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut first = lines.next()?;
    let mut columns: Vec<&str> = first.split(',').map(str::trim).collect();
    if columns.iter().any(|column| column.contains('@')) {
        columns = vec!["address"];
    } else {
        first = "";
    }
    let column = |wanted: &str| columns.iter().position(|column| *column == wanted);
    let address = column("address")?;
    for line in [first]
        .into_iter()
        .chain(lines)
        .filter(|line| !line.is_empty())
    {
        if line.contains('"') {
            return None;
        }
        let cells: Vec<&str> = line.split(',').map(str::trim).collect();
        let found = column("location")
            .and_then(|at| cells.get(at))
            .filter(|cell| !cell.is_empty());
        let place = found.copied().or(place);
        let listed = *cells.get(address)?;
        if domain_of(listed) == name {
            domain.listed.insert(listed.to_owned(), place?.to_owned());
        }
    }
    Some(())
}

fn partner(value: &Value) -> Partner {
    let tls = value.get("tls");
    let direction = |word: &str| match tls {
        Some(Value::Mapping(both)) => both.get(word).and_then(text),
        Some(one) => text(one),
        None => None,
    };
    // Where nothing is said nothing is agreed.
    let or_none = |level: Option<String>| level.unwrap_or_else(|| "none".to_owned());
    Partner {
        domains: texts(value.get("domains")),
        sends_as: texts(value.get("sends_as")),
        addresses: value.get("addresses").is_some(),
        outbound: or_none(direction("outbound")),
        inbound: or_none(direction("inbound")),
    }
}
