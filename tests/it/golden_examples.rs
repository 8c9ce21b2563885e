//! What the examples compile to: `golden/NAME/` is the output of compiling `examples/NAME/`, with what is said on the
//! way in `findings.txt`; an example with mistakes has that file alone. `UPDATE=1` renews them: read the difference.

use crate::cli::{mailtopo, stderr};
use crate::exchange::scripts::NAMES;
use crate::golden::{TODAY, files, folders, root, settle, updating};
use mailtopo::testing::output::AS_BUILT;
use mailtopo::testing::platforms::exchange::scripts::LIBRARY_PATH;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

#[test]
fn examples_become_the_same_files() {
    let examples = folders(&root("examples"));
    assert!(
        examples.len() >= 8,
        "only {} examples were found",
        examples.len()
    );
    let mut failures = Vec::new();
    for example in examples {
        let name = example.file_name().expect("a name").to_owned();
        let golden = root("golden").join(&name);
        let scratch = tempfile::tempdir().expect("a folder");
        let out = scratch.path().join("out");
        let shown = out.to_string_lossy().into_owned();
        // On the screen `--quiet` shows errors alone.
        let report = scratch.path().join("findings.txt");
        let forms = format!("human,human={}", report.display());
        let args = [
            "compile",
            "mailtopo.yaml",
            "--out",
            &shown,
            "--today",
            TODAY,
            "--quiet",
            "--output-format",
            &forms,
        ];
        let output = mailtopo(&example, &args)
            .output()
            .expect("the program starts");
        let mut got = files(&out);
        // What is wrong with an example on purpose is part of what must come of it.
        got.insert(
            "findings.txt".to_owned(),
            fs::read(&report).expect("a report"),
        );
        let has_page = PAGES.iter().any(|page| name == *page);
        got.retain(|path, bytes| {
            !bytes.is_empty() && !is_shared(path) && (has_page || path != AS_BUILT)
        });
        if let Some(script) = got.get_mut(ASKS).filter(|_| !has_page) {
            *script = questions(script);
        }
        assert_eq!(
            stderr(&output).replace(&shown, "DIR"),
            "",
            "{}",
            example.display()
        );
        if updating() {
            renew(&golden, &got);
            continue;
        }
        let expected = files(&golden);
        let mut paths: Vec<&String> = expected.keys().chain(got.keys()).collect();
        paths.sort();
        paths.dedup();
        for path in paths {
            if let Some(difference) = difference(expected.get(path), got.get(path)) {
                failures.push(format!("== {}/{path}: {difference}", golden.display()));
            }
        }
    }
    settle(&failures);
}

/// The script that asks for the records of others.
const ASKS: &str = "dns/facts.sh";

/// What the script asks for: all before that is the same in every output. The manifest has the hash of the whole.
fn questions(script: &[u8]) -> Vec<u8> {
    let script = String::from_utf8_lossy(script);
    let at = script
        .find("\nprintf 'version: 1")
        .expect("where the answers begin");
    script[at + 1..].as_bytes().to_vec()
}

/// The examples whose page and script are kept whole: they say again what stands elsewhere.
const PAGES: [&str; 3] = ["02-split-mailboxes", "04-devices", "07-postfix-and-cloud"];

/// The library and the scripts are the same in every output: a test of their own looks at them, and `golden/exchange`
/// has the scripts once.
fn is_shared(path: &str) -> bool {
    path == LIBRARY_PATH || NAMES.iter().any(|name| path.ends_with(&format!("/{name}")))
}

fn difference(expected: Option<&Vec<u8>>, got: Option<&Vec<u8>>) -> Option<String> {
    match (expected, got) {
        (Some(expected), Some(got)) if expected == got => None,
        (None, _) => Some("it is new".to_owned()),
        (_, None) => Some("it is gone".to_owned()),
        (Some(expected), Some(got)) => {
            let (expected, got) = (
                String::from_utf8_lossy(expected),
                String::from_utf8_lossy(got),
            );
            let lines = expected.lines().zip(got.lines()).enumerate();
            let first = lines.into_iter().find(|(_, (a, b))| a != b);
            Some(
                first.map_or("one is longer".to_owned(), |(number, (a, b))| {
                    format!("line {}\n   expected {a}\n   came     {b}", number + 1)
                }),
            )
        }
    }
}

fn renew(golden: &Path, files: &BTreeMap<String, Vec<u8>>) {
    if golden.exists() {
        fs::remove_dir_all(golden).expect("the old case can go");
    }
    for (name, bytes) in files {
        let path = golden.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, bytes).expect("a file");
    }
}
