//! Specs beside what must come of them.
//!
//! `golden/runs/NAME/` is the folder of a spec, with the whole output of `mailtopo check` in `expected.txt`; other
//! arguments stand in `args.txt`, one per line.
//! With `UPDATE=1` what came is written there: read it before it is committed.

use crate::cli::{mailtopo, stderr, stdout};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The day of every run, so that what expires does so for everybody at once.
pub(crate) const TODAY: &str = "2026-11-25";

const EXPECTED: &str = "expected.txt";

pub(crate) fn root(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

pub(crate) fn updating() -> bool {
    std::env::var_os("UPDATE").is_some_and(|value| value == "1")
}

/// The folders in a folder, by name.
pub(crate) fn folders(path: &Path) -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = fs::read_dir(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    folders
}

/// Says every difference, not only the first.
pub(crate) fn settle(failures: &[String]) {
    assert!(
        failures.is_empty(),
        "{}\n{} of the cases differ; UPDATE=1 writes what came instead",
        failures.join("\n"),
        failures.len()
    );
}

#[test]
fn runs_say_what_they_said() {
    let cases = folders(&root("golden/runs"));
    assert!(cases.len() >= 40, "only {} cases were found", cases.len());
    let mut failures = Vec::new();
    for case in cases {
        let got = run(&case);
        let path = case.join(EXPECTED);
        if updating() {
            fs::write(&path, &got).expect("the case can be written");
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap_or_default();
        if got != expected {
            failures.push(format!(
                "== {}\n-- expected\n{expected}\n-- came\n{got}",
                case.display()
            ));
        }
    }
    settle(&failures);
}

/// The exit code, then what was said: results first, messages behind them.
fn run(case: &Path) -> String {
    let args = match fs::read_to_string(case.join("args.txt")) {
        Ok(args) => args.lines().map(str::to_owned).collect(),
        Err(_) => vec!["check".to_owned()],
    };
    let mut args: Vec<&str> = args.iter().map(String::as_str).collect();
    args.extend(["--color", "never"]);
    if args.first().is_some_and(|&word| word == "check") {
        args.extend(["--today", TODAY]);
    }
    let output = mailtopo(case, &args).output().expect("the program starts");
    let code = output
        .status
        .code()
        .map_or_else(|| "by a signal".to_owned(), |code| code.to_string());
    let mut text = format!("exit {code}\n{}", stdout(&output));
    if !output.stderr.is_empty() {
        let _ = write!(text, "-- standard error\n{}", stderr(&output));
    }
    text
}

/// Every file below a folder by its path; nothing where there is no folder.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![folder.to_owned()];
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).into_iter().flatten() {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it is below");
            let name = name.to_string_lossy().replace('\\', "/");
            found.insert(name, fs::read(&path).expect("it can be read"));
        }
    }
    found
}
