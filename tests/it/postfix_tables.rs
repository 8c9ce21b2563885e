//! Tables of Postfix against the routes they carry: no key stands for a name that its route is not for.

use mailtopo::compile::{Input, plan};
use mailtopo::testing::emit::emit;
use mailtopo::testing::finding::Findings;
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::platforms::exchange::scripts::Form;
use mailtopo::testing::platforms::postfix::{Class, Configuration as Tables, Key};
use mailtopo::testing::topology::LocationId;
use mailtopo::testing::values::{DomainName, Pattern};
use proptest::prelude::*;
use proptest::sample::subsequence;
use proptest::test_runner::TestRunner;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const PATTERNS: [&str; 7] = [
    "contoso.com",
    "*.contoso.com",
    "eu.contoso.com",
    "*.eu.contoso.com",
    "fabrikam.com",
    "*.fabrikam.com",
    "*",
];

/// What a generated spec differs in: routing, unnamed subdomains of two domains, a mailbox at another place, and the
/// patterns of two routes.
type Choice = (bool, [bool; 2], bool, [Vec<&'static str>; 2]);

fn spec(choice: &Choice) -> String {
    let (explicit, [outer, inner], split, routes) = choice;
    let mailboxes = if *split {
        "{hq: [a@contoso.com, c@contoso.com], branch: [b@contoso.com]}"
    } else {
        "hq"
    };
    let mut text = format!(
        "version: 1
locations:
  mx: {{kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com}}
  hq: {{kind: smtp, hosts: [hq.contoso.com], egress: [203.0.113.10], certificate: hq.contoso.com, sends: {{via: mx}}}}
  branch: {{kind: smtp, hosts: [branch.contoso.com], egress: [198.51.100.7], certificate: branch.contoso.com, sends: {{via: mx}}}}
domains:
  contoso.com: {{mailboxes: {mailboxes}, mx: mx, subdomains: {outer}}}
  eu.contoso.com: {{mailboxes: branch, mx: mx, subdomains: {inner}}}
routing: {}
routes:
",
        if *explicit { "explicit" } else { "derived" }
    );
    for (to, recipients) in ["hq", "branch"].iter().zip(routes) {
        if !recipients.is_empty() {
            let recipients = recipients.join("\", \"");
            let _ = writeln!(
                text,
                "  - {{name: {to}, from: mx, to: {to}, recipients: [\"{recipients}\"]}}"
            );
        }
    }
    if routes.iter().all(Vec::is_empty) {
        text = text.replace("routes:\n", "");
    }
    text
}

/// The keys that stand for more names than their route.
fn too_wide(plan: &Plan) -> Vec<String> {
    let mut wrong = Vec::new();
    for (id, location) in plan.topology.locations() {
        let Configuration::Postfix(tables) = &plan.place(id).configuration else {
            continue;
        };
        for (key, entry) in &tables.transport {
            let Some(route) = tables.hop(entry.hop).route else {
                continue;
            };
            let wanted = match key {
                Key::Address(address) => Pattern::Exact(address.domain().clone()),
                Key::Domain(name) => Pattern::Exact(name.clone()),
                Key::Below(base) => Pattern::Below(base.clone()),
            };
            let route = plan.route(route);
            let patterns = route.recipients.iter().map(|at| &at.pattern);
            let mut covers = patterns.flat_map(|pattern| expanded(plan, id, pattern));
            if !covers.any(|pattern| holds(&pattern, &wanted)) {
                wrong.push(format!(
                    "{}: `{key}` goes by `{}`",
                    location.name, route.name
                ));
            }
        }
    }
    wrong
}

fn expanded(plan: &Plan, id: LocationId, pattern: &Pattern) -> Vec<Pattern> {
    if *pattern != Pattern::AcceptedDomains {
        return vec![pattern.clone()];
    }
    let accepted = plan.place(id).accepted.iter();
    accepted
        .flat_map(|item| {
            let below = Pattern::Below(item.domain.clone());
            let below = item.subdomains.then_some(below);
            [Pattern::Exact(item.domain.clone())]
                .into_iter()
                .chain(below)
        })
        .collect()
}

/// Whether every name of the second is one of the first.
fn holds(outer: &Pattern, inner: &Pattern) -> bool {
    match inner {
        Pattern::Exact(name) => outer.matches(name),
        Pattern::Below(base) => match outer {
            Pattern::Any => true,
            Pattern::Below(around) => base == around || base.is_below(around),
            Pattern::Exact(_) | Pattern::AcceptedDomains => false,
        },
        Pattern::Any | Pattern::AcceptedDomains => *outer == Pattern::Any,
    }
}

/// The tables of the one Postfix.
fn tables(plan: &Plan) -> &Tables {
    let mut all = plan.places.iter();
    let postfix = all.find_map(|place| match &place.configuration {
        Configuration::Postfix(tables) => Some(tables),
        _ => None,
    });
    postfix.expect("a Postfix")
}

fn planned(text: &str) -> Option<Plan> {
    let files = BTreeMap::from([("mailtopo.yaml".to_owned(), text.as_bytes().to_vec())]);
    let input = Input {
        name: "mailtopo.yaml",
        bytes: text.as_bytes(),
        files: &files,
    };
    plan(&input, None).plan
}

#[test]
fn no_key_stands_for_a_name_that_its_route_is_not_for() {
    let config = ProptestConfig {
        cases: 400,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let some = || subsequence(PATTERNS.to_vec(), 0..=PATTERNS.len());
    let choice = (
        any::<bool>(),
        any::<[bool; 2]>(),
        any::<bool>(),
        [some(), some()],
    );
    let (keys, below) = (Cell::new(0), Cell::new(0));
    let run = TestRunner::new(config).run(&choice, |choice| {
        let text = spec(&choice);
        let plan = planned(&text).unwrap_or_else(|| panic!("refused:\n{text}"));
        let tables = tables(&plan);
        keys.set(keys.get() + tables.transport.len());
        let wide = tables
            .transport
            .keys()
            .filter(|key| matches!(key, Key::Below(_)));
        below.set(below.get() + wide.count());
        prop_assert_eq!(too_wide(&plan), Vec::<String>::new(), "{}", text);
        Ok(())
    });
    run.unwrap_or_else(|why| panic!("{why}"));
    assert!(
        keys.get() > 400 && below.get() > 100,
        "{} keys, {} for names below others",
        keys.get(),
        below.get()
    );
}

/// Names that Postfix takes for one are two domains. What is said of both alike is said once.
#[test]
fn names_that_postfix_takes_for_one_are_merged_or_refused() {
    let text = include_str!("../cases/postfix-eszett-domains/mailtopo.yaml");
    let plan = planned(text).expect("a plan");
    let (tree, refused) = emit(&plan, &Findings::default(), Form::default());
    assert!(refused.is_empty(), "{refused:?}");
    let table = tree
        .iter()
        .find(|(path, _)| *path == "mx/virtual_mailbox_maps");
    let table = String::from_utf8_lossy(table.expect("a table").1).into_owned();
    // One line for the spelling in ASCII of each, and none twice.
    for line in ["b@strasse.example", "b@xn--strae-oqa.example"] {
        assert_eq!(table.matches(line).count(), 1, "{table}");
    }
    let name = DomainName::parse("straße.example").expect("a name");
    let tables = tables(&plan);
    assert_eq!(tables.class(&name), Class::Mailboxes);

    let two_ways = text
        .replace("locations:\n", "locations:\n  other: {kind: smtp, hosts: [other.contoso.example], egress: [203.0.113.10], certificate: other.contoso.example, sends: {via: mx}}\n")
        .replace("{mx: [b@strasse.example]}", "other");
    let plan = planned(&two_ways).expect("a plan");
    let (_, refused) = emit(&plan, &Findings::default(), Form::default());
    assert!(
        refused
            .iter()
            .any(|refused| refused.message.contains("strasse.example")),
        "{refused:?}"
    );
}
