//! What breaks a law today, and why it may: `exceptions.yaml`.
//!
//! An entry names the law, the spec, the object of the breach, a reason and, where there is one, the case of
//! `tests/cases` that is still open. For specs made by chance the spec is `generated` and the object is the kind of
//! breach. So it is with a spec `*`, which stands for all specs. An entry that excuses nothing fails.

use crate::breach::Breach;
use crate::corpus::{Spec, more, only, root};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::fmt::Write as _;
use std::fs;
use std::sync::Mutex;

const FILE: &str = "tests/laws/exceptions.yaml";

/// The reason of an entry that `UPDATE=1` has written and nobody has judged.
const NOT_JUDGED: &str = "?";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    law: String,
    spec: String,
    object: String,
    reason: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    case: String,
}

/// What the exceptions leave of the breaches of a law.
#[derive(Debug, Default)]
pub(crate) struct Judged {
    /// The numbers of the breaches that nothing excuses.
    pub fresh: Vec<usize>,
    /// Entries that excuse nothing.
    stale: Vec<String>,
    /// Entries without a reason.
    without_reason: Vec<String>,
}

impl Judged {
    pub(crate) fn is_empty(&self) -> bool {
        self.fresh.is_empty() && self.stale.is_empty() && self.without_reason.is_empty()
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{} breaches that {FILE} does not excuse, {} entries that excuse nothing, {} without a reason",
            self.fresh.len(),
            self.stale.len(),
            self.without_reason.len()
        )?;
        for entry in &self.stale {
            writeln!(f, "excuses nothing, take it out: {entry}")?;
        }
        for entry in &self.without_reason {
            writeln!(f, "say why it may stay: {entry}")?;
        }
        writeln!(f, "UPDATE=1 writes and drops the entries")
    }
}

fn read() -> Vec<Entry> {
    let text = fs::read_to_string(root(FILE)).unwrap_or_default();
    let entries: Option<Vec<Entry>> = serde_yaml::from_str(&text).expect("the exceptions");
    entries.unwrap_or_default()
}

fn excuses(entry: &Entry, spec: &Spec, breach: &Breach) -> bool {
    let is_kind = entry.spec == "*" || entry.spec == "generated" && spec.is_generated();
    entry.spec == spec.name && entry.object == breach.object
        || is_kind && entry.object == breach.kind
}

/// Compares the breaches of a law in the specs that were asked with its entries.
pub(crate) fn judge(law: &str, asked: &BTreeSet<&str>, breaches: &[(&Spec, Breach)]) -> Judged {
    // One law at a time: with `UPDATE=1` each of them writes its entries.
    static TURN: Mutex<()> = Mutex::new(());
    let _turn = TURN
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    let entries = read();
    let mut judged = Judged::default();
    let mut used = BTreeSet::new();
    for (number, (spec, breach)) in breaches.iter().enumerate() {
        let found = entries
            .iter()
            .position(|entry| entry.law == law && excuses(entry, spec, breach));
        match found {
            Some(at) if only().is_none() => {
                used.insert(at);
            }
            // Who asks for single specs wants to see everything.
            _ => judged.fresh.push(number),
        }
    }
    let everyday = more().is_none();
    let is_asked = |entry: &Entry| match entry.spec.as_str() {
        _ if only().is_some() => false,
        // With another number of generated specs, what is found among them differs.
        "*" | "generated" => everyday,
        spec => asked.contains(spec) || !exists(spec),
    };
    let stale =
        |at: usize, entry: &Entry| entry.law == law && !used.contains(&at) && is_asked(entry);
    for (at, entry) in entries.iter().enumerate() {
        if stale(at, entry) {
            judged.stale.push(line(entry));
        } else if entry.law == law && entry.reason == NOT_JUDGED {
            judged.without_reason.push(line(entry));
        }
    }
    if updating() {
        let mut kept: BTreeMap<(String, String, String), Entry> = entries
            .iter()
            .enumerate()
            .filter(|(at, entry)| !stale(*at, entry))
            .map(|(_, entry)| (key(entry), entry.clone()))
            .collect();
        for &number in &judged.fresh {
            let (spec, breach) = &breaches[number];
            let (spec, object) = if spec.is_generated() {
                ("generated", &breach.kind)
            } else {
                (spec.name.as_str(), &breach.object)
            };
            let entry = Entry {
                law: law.to_owned(),
                spec: spec.to_owned(),
                object: object.clone(),
                reason: NOT_JUDGED.to_owned(),
                case: String::new(),
            };
            kept.entry(key(&entry)).or_insert(entry);
        }
        write(&kept.into_values().collect::<Vec<_>>());
    }
    judged
}

/// Whether the entries are written anew.
pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

fn exists(spec: &str) -> bool {
    crate::corpus::corpus().iter().any(|it| it.name == spec)
}

fn key(entry: &Entry) -> (String, String, String) {
    (entry.law.clone(), entry.spec.clone(), entry.object.clone())
}

/// One line, so that two people who take out different entries do not meet.
fn line(entry: &Entry) -> String {
    let quoted = |text: &str| serde_json::to_string(text).expect("a text");
    let mut line = format!(
        "- {{law: {}, spec: {}, object: {}, reason: {}",
        quoted(&entry.law),
        quoted(&entry.spec),
        quoted(&entry.object),
        quoted(&entry.reason)
    );
    if !entry.case.is_empty() {
        let _ = write!(line, ", case: {}", quoted(&entry.case));
    }
    line.push('}');
    line
}

const HEAD: &str = "\
# What breaks a law today, and why it may. `UPDATE=1 cargo test --test laws` writes what is missing and drops what excuses
# nothing; a reason of \"?\" fails until somebody has judged the entry.
";

fn write(entries: &[Entry]) {
    let mut text = HEAD.to_owned();
    let mut last = "";
    for entry in entries {
        if entry.law != last {
            last = &entry.law;
            let _ = writeln!(text, "\n# {last}");
        }
        text.push_str(&line(entry));
        text.push('\n');
    }
    fs::write(root(FILE), text).expect("the exceptions can be written");
}

#[test]
fn entries_are_sorted_and_name_cases_that_are_open() {
    let entries = read();
    let keys: Vec<_> = entries.iter().map(key).collect();
    assert!(
        keys.windows(2).all(|pair| pair[0] < pair[1]),
        "UPDATE=1 sorts the entries"
    );
    let open = crate::cases::open();
    let wrong: Vec<String> = entries
        .iter()
        .filter(|entry| !entry.case.is_empty() && !open.contains(&entry.case))
        .map(line)
        .collect();
    assert!(
        wrong.is_empty(),
        "these cases are mended or missing; judge the entries anew:\n{}",
        wrong.join("\n")
    );
}
