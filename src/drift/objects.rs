//! The objects of a location: as compiled, missing, different, or not in the spec.

use crate::import::{Export, Live, LiveObject};
use crate::output::Sink;
use crate::plan::Plan;
use crate::platforms::desired;
use crate::platforms::exchange::call::items;
use crate::platforms::exchange::forms::parts;
use crate::platforms::exchange::kind::{Identity, RECEIVE_CONNECTOR};
use crate::platforms::exchange::object::Object;
use crate::topology::LocationId;
use crate::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet};

/// How an object stands to what was compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// It is as compiled.
    AsCompiled,
    /// It does not exist.
    Missing,
    /// It exists, and some property differs.
    Differs,
    /// It exists, and the spec does not have it.
    Unknown,
    /// The export does not hold its kind.
    NotExported,
}

impl State {
    /// The word of the JSON form.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::AsCompiled => "as-compiled",
            Self::Missing => "missing",
            Self::Differs => "differs",
            Self::Unknown => "unknown",
            Self::NotExported => "not-exported",
        }
    }

    /// Whether what exists is not what was compiled.
    pub(crate) const fn differs(self) -> bool {
        matches!(self, Self::Missing | Self::Differs | Self::Unknown)
    }
}

/// An object, and what differs of it.
#[derive(Clone, Debug)]
pub(crate) struct ObjectDrift {
    /// The location.
    pub(crate) at: LocationId,
    /// Its noun.
    pub(crate) kind: String,
    /// Its name; of a receive connector with the server.
    pub(crate) name: String,
    /// The name of the object in the plan, without a server.
    pub(crate) planned: String,
    /// It is the hybrid wizard's.
    pub(crate) of_wizard: bool,
    /// How it stands.
    pub(crate) state: State,
    /// What differs.
    pub(crate) properties: Vec<PropertyDrift>,
    /// What exists, where it does.
    pub(crate) live: Option<LiveObject>,
    /// The properties that were compared.
    pub(crate) compared: BTreeSet<String>,
}

/// A property that differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PropertyDrift {
    /// Its name.
    pub(crate) name: String,
    /// What exists; `None`: the export does not hold it whole.
    pub(crate) actual: Option<Vec<String>>,
    /// What was compiled.
    pub(crate) expected: Vec<String>,
    /// What the difference does to mail.
    pub(crate) effect: Effect,
}

/// What a difference does to mail, as far as it was followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It was followed.
    Followed,
    /// It chooses no path.
    Nothing,
    /// Nobody followed it.
    Open,
}

impl PropertyDrift {
    /// Whether it is the right to relay, which is no property of a connector.
    pub(crate) fn is_of_rights(&self) -> bool {
        self.name == ANY_RECIPIENT
    }
}

impl ObjectDrift {
    /// Whether the scripts can make it as compiled again: what is not in the spec stays.
    pub(crate) const fn is_restored(&self) -> bool {
        matches!(self.state, State::Missing | State::Differs)
    }

    /// The same without regard to comments, which the scripts replace, and to what the export does not show at all.
    pub(crate) fn without_comments(&mut self) {
        let live = self.live.as_ref();
        let is_shown = |name: &str| live.is_some_and(|live| live.properties.contains_key(name));
        self.properties.retain(|at| {
            !at.name.starts_with("Comment") && (at.actual.is_some() || is_shown(&at.name))
        });
        if self.state == State::Differs && self.properties.is_empty() {
            self.state = State::AsCompiled;
        }
    }

    /// Whether it is this object of the plan.
    pub(crate) fn is_of(&self, kind: &str, planned: &str) -> bool {
        self.kind == kind && self.planned == planned
    }

    /// Kind and name.
    pub(crate) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }
}

/// Compares the objects of a location with an export of it.
pub(crate) fn compare(plan: &Plan, at: LocationId, export: &Export) -> Vec<ObjectDrift> {
    let Some(wanted) = desired(plan, at, Sink::Files) else {
        return Vec::new();
    };
    let servers: Vec<String> = wanted
        .organization
        .iter()
        .filter(|(name, _)| *name == "Servers")
        .flat_map(|(_, value)| items(value))
        .filter_map(|value| match value {
            PsValue::String(name) => Some(name.clone()),
            _ => None,
        })
        .collect();
    let mut by_name: BTreeMap<(&str, String), &LiveObject> = BTreeMap::new();
    let mut of_kind: BTreeMap<&str, Vec<&LiveObject>> = BTreeMap::new();
    for object in &export.objects {
        by_name
            .entry((&object.kind, object.name.to_lowercase()))
            .or_insert(object);
        of_kind.entry(&object.kind).or_default().push(object);
    }
    let is_held = |kind: &str| match &export.kinds {
        Some(kinds) => kinds.iter().any(|held| held == kind),
        None => of_kind.contains_key(kind),
    };
    let mut seen: BTreeSet<(&str, String)> = BTreeSet::new();
    let mut found = Vec::new();
    for object in &wanted.objects {
        let kind = object.kind.name;
        let drift = |name: String| ObjectDrift {
            at,
            kind: kind.to_owned(),
            name,
            planned: object.name.clone(),
            of_wizard: object.found_by.is_some(),
            state: State::AsCompiled,
            properties: Vec::new(),
            live: None,
            compared: BTreeSet::new(),
        };
        if !is_held(kind) {
            let mut drift = drift(object.name.clone());
            drift.state = State::NotExported;
            found.push(drift);
            continue;
        }
        let all = of_kind.get(kind).map_or(&[][..], Vec::as_slice);
        if object.takes {
            found.extend(taken(object, all).map(|(live, properties)| ObjectDrift {
                state: State::Differs,
                properties,
                live: Some(live.clone()),
                ..drift(live.name.clone())
            }));
            continue;
        }
        for (name, live) in candidates(object, &servers, all, &by_name) {
            let mut drift = drift(name);
            if let Some(live) = live {
                seen.insert((kind, live.name.to_lowercase()));
                (drift.properties, drift.compared) = differences(object, live, export);
                drift.live = Some(live.clone());
            }
            drift.state = match (live, drift.properties.is_empty()) {
                (None, _) => State::Missing,
                (Some(_), true) => State::AsCompiled,
                (Some(_), false) => State::Differs,
            };
            found.push(drift);
        }
    }
    found.extend(unknown(plan, at, export, &seen));
    found
}

/// The names under which an object of the plan exists, each with what exists under it.
fn candidates<'e>(
    object: &Object,
    servers: &[String],
    all: &[&'e LiveObject],
    by_name: &BTreeMap<(&str, String), &'e LiveObject>,
) -> Vec<(String, Option<&'e LiveObject>)> {
    let kind = object.kind.name;
    if let Some((property, value)) = &object.found_by {
        let wanted = parts(property, texts(value).iter().map(String::as_str));
        let fits = |live: &&&LiveObject| {
            let value = live.items(property);
            let shown = parts(property, value.iter().map(String::as_str));
            live.is_on("Enabled") && wanted.is_subset(&shown)
        };
        let mut fitting = all.iter().filter(fits);
        let (first, second) = (fitting.next(), fitting.next());
        let live = first.filter(|_| second.is_none()).copied();
        return vec![(object.name.clone(), live)];
    }
    let names: Vec<String> = if object.kind.per_server {
        servers
            .iter()
            .map(|server| format!("{server}\\{}", object.name))
            .collect()
    } else if object.kind.identity != Identity::Name {
        // There is one of the kind.
        return vec![(kind.to_owned(), all.first().copied())];
    } else {
        vec![object.name.clone()]
    };
    names
        .into_iter()
        .map(|name| {
            let key = |name: &str| (kind, name.to_lowercase());
            let server = name.split_once('\\').map(|(server, _)| server.to_owned());
            let former = object.former_names.iter().map(|former| match &server {
                Some(server) => format!("{server}\\{former}"),
                None => former.clone(),
            });
            let mut names = std::iter::once(name.clone()).chain(former);
            let live = names.find_map(|name| by_name.get(&key(&name)).copied());
            (name, live)
        })
        .collect()
}

/// Connectors for all addresses that still have what a lock takes from them.
fn taken<'e>(
    object: &Object,
    all: &[&'e LiveObject],
) -> impl Iterator<Item = (&'e LiveObject, Vec<PropertyDrift>)> {
    let mut found = Vec::new();
    for live in all {
        if !live.is_on("Enabled") || !super::properties::is_for_everybody(live) {
            continue;
        }
        for (name, value) in &object.properties {
            let is = live.items(name);
            let has = parts(name, is.iter().map(String::as_str));
            let wanted = parts(name, texts(value).iter().map(String::as_str));
            if !has.is_disjoint(&wanted) {
                let without: Vec<String> = has.difference(&wanted).cloned().collect();
                let property = PropertyDrift {
                    name: (*name).to_owned(),
                    actual: Some(is),
                    expected: without,
                    effect: Effect::Open,
                };
                found.push((*live, vec![property]));
            }
        }
    }
    found.into_iter()
}

/// Every property that differs, and every one that was compared.
fn differences(
    object: &Object,
    live: &LiveObject,
    export: &Export,
) -> (Vec<PropertyDrift>, BTreeSet<String>) {
    let mut found = Vec::new();
    let mut compared = BTreeSet::new();
    let mut compare = |name: &str, expected: Vec<String>, actual: &Live| {
        compared.insert(name.to_owned());
        let is = actual.items();
        let have = parts(name, is.iter().map(String::as_str));
        let want = parts(name, expected.iter().map(String::as_str));
        let is_same = if object.adds {
            want.is_subset(&have)
        } else {
            want == have || has_mark(name, &is, &expected)
        };
        if *actual == Live::Lost || !is_same {
            // The words of others are not repeated: nobody knows what is secret.
            let is = if name.starts_with("Comment") && !is.is_empty() {
                vec!["another text".to_owned()]
            } else {
                is
            };
            found.push(PropertyDrift {
                name: name.to_owned(),
                actual: (*actual != Live::Lost).then_some(is),
                expected,
                effect: Effect::Open,
            });
        }
    };
    // A state leaves out what is empty; a cmdlet shows what it was asked for, and of the rest nothing is known.
    let shown = |name: &str, value: &PsValue| match live.properties.get(name) {
        Some(value) => value.clone(),
        None => export.unshown(name, matches!(value, PsValue::Bool(_) | PsValue::Switch(_))),
    };
    let rest = object.kind.cleared.iter();
    let rest = rest.filter(|part| {
        object.is_written() && !object.properties.iter().any(|(name, _)| name == *part)
    });
    let cleared = rest.map(|part| (*part, &PsValue::Null));
    let own = object.properties.iter().map(|(name, value)| (*name, value));
    for (name, value) in own.chain(cleared) {
        let actual = shown(name, value);
        let expected = match value {
            PsValue::Hash(entries) if actual != Live::Lost => certificate(entries, &actual, export),
            value => texts(value),
        };
        compare(name, expected, &actual);
    }
    if let Some(enabled) = object.enabled {
        let word = if enabled { "Enabled" } else { "Disabled" };
        compare(
            "State",
            vec![word.to_owned()],
            &shown("State", &PsValue::Null),
        );
    }
    if let (Some(wanted), Some(is)) = (object.any_recipient, live.any_recipient()) {
        let word = |truth: bool| if truth { "True" } else { "False" };
        compare(
            ANY_RECIPIENT,
            vec![word(wanted).to_owned()],
            &Live::Bool(is),
        );
    }
    (found, compared)
}

/// Whether a comment has the mark that it should have. What stands beside it says where the spec has the object, and changes
/// with the words of the spec.
fn has_mark(name: &str, is: &[String], expected: &[String]) -> bool {
    let mark = expected.first().and_then(|text| {
        let end = text.find(']')?;
        text.get(..=end)
            .filter(|mark| mark.starts_with("[mailtopo:"))
    });
    let has = |mark: &str| is.iter().any(|text| text.contains(mark));
    name.starts_with("Comment") && mark.is_some_and(has)
}

/// What the right to relay to any recipient is called where properties are listed.
pub(super) const ANY_RECIPIENT: &str = "right to relay to any recipient";

/// A certificate as a connector names it: the one of this name or thumbprint that the export has, else the live one where
/// its subject is the name.
fn certificate(entries: &[(&'static str, PsValue)], live: &Live, export: &Export) -> Vec<String> {
    let entry = |key: &str| {
        let found = entries.iter().find(|(name, _)| *name == key);
        found
            .map_or_else(Vec::new, |(_, value)| texts(value))
            .concat()
    };
    let (name, thumbprint) = (entry("Certificate").to_lowercase(), entry("Thumbprint"));
    let wildcard = name.split_once('.').map(|(_, rest)| format!("*.{rest}"));
    let fits = |certificate: &&crate::import::LiveCertificate| {
        if thumbprint.is_empty() {
            certificate.names.contains(&name)
                || wildcard
                    .as_ref()
                    .is_some_and(|name| certificate.names.contains(name))
        } else {
            certificate.thumbprint.eq_ignore_ascii_case(&thumbprint)
        }
    };
    let fitting: Vec<&str> = export
        .certificates
        .iter()
        .filter(fits)
        .map(|certificate| certificate.reference.as_str())
        .collect();
    let is = live.items().concat();
    // Several may be valid at once, such as one and its renewal.
    if fitting.contains(&is.as_str()) {
        return vec![is];
    }
    let subject = is.to_lowercase();
    let subject = subject.split_once("<s>").map_or("", |(_, subject)| subject);
    let is_named = subject
        .split(',')
        .any(|part| part.trim() == format!("cn={name}"));
    match fitting.first() {
        Some(reference) => vec![(*reference).to_owned()],
        None if is_named => vec![is],
        None => vec![format!("the certificate {name}")],
    }
}

/// The texts of a value that was compiled.
fn texts(value: &PsValue) -> Vec<String> {
    items(value)
        .iter()
        .filter_map(|item| match item {
            PsValue::String(text) | PsValue::Variable(text) => Some(text.clone()),
            PsValue::Int(number) => Some(number.to_string()),
            PsValue::Bool(truth) | PsValue::Switch(truth) => {
                Some(if *truth { "True" } else { "False" }.to_owned())
            }
            PsValue::Null | PsValue::Array(_) | PsValue::Hash(_) => None,
        })
        .collect()
}

/// Kinds whose objects carry mail whoever made them.
const CARRIERS: [&str; 6] = [
    "AcceptedDomain",
    "InboundConnector",
    "OutboundConnector",
    "ReceiveConnector",
    "SendConnector",
    "TransportRule",
];

/// What exists and is not in the spec. The connectors for all addresses that servers have from the start are taken as known.
fn unknown(
    plan: &Plan,
    at: LocationId,
    export: &Export,
    seen: &BTreeSet<(&str, String)>,
) -> Vec<ObjectDrift> {
    let accepted = &plan.place(at).accepted;
    let is_unknown = |object: &&LiveObject| {
        let key = (object.kind.as_str(), object.name.to_lowercase());
        let is_known = match object.kind.as_str() {
            "AcceptedDomain" => accepted.named(object.name.to_lowercase()).is_some(),
            kind if kind == RECEIVE_CONNECTOR.name => super::properties::is_for_everybody(object),
            _ => false,
        };
        CARRIERS.contains(&object.kind.as_str()) && !seen.contains(&key) && !is_known
    };
    let unknown = export.objects.iter().filter(is_unknown);
    unknown
        .map(|object| ObjectDrift {
            at,
            kind: object.kind.clone(),
            name: object.name.clone(),
            planned: object.name.clone(),
            of_wizard: false,
            state: State::Unknown,
            properties: Vec::new(),
            live: Some(object.clone()),
            compared: BTreeSet::new(),
        })
        .collect()
}
