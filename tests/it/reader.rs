//! The YAML reader: what it refuses and where, that it reads what another reader reads, and that nothing upsets it.

use crate::schema::{as_json, findings};
use mailtopo::testing::finding::Findings;
use mailtopo::testing::source::Sources;
use mailtopo::testing::spec::Document;
use mailtopo::testing::yaml;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fmt::Write;
use std::time::{Duration, Instant};

/// Findings with the text that each label points at.
fn pointed(text: &str) -> Vec<(String, Vec<String>)> {
    let (mut sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("spec.yaml", text);
    let _: Option<Document> = yaml::read(&sources, file, &mut findings);
    findings
        .into_sorted()
        .iter()
        .map(|finding| {
            let labels = finding
                .labels
                .iter()
                .map(|label| sources.snippet(label.span).to_owned());
            (
                format!("{} {}", finding.check, finding.message),
                labels.collect(),
            )
        })
        .collect()
}

fn value(text: &str) -> Option<Value> {
    let (mut sources, mut findings) = (Sources::default(), Findings::default());
    let file = sources.add("spec.yaml", text);
    let value = yaml::read(&sources, file, &mut findings);
    value.filter(|_| !findings.has_errors())
}

#[test]
fn mistakes_and_their_places() {
    for (text, message, labels) in [
        ("", "S017 the file is empty", &[""][..]),
        ("# nothing\n", "S017 the file is empty", &[""]),
        ("---\n", "S017 the file is empty", &[""]),
        ("- a\n", "S018 expected a mapping, found a list", &["- a"]),
        (
            "hello\n",
            "S018 expected a mapping, found the text `hello`",
            &["hello"],
        ),
        (
            "version: 1\n---\nversion: 1\n",
            "S017 a second document starts here: a spec is one document",
            &["---"],
        ),
        (
            "organization: !!str 5\n",
            "S017 the tag `!!str` is not allowed: a spec is plain data",
            &["5"],
        ),
        (
            "%YAML 1.2\n---\nversion: 1\n",
            "S017 a line that begins with `%` is a directive, and a spec has none",
            &[""],
        ),
        (
            "version: 1\nversion: 2\n",
            "S015 the key `version` stands here twice",
            &["version", "version"],
        ),
        (
            "organization: a\n\"organization\": b\norganization: c\n",
            "S015 the key `organization` stands here 3 times",
            &["\"organization\"", "organization", "organization"],
        ),
        (
            "<<: {version: 1}\n",
            "S007 unknown key `<<`: the language does not merge mappings",
            &["<<"],
        ),
        (
            "? [a]\n: b\n",
            "S017 a key is text, not a list or a mapping",
            &["[a]"],
        ),
        (": b\n", "S017 a key is missing before `:`", &[""]),
        ("versoin: 1\n", "S007 unknown key `versoin`", &["versoin"]),
        (
            "version: one\n",
            "S018 expected a whole number, found the text `one`",
            &["one"],
        ),
        (
            "version: '1'\n",
            "S018 expected a whole number, found the text `1`",
            &["'1'"],
        ),
        (
            "version:\n",
            "S018 expected a whole number, found nothing",
            &["version"],
        ),
        (
            "organization: ~\n",
            "S018 expected text, found nothing",
            &["~"],
        ),
        (
            "organization: yes\nrouting: explict\n",
            "S019 expected one of `derived`, `explicit`, found `explict`",
            &["explict"],
        ),
        (
            "routes:\n  name: a\n  from: b\n",
            "S018 expected a list, found a mapping",
            &["name: a\n  from: b"],
        ),
        (
            "a:\n\t- b\n",
            "S017 a tab stands where YAML wants spaces",
            &[""],
        ),
        (
            "include: [a\n",
            "S017 the bracket `[` is never closed",
            &[""],
        ),
        ("organization: 'a\n", "S017 a quote is never closed", &[""]),
        (
            "include: [*.contoso.com]\n",
            "S017 the alias `*.contoso.com` stands for nothing: no anchor `&.contoso.com` comes before it",
            &["*.contoso.com"],
        ),
        (
            "include: &a [b, *a]\n",
            "S017 an alias stands inside the value that it stands for",
            &["*a"],
        ),
        (
            "organization: @home\n",
            "S017 text cannot begin with `@`",
            &[""],
        ),
        (
            "devices: {a: {trusted: on}}\n",
            "S018 expected `true` or `false`, found the text `on`",
            &["on"],
        ),
        (
            "devices: {Printer 1: {}}\n",
            "S019 `Printer 1` is no name: names are made of lower-case letters, digits, `-` and `_`, and begin with a letter or a digit",
            &["Printer 1"],
        ),
        (
            "domains: {a.example: {mailboxes: {hq: all}}}\n",
            "S019 `all` says neither how many mailboxes there are nor which",
            &["all"],
        ),
    ] {
        let expected: Vec<_> = labels.iter().map(|label| (*label).to_owned()).collect();
        assert_eq!(pointed(text), [(message.to_owned(), expected)], "{text}");
    }
}

#[test]
fn all_mistakes_in_one_run() {
    let text = "\
version: x
organisation: Contoso
locations:
  cloud: {kind: exchange-onlin, tennant: contoso, reject_direct_send: yes}
  HQ: {kind: postfix}
  hq: {hosts: [mail.contoso.com, {nam: a}, [b]], egress: {file: ~}}
routes:
  - {name: a, cost: high, tls: verifed}
  - just text
  - {name: b, cost: low}
";
    let found = findings(text);
    assert_eq!(found.len(), 13, "{found:#?}");
}

#[test]
fn what_people_write_is_read() {
    let plain = json!({"version": 1, "organization": "a", "include": ["b", "c"]});
    for text in [
        "version: 1\norganization: a\ninclude: [b, c]\n",
        "\u{feff}version: 1\r\norganization: a\r\ninclude:\r\n- b\r\n- c\r\n",
        "---\nversion: 1 # one\norganization: 'a'\ninclude:\n  - b\n  - \"c\"\n...\n",
        "{version: 1, organization: &x a, include: [b, c]}",
        "version: 1\norganization: >-\n  a\ninclude:\n  - |-\n    b\n  - c",
    ] {
        assert_eq!(value(text), Some(plain.clone()), "{text:?}");
        assert_eq!(findings(text), [""; 0], "{text:?}");
    }
    let aliases = "version: 1\ndevices:\n  a: &a {addresses: [203.0.113.1]}\n  b: *a\n";
    assert_eq!(findings(aliases), [""; 0]);
    assert_eq!(
        value(aliases).map(|value| value["devices"]["b"].clone()),
        Some(json!({"addresses": ["203.0.113.1"]}))
    );
}

#[test]
fn places_are_bytes_behind_a_byte_order_mark_and_umlauts() {
    let text = "\u{feff}organization: Bücher\r\nversoin: 1\r\n";
    assert_eq!(
        pointed(text),
        [(
            "S007 unknown key `versoin`".to_owned(),
            vec!["versoin".to_owned()]
        )]
    );
}

#[test]
fn bombs_are_refused_quickly() {
    let laughs = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |mut text, level| {
        let below = level - 1;
        let _ = writeln!(text, "a{level}: &a{level} [*a{below}, *a{below}]");
        text
    });
    let wide = format!(
        "a: &a [{}]\nb: [{}]\n",
        "x, ".repeat(1000),
        "*a, ".repeat(3000)
    );
    let deep_flow = "[".repeat(200_000);
    let deep_block = (0..5000).fold(String::new(), |mut text, level| {
        let _ = writeln!(text, "{}a:", " ".repeat(level));
        text
    });
    let dashes = "- ".repeat(100_000);
    let keys = "? ".repeat(100_000);
    for (name, text) in [
        ("laughs", laughs),
        ("wide", wide),
        ("deep flow", deep_flow),
        ("deep block", deep_block),
        ("dashes", dashes),
        ("keys", keys),
    ] {
        let start = Instant::now();
        let found = findings(&text);
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{name} took {:?}",
            start.elapsed()
        );
        assert!(
            found.iter().any(|line| line.starts_with("S017")),
            "{name}: {:?}",
            &found[..found.len().min(3)]
        );
    }
}

/// Values that have one meaning in YAML and in JSON.
fn data() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0u32..1000).prop_map(|n| Value::from(f64::from(n) / 8.0 + 0.125)),
        "[a-z][a-z0-9.@*-]{0,12}".prop_map(Value::from),
        "[ -~äöüß€]{0,20}".prop_map(Value::from),
        "([ -~ä]{1,8}\n){1,3}".prop_map(Value::from),
        prop::sample::select(vec![
            "no", "yes", "on", "null", "~", "1", "1.5", "0x1f", "true", "<<", "12:30", "- a",
            "a: b", "a #b"
        ])
        .prop_map(Value::from),
    ];
    scalar.prop_recursive(4, 40, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::btree_map("[a-zA-Z][a-z0-9 .:#ä_-]{0,9}", inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

/// Writes a value as YAML; `styles` chooses among the ways to write the same.
fn emit(
    value: &Value,
    indent: usize,
    flow: bool,
    styles: &mut impl Iterator<Item = u8>,
    out: &mut String,
) {
    let style = styles.next().unwrap_or(0);
    let block = !flow && style.is_multiple_of(2);
    let pad = " ".repeat(indent);
    match value {
        Value::Object(map) if block && !map.is_empty() => {
            for (key, value) in map {
                let _ = write!(out, "\n{pad}{}: ", text(key, style));
                emit(value, indent + 2, false, styles, out);
            }
        }
        Value::Array(list) if block && !list.is_empty() => {
            for value in list {
                let _ = write!(out, "\n{pad}- ");
                emit(value, indent + 2, false, styles, out);
            }
        }
        Value::Object(map) => {
            out.push('{');
            for (key, value) in map {
                let _ = write!(out, "{}: ", text(key, style));
                emit(value, indent, true, styles, out);
                out.push_str(", ");
            }
            out.push('}');
        }
        Value::Array(list) => {
            out.push('[');
            for value in list {
                emit(value, indent, true, styles, out);
                out.push_str(", ");
            }
            out.push(']');
        }
        Value::String(string)
            if block && string.ends_with('\n') && !string.starts_with([' ', '\n']) =>
        {
            let _ = write!(out, "|+");
            for line in string.lines() {
                let _ = write!(out, "\n{pad}  {line}");
            }
        }
        Value::String(string) => out.push_str(&text(string, style)),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn text(string: &str, style: u8) -> String {
    let word = string.starts_with(|c: char| c.is_ascii_lowercase())
        && string
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._@".contains(&b))
        && !["null", "true", "false"].contains(&string);
    match style % 3 {
        0 if word => string.to_owned(),
        1 if !string.contains('\n') => format!("'{}'", string.replace('\'', "''")),
        _ => Value::from(string).to_string(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// Two readers, one meaning.
    #[test]
    fn reads_what_another_reader_reads(data in data(), styles in prop::collection::vec(any::<u8>(), 1..20)) {
        let document = json!({"data": data});
        let mut text = String::new();
        emit(&document, 0, false, &mut styles.into_iter().cycle(), &mut text);
        text.push('\n');
        let theirs: serde_yaml::Value = serde_yaml::from_str(&text).map_err(|e| TestCaseError::fail(format!("{e}: {text}")))?;
        prop_assert_eq!(as_json(theirs), document.clone(), "{}", text);
        prop_assert_eq!(value(&text), Some(document), "{}", text);
    }

    /// Whatever stands in a file, reading it ends, and says something where nothing comes back.
    #[test]
    fn survives_anything(text in "([a-z]{1,3}: |- |  |\n|\\[|\\]|\\{|\\}|, |&a |\\*a|'|\"|\\||>|#|%|!|\\?|\t|ä|\u{feff}|1|~|<<: ){0,40}") {
        findings(&text);
    }

    /// A damaged spec never upsets the reader either.
    #[test]
    fn survives_damage(at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<bool>()) {
        let mut bytes = include_bytes!("everything.yaml").to_vec();
        let at = at.index(bytes.len());
        if cut { bytes.truncate(at); } else { bytes[at] = byte; }
        let (mut sources, mut findings) = (Sources::default(), Findings::default());
        match yaml::add_file(&mut sources, "spec.yaml", bytes, &mut findings) {
            Some(file) => {
                let document: Option<Document> = yaml::read(&sources, file, &mut findings);
                prop_assert!(document.is_some() || findings.has_errors());
            }
            None => prop_assert!(findings.has_errors()),
        }
        for finding in &findings {
            for label in &finding.labels {
                sources.place(label.span);
            }
        }
    }
}
