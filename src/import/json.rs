//! JSON: a state of our own, what `ConvertTo-Json` writes of one kind of objects or of several, or a snapshot of Microsoft
//! Graph.
//!
//! `ConvertTo-Json` shows an enumeration as a number where nobody asks for words, and joins a list into one text below the
//! depth that it was given, without a warning. Neither is guessed: such a value is lost, but for the numbers that a public
//! export shows beside their words.
//! Sources: <https://learn.microsoft.com/graph/api/resources/configurationbaseline>, <https://github.com/PowerShell/PowerShell/issues/24386>, <https://github.com/PowerShell/PowerShell/issues/9266>

use crate::import::cmdlet::{is_list, live_object, servers_in};
use crate::import::room::Room;
use crate::import::{Export, KNOWN, Live, records, resource, state};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};
use std::collections::BTreeMap;

/// Properties whose words may be shown as numbers.
const WORDS: [&str; 13] = [
    "AuthMechanism",
    "ConnectorSource",
    "ConnectorType",
    "DomainType",
    "FromScope",
    "Mode",
    "PermissionGroups",
    "SenderAddressLocation",
    "SentToScope",
    "SmartHostAuthMechanism",
    "State",
    "TlsAuthLevel",
    "TlsSettings",
];

/// Numbers that public exports of servers show beside their words. Of tenants none is public.
/// Source: <https://github.com/microsoft/CSS-Exchange/tree/main/Diagnostics/HealthChecker/Tests/DataCollection>
const NUMBERS: [(&str, i64, &str); 9] = [
    (
        "AuthMechanism",
        15,
        "Tls, Integrated, BasicAuth, BasicAuthRequireTLS",
    ),
    (
        "AuthMechanism",
        31,
        "Tls, Integrated, BasicAuth, BasicAuthRequireTLS, ExchangeServer",
    ),
    ("PermissionGroups", 2, "ExchangeUsers"),
    ("PermissionGroups", 4, "ExchangeServers"),
    ("PermissionGroups", 6, "ExchangeUsers, ExchangeServers"),
    (
        "PermissionGroups",
        13,
        "AnonymousUsers, ExchangeServers, ExchangeLegacyServers",
    ),
    (
        "PermissionGroups",
        14,
        "ExchangeUsers, ExchangeServers, ExchangeLegacyServers",
    ),
    ("SmartHostAuthMechanism", 0, "None"),
    ("TlsAuthLevel", 2, "CertificateValidation"),
];

/// Reads such a file.
pub(super) fn read(text: &str, room: &mut Room) -> Result<Export, String> {
    let mut full = None;
    let mut source = serde_json::Deserializer::from_str(text);
    let tree = Tree {
        room,
        full: &mut full,
    };
    let value = tree.deserialize(&mut source);
    let value = value.and_then(|value| source.end().map(|()| value));
    let value = value.map_err(|error| full.unwrap_or_else(|| format!("it is no JSON: {error}")))?;
    let objects = match value {
        Value::Object(ref table) if table.contains_key("What") => return state::read(&value),
        Value::Object(ref table) if table.contains_key("domains") => {
            return records::dnscontrol(&value);
        }
        Value::Object(ref table) if table.contains_key("resources") => return snapshot(&value),
        Value::Object(ref table) if table.contains_key("value") => return snapshot_of(&value),
        Value::Array(objects) => objects,
        one => vec![one],
    };
    let mut export = Export::default();
    for object in objects {
        let Value::Object(table) = object else {
            return Err(format!("it is JSON, but no export. {KNOWN}"));
        };
        export.objects.push(live_object(properties(&table))?);
    }
    Ok(export)
}

fn properties(table: &Map<String, Value>) -> BTreeMap<String, Live> {
    // What says the type of another value is none of its own.
    let own = table.iter().filter(|(name, _)| !name.contains('@'));
    own.map(|(name, value)| (name.clone(), shown(name, value)))
        .collect()
}

/// The only snapshot of what Graph lists.
fn snapshot_of(value: &Value) -> Result<Export, String> {
    match value
        .get("value")
        .and_then(Value::as_array)
        .map(Vec::as_slice)
    {
        Some([one]) if one.get("resources").is_some() => snapshot(one),
        Some(all) if all.iter().any(|one| one.get("resources").is_some()) => Err(format!(
            "it holds {} snapshots: save one of them into a file of its own",
            all.len()
        )),
        _ => Err(format!("it is JSON, but no export. {KNOWN}")),
    }
}

/// A snapshot of Graph: resources with their type and their properties.
fn snapshot(value: &Value) -> Result<Export, String> {
    let mut export = Export {
        product: Some("online".to_owned()),
        omits_empty: true,
        doubts: vec![resource::DOUBT.to_owned()],
        ..Export::default()
    };
    let resources = value.get("resources").and_then(Value::as_array);
    for one in resources.ok_or("its resources are no list")? {
        let word = |key: &str| one.get(key).and_then(Value::as_str);
        let kind = word("resourceType").ok_or("one of its resources has no `resourceType`")?;
        let name = word("displayName").unwrap_or_default();
        let properties = match one.get("properties") {
            Some(Value::Object(table)) => properties(table),
            _ => BTreeMap::new(),
        };
        export
            .objects
            .push(resource::object(kind, name, properties)?);
    }
    Ok(export)
}

fn shown(name: &str, value: &Value) -> Live {
    let plain = name.strip_prefix("ExceptIf").unwrap_or(name);
    match value {
        Value::Null => Live::Null,
        Value::Bool(truth) => Live::Bool(*truth),
        Value::Number(number) if WORDS.contains(&plain) => {
            let mut known = NUMBERS.iter();
            let known = known.find(|(of, at, _)| *of == name && number.as_i64() == Some(*at));
            known.map_or(Live::Lost, |(_, _, word)| Live::Text((*word).to_owned()))
        }
        Value::Number(number) => number.as_i64().map_or(Live::Lost, Live::Int),
        Value::String(text) if is_list(name) && text.trim().contains(' ') => {
            match servers_in(text).as_slice() {
                [] => Live::Lost,
                servers => Live::List(servers.to_vec()),
            }
        }
        Value::String(text) => Live::Text(text.clone()),
        Value::Array(items) => {
            let texts: Option<Vec<String>> = items.iter().map(item).collect();
            texts.map_or(Live::Lost, Live::List)
        }
        one @ Value::Object(_) => item(one).map_or(Live::Lost, Live::Text),
    }
}

/// The text of an item: an enumeration shows its word beside its number, a range of addresses the text that it was made of.
fn item(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(table) => table.get("Value").or_else(|| table.get("Expression"))?,
        text => text,
    };
    text.as_str().map(str::to_owned)
}

/// Builds a value, and stops where the room ends.
struct Tree<'r> {
    room: &'r mut Room,
    /// Why it stopped.
    full: &'r mut Option<String>,
}

impl Tree<'_> {
    const fn again(&mut self) -> Tree<'_> {
        Tree {
            room: self.room,
            full: self.full,
        }
    }

    fn take<E: Error>(&mut self, text: &str) -> Result<(), E> {
        self.room.take(text).map_err(|why| {
            *self.full = Some(why);
            E::custom("it is too large")
        })
    }
}

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, to: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        to.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Value, E> {
        Ok(Number::from_f64(number).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E: Error>(mut self, text: &str) -> Result<Value, E> {
        self.take(text)?;
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut all: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = all.next_element_seed(self.again())? {
            self.take("")?;
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut all: A) -> Result<Value, A::Error> {
        let mut table = Map::new();
        while let Some(key) = all.next_key::<String>()? {
            self.take(&key)?;
            table.insert(key, all.next_value_seed(self.again())?);
        }
        Ok(Value::Object(table))
    }
}
