//! What else changes: properties of Exchange objects, DNS records, and files.

use crate::diff::renames::Renames;
use crate::dns::write::entered;
use crate::dns::{RrSet, SetKey, Zone};
use crate::output::{OutputTree, Sink};
use crate::plan::Plan;
use crate::platforms::desired;
use crate::writer::powershell::PsValue;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Files of the output that differ.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FilesChanged {
    /// Files of the new output alone.
    pub(crate) added: Vec<String>,
    /// Files of the old output alone.
    pub(crate) removed: Vec<String>,
    /// Files of both with another content.
    pub(crate) changed: Vec<String>,
}

impl FilesChanged {
    /// Whether both outputs are the same.
    pub(crate) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// The files that differ between two outputs, without the pages that differ whenever anything does.
pub(crate) fn files(old: &OutputTree, new: &OutputTree) -> FilesChanged {
    let mut files = FilesChanged::default();
    for (path, bytes) in new.iter() {
        match old.get(path) {
            None => files.added.push(path.to_owned()),
            Some(before) if before != bytes => files.changed.push(path.to_owned()),
            Some(_) => {}
        }
    }
    let gone = old.iter().filter(|(path, _)| new.get(path).is_none());
    files.removed = gone.map(|(path, _)| path.to_owned()).collect();
    files
}

/// An Exchange object or a set of DNS records, and what differs of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectChange {
    /// Location, noun and name, such as `cloud OutboundConnector cloud to bank`; `dns`, owner and type of records.
    pub(crate) object: String,
    /// It is made, removed or changed.
    pub(crate) change: &'static str,
    /// Name, old value and new value of each property that differs; none where the object is made or removed.
    pub(crate) properties: Vec<(&'static str, Value, Value)>,
}

/// The Exchange objects that differ between two plans.
pub(crate) fn objects(old: &Plan, new: &Plan) -> Vec<ObjectChange> {
    let mut renames = Renames::of(&old.topology, &new.topology);
    renames.apply(&mut old.clone());
    let (mut old, new) = (all(old, &renames), all(new, &Renames::default()));
    for (name, object) in &new {
        // An object that is renamed in place is one object, under its new name.
        let former = object.former.iter();
        let known = |former: &&String| old.contains_key(*former) && !new.contains_key(*former);
        let former = former.filter(|_| !old.contains_key(name)).find(known);
        if let Some(before) = former.and_then(|former| old.remove(former)) {
            old.insert(name.clone(), before);
        }
    }
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    let mut changes = Vec::new();
    for name in names {
        let change = |change, properties| ObjectChange {
            object: name.clone(),
            change,
            properties,
        };
        match (old.get(name), new.get(name)) {
            (None, _) => changes.push(change("new", Vec::new())),
            (_, None) => changes.push(change("removed", Vec::new())),
            (
                Some(Object {
                    properties: one,
                    name: before,
                    ..
                }),
                Some(Object {
                    properties: other,
                    name: after,
                    ..
                }),
            ) => {
                let keys: BTreeSet<&'static str> =
                    one.keys().chain(other.keys()).copied().collect();
                let value =
                    |of: &Properties, key: &str| of.get(key).cloned().unwrap_or(Value::Null);
                let names = (before != after)
                    .then(|| ("Name", before.as_str().into(), after.as_str().into()));
                let differing = keys
                    .into_iter()
                    .map(|key| (key, value(one, key), value(other, key)))
                    .filter(|(_, before, after)| in_order(before) != in_order(after));
                let differing: Vec<_> = names.into_iter().chain(differing).collect();
                if !differing.is_empty() {
                    changes.push(change("changed", differing));
                }
            }
        }
    }
    changes
}

/// A value to compare: the order of what a list holds means nothing in these objects.
fn in_order(value: &Value) -> Value {
    let Value::Array(items) = value else {
        return value.clone();
    };
    let mut items = items.clone();
    items.sort_by_cached_key(Value::to_string);
    items.into()
}

/// The sets of records that differ in zones of both plans. A zone of one plan alone is a file that comes or goes.
pub(crate) fn records(old: &Plan, new: &Plan) -> Vec<ObjectChange> {
    let mut before: BTreeMap<&str, &Zone> = BTreeMap::new();
    before.extend(old.zones.iter().map(|zone| (zone.origin.as_str(), zone)));
    let mut changes = Vec::new();
    for zone in &new.zones {
        let Some(former) = before.get(zone.origin.as_str()) else {
            continue;
        };
        let keys: BTreeSet<&SetKey> = former.sets.keys().chain(zone.sets.keys()).collect();
        for key in keys {
            let one = former.set(&key.owner, key.kind);
            let other = zone.set(&key.owner, key.kind);
            let data = |set: &RrSet| -> Value {
                let data = set.records.iter().map(|record| entered(&record.data));
                data.collect()
            };
            let all = [
                ("data", one.map(data), other.map(data)),
                (
                    "ttl",
                    one.map(|set| set.ttl.into()),
                    other.map(|set| set.ttl.into()),
                ),
            ];
            let differing = all.into_iter().filter(|(_, one, other)| one != other);
            let properties: Vec<_> = differing
                .map(|(name, one, other)| {
                    (name, one.unwrap_or_default(), other.unwrap_or_default())
                })
                .filter(|(name, ..)| *name == "data" || (one.is_some() && other.is_some()))
                .collect();
            if properties.is_empty() {
                continue;
            }
            changes.push(ObjectChange {
                object: format!("dns {} {}", key.owner, key.kind),
                change: match (one, other) {
                    (None, _) => "new",
                    (_, None) => "removed",
                    _ => "changed",
                },
                properties,
            });
        }
    }
    changes
}

type Properties = BTreeMap<&'static str, Value>;

/// An Exchange object of a plan.
struct Object {
    name: String,
    properties: Properties,
    /// What it was called before, with its location and kind.
    former: Vec<String>,
}

fn all(plan: &Plan, renames: &Renames) -> BTreeMap<String, Object> {
    let mut found = BTreeMap::new();
    for (id, location) in plan.topology.locations() {
        for object in desired(plan, id, Sink::Files)
            .into_iter()
            .flat_map(|wanted| wanted.objects)
        {
            let name = renames.object(&location.name, object.kind.name, &object.name);
            let mut properties: Properties = object
                .properties
                .iter()
                .map(|(name, value)| (*name, json(value)))
                .collect();
            if let Some(enabled) = object.enabled {
                properties.insert("Enabled", enabled.into());
            }
            let kind = object.kind.name;
            let former = object.former_names.iter();
            let former = former.map(|name| format!("{} {kind} {name}", location.name));
            let object = Object {
                former: former.collect(),
                name: object.name.clone(),
                properties,
            };
            found.insert(name, object);
        }
    }
    found
}

fn json(value: &PsValue) -> Value {
    match value {
        PsValue::String(text) => text.as_str().into(),
        PsValue::Int(number) => (*number).into(),
        PsValue::Bool(truth) | PsValue::Switch(truth) => (*truth).into(),
        PsValue::Null => Value::Null,
        PsValue::Array(items) => items.iter().map(json).collect(),
        PsValue::Hash(entries) => entries
            .iter()
            .map(|(key, value)| ((*key).to_owned(), json(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        PsValue::Variable(name) => format!("${name}").into(),
    }
}
