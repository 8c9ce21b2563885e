//! The JSON schema of the language, made of the types.

use crate::spec::{ALL_KINDS, Document, KINDS_OF_KEY, Kind};
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The name of the schema, whatever place it is read from.
pub(crate) const SCHEMA_ID: &str = "urn:mailtopo:schema:topology:1";

/// The schema of a spec, JSON Schema draft 7, which every editor understands.
pub fn schema() -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = Value::from(generator.into_root_schema_for::<Document>());
    join_lines(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        let mut first = Map::new();
        first.extend(
            root.remove("$schema")
                .map(|dialect| ("$schema".to_owned(), dialect)),
        );
        first.insert("$id".to_owned(), json!(SCHEMA_ID));
        for key in ["title", "description"] {
            first.extend(root.remove(key).map(|text| (key.to_owned(), text)));
        }
        first.append(root);
        *root = first;
    }
    if let Some(location) = schema
        .pointer_mut("/definitions/Location")
        .and_then(Value::as_object_mut)
    {
        location.insert(
            "allOf".to_owned(),
            ALL_KINDS.into_iter().map(only_its_keys).collect(),
        );
    }
    schema
}

/// Descriptions come from doc comments, whose lines end where the source's do.
fn join_lines(value: &mut Value) {
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" => *text = text.replace('\n', " "),
                    _ => join_lines(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(join_lines),
        _ => {}
    }
}

/// Refuses on a location of this kind the keys that the kind does not know, and asks for those it cannot do without.
fn only_its_keys(kind: Kind) -> Value {
    let foreign: Map<String, Value> = KINDS_OF_KEY
        .iter()
        .filter(|(_, kinds)| !kinds.contains(&kind))
        .map(|(key, _)| ((*key).to_owned(), json!(false)))
        .collect();
    let mut then = json!({"properties": foreign});
    let required = required(kind);
    if !required.is_empty() {
        then["required"] = json!(required);
    }
    json!({
        "if": {"properties": {"kind": {"const": kind.word()}}, "required": ["kind"]},
        "then": then
    })
}

/// The keys besides `kind` that a location of this kind must have.
fn required(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::ExchangeOnline | Kind::Eop => &["tenant"],
        Kind::ExchangeServer => &["version", "servers"],
        Kind::Postfix | Kind::Smtp | Kind::Gateway => &[],
    }
}
