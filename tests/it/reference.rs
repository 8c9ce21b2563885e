//! `docs/language.md` and `docs/facts.md`: every key, made of the schemas, which are made of the types.

use crate::golden::{folders, root};
use mailtopo::testing::spec::{facts_schema, schema};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A page: its file, and what it is made of.
struct Page {
    file: &'static str,
    title: &'static str,
    first: &'static str,
    schema: Value,
}

fn pages() -> [Page; 2] {
    [
        Page {
            file: "docs/language.md",
            title: "# The language\n\n\
                Every key of a spec, one section per object. `mailtopo schema` prints the same as a JSON schema for editors.\n",
            first: "The document",
            schema: schema(),
        },
        Page {
            file: "docs/facts.md",
            title: "# Facts\n\n\
                What no program can know offline stands in a file of its own, which `facts: facts.yaml` of a spec names: names that a\n\
                provider assigns, records of others. A fact that is missing is never guessed: what needs it is left out of the output,\n\
                and a finding says which. `facts.ps1`, which `compile` writes for each Exchange location, reads `mx`, `dkim` and\n\
                `certificates` from the running system; `dig NAME TXT` shows the records of others. Say the day in `gathered`.\n\
                `mailtopo schema facts` prints the same as a JSON schema for editors.\n",
            first: "The file",
            schema: facts_schema(),
        },
    ]
}

impl Page {
    fn text(&self) -> String {
        let Self {
            title,
            first,
            schema,
            ..
        } = self;
        let mut out = format!(
            "{title}\
             This page is made of the types that read it: change their comments, then run\n\
             `UPDATE=1 cargo test --test it reference`.\n"
        );
        let uses = self.uses();
        section(schema, schema, first, &uses, &mut out);
        let definitions = schema["definitions"].as_object().expect("definitions");
        for (name, definition) in definitions {
            section(schema, definition, name, &uses, &mut out);
        }
        out
    }

    /// How the examples, and the document that has every key, use each key.
    fn uses(&self) -> Uses {
        let mut uses = Uses::new();
        let name = Path::new(self.file).file_stem().expect("a name");
        let file = if name == "facts" {
            "facts.yaml"
        } else {
            "mailtopo.yaml"
        };
        let mut texts: Vec<(bool, String)> = folders(&root("examples"))
            .iter()
            .filter_map(|folder| Some((false, fs::read_to_string(folder.join(file)).ok()?)))
            .collect();
        let all = if name == "facts" {
            "everything-facts.yaml"
        } else {
            "everything.yaml"
        };
        let all = fs::read_to_string(root("tests/it").join(all));
        texts.push((true, all.expect("a document")));
        for (odd, text) in texts {
            let document: Value = serde_yaml::from_str(&text).expect("YAML");
            find(
                &self.schema,
                (self.first, &self.schema),
                &document,
                odd,
                &mut uses,
            );
        }
        uses
    }
}

/// The values that a key of an object is used with: first those that say something else than its default and are of an
/// example, and of these the shortest.
type Uses = BTreeMap<(String, String), BTreeSet<(bool, bool, usize, String)>>;

/// Notes every key of a value, which a part of the schema describes. It is odd where it makes no sense as mail.
fn find(schema: &Value, (name, node): (&str, &Value), value: &Value, odd: bool, uses: &mut Uses) {
    let mut parts = Vec::new();
    alternatives(schema, name, node, &mut parts);
    match value {
        Value::Array(items) => {
            for (name, part) in parts.iter().filter(|(_, part)| part["items"].is_object()) {
                for item in items {
                    find(schema, (name, &part["items"]), item, odd, uses);
                }
            }
        }
        Value::Object(entries) => {
            let knows = |part: &Value| {
                let known = part["properties"].as_object();
                known.is_some_and(|known| entries.keys().all(|key| known.contains_key(key)))
            };
            if let Some((name, part)) = parts.iter().find(|(_, part)| knows(part)) {
                for (key, value) in entries {
                    let property = &part["properties"][key];
                    let text = shown(value);
                    // An empty list shows as little as the default.
                    let is_default =
                        property["default"] == *value || ["[]", "{}"].contains(&text.as_str());
                    let place = (name.clone(), key.clone());
                    let length = text.chars().count();
                    uses.entry(place)
                        .or_default()
                        .insert((is_default, odd, length, text));
                    find(schema, (name, property), value, odd, uses);
                }
                return;
            }
            for (name, part) in &parts {
                let of_map = part["patternProperties"].as_object();
                let of_map = of_map.and_then(|map| map.values().next());
                let more = Some(&part["additionalProperties"]).filter(|more| more.is_object());
                if let Some(entry) = of_map.or(more) {
                    for (key, value) in entries {
                        let own = &part["properties"][key];
                        let of_key = if own.is_object() { own } else { entry };
                        if own.is_object() {
                            let text = shown(value);
                            let place = (name.clone(), key.clone());
                            uses.entry(place).or_default().insert((
                                false,
                                odd,
                                text.chars().count(),
                                text,
                            ));
                        }
                        find(schema, (name, of_key), value, odd, uses);
                    }
                }
            }
        }
        _ => {}
    }
}

/// The parts of a schema that may describe a value, with the names of their sections.
fn alternatives<'s>(
    schema: &'s Value,
    name: &str,
    node: &'s Value,
    parts: &mut Vec<(String, &'s Value)>,
) {
    if let Some(reference) = node["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        alternatives(schema, name, &schema["definitions"][name], parts);
    }
    parts.push((name.to_owned(), node));
    for key in ["allOf", "anyOf", "oneOf"] {
        for one in node[key].as_array().into_iter().flatten() {
            alternatives(schema, name, one, parts);
        }
    }
}

fn section(schema: &Value, definition: &Value, name: &str, uses: &Uses, out: &mut String) {
    let properties = definition["properties"].as_object();
    let words = words_of(definition);
    if !has_section(definition) {
        return;
    }
    _ = writeln!(out, "\n## {name}\n");
    if let Some(text) = definition["description"].as_str() {
        _ = writeln!(out, "{text}\n");
    }
    for (word, meaning) in &words {
        _ = writeln!(
            out,
            "- `{word}`{}",
            if meaning.is_empty() {
                String::new()
            } else {
                format!(": {meaning}")
            }
        );
    }
    let Some(properties) = properties else { return };
    let required: Vec<&str> = definition["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let is_location = name == "Location";
    let kinds = if is_location { "| kinds " } else { "" };
    let line = if is_location { "|---" } else { "" };
    _ = writeln!(
        out,
        "| key {kinds}| type | default | meaning | example |\n|---{line}|---|---|---|---|"
    );
    for (key, property) in properties {
        let default = match &property["default"] {
            _ if required.contains(&key.as_str()) => "required".to_owned(),
            Value::Null => String::new(),
            default => format!("`{}`", shown(default)),
        };
        let meaning = property["description"].as_str().unwrap_or_default();
        let examples = property["examples"].as_array();
        let example = examples.and_then(|list| list.first()).map(shown);
        let used = uses.get(&(name.to_owned(), key.clone()));
        let example = example.or_else(|| used?.first().map(|(_, _, _, text)| text.clone()));
        let kinds = if is_location {
            format!("| {} ", kinds_of(definition, key))
        } else {
            String::new()
        };
        _ = writeln!(
            out,
            "| `{key}` {kinds}| {} | {default} | {} | {} |",
            type_of(schema, property),
            cell(meaning),
            example
                .as_ref()
                .map_or_else(String::new, |example| format!("`{}`", cell(example)))
        );
    }
    let more = &definition["additionalProperties"];
    if more.is_object() {
        let kind = type_of(schema, more);
        _ = writeln!(
            out,
            "| `LOCATION` | {kind} |  | What is known of that location. |  |"
        );
    }
}

/// Whether there is more to say of a definition than that it is a text.
fn has_section(definition: &Value) -> bool {
    definition["properties"].is_object()
        || definition["description"].is_string()
        || !words_of(definition).is_empty()
}

/// The kinds of a location that know a key, as the conditions of the schema say.
fn kinds_of(location: &Value, key: &str) -> String {
    let all = location["allOf"].as_array().expect("conditions");
    let kinds: Vec<String> = all
        .iter()
        .filter(|only| only["then"]["properties"][key] != Value::Bool(false))
        .map(|only| {
            let kind = only["if"]["properties"]["kind"]["const"].as_str();
            format!("`{}`", kind.expect("a kind"))
        })
        .collect();
    if kinds.len() == all.len() {
        "all".to_owned()
    } else {
        kinds.join(", ")
    }
}

/// The words of an enumeration with their meanings.
fn words_of(definition: &Value) -> Vec<(String, String)> {
    let alternatives = definition["oneOf"].as_array().into_iter().flatten();
    let mut words: Vec<(String, String)> = Vec::new();
    for one in alternatives.chain([definition]) {
        let meaning = one["description"]
            .as_str()
            .filter(|_| one != definition)
            .unwrap_or_default();
        if let Some(word) = one["const"].as_str() {
            words.push((word.to_owned(), meaning.to_owned()));
        }
        let list = one["enum"].as_array().into_iter().flatten();
        words.extend(
            list.filter_map(Value::as_str)
                .map(|word| (word.to_owned(), meaning.to_owned())),
        );
    }
    words
}

/// The type of a property: a link to its section, or the words of JSON.
fn type_of(schema: &Value, property: &Value) -> String {
    let mut parts: BTreeSet<String> = BTreeSet::new();
    collect(schema, property, &mut parts);
    parts.into_iter().collect::<Vec<_>>().join(" or ")
}

fn collect(schema: &Value, property: &Value, parts: &mut BTreeSet<String>) {
    if let Some(reference) = property["$ref"].as_str() {
        let name = reference.rsplit('/').next().unwrap_or_default();
        let definition = &schema["definitions"][name];
        parts.insert(if has_section(definition) {
            format!("[{name}](#{})", name.to_lowercase())
        } else {
            "text".to_owned()
        });
    }
    for key in ["allOf", "anyOf", "oneOf"] {
        for one in property[key].as_array().into_iter().flatten() {
            collect(schema, one, parts);
        }
    }
    if property["items"].is_object() {
        let mut items = BTreeSet::new();
        collect(schema, &property["items"], &mut items);
        parts.insert(format!(
            "list of {}",
            items.into_iter().collect::<Vec<_>>().join(" or ")
        ));
        return;
    }
    let of_map = property["patternProperties"]
        .as_object()
        .and_then(|map| map.values().next())
        .or(Some(&property["additionalProperties"]).filter(|more| more.is_object()));
    if let Some(value) = of_map {
        let mut values = BTreeSet::new();
        collect(schema, value, &mut values);
        parts.insert(format!(
            "map of names to {}",
            values.into_iter().collect::<Vec<_>>().join(" or ")
        ));
        return;
    }
    let types = match &property["type"] {
        Value::String(word) => vec![word.as_str()],
        Value::Array(words) => words.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    for word in types {
        parts.insert(match word {
            "string" => "text".to_owned(),
            "integer" => "number".to_owned(),
            "boolean" => "`true` or `false`".to_owned(),
            "object" => "map".to_owned(),
            "array" => "list".to_owned(),
            other => other.to_owned(),
        });
    }
    if let Some(word) = property["const"].as_str() {
        parts.insert(format!("`{word}`"));
    }
}

/// A value as it stands in a spec.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(entries) => {
            let entries: Vec<String> = entries
                .iter()
                .map(|(key, value)| format!("{}: {}", scalar(key), shown(value)))
                .collect();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text in quotes where YAML would read it as something else.
fn scalar(text: &str) -> String {
    let is_mark = |c: char| "*&!|>'\"%@`#{}[],?".contains(c);
    if text.is_empty()
        || text.starts_with(is_mark)
        || text.contains([',', '#'])
        || text.contains(": ")
    {
        format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        text.to_owned()
    }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

#[test]
fn the_pages_are_made_of_the_schemas() {
    for page in pages() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page.file);
        let expected = page.text();
        if std::env::var_os("UPDATE").is_some() {
            fs::write(&path, &expected).expect("the page can be written");
        }
        let found = fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == expected,
            "{} is stale: run `UPDATE=1 cargo test --test it reference`",
            page.file
        );
    }
}

/// Every key is described; every link of the page leads to a section.
#[test]
fn every_key_has_a_meaning_and_a_type() {
    let keys: usize = pages().iter().map(|page| keys_of(&page.text())).sum();
    assert!(keys > 180, "only {keys} keys");
}

fn keys_of(page: &str) -> usize {
    let mut keys = 0;
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let line = line.replace("\\|", "");
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        keys += 1;
        let is_location = cells.len() == 6;
        assert!(cells.len() == 5 || is_location, "{line}");
        let [kind, meaning] = if is_location { [2, 4] } else { [1, 3] };
        assert!(!cells[kind].is_empty(), "no type: {line}");
        assert!(!cells[meaning].is_empty(), "no meaning: {line}");
        let has_example = cells.last().is_some_and(|cell| !cell.is_empty());
        assert!(
            has_example || line.starts_with("| `LOCATION`"),
            "no example: {line}"
        );
    }
    let anchors: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .map(|name| format!("(#{})", name.to_lowercase()))
        .collect();
    for part in page.split("](").skip(1) {
        let link = format!("({})", part.split(')').next().unwrap_or_default());
        assert!(anchors.contains(&link), "a dead link: {link}");
    }
    keys
}
