//! Wrong specs and what is said about them: `golden/errors/NAME/` holds a spec and `expected.txt`.

use mailtopo::testing::finding::{Findings, Severity};
use mailtopo::testing::source::{Files, Sources};
use mailtopo::testing::topology::resolve;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The files of one folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        fs::read(self.0.join(path)).map_err(|_| "there is no such file".to_owned())
    }
}

/// Every finding of a spec on a line: severity, code, place and message, then its other places and its help.
fn said(folder: &Path, main: &str) -> String {
    let text = fs::read(folder.join(main)).expect("the main spec can be read");
    let mut sources = Sources::default();
    let mut findings = Findings::default();
    resolve::load(
        &Folder(folder.to_owned()),
        main,
        &text,
        &mut sources,
        &mut findings,
    );
    let mut out = String::new();
    for finding in findings.into_sorted() {
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let mut places = finding.labels.iter().map(|label| {
            let place = sources.place(label.span);
            let name = &sources.file(label.span.file).name;
            (
                format!("{name}:{}:{}", place.line, place.column),
                &label.text,
            )
        });
        let first = places.next().map(|(place, _)| place).unwrap_or_default();
        let _ = writeln!(
            out,
            "{severity} {} {first} {}",
            finding.check, finding.message
        );
        for (place, text) in places {
            let _ = writeln!(out, "  also {place} {text}");
        }
        if let Some(help) = finding.help {
            let _ = writeln!(out, "  help {help}");
        }
    }
    out
}

fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("golden/errors");
    let mut cases: Vec<PathBuf> = fs::read_dir(root)
        .expect("golden/errors can be listed")
        .map(|entry| entry.expect("an entry can be read").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    cases
}

/// `UPDATE=1` writes what is said; read it before it is committed.
#[test]
fn every_wrong_spec_is_told_what_is_wrong() {
    let update = crate::golden::updating();
    let cases = cases();
    assert!(cases.len() >= 100, "there are {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in cases {
        let said = said(&case, "mailtopo.yaml");
        let expected = case.join("expected.txt");
        if update {
            fs::write(&expected, &said).expect("expected.txt can be written");
            continue;
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        if said != expected || said.is_empty() {
            wrong.push(format!(
                "{}\nexpected:\n{expected}said:\n{said}",
                case.display()
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The examples are good specs: nothing is wrong with them, but for the one that is there to be wrong.
#[test]
fn every_example_resolves() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut wrong = String::new();
    let mut count = 0;
    for entry in fs::read_dir(&root).expect("examples can be listed") {
        let folder = entry.expect("an entry can be read").path();
        if !folder.join("mailtopo.yaml").exists() {
            continue;
        }
        count += 1;
        let said = said(&folder, "mailtopo.yaml");
        // This one is there to show what mistakes look like.
        if folder.ends_with("00-mistakes") {
            assert!(said.starts_with("error"), "{said}");
            continue;
        }
        for line in said.lines().filter(|line| line.starts_with("error")) {
            let _ = writeln!(wrong, "{}: {line}", folder.display());
        }
    }
    assert!(count > 0);
    assert!(wrong.is_empty(), "{wrong}");
}

/// A spec that is cut off, or whose lines are mixed with those of others, is told what is wrong and never stops the
/// program.
#[test]
fn damaged_specs_are_survived() {
    let texts: Vec<String> = cases()
        .iter()
        .filter_map(|case| fs::read_to_string(case.join("mailtopo.yaml")).ok())
        .collect();
    let folder = cases().into_iter().next().unwrap_or_default();
    let mut lines: Vec<&str> = texts.iter().flat_map(|text| text.lines()).collect();
    lines.sort_unstable();
    lines.dedup();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let strategy = (
        proptest::sample::select(texts.clone()),
        proptest::sample::select(lines.into_iter().map(str::to_owned).collect::<Vec<_>>()),
        proptest::prelude::any::<proptest::sample::Index>(),
        proptest::prelude::any::<bool>(),
    );
    let result = runner.run(&strategy, |(text, line, at, cut)| {
        let starts: Vec<usize> = text.char_indices().map(|(index, _)| index).collect();
        let at = starts[at.index(starts.len())];
        let (head, tail) = text.split_at(at);
        let damaged = if cut {
            format!("{head}\n{line}\n")
        } else {
            format!("{head}{line}{tail}")
        };
        let mut sources = Sources::default();
        let mut findings = Findings::default();
        let files = Folder(folder.clone());
        let topology = resolve::load(
            &files,
            "mailtopo.yaml",
            damaged.as_bytes(),
            &mut sources,
            &mut findings,
        );
        proptest::prop_assert!(topology.is_some() || findings.has_errors());
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
}
