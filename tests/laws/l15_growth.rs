//! L15: growth. What is looked at grows with the spec as its table allows, counted and not timed: at n and at 2n. (b)
//! `check`, which builds no output, has every finding that `compile` has.

use crate::breach::{Breach, Breaches, holds, in_parallel};
use crate::corpus::Spec;
use crate::surface::{Compiled, Files, MAIN};
use std::fmt::Write as _;

/// A shape: its name, the exponents that it and the hops of all its ways may have, its size, and the spec of a size.
type Shape = (&'static str, [f64; 2], usize, fn(usize) -> String);

/// Each of the n² pairs of a chain has a way of its own of up to n hops.
const SHAPES: &[Shape] = &[
    ("rules by city", [1.2, 1.2], 30, rules_by_city),
    ("routes with one pattern", [1.1, 1.1], 30, same_pattern),
    ("a chain of places", [2.0, 3.0], 8, chain),
    ("a chain of forwards", [1.1, 1.1], 20, forwards),
    ("domains", [1.1, 1.1], 50, domains),
];

/// What grows beyond the table may do so by this much.
const MARGIN: f64 = 0.1;

const PLACES: &str = "\
version: 1
locations:
  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com, sends: {via: cloud}}
";

const SPLIT: &str = "domains:\n  contoso.com: {mailboxes: {cloud: 10, hq: 5}, mx: cloud}\n";

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect()
}

fn rules_by_city(count: usize) -> String {
    let rules = lines(count, |it| {
        format!(
            "  - {{name: rule {it}, at: cloud, when: {{recipient_city: [City {it}]}}, route: hq}}\n"
        )
    });
    format!("{PLACES}{SPLIT}rules:\n{rules}")
}

fn same_pattern(count: usize) -> String {
    let routes = lines(count, |it| {
        format!("  - {{name: r{it}, from: cloud, to: hq, recipients: [archive.contoso.com]}}\n")
    });
    format!("{PLACES}{SPLIT}routes:\n{routes}")
}

fn chain(count: usize) -> String {
    let mut text = "version: 1\nlocations:\n".to_owned();
    for it in 0..count {
        let _ = write!(
            text,
            "  l{it}: {{kind: postfix, hosts: [m{it}.contoso.example], egress: [198.51.100.{}], certificate: m{it}.contoso.example, delivers_to: \"lmtp:unix:x\"",
            it + 1
        );
        if let Some(above) = it.checked_sub(1) {
            let _ = write!(text, ", sends: {{via: l{above}}}");
        }
        text.push_str("}\n");
    }
    let domains = lines(count, |it| {
        format!("  d{it}.example: {{mailboxes: {{l{it}: [a@d{it}.example]}}, mx: l{it}}}\n")
    });
    format!("{text}domains:\n{domains}")
}

fn forwards(count: usize) -> String {
    let people: Vec<String> = (0..=count)
        .map(|it| format!("u{it}@contoso.example"))
        .collect();
    let forwards = lines(count, |it| {
        format!(
            "      - {{address: u{it}@contoso.example, target: u{}@contoso.example}}\n",
            it + 1
        )
    });
    format!(
        "version: 1\nlocations:\n  mx: {{kind: postfix, hosts: [mx.contoso.example], egress: [198.51.100.1], certificate: mx.contoso.example, delivers_to: \"lmtp:unix:x\"}}\ndomains:\n  contoso.example:\n    mx: mx\n    mailboxes: {{mx: [{}]}}\n    forwards:\n{forwards}",
        people.join(", ")
    )
}

fn domains(count: usize) -> String {
    let domains = lines(count, |it| {
        format!("  d{it:05}.example: {{mailboxes: hq, mx: cloud}}\n")
    });
    format!("{PLACES}domains:\n{domains}")
}

fn counters(text: String) -> [usize; 4] {
    Compiled::of(&Files::from([(MAIN.to_owned(), text.into_bytes())])).counters()
}

/// `check` asks what `compile` asks of every file, and builds none.
#[test]
fn check_says_what_compile_says() {
    holds("L15b", check_is_compile, |_, _| true);
}

fn check_is_compile(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    let (one, other) = (
        Compiled::report_of_check(&spec.files),
        compiled.report("json"),
    );
    if one != other {
        breaches.add("check and compile differ", one, other);
    }
    breaches.all()
}

#[test]
fn what_is_looked_at_grows_as_its_table_allows() {
    let numbers: Vec<usize> = (0..SHAPES.len()).collect();
    let found = in_parallel(&numbers, |number| {
        let (name, exponents, size, shape) = SHAPES[number];
        let (once, twice) = (counters(shape(size)), counters(shape(2 * size)));
        println!("L15 {name} at {size}: {once:?}, at {}: {twice:?}", 2 * size);
        assert!(once[0] > 0, "{name} is a mistake");
        let mut wrong = Vec::new();
        for (what, (&once, &twice)) in ["pairs", "ways", "hops", "losers"]
            .iter()
            .zip(once.iter().zip(&twice))
        {
            let exponent = exponents[usize::from(*what == "hops")];
            let growth = 2_f64.powf(exponent + MARGIN) * count(once);
            if count(twice) > growth.max(40.0) {
                wrong.push(format!(
                    "{name}: {once} {what} at {size}, {twice} at {}: more than n^{exponent}",
                    2 * size
                ));
            }
        }
        wrong
    });
    let wrong: Vec<String> = found.into_iter().flatten().collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
