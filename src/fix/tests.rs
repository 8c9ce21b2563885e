use crate::finding::{Object, Operation};
use crate::fix::{applied, edit};
use crate::source::{Sources, Span};

/// The text with an operation done; nothing where there is no edit.
fn done(text: &str, operation: &Operation) -> Option<String> {
    let mut sources = Sources::default();
    sources.add("mailtopo.yaml", text);
    applied(text, &edit(&sources, operation)?)
}

#[test]
fn keys_are_set_and_comments_stay() {
    let cloud = || Object::Location("cloud".to_owned());
    for (text, wanted) in [
        (
            "locations:\n  cloud:\n    kind: x # one\n    # two\n  hq: {}\n",
            "locations:\n  cloud:\n    kind: x # one\n    open: true\n    # two\n  hq: {}\n",
        ),
        (
            "locations:\n  cloud: {kind: x} # one\n",
            "locations:\n  cloud: {kind: x, open: true} # one\n",
        ),
        (
            "locations:\n  cloud: {kind: x, open: false}\n",
            "locations:\n  cloud: {kind: x, open: true}\n",
        ),
        ("locations: {cloud: {}}", "locations: {cloud: {open: true}}"),
        (
            "locations:\r\n  cloud:\r\n    kind: x\r\n",
            "locations:\r\n  cloud:\r\n    kind: x\r\n    open: true\r\n",
        ),
        (
            "locations:\n  cloud:\n    kind: x",
            "locations:\n  cloud:\n    kind: x\n    open: true\n",
        ),
    ] {
        let operation = Operation::set(cloud(), "open", "true");
        assert_eq!(done(text, &operation).as_deref(), Some(wanted));
    }
    // Where there is no plain edit there is none.
    for text in [
        "locations:\n  cloud:\n",
        "locations:\n  other: {}\n",
        "a: [",
        "locations:\n  cloud: &a {open: [1]}\n",
    ] {
        assert_eq!(
            done(text, &Operation::set(cloud(), "open", "true")),
            None,
            "{text}"
        );
    }
}

#[test]
fn lists_and_sections_grow() {
    let item = Operation::Item {
        section: "routes",
        value: "{from: a, to: b}".to_owned(),
    };
    for (text, wanted) in [
        ("version: 1\n", "version: 1\nroutes: [{from: a, to: b}]\n"),
        (
            "routes:\n  - {name: x} # one\n# two\nversion: 1\n",
            "routes:\n  - {name: x} # one\n  - {from: a, to: b}\n# two\nversion: 1\n",
        ),
        (
            "routes: [{name: x}]\n",
            "routes: [{name: x}, {from: a, to: b}]\n",
        ),
        ("routes: []\n", "routes: [{from: a, to: b}]\n"),
    ] {
        assert_eq!(done(text, &item).as_deref(), Some(wanted));
    }
    let more = Operation::Append {
        object: Object::Route("x".to_owned()),
        key: "recipients",
        value: "\"*.b\"".to_owned(),
    };
    for (text, wanted) in [
        (
            "routes:\n- name: x\n  recipients: a\n",
            "routes:\n- name: x\n  recipients: [a, \"*.b\"]\n",
        ),
        (
            "routes:\n- name: x\n  recipients:\n  - a\n",
            "routes:\n- name: x\n  recipients:\n  - a\n  - \"*.b\"\n",
        ),
        (
            "routes: [{name: x, recipients: [a]}]\n",
            "routes: [{name: x, recipients: [a, \"*.b\"]}]\n",
        ),
    ] {
        assert_eq!(done(text, &more).as_deref(), Some(wanted));
    }
    let forwards = Operation::Set {
        object: Object::Location("g".to_owned()),
        keys: vec!["forwards".to_owned(), "a.com".to_owned()],
        value: "cloud".to_owned(),
    };
    for (text, wanted) in [
        (
            "locations:\n  g: {forwards: {b.com: hq}}\n",
            "locations:\n  g: {forwards: {b.com: hq, a.com: cloud}}\n",
        ),
        (
            "locations:\n  g: {kind: gateway}\n",
            "locations:\n  g: {kind: gateway, forwards: {a.com: cloud}}\n",
        ),
    ] {
        assert_eq!(done(text, &forwards).as_deref(), Some(wanted));
    }
    let both = Operation::SetAll {
        object: Object::Location("g".to_owned()),
        key: "forwards",
        entries: ["a.com", "*.b.com"]
            .map(|name| (name.to_owned(), "cloud".to_owned()))
            .to_vec(),
    };
    for (text, wanted) in [
        (
            "locations:\n  g: {forwards: {b.com: hq}}\n",
            "locations:\n  g: {forwards: {b.com: hq, a.com: cloud, \"*.b.com\": cloud}}\n",
        ),
        (
            "locations:\n  g: {kind: gateway}\n",
            "locations:\n  g: {kind: gateway, forwards: {a.com: cloud, \"*.b.com\": cloud}}\n",
        ),
        (
            "locations:\n  g:\n    forwards:\n      b.com: hq # why\n    tls: x\n",
            "locations:\n  g:\n    forwards:\n      b.com: hq # why\n      a.com: cloud\n      \"*.b.com\": cloud\n    tls: x\n",
        ),
    ] {
        assert_eq!(done(text, &both).as_deref(), Some(wanted));
    }
    let there = "locations:\n  g: {forwards: {a.com: hq}}\n";
    assert_eq!(done(there, &both), None);
    let domain = Operation::Entry {
        section: "domains",
        name: "b.com".to_owned(),
        value: "{parked: true}".to_owned(),
    };
    assert_eq!(
        done("domains:\n  a.com: {}\n", &domain).as_deref(),
        Some("domains:\n  a.com: {}\n  b.com: {parked: true}\n")
    );
    assert_eq!(done("domains:\n  b.com: {}\n", &domain), None);
}

#[test]
fn what_stands_at_a_path_is_replaced() {
    for (text, path, value, wanted) in [
        (
            "routes:\n  - {name: a b, tls: x} # one\n  - {name: c}\n",
            &["routes", "a b", "tls"][..],
            Some("y"),
            Some("routes:\n  - {name: a b, tls: y} # one\n  - {name: c}\n"),
        ),
        (
            "routes:\n  - {name: a b, tls: x} # one\n  - {name: c}\n",
            &["routes", "a b"],
            None,
            Some("routes:\n  - {name: c}\n"),
        ),
        (
            "l:\n  x:\n    k: [1, 2]\n    m: 3\n",
            &["l", "x", "k"],
            None,
            Some("l:\n  x:\n    m: 3\n"),
        ),
        (
            "l: {x: {k: [1, {a: b}], m: 3}}\n",
            &["l", "x", "k"],
            Some("[2]"),
            Some("l: {x: {k: [2], m: 3}}\n"),
        ),
        (
            "l:\n  x:\n    k:\n      - 1\n      - 2\n    m: 3\n",
            &["l", "x", "k"],
            Some("[2]"),
            Some("l:\n  x:\n    k:\n      [2]\n    m: 3\n"),
        ),
        (
            "names:\n  a: {b: c} # one\n",
            &["names", "a", "d e"],
            Some("f"),
            Some("names:\n  a: {b: c, \"d e\": f} # one\n"),
        ),
        (
            "version: 1\n",
            &["names", "a", "b"],
            Some("c"),
            Some("version: 1\nnames: {a: {b: c}}\n"),
        ),
        ("l: {x:}\n", &["l", "x", "k"], None, None),
    ] {
        let operation = Operation::At {
            path: path.iter().map(|key| (*key).to_owned()).collect(),
            value: value.map(str::to_owned),
        };
        assert_eq!(done(text, &operation).as_deref(), wanted, "{text} {path:?}");
    }
}

#[test]
fn entries_go_with_their_lines() {
    for (text, at, wanted) in [
        (
            "ignore:\n  - {check: A} # one\n  - {check: B}\n",
            "{check: A}",
            Some("ignore:\n  - {check: B}\n"),
        ),
        (
            "a: 1\nignore:\n  - {check: A}\n",
            "{check: A}",
            Some("a: 1\n"),
        ),
        (
            "ignore: [{check: A}, {check: B}]\n",
            "{check: B}",
            Some("ignore: [{check: A}]\n"),
        ),
        (
            "ignore: [{check: A}, {check: B}]\n",
            "{check: A}",
            Some("ignore: [{check: B}]\n"),
        ),
        ("a: {b: 1, c: 2}\n", "c", Some("a: {b: 1}\n")),
        (
            "l:\n  x:\n    k: 1\n    m: 2\n  y: 3\n",
            "x",
            Some("l:\n  y: 3\n"),
        ),
        ("only: 1\n", "only", None),
    ] {
        let start = u32::try_from(text.find(at).expect("it is there")).expect("short");
        let end = start + u32::try_from(at.len()).expect("short");
        let mut sources = Sources::default();
        let file = sources.add("mailtopo.yaml", text);
        let operation = Operation::Remove {
            span: Span::new(file, start, end),
        };
        let found = edit(&sources, &operation).and_then(|edit| applied(text, &edit));
        assert_eq!(found.as_deref(), wanted, "{text}");
    }
}
