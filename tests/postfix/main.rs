//! A real Postfix obeys what is emitted, exactly as `trace` says.
//!
//! These tests start Postfix of the Debian package (`postfix` and `postfix-lmdb`), which only root can do. No port is
//! opened and no mail leaves.

mod callout;
mod exports;
mod folder;
mod host;
mod install;
mod lab;
mod mail;
mod oracle;
mod policy;
#[path = "../readers/relays.rs"]
mod relays;
mod session;
mod smtps;
mod specs;

use oracle::Report;
use std::sync::Mutex;

/// As many topologies as one master serves at once.
const AT_ONCE: usize = 20;

fn show(report: &Report) {
    println!("{}", report.counted());
    let shown: Vec<&str> = report
        .mismatches
        .iter()
        .take(40)
        .map(String::as_str)
        .collect();
    assert!(
        report.mismatches.is_empty(),
        "{} of {} differ; their specs are in {}:\n{}",
        report.mismatches.len(),
        report.questions,
        env!("CARGO_TARGET_TMPDIR"),
        shown.join("\n")
    );
}

#[test]
fn every_example_goes_where_trace_says() {
    let cases = specs::examples();
    assert!(cases.len() >= 3, "the examples with Postfix are gone");
    show(&oracle::compare(&cases, true));
}

/// `MAILTOPO_TOPOLOGIES` says how many, `MAILTOPO_FIRST` which is the first, `MAILTOPO_THREADS` how many work at once. Of more than the usual hundred,
/// `postfix check` looks at one folder among those that share a master.
#[test]
fn generated_topologies_go_where_trace_says() {
    let number = |name: &str, usual: u64| {
        std::env::var(name).map_or(usual, |text| text.parse().expect("a number"))
    };
    let wanted = usize::try_from(number("MAILTOPO_TOPOLOGIES", 100)).expect("a number");
    let next = Mutex::new((number("MAILTOPO_FIRST", 1), 0));
    let total = Mutex::new(Report::default());
    let work = || loop {
        let mut cases = Vec::new();
        {
            let mut next = next.lock().expect("no panic");
            while cases.len() < AT_ONCE && next.1 < wanted {
                if let Some(case) = specs::generated(next.0) {
                    cases.push(case);
                    next.1 += 1;
                }
                next.0 += 1;
            }
        }
        if cases.is_empty() {
            return;
        }
        let report = oracle::compare(&cases, wanted <= 100);
        let mut total = total.lock().expect("no panic");
        total.add(report);
        println!("so far: {}", total.counted());
    };
    std::thread::scope(|scope| {
        for _ in 0..number("MAILTOPO_THREADS", 2) {
            scope.spawn(work);
        }
    });
    show(&total.into_inner().expect("no panic"));
}
