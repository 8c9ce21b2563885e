//! Compiling specs with a million recipients, and what `postmap` takes to index the tables that come of it.
//!
//! `cargo bench --bench postfix` prints a Markdown table for `docs/performance.md`. Needs `postmap` and the lmdb type.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

const RECIPIENTS: usize = 1_000_000;

const ONE_HOST: &str = r#"version: 1
locations:
  mx:
    kind: postfix
    hosts: [mail.fabrikam.com]
    egress: [192.0.2.25]
    certificate: mail.fabrikam.com
    delivers_to: "lmtp:unix:private/dovecot-lmtp"
domains:
  fabrikam.com:
    mailboxes: {mx: {file: mx.txt}}
    mx: mx
"#;

const TWO_HOSTS: &str = r#"version: 1
locations:
  mx:
    kind: postfix
    hosts: [mail.fabrikam.com]
    egress: [192.0.2.25]
    certificate: mail.fabrikam.com
    delivers_to: "lmtp:unix:private/dovecot-lmtp"
  hub:
    kind: postfix
    hosts: [hub.fabrikam.com]
    egress: [192.0.2.26]
    certificate: hub.fabrikam.com
    delivers_to: "lmtp:unix:private/dovecot-lmtp"
    sends: {via: mx}
domains:
  fabrikam.com:
    mailboxes: {mx: {file: mx.txt}, hub: {file: hub.txt}}
    mx: mx
"#;

fn main() {
    println!("| spec | step | lines | wall, best of 3 |");
    println!("|---|---|---:|---:|");
    measure("all at one host", ONE_HOST, &[("mx.txt", RECIPIENTS)]);
    let halves = [("mx.txt", RECIPIENTS / 2), ("hub.txt", RECIPIENTS / 2)];
    measure("a domain split over two hosts", TWO_HOSTS, &halves);
}

/// Compiles a spec with lists of so many recipients, and indexes every table that comes of it.
fn measure(name: &str, spec: &str, lists: &[(&str, usize)]) {
    let folder = env::temp_dir().join(format!("mailtopo-postmap-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    fs::write(folder.join("mailtopo.yaml"), spec).expect("written");
    let mut next = 0;
    for &(file, count) in lists {
        let mut list = String::new();
        for number in next..next + count {
            let _ = writeln!(list, "user{number:07}@fabrikam.com");
        }
        next += count;
        fs::write(folder.join(file), list).expect("written");
    }
    let out = folder.join("out");
    let compile = best(|| {
        let _ = fs::remove_dir_all(&out);
        let mut call = Command::new(env!("CARGO_BIN_EXE_mailtopo"));
        call.arg("compile")
            .arg(folder.join("mailtopo.yaml"))
            .arg("--out")
            .arg(&out);
        call
    });
    println!(
        "| {name} | `mailtopo compile` | {RECIPIENTS} | {} ms |",
        compile.as_millis()
    );
    // postmap wants a configuration, whatever it holds.
    fs::write(folder.join("main.cf"), "").expect("written");
    let mut sum = Duration::ZERO;
    for path in tables(&out) {
        let lines = fs::read_to_string(&path).map_or(0, |text| text.lines().count());
        let wall = best(|| {
            let _ = fs::remove_file(path.with_extension("lmdb"));
            postmap(&folder, &path)
        });
        sum += wall;
        let table = path.strip_prefix(&out).unwrap_or(&path).display();
        println!(
            "| | `postmap lmdb:{table}` | {lines} | {} ms |",
            wall.as_millis()
        );
    }
    println!("| | all tables | | {} ms |", sum.as_millis());
    let _ = fs::remove_dir_all(&folder);
}

/// The tables that have more than a handful of entries.
fn tables(out: &Path) -> Vec<PathBuf> {
    let entries = |folder: &Path| {
        let list = fs::read_dir(folder).into_iter().flatten().flatten();
        list.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut tables: Vec<PathBuf> = entries(out)
        .iter()
        .flat_map(|place| entries(place))
        .filter(|path| fs::metadata(path).is_ok_and(|data| data.len() > 1_000_000))
        .collect();
    tables.sort();
    tables
}

fn postmap(folder: &Path, table: &Path) -> Command {
    let mut call = Command::new("postmap");
    call.env("PATH", env::var("PATH").unwrap_or_default() + ":/usr/sbin")
        .arg("-c")
        .arg(folder)
        .arg(format!("lmdb:{}", table.display()));
    call
}

fn best(call: impl Fn() -> Command) -> Duration {
    let run = |_| {
        let mut call = call();
        call.stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let ended = call.status().expect("the program starts");
        assert!(ended.success(), "{call:?} ended with {ended}");
        start.elapsed()
    };
    (0..3).map(run).min().unwrap_or_default()
}
