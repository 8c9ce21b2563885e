//! The table against the files, the pages against their form, and `ignore` against findings made by hand.

use crate::checks::*;
use crate::finding::{Code, Finding, Object};
use crate::source::{At, Span};
use crate::topology::Ignore;
use crate::values::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEADINGS: [&str; 6] = [
    "What a clean result proves",
    "Exact condition",
    "Severity",
    "Failing spec",
    "Mended spec",
    "Sources",
];

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn source_files(folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    rust_files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
        &mut found,
    );
    found.sort();
    found
}

/// Group letter and three digits.
fn is_code(text: &str) -> bool {
    text.len() == 4
        && text.starts_with(|c: char| c.is_ascii_uppercase())
        && text[1..].bytes().all(|byte| byte.is_ascii_digit())
}

#[test]
fn every_file_of_a_check_is_in_the_table_under_its_own_code_and_name() {
    let in_table: BTreeSet<String> = ALL
        .iter()
        .map(|check| {
            format!(
                "{}_{}",
                check.code.as_str().to_lowercase(),
                check.name.replace('-', "_")
            )
        })
        .collect();
    let files: BTreeSet<String> = source_files("src/checks")
        .iter()
        .filter_map(|path| path.file_stem()?.to_str().map(str::to_owned))
        .filter(|stem| {
            stem.split_once('_')
                .is_some_and(|(code, _)| is_code(&code.to_uppercase()))
        })
        .collect();
    assert_eq!(in_table, files);
}

#[test]
fn codes_and_names_are_unique_and_in_order() {
    let codes: Vec<&str> = ALL.iter().map(|check| check.code.as_str()).collect();
    assert!(codes.is_sorted(), "{codes:?}");
    assert!(codes.iter().all(|code| is_code(code)));
    assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), ALL.len());
    assert_eq!(
        ALL.iter()
            .map(|check| check.name)
            .collect::<BTreeSet<_>>()
            .len(),
        ALL.len()
    );
}

#[test]
fn every_code_that_a_finding_is_made_with_has_a_page() {
    let mut without = BTreeSet::new();
    for path in source_files("src")
        .iter()
        .filter(|path| !path.ends_with("tests.rs"))
    {
        let text = std::fs::read_to_string(path).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        for literal in code.split('"').filter(|literal| is_code(literal)) {
            if find(literal).is_none() {
                without.insert(format!("{literal} in {}", path.display()));
            }
        }
    }
    assert!(without.is_empty(), "{without:#?}");
}

#[test]
fn every_page_has_its_title_and_all_headings_in_order() {
    for check in ALL {
        let page = check.page();
        let headings: Vec<&str> = page
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(headings, HEADINGS, "{}", check.code);
        assert_eq!(
            page.lines().next(),
            Some(format!("# {} {}", check.code, check.name).as_str())
        );
        for heading in HEADINGS {
            assert_ne!(
                check.section(heading).unwrap_or_default(),
                "",
                "{} {heading}",
                check.code
            );
        }
        let severity = check.section("Severity").unwrap();
        let first = severity.split([' ', ':', ';']).next().unwrap_or_default();
        assert_eq!(
            first,
            format!("{:?}", check.severity).to_lowercase(),
            "{}",
            check.code
        );
        assert!(
            check.section("Sources").unwrap().contains("<https://"),
            "{}",
            check.code
        );
        assert!(
            !check.proves().contains('\n') && check.proves().ends_with('.'),
            "{}",
            check.code
        );
    }
}

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

fn entry(check: &str, on: Option<&str>, reason: Option<&str>, until: Option<&str>) -> Ignore {
    let span = Span::default();
    Ignore {
        span,
        check: At::new(check.to_owned(), span),
        on: on.map(|name| {
            At::new(
                vec![
                    Object::Location(name.to_owned()),
                    Object::Device(name.to_owned()),
                ],
                span,
            )
        }),
        reason: reason.map(|reason| At::new(reason.to_owned(), span)),
        until: until.map(|until| At::new(day(until), span)),
    }
}

/// What nobody accepts of two findings, R005 on `cloud` and S001, on 25 November 2026.
fn left(entries: &[Ignore]) -> Vec<(Code, Severity)> {
    let mut findings = Findings::default();
    findings.push(Finding::warning(Code::R005, "exposed").on(Object::Location("cloud".to_owned())));
    findings.push(Finding::error(Code::S001, "unknown").on(Object::Location("cloud".to_owned())));
    let mut acceptance = Acceptance::of(entries, day("2026-11-25"));
    acceptance.mark(&mut findings);
    findings.extend(acceptance.stale());
    let sorted = findings.into_sorted();
    assert!(sorted.len() >= 2, "{sorted:#?}");
    sorted
        .iter()
        .filter(|finding| finding.accepted.is_none())
        .map(|finding| (finding.check, finding.severity))
        .collect()
}

#[test]
fn an_entry_hides_its_finding_and_nothing_else() {
    use Severity::{Error, Warning};
    let why = Some("the ERP still uses direct send");
    let kept = (Code::S001, Error);
    let shown = (Code::R005, Warning);
    for (entries, expected) in [
        (vec![], vec![kept, shown]),
        (vec![entry("R005", Some("cloud"), why, None)], vec![kept]),
        (
            vec![entry("direct-send-exposed", None, why, Some("2026-11-25"))],
            vec![kept],
        ),
        (
            vec![entry("R005", Some("hq"), why, None)],
            vec![kept, shown, (Code::S013, Warning)],
        ),
        (
            vec![entry("R011", None, why, None)],
            vec![kept, shown, (Code::S013, Warning)],
        ),
        (
            vec![entry("R05", None, why, None)],
            vec![kept, shown, (Code::S013, Warning)],
        ),
        (
            vec![entry("S001", Some("cloud"), why, None)],
            vec![kept, shown, (Code::S013, Warning)],
        ),
        (
            vec![entry("R005", Some("cloud"), why, Some("2026-11-24"))],
            vec![kept, shown, (Code::S014, Warning)],
        ),
        (
            vec![entry("R005", Some("cloud"), None, None)],
            vec![kept, shown],
        ),
    ] {
        let mut found = left(&entries);
        found.sort_by_key(|(code, _)| {
            (
                ![Code::R005, Code::S001].contains(code),
                *code != Code::S001,
            )
        });
        assert_eq!(found, expected, "{entries:#?}");
    }
}

#[test]
fn no_fault_of_the_mail_flow_is_kept_back() {
    let source = include_str!("../walk/faults.rs");
    let (_, variants) = source.split_once("pub enum FaultKind {").expect("an enum");
    let (variants, _) = variants.split_once("\n}").expect("its end");
    let kinds: Vec<&str> = variants
        .lines()
        .filter(|line| !line.trim_start().starts_with("///"))
        .filter_map(|line| line.trim().strip_suffix(','))
        .collect();
    assert!(kinds.len() > 20, "{kinds:?}");
    for kind in kinds {
        let named = match kind.split_once('(') {
            Some((kind, _)) => format!("FaultKind::{kind}("),
            None => format!("FaultKind::{kind}"),
        };
        let speaks = |source: &str| {
            let mut after = source.split(named.as_str()).skip(1);
            after.any(|rest| named.ends_with('(') || !rest.starts_with(char::is_alphanumeric))
        };
        assert!(
            ALL.iter().any(|check| speaks(check.source)),
            "no check speaks of `{kind}`"
        );
    }
}
