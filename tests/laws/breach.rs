//! A law, what breaks it, and the smallest spec that still does.

use crate::corpus::{Spec, corpus, only};
use crate::exceptions;
use crate::surface::Compiled;
use serde_yaml::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// So many breaches are shown with the smallest spec that has them, where `LAWS_SHRINK` says nothing else.
const SHRUNK: usize = 3;

/// A shrinker asks at most so many smaller specs.
const TRIES: usize = 300;

/// Two statements about one spec that do not go together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Breach {
    /// What it is about, in few words: an exception names it.
    pub object: String,
    /// The kind of fault, for specs made by chance, whose objects have no lasting names.
    pub kind: String,
    pub one: String,
    pub other: String,
}

/// What breaks a law in one spec: of each kind the first.
#[derive(Default)]
pub(crate) struct Breaches(BTreeMap<String, Breach>);

impl Breaches {
    pub(crate) fn add(
        &mut self,
        kind: impl Into<String>,
        one: impl Into<String>,
        other: impl Into<String>,
    ) {
        let kind = kind.into();
        self.0.entry(kind.clone()).or_insert_with(|| Breach {
            object: kind.clone(),
            kind,
            one: one.into(),
            other: other.into(),
        });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn all(self) -> Vec<Breach> {
        self.0.into_values().collect()
    }
}

/// A law of one spec.
pub(crate) type Law = fn(&Spec, &Compiled) -> Vec<Breach>;

/// Asks a law of all specs for which `part` holds, and compares what breaks it with the exceptions.
pub(crate) fn holds(name: &str, law: Law, part: fn(usize, &Spec) -> bool) {
    let all = corpus().iter().enumerate();
    let specs: Vec<&Spec> = all
        .filter(|(number, spec)| only().is_some() || part(*number, spec))
        .map(|(_, spec)| spec)
        .collect();
    holds_of(name, law, &specs);
}

/// Asks a law of these specs, and compares what breaks it with the exceptions.
pub(crate) fn holds_of(name: &str, law: Law, specs: &[&Spec]) {
    let numbers: Vec<usize> = (0..specs.len()).collect();
    let found = in_parallel(&numbers, |number| {
        law(specs[number], specs[number].compiled())
    });
    let asked: BTreeSet<&str> = specs.iter().map(|spec| spec.name.as_str()).collect();
    let breaches: Vec<(&Spec, Breach)> = specs
        .iter()
        .zip(found)
        .flat_map(|(&spec, breaches)| breaches.into_iter().map(move |it| (spec, it)))
        .collect();
    println!("{name}: {} specs, {} breaches", asked.len(), breaches.len());
    let judged = exceptions::judge(name, &asked, &breaches);
    if judged.is_empty() {
        return;
    }
    let shrunk = std::env::var("LAWS_SHRINK");
    let shrunk = shrunk.map_or(SHRUNK, |number| number.parse().expect("a number"));
    let mut text = String::new();
    for (number, &at) in judged.fresh.iter().enumerate() {
        let (spec, breach) = &breaches[at];
        let _ = writeln!(
            text,
            "== {name} {}: {} ({})\n   {}\n   {}",
            spec.name, breach.object, breach.kind, breach.one, breach.other
        );
        if only().is_some() && shrunk == 0 {
            let _ = writeln!(text, "-- the spec\n{}", spec.text());
        }
        if number < shrunk && !exceptions::updating() {
            let _ = writeln!(
                text,
                "-- the smallest spec that shows it\n{}",
                smallest(law, spec, &breach.kind)
            );
        }
    }
    panic!("{text}{judged}");
}

/// Does the work of all numbers on all processors, and gives the results in their order.
pub(crate) fn in_parallel<T: Send>(numbers: &[usize], work: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let next = std::sync::atomic::AtomicUsize::new(0);
    let mut results: Vec<(usize, T)> = std::thread::scope(|scope| {
        let run = || {
            let mut done = Vec::new();
            loop {
                let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let Some(&number) = numbers.get(at) else {
                    return done;
                };
                done.push((at, work(number)));
            }
        };
        let running: Vec<_> = (0..workers).map(|_| scope.spawn(run)).collect();
        let done = running.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.flat_map(|it| it.expect("a worker ends")).collect()
    });
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}

/// The spec without everything that the breach does not need.
fn smallest(law: Law, spec: &Spec, kind: &str) -> String {
    let Some(mut main) = spec.main() else {
        return spec.text();
    };
    let mut left = TRIES;
    let mut again = true;
    while again && left > 0 {
        again = false;
        let mut at = 0;
        while left > 0 {
            let mut smaller = main.clone();
            if !without(&mut smaller, &mut at.clone()) {
                break;
            }
            left -= 1;
            let tried = spec.with_main(&smaller);
            let breaks = law(&tried, tried.compiled())
                .iter()
                .any(|breach| breach.kind == kind);
            if breaks {
                main = smaller;
                again = true;
            } else {
                at += 1;
            }
        }
    }
    spec.with_main(&main).text()
}

/// Removes the key or item with this number, counted in the order of the document; false where there is none.
fn without(value: &mut Value, at: &mut usize) -> bool {
    match value {
        Value::Mapping(map) => {
            let keys: Vec<Value> = map.keys().cloned().collect();
            for key in keys {
                if *at == 0 {
                    return map.remove(&key).is_some();
                }
                *at -= 1;
                if map.get_mut(&key).is_some_and(|inner| without(inner, at)) {
                    return true;
                }
            }
            false
        }
        Value::Sequence(list) => {
            for index in 0..list.len() {
                if *at == 0 {
                    list.remove(index);
                    return true;
                }
                *at -= 1;
                if without(&mut list[index], at) {
                    return true;
                }
            }
            false
        }
        _ => false,
    }
}
