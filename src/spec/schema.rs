//! The JSON schema of the language, made of the types.

use crate::finding::Code;
use crate::platforms::product::{PRODUCTS, Product};
use crate::spec::{Document, Facts};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// The name of the schema, whatever place it is read from.
pub(crate) const SCHEMA_ID: &str = "urn:mailtopo:schema:topology:1";

/// The name of the schema of a facts file.
const FACTS_ID: &str = "urn:mailtopo:schema:facts:1";

/// The schema of a spec.
pub fn schema() -> Value {
    let mut schema = schema_of::<Document>(SCHEMA_ID);
    if let Some(location) = schema
        .pointer_mut("/definitions/Location")
        .and_then(Value::as_object_mut)
    {
        location.insert(
            "allOf".to_owned(),
            PRODUCTS.iter().copied().map(only_its_keys).collect(),
        );
    }
    if let Some(check) = schema.pointer_mut("/definitions/Ignore/properties/check") {
        let mut codes: Vec<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        codes.sort_unstable();
        check["enum"] = json!(codes);
    }
    schema
}

/// The schema of a facts file.
pub fn facts_schema() -> Value {
    schema_of::<Facts>(FACTS_ID)
}

/// JSON Schema draft 7, which every editor understands.
fn schema_of<T: JsonSchema>(id: &str) -> Value {
    let generator = SchemaSettings::draft07().into_generator();
    let mut schema = Value::from(generator.into_root_schema_for::<T>());
    tidy(&mut schema);
    if let Some(root) = schema.as_object_mut() {
        let mut first = Map::new();
        first.extend(
            root.remove("$schema")
                .map(|dialect| ("$schema".to_owned(), dialect)),
        );
        first.insert("$id".to_owned(), json!(id));
        for key in ["title", "description"] {
            first.extend(root.remove(key).map(|text| (key.to_owned(), text)));
        }
        first.append(root);
        *root = first;
    }
    schema
}

/// Descriptions come from doc comments, whose lines end where the source's do. Strict validators refuse formats that they
/// do not know, as the sizes of integers are, and several types at one place.
fn tidy(value: &mut Value) {
    match value {
        Value::Object(map) => {
            let is_size = |format: &Value| format.as_str().is_some_and(|it| it.starts_with("uint"));
            if map.get("format").is_some_and(is_size) {
                map.remove("format");
            }
            if let Some(Value::Array(types)) = map.get("type") {
                let mut each: Vec<Value> = types.iter().map(|one| json!({"type": one})).collect();
                map.remove("type");
                // What is said of keys belongs to the mapping among the types.
                let keys = map.remove("additionalProperties");
                let mapping = each.iter_mut().find(|one| one["type"] == "object");
                if let Some((one, keys)) = mapping.zip(keys) {
                    one["additionalProperties"] = keys;
                }
                map.insert("anyOf".to_owned(), json!(each));
            }
            for (key, value) in map {
                match value {
                    Value::String(text) if key == "description" => *text = text.replace('\n', " "),
                    _ => tidy(value),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(tidy),
        _ => {}
    }
}

/// Refuses on a location of this kind the keys that the kind does not know, and asks for those it cannot do without.
fn only_its_keys(kind: &Product) -> Value {
    let of_some = PRODUCTS.iter().flat_map(|product| product.keys);
    let foreign = of_some.filter(|key| !kind.keys.contains(key));
    let required = kind.required;
    let keys: Map<String, Value> = foreign
        .map(|key| (*key, false))
        .chain(required.iter().map(|key| (*key, true)))
        .map(|(key, is_known)| (key.to_owned(), json!(is_known)))
        .collect();
    let mut then = json!({"properties": keys});
    if !required.is_empty() {
        then["required"] = json!(required);
    }
    json!({
        "if": {"properties": {"kind": {"const": kind.word}}, "required": ["kind"]},
        "then": then
    })
}
