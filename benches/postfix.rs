//! Compiling a spec with a million recipients, and what `postmap` takes to index the largest table that comes of it.
//!
//! `cargo bench --bench postfix` prints a Markdown table for `docs/performance.md`. Needs `postmap` and the lmdb type.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs};

const RECIPIENTS: usize = 1_000_000;

const SPEC: &str = r#"version: 1
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
    let folder = env::temp_dir().join(format!("mailtopo-postmap-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    fs::write(folder.join("mailtopo.yaml"), SPEC).expect("written");
    for (name, from, to) in [
        ("mx.txt", 0, RECIPIENTS / 2),
        ("hub.txt", RECIPIENTS / 2, RECIPIENTS),
    ] {
        let mut list = String::new();
        for number in from..to {
            let _ = writeln!(list, "user{number:07}@fabrikam.com");
        }
        fs::write(folder.join(name), list).expect("written");
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
    // postmap wants a configuration, whatever it holds.
    fs::write(folder.join("main.cf"), "").expect("written");
    println!("| step | recipients | wall, best of 3 |");
    println!("|---|---:|---:|");
    println!(
        "| `mailtopo compile` | {RECIPIENTS} | {} ms |",
        compile.as_millis()
    );
    for table in ["mx/relay_recipients", "mx/transport"] {
        let path = out.join(table);
        let lines = fs::read_to_string(&path).map_or(0, |text| text.lines().count());
        let wall = best(|| {
            let _ = fs::remove_file(path.with_extension("lmdb"));
            postmap(&folder, &path)
        });
        println!(
            "| `postmap lmdb:{table}` | {lines} | {} ms |",
            wall.as_millis()
        );
    }
    let _ = fs::remove_dir_all(&folder);
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
