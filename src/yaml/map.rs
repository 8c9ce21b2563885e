//! Mappings whose keys the user chooses.

use crate::source::{At, Span};
use crate::yaml::slot::Slot;
use crate::yaml::wire::{self, MAP};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

/// A mapping with keys of the user's choice, in the order written. Bad entries are dropped, each with its finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, V> {
    /// The good entries.
    pub entries: Vec<(At<K>, At<V>)>,
    /// Where the mapping stands; `None` when the key is missing.
    pub span: Option<Span>,
    /// Whether something was dropped.
    pub incomplete: bool,
}

impl<K, V> Default for Map<K, V> {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            span: None,
            incomplete: false,
        }
    }
}

impl<K, V> Map<K, V> {
    /// The entries with their places.
    pub fn iter(&self) -> std::slice::Iter<'_, (At<K>, At<V>)> {
        self.entries.iter()
    }

    /// Whether the key stands in the spec, be its mapping empty or not.
    pub fn is_written(&self) -> bool {
        self.span.is_some()
    }
}

impl<'a, K, V> IntoIterator for &'a Map<K, V> {
    type Item = &'a (At<K>, At<V>);
    type IntoIter = std::slice::Iter<'a, (At<K>, At<V>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Deserialize<'de> for Map<K, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(MAP, MapVisitor(PhantomData))
    }
}

struct MapVisitor<K, V>(PhantomData<(K, V)>);

impl<'de, K: Deserialize<'de>, V: Deserialize<'de>> Visitor<'de> for MapVisitor<K, V> {
    type Value = Map<K, V>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        // The first entry is none of the user's: it says where the mapping stands, and whether it is one at all.
        let head: Option<((), wire::Head)> = map.next_entry()?;
        let mut read = Map {
            entries: Vec::with_capacity(map.size_hint().unwrap_or(0).min(4096)),
            span: head.as_ref().map(|((), head)| head.span),
            incomplete: head.is_none_or(|((), head)| head.bad),
        };
        while let Some(entry) = map.next_entry::<Slot<K>, Slot<V>>()? {
            match entry {
                (Slot::Present(key), Slot::Present(value)) => read.entries.push((key, value)),
                _ => read.incomplete = true,
            }
        }
        Ok(read)
    }
}

impl<K: JsonSchema, V: JsonSchema> JsonSchema for Map<K, V> {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        format!("MapOf{}To{}", K::schema_name(), V::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let key = K::json_schema(generator);
        let value = generator.subschema_for::<V>();
        let mut schema = match key.get("pattern").and_then(|pattern| pattern.as_str()) {
            Some(pattern) => json_schema!({
                "type": "object",
                "patternProperties": {pattern: value},
                "additionalProperties": false
            }),
            None => json_schema!({"type": "object", "additionalProperties": value}),
        };
        if let Some(not) = key.get("not") {
            schema.insert("propertyNames".to_owned(), serde_json::json!({"not": not}));
        }
        schema
    }
}
