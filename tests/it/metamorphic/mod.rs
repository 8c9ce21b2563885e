//! Changes of a spec that mean nothing change nothing that is said about it.
//!
//! Every spec there is (the examples, the pages of the checks, wrong specs, specs made by chance) is written in another
//! order, with other names, with a domain more that nobody shares anything with, and with its routes split by their
//! domains. What is found, what `expect` says and the ways of messages must stay, but for places and renamed names.

mod add;
pub(crate) mod corpus;
mod exempt;
#[path = "../../oracle/generate/mod.rs"]
mod generate;
#[path = "../../oracle/random.rs"]
mod random;
mod rename;
mod said;
mod shuffle;
mod split;

use corpus::{Sample, samples};
use exempt::is_exempt;
use said::{Asked, Said, asked, said};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// A spec that means the same as another, and how what is said about it reads in the other's words.
pub(crate) struct Change {
    /// The changed spec.
    sample: Sample,
    /// A name or address of the old spec in the words of the new one.
    forth: Box<dyn Fn(&str) -> String>,
    /// What is said of the new spec, in the words of the old one.
    back: Box<dyn Fn(&str) -> String>,
    /// Whether messages must stay as well as verdicts.
    messages: bool,
}

impl Change {
    /// A change that renames nothing.
    fn plain(sample: Sample) -> Self {
        Self {
            sample,
            forth: Box::new(str::to_owned),
            back: Box::new(str::to_owned),
            messages: true,
        }
    }
}

/// Everyday runs ask each property of every so many-th spec, each of others, and of all examples.
const STRIDE: usize = 5;

/// Nothing where a property cannot be asked of a spec.
type Property = fn(&Sample, usize) -> Option<Change>;

/// So many of the specs that differ are shown.
const SHOWN: usize = 20;

/// Which everyday run asks a property of a spec: the same one whatever other specs there are.
fn lot(property: &str, spec: &str) -> usize {
    let letters = property.bytes().chain(spec.bytes());
    let mixed = letters.fold(5381_usize, |mixed, letter| {
        mixed.wrapping_mul(33) ^ usize::from(letter)
    });
    mixed % STRIDE
}

/// `least`: of a hundred specs the property is asked of so many.
fn holds(name: &str, property: Property, least: usize) {
    let least = least * samples().len() / STRIDE / 100;
    let (mut differing, mut looked_at) = (Vec::new(), 0);
    let is_everyday = std::env::var_os("METAMORPHIC").is_none();
    for (number, sample) in samples().iter().enumerate() {
        let is_example = sample.name.starts_with("examples/");
        if is_everyday && !is_example && lot(name, &sample.name) != 0 {
            continue;
        }
        let Some(change) = property(sample, number) else {
            continue;
        };
        looked_at += 1;
        let (asked, before) = usual(number, sample);
        let forth = |(from, to): &Asked| ((change.forth)(from), (change.forth)(to));
        let asked: Vec<Asked> = asked.iter().map(forth).collect();
        let after = said(&change.sample, &asked, &change.back);
        let differences = differences(name, before, &after, change.messages);
        if !differences.is_empty() {
            differing.push(format!("== {}\n{differences}", sample.name));
        }
    }
    assert!(
        differing.is_empty(),
        "{name}: {} of {looked_at} specs are judged differently:\n{}",
        differing.len(),
        differing
            .iter()
            .take(SHOWN)
            .fold(String::new(), |mut text, item| {
                let _ = writeln!(text, "{item}");
                text
            })
    );
    assert!(
        looked_at >= least,
        "{name}: only {looked_at} specs were looked at"
    );
}

/// Messages, and what is said of a spec as it is.
type Usual = (Vec<Asked>, Said);

/// What is said of a spec as it is, and the messages that were asked about; all properties compare with it.
fn usual(number: usize, sample: &Sample) -> &'static Usual {
    static USUAL: OnceLock<Vec<OnceLock<Usual>>> = OnceLock::new();
    let all = USUAL.get_or_init(|| samples().iter().map(|_| OnceLock::new()).collect());
    all[number].get_or_init(|| {
        let asked = asked(sample);
        let said = said(sample, &asked, str::to_owned);
        (asked, said)
    })
}

fn differences(name: &str, before: &Said, after: &Said, messages: bool) -> String {
    let mut text = String::new();
    let mut lines = |sign: char, ours: &[String], theirs: &[String]| {
        for line in ours.iter().filter(|line| !theirs.contains(line)) {
            if !is_exempt(name, line) {
                let _ = writeln!(text, "{sign} {line}");
            }
        }
    };
    let pairs = [
        (true, &before.verdicts, &after.verdicts),
        (messages, &before.messages, &after.messages),
        (messages, &before.ways, &after.ways),
    ];
    for (_, before, after) in pairs.iter().filter(|(asked, ..)| *asked) {
        if name == "split" {
            // Who else could have taken the mail is said of every half by itself.
            let [before, after] = [before, after].map(|list| without_losers(list));
            lines('-', &before, &after);
            lines('+', &after, &before);
        } else {
            lines('-', before, after);
            lines('+', after, before);
        }
    }
    text
}

fn without_losers(lines: &[String]) -> Vec<String> {
    const LOSERS: &str = "\"instead_of\":[";
    let without = |line: &String| {
        let mut parts = line.split(LOSERS);
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |text, part| {
            text + part.split_once("\"}],").map_or(part, |(_, rest)| rest)
        })
    };
    lines.iter().map(without).collect()
}

#[test]
fn the_order_of_keys_does_not_matter() {
    holds(
        "shuffle",
        |sample, number| Some(shuffle::shuffled(sample, number)),
        100,
    );
}

#[test]
fn names_do_not_matter() {
    holds("rename", rename::parties, 90);
}

#[test]
fn labels_of_domains_do_not_matter() {
    holds("relabel", rename::labels, 60);
}

#[test]
fn a_domain_that_nobody_uses_does_not_matter() {
    holds("parked", add::parked, 95);
}

#[test]
fn a_domain_like_another_is_judged_like_it() {
    holds("twin", add::twin, 25);
}

#[test]
fn a_route_for_two_domains_is_two_routes() {
    holds("split", split::by_domains, 7);
}
