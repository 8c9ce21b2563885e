//! What is written for Exchange: the objects as data, the same objects as commands, and the scripts that read the data.

pub(crate) mod commands;
pub(crate) mod data_file;
mod expectation;
mod library;
pub(crate) mod scripts;

use mailtopo::compile::{Input, plan};
use mailtopo::testing::emit::emit;
use mailtopo::testing::finding::{Finding, Findings, Severity};
use mailtopo::testing::platforms::exchange::catalogue::Product;
use mailtopo::testing::platforms::exchange::desired::marked;
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::topology::ExchangeVersion;
use mailtopo::testing::writer::powershell::{PsValue, data};
use proptest::prelude::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let text = fs::read(crate::golden::root("schemas/desired.schema.json")).expect("the schema");
    let schema = serde_json::from_slice(&text).expect("JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
});

/// An Exchange location and what was written for it.
pub(crate) struct Location {
    /// Spec and location, for messages.
    pub name: String,
    /// The location's name.
    pub place: String,
    /// Its files by name.
    pub files: BTreeMap<String, String>,
    /// What `desired.psd1` holds.
    pub data: Value,
}

impl Location {
    /// Whose shell runs the scripts.
    pub(crate) fn product(&self) -> Product {
        use ExchangeVersion::{Se, V2007, V2010, V2013, V2016, V2019};
        let servers = [V2007, V2010, V2013, V2016, V2019, Se].map(Product::Server);
        let all = [Product::Online, Product::Protection]
            .into_iter()
            .chain(servers);
        let title = self.data["Title"].as_str().expect("a title");
        let mut all = all.filter(|product| product.to_string() == title);
        all.next().expect("a product")
    }

    /// The objects.
    pub(crate) fn objects(&self) -> &[Value] {
        self.data["Objects"].as_array().expect("a list")
    }

    /// The objects of a kind.
    pub(crate) fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Value> {
        self.objects()
            .iter()
            .filter(move |object| object["Kind"] == kind)
    }

    /// What the schema refuses in the data.
    pub(crate) fn refused(&self) -> Vec<String> {
        let errors = SCHEMA.iter_errors(&self.data);
        errors
            .map(|error| format!("{}: {}: {error}", self.name, error.instance_path()))
            .collect()
    }
}

/// Every file below a folder, by its path from there.
pub(crate) fn files_below(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    crate::golden::files(folder)
}

/// The Exchange locations of every example, every case and every report from the field.
pub(crate) fn locations() -> &'static [Location] {
    static LOCATIONS: LazyLock<Vec<Location>> = LazyLock::new(|| {
        let mut all = Vec::new();
        for base in ["examples", "tests/field", "tests/cases"] {
            for folder in crate::golden::folders(&crate::golden::root(base)) {
                let name = folder.file_name().expect("a name").to_string_lossy();
                let files = files_below(&folder);
                // What an open case gets wrong is known.
                let expected = files.get("expected.yaml");
                if !expected.is_some_and(|text| text.starts_with(b"open: true")) {
                    all.extend(locations_of(&name, "mailtopo.yaml", &files));
                }
            }
        }
        assert!(all.len() > 80, "only {} locations", all.len());
        all
    });
    &LOCATIONS
}

/// The Exchange locations of one spec; none where it has mistakes.
pub(crate) fn locations_of(
    name: &str,
    spec: &str,
    files: &BTreeMap<String, Vec<u8>>,
) -> Vec<Location> {
    let Some(bytes) = files.get(spec) else {
        return Vec::new();
    };
    let input = Input {
        name: spec,
        bytes,
        files,
    };
    let checked = plan(&input, None);
    let is_error = |finding: &Finding| finding.severity == Severity::Error;
    let plan = checked
        .plan
        .filter(|_| !checked.findings.iter().any(is_error));
    let Some(plan) = plan else {
        return Vec::new();
    };
    let (tree, refused) = emit(&plan, &Findings::default(), Form::Thin);
    let mut all = Vec::new();
    for (_, location) in plan.topology.locations() {
        let prefix = format!("{}/", location.name);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let files: BTreeMap<String, String> = tree
            .iter()
            .filter_map(|(path, bytes)| Some((path.strip_prefix(&prefix)?.to_owned(), text(bytes))))
            .collect();
        let Some(data) = files.get("desired.psd1") else {
            continue;
        };
        let data = data_file::read(data).unwrap_or_else(|why| panic!("{name}: {why}\n{data}"));
        all.push(Location {
            name: format!("{name}/{}", location.name),
            place: location.name.clone(),
            files,
            data,
        });
    }
    let bug = refused
        .iter()
        .find(|refused| refused.message.contains("would be wrong"));
    assert!(bug.is_none(), "{name}: {bug:?}");
    all
}

#[test]
fn the_data_of_every_spec_fits_the_schema() {
    let refused: Vec<String> = locations().iter().flat_map(Location::refused).collect();
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

fn value() -> impl Strategy<Value = PsValue> {
    let any_character = prop_oneof![
        3 => any::<char>(),
        1 => any::<u8>().prop_map(char::from),
        2 => proptest::sample::select(vec!['\'', '"', '`', '$', '@', ')', '}', '#', ';', '\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}']),
    ];
    let text = prop::collection::vec(any_character, 0..12)
        .prop_map(|chars| PsValue::String(chars.into_iter().collect()));
    let one = prop_oneof![
        6 => text,
        1 => (0..i64::MAX).prop_map(PsValue::Int),
        1 => any::<bool>().prop_map(PsValue::Bool),
        1 => Just(PsValue::Null),
    ];
    let list = prop::collection::vec(one.clone(), 0..12).prop_map(PsValue::Array);
    let table = prop::collection::vec(list.clone(), 2)
        .prop_map(|items| PsValue::Hash(["First", "Second"].into_iter().zip(items).collect()));
    prop_oneof![3 => one, 2 => list, 1 => table]
}

/// The value as JSON has it.
pub(crate) fn json(value: &PsValue) -> Value {
    match value {
        PsValue::String(text) => text.as_str().into(),
        PsValue::Int(number) => (*number).into(),
        PsValue::Bool(on) | PsValue::Switch(on) => (*on).into(),
        PsValue::Null => Value::Null,
        PsValue::Array(items) => items.iter().map(json).collect(),
        PsValue::Hash(entries) => {
            let entries = entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), json(value)));
            Value::Object(entries.collect())
        }
        PsValue::Variable(name) => format!("${name}").into(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]
    #[test]
    fn writer_and_reader_of_data_agree_on_all_of_unicode(one in value(), other in value()) {
        let entries = [("One", one), ("AnotherKey", other)];
        let Ok(lines) = data::table(&entries, 4) else { return Ok(()) };
        let read = data_file::read(&format!("@{{\n{lines}}}\n")).map_err(TestCaseError::fail)?;
        for (key, value) in &entries {
            prop_assert_eq!(&read[*key], &json(value), "{}", &lines);
        }
    }
}

#[test]
fn a_comment_is_no_longer_than_exchange_takes() {
    for (length, expected) in [
        (10, 24),
        (1009, 1023),
        (1010, 1024),
        (1011, 1024),
        (5000, 1024),
    ] {
        let comment = marked("[mailtopo:hq]", &"é".repeat(length));
        let PsValue::String(text) = comment else {
            panic!("{comment:?}");
        };
        assert_eq!(text.chars().count(), expected, "{length}");
        assert!(text.starts_with("[mailtopo:hq] é"));
    }
}
