//! `RUNBOOK.md` of a topology with many places: the test plan stays one that people can follow.

use mailtopo::compile::{self, Input};
use mailtopo::finding::Findings;
use mailtopo::platforms::exchange::scripts::Form;
use std::collections::BTreeMap;
use std::fmt::Write as _;

fn test_plan(spec: &str) -> Vec<String> {
    let input = Input {
        name: "mailtopo.yaml",
        bytes: spec.as_bytes(),
        files: &BTreeMap::new(),
    };
    let plan = compile::plan(&input, None).plan.expect("a plan");
    let (tree, refused) = mailtopo::emit::emit(&plan, &Findings::default(), Form::Thin);
    assert!(refused.is_empty(), "{refused:?}");
    let mut files = tree.iter();
    let (_, bytes) = files
        .find(|(path, _)| *path == "RUNBOOK.md")
        .expect("a runbook");
    let text = String::from_utf8_lossy(bytes).into_owned();
    text.split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .split("Write from a mailbox at ")
        .skip(1)
        .filter_map(|line| {
            let (from, rest) = line.split_once(" to a mailbox at ")?;
            let to = rest.split('`').nth(1)?;
            Some(format!("{} {to}", from.trim_matches('`')))
        })
        .collect()
}

/// `places` that send as `sends` says, by their number.
fn spec(places: usize, sends: impl Fn(usize) -> &'static str) -> String {
    let mut text = String::from("version: 1\nlocations:\n");
    for at in 0..places {
        let _ = writeln!(
            text,
            "  l{at}: {{kind: postfix, hosts: [l{at}.example.com], egress: [192.0.2.{at}], certificate: l{at}.example.com, delivers_to: \"lmtp:unix:private/lmtp\"{}}}",
            sends(at)
        );
    }
    text.push_str("domains:\n");
    for at in 0..places {
        let _ = writeln!(
            text,
            "  d{at}.example.com: {{mailboxes: l{at}, mx: l{at}, dns: none}}"
        );
    }
    text
}

#[test]
fn among_few_places_everybody_writes_to_everybody() {
    let messages = test_plan(&spec(3, |_| ""));
    let all = ["l0 l1", "l0 l2", "l1 l0", "l1 l2", "l2 l0", "l2 l1"];
    assert_eq!(messages, all);
}

#[test]
fn among_many_each_writes_to_the_next() {
    let messages = test_plan(&spec(5, |_| ""));
    assert_eq!(messages, ["l0 l1", "l1 l2", "l2 l3", "l3 l4", "l4 l0"]);
    let star = |at| if at == 0 { "" } else { ", sends: {via: l0}" };
    let messages = test_plan(&spec(5, star));
    let both_ways = [
        "l0 l1", "l0 l2", "l0 l3", "l0 l4", "l1 l0", "l2 l0", "l3 l0", "l4 l0",
    ];
    assert_eq!(messages, both_ways);
}
