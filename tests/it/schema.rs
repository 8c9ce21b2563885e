//! The schema that is committed is the one the types make, and it agrees with the reader.

use mailtopo::testing::finding::Findings;
use mailtopo::testing::source::Sources;
use mailtopo::testing::spec::{self, Document};
use mailtopo::testing::yaml;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static VALIDATOR: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::validator_for(&spec::schema()).expect("the schema is a schema"));

/// The schema without the keys it asks for: whether one is missing is found by the step behind the reader.
static LENIENT: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    fn relax(value: &mut Value) {
        match value {
            Value::Object(map) => {
                if map.get("required").is_some_and(Value::is_array) {
                    map.remove("required");
                }
                map.iter_mut()
                    .filter(|(key, _)| *key != "if")
                    .for_each(|(_, value)| relax(value));
            }
            Value::Array(list) => list.iter_mut().for_each(relax),
            _ => {}
        }
    }
    let mut schema = spec::schema();
    relax(&mut schema);
    // So is a code that no check has.
    schema["definitions"]["Ignore"]["properties"]["check"] = json!({});
    jsonschema::validator_for(&schema).expect("the schema is a schema")
});

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What the schema says, as lines.
fn refusals(value: &Value) -> Vec<String> {
    VALIDATOR
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect()
}

/// What the reader says, as lines.
pub(crate) fn findings(text: &str) -> Vec<String> {
    let (mut sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("spec.yaml", text);
    let document: Option<Document> = yaml::read(&sources, file, &mut findings);
    let lines: Vec<_> = findings
        .into_sorted()
        .iter()
        .map(|finding| format!("{} {}", finding.check, finding.message))
        .collect();
    assert!(
        document.is_some() || !lines.is_empty(),
        "nothing came back and nobody said why:\n{text}"
    );
    lines
}

fn oracle(text: &str) -> Value {
    as_json(serde_yaml::from_str(text).expect("the other reader reads it too"))
}

/// A YAML value as JSON, whose keys are text.
pub(crate) fn as_json(value: serde_yaml::Value) -> Value {
    match value {
        serde_yaml::Value::Mapping(map) => Value::Object(
            map.into_iter()
                .map(|(key, value)| match as_json(key) {
                    Value::String(key) => (key, as_json(value)),
                    key => (key.to_string(), as_json(value)),
                })
                .collect(),
        ),
        serde_yaml::Value::Sequence(list) => list.into_iter().map(as_json).collect(),
        scalar => serde_json::to_value(scalar).expect("a scalar"),
    }
}

fn examples() -> Vec<(PathBuf, String)> {
    let mut specs: Vec<_> = std::fs::read_dir(root().join("examples"))
        .expect("there are examples")
        .map(|entry| entry.expect("a folder entry").path().join("mailtopo.yaml"))
        // `00-mistakes` is there to be wrong.
        .filter(|path| path.is_file() && !path.ends_with("00-mistakes/mailtopo.yaml"))
        .map(|path| {
            let text = std::fs::read_to_string(&path).expect("a readable example");
            (path, text)
        })
        .collect();
    specs.sort();
    specs
}

#[test]
fn committed_schemas_are_current() {
    for (name, schema) in [
        ("topology", spec::schema()),
        ("facts", spec::facts_schema()),
    ] {
        let path = root().join(format!("schemas/{name}.schema.json"));
        let made = format!("{schema:#}\n");
        // Strict validators refuse a schema with a format that they do not know.
        assert!(!made.contains("\"format\": \"uint"), "{name}");
        if std::env::var_os("UPDATE").is_some() {
            std::fs::write(&path, &made).expect("a writable schema");
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            committed == made,
            "{} is stale: UPDATE=1 cargo test renews it",
            path.display()
        );
    }
}

#[test]
fn facts_of_the_examples_are_valid() {
    let validator = jsonschema::validator_for(&spec::facts_schema()).expect("a schema");
    let mut facts = 0;
    let folders = std::fs::read_dir(root().join("examples")).expect("there are examples");
    let examples = folders.map(|entry| entry.expect("a folder entry").path().join("facts.yaml"));
    for path in examples.chain([root().join("tests/it/everything-facts.yaml")]) {
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        facts += 1;
        let refusals: Vec<String> = validator
            .iter_errors(&oracle(&text))
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(refusals, [""; 0], "{}", path.display());
    }
    assert!(facts > 2, "only {facts}");
    assert!(
        !validator.is_valid(&json!({"version": 1, "gathered": "2026-11-20", "hq": {"mxs": {}}}))
    );
}

#[test]
fn examples_are_read_and_valid() {
    let examples = examples();
    assert!(examples.len() >= 8);
    for (path, text) in examples {
        assert_eq!(findings(&text), [""; 0], "{}", path.display());
        assert_eq!(refusals(&oracle(&text)), [""; 0], "{}", path.display());
    }
}

/// A spec that says everything once, long forms and short ones.
const EVERYTHING: &str = include_str!("everything.yaml");

#[test]
fn everything_is_read_and_valid() {
    assert_eq!(findings(EVERYTHING), [""; 0]);
    assert_eq!(refusals(&oracle(EVERYTHING)), [""; 0]);
}

#[test]
fn everything_names_every_key() {
    fn keys(value: &Value, into: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                for (key, value) in map {
                    into.insert(key.clone());
                    keys(value, into);
                }
            }
            Value::Array(list) => list.iter().for_each(|value| keys(value, into)),
            _ => {}
        }
    }
    fn properties(value: &Value, into: &mut std::collections::BTreeSet<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::Object(named)) = map.get("properties") {
                    into.extend(named.keys().cloned());
                }
                map.values().for_each(|value| properties(value, into));
            }
            Value::Array(list) => list.iter().for_each(|value| properties(value, into)),
            _ => {}
        }
    }
    let (mut written, mut known) = (
        std::collections::BTreeSet::new(),
        std::collections::BTreeSet::new(),
    );
    keys(&oracle(EVERYTHING), &mut written);
    properties(&spec::schema(), &mut known);
    let missing: Vec<_> = known.difference(&written).collect();
    assert_eq!(missing, Vec::<&String>::new(), "keys that no test reads");
}

#[test]
fn every_key_is_described() {
    let schema = spec::schema();
    let definitions = schema["definitions"].as_object().expect("definitions");
    for (name, definition) in definitions
        .iter()
        .map(|(k, v)| (k.as_str(), v))
        .chain([("Document", &schema)])
    {
        let Some(properties) = definition["properties"].as_object() else {
            continue;
        };
        assert_eq!(
            definition["additionalProperties"],
            json!(false),
            "{name} takes any key"
        );
        for (key, property) in properties {
            assert!(
                property["description"].is_string(),
                "{name}.{key} has no description"
            );
        }
    }
}

/// Mistakes that both must refuse: a change of a good spec, and the check that speaks.
#[test]
fn both_refuse_the_same_mistakes() {
    let good = "version: 1\nlocations:\n  hq: {kind: postfix}\ndomains:\n  contoso.com: {mailboxes: hq, mx: hq}\n";
    assert_eq!(findings(good), [""; 0]);
    for (mistake, check) in [
        ("locatoins: {}", "S007"),
        ("routing: derive", "S019"),
        ("routing: [derived]", "S018"),
        ("routing:", "S018"),
        ("organization: [a]", "S018"),
        ("organization: true", "S018"),
        ("organization: {a: b}", "S018"),
        ("devices: []", "S018"),
        ("devices: 5", "S018"),
        ("devices: {HQ: {}}", "S019"),
        ("devices: {internet: {}}", "S019"),
        ("devices: {a: {method: smtp}}", "S019"),
        ("devices: {a: {addresses: 5}}", "S018"),
        ("devices: {a: {addresses: {files: x}}}", "S007"),
        ("devices: {a: {addresses: {}}}", "S018"),
        ("devices: {a: {addresses: [[a]]}}", "S018"),
        ("devices: {a: {max_tls: 2}}", "S019"),
        ("devices: {a: {via: null}}", "S018"),
        ("devices: {a: {sends_to: {inside: true}}}", "S007"),
        ("devices: {a: {trusted: yes}}", "S018"),
        ("devices: {a: {trusted: 'true'}}", "S018"),
        ("devices: {a: {certificate: [a, b]}}", "S018"),
        ("devices: {a: {certificate: {name: b}}}", "S007"),
        ("partners: {a: {tls: encryped}}", "S019"),
        ("partners: {a: {tls: {in: verified}}}", "S007"),
        ("partners: {a: {hosts: [{name: b, port: 70000}]}}", "S019"),
        ("partners: {a: {hosts: [{name: b, port: '25'}]}}", "S018"),
        ("partners: {a: {hosts: {name: b}}}", "S018"),
        ("partners: {a: {spf: ~}}", "S018"),
        ("routes: {name: a}", "S018"),
        ("routes: [{name: a, from: b, to: c, cost: -1}]", "S019"),
        ("routes: [{name: a, from: b, to: c, cost: 1.5}]", "S018"),
        (
            "routes: [{name: a, from: b, to: c, skip_listing: {addresses: []}}]",
            "S007",
        ),
        (
            "routes: [{name: a, from: b, to: c, accepted_by: {certificates: d}}]",
            "S007",
        ),
        (
            "rules: [{name: a, at: b, route: c, when: {recipient_town: d}}]",
            "S007",
        ),
        (
            "rules: [{name: a, at: b, route: c, when: {from: internal}}]",
            "S019",
        ),
        (
            "rules: [{name: a, at: b, route: c, unless_header: {header: d}}]",
            "S007",
        ),
        ("dns: {formats: [bnid]}", "S019"),
        ("dns: {ttl: 1h}", "S018"),
        ("dns: {dnssec: {contoso.com: signed}}", "S018"),
        (
            "dns: {zones: {contoso.com: {records: [{name: a, type: TXT, data: b, tll: 5}]}}}",
            "S007",
        ),
        ("expect: [{from: internet, to: 5}]", "S018"),
        ("ignore: [{check: R005, reason: }]", "S018"),
    ] {
        let text = format!("{good}{mistake}\n");
        let found = findings(&text);
        assert!(
            found.len() == 1 && found[0].starts_with(check),
            "{mistake}: expected one finding {check}, found {found:#?}"
        );
        assert_ne!(
            refusals(&oracle(&text)),
            [""; 0],
            "the schema takes {mistake}"
        );
    }
}

/// JSON text is YAML, so a document made as JSON is read by both.
fn scalar() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (0u32..100_000).prop_map(Value::from),
        prop_oneof![Just(-1.5), Just(1.2), Just(1.0)].prop_map(Value::from),
        prop::sample::select(vec![
            "hq",
            "cloud",
            "contoso.com",
            "*.contoso.com",
            "*",
            "john@contoso.com",
            "203.0.113.0/24",
            "none",
            "rest",
            "direct",
            "verified",
            "2019",
            "yes",
            "25MB",
            "mx",
            "file",
            "last",
            "internal",
            "a: b # c",
            "",
            "~",
            "bücher.example",
            "line\nbreak",
            "\\\"'",
        ])
        .prop_map(Value::from),
    ]
}

fn anything() -> impl Strategy<Value = Value> {
    scalar().prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::vec(
                (
                    prop::sample::select(vec!["file", "name", "via", "hq", "contoso.com"]),
                    inner
                ),
                0..3
            )
            .prop_map(|entries| Value::Object(
                entries
                    .into_iter()
                    .map(|(k, v)| (k.to_owned(), v))
                    .collect()
            )),
        ]
    })
}

/// All places in a value, as JSON pointers.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    into.push(at.to_owned());
    let step = |key: &str| format!("{at}/{}", key.replace('~', "~0").replace('/', "~1"));
    match value {
        Value::Object(map) => map
            .iter()
            .for_each(|(key, value)| pointers(value, &step(key), into)),
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(index, value)| pointers(value, &step(&index.to_string()), into)),
        _ => {}
    }
}

static BASE: LazyLock<(Value, Vec<String>)> = LazyLock::new(|| {
    let value = oracle(EVERYTHING);
    let mut all = Vec::new();
    pointers(&value, "", &mut all);
    // The version is a number to the reader; that it is 1 is found by the step behind it.
    all.retain(|place| place != "/version" && !place.is_empty());
    (value, all)
});

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// A spec in which some places hold something else: where the reader has nothing to say, the schema must agree.
    #[test]
    fn what_the_reader_takes_the_schema_takes(
        changes in prop::collection::vec((any::<prop::sample::Index>(), anything()), 1..3)
    ) {
        let (mut spec, places) = BASE.clone();
        for (index, value) in changes {
            if let Some(place) = spec.pointer_mut(index.get::<String>(&places)) {
                *place = value;
            }
        }
        let text = spec.to_string();
        if findings(&text).is_empty() {
            let refusals: Vec<_> = LENIENT.iter_errors(&spec).map(|error| format!("{}: {error}", error.instance_path())).collect();
            prop_assert_eq!(refusals, Vec::<String>::new());
        }
    }
}
