//! Whole runs over generated specs of growing size: wall time, peak memory, throughput.
//!
//! `cargo bench --bench scale` prints a Markdown table for `docs/performance.md`. Peak memory is read from
//! `/proc` while the program runs, so figures exist on Linux only.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// Domains and recipients of each spec.
const SIZES: &[(usize, usize)] = &[
    (10, 0),
    (1_000, 0),
    (10_000, 0),
    (100_000, 0),
    (1_000, 1_000_000),
];

fn main() {
    let folder = env::temp_dir().join(format!("mailtopo-scale-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("a temporary folder");
    println!(
        "| domains | recipients | input | command | wall, best of 3 | peak memory | memory / input | input / wall |"
    );
    println!("|---:|---:|---:|---|---:|---:|---:|---:|");
    for &(domains, recipients) in SIZES {
        let (spec, bytes) = write_spec(&folder, domains, recipients);
        for command in ["check", "compile"] {
            let runs: Vec<Run> = (0..3).map(|_| run(command, &spec, &folder)).collect();
            let wall = runs.iter().map(|run| run.wall).min().unwrap_or_default();
            let peak = runs.iter().map(|run| run.peak).max().unwrap_or_default();
            println!(
                "| {domains} | {recipients} | {} | {command} | {} ms | {} | {:.1} | {:.1} MB/s |",
                megabytes(bytes),
                wall.as_millis(),
                megabytes(peak),
                ratio(peak, bytes),
                ratio(bytes, 1_000_000) / wall.as_secs_f64(),
            );
        }
    }
    let _ = fs::remove_dir_all(&folder);
}

struct Run {
    wall: Duration,
    peak: u64,
}

fn run(command: &str, spec: &Path, folder: &Path) -> Run {
    let out = folder.join("out");
    let _ = fs::remove_dir_all(&out);
    let mut call = Command::new(env!("CARGO_BIN_EXE_mailtopo"));
    call.arg(command)
        .arg(spec)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if command == "compile" {
        call.arg("--out").arg(&out);
    }
    let start = Instant::now();
    let mut child = call.spawn().expect("the program starts");
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    let ended = loop {
        if let Some(ended) = child.try_wait().expect("the program can be waited for") {
            break ended;
        }
        peak = peak_memory(&status).unwrap_or(peak);
        thread::sleep(Duration::from_millis(1));
    };
    let wall = start.elapsed();
    assert!(
        ended.success(),
        "{command} of {} ended with {ended}",
        spec.display()
    );
    Run { wall, peak }
}

fn peak_memory(status: &str) -> Option<u64> {
    let text = fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

fn write_spec(folder: &Path, domains: usize, recipients: usize) -> (PathBuf, u64) {
    let mut text = String::from(
        "version: 1\norganization: Scale\nlocations:\n  cloud: {kind: exchange-online, tenant: scale, reject_direct_send: true}\n  mx:\n    kind: postfix\n    hosts: [mail.scale.example]\n    egress: [192.0.2.25]\n    certificate: mail.scale.example\n    delivers_to: \"lmtp:unix:private/lmtp\"\n    sends: {via: cloud}\ndomains:\n",
    );
    for index in 0..domains {
        let place = if recipients == 0 && index % 2 == 0 {
            "cloud"
        } else {
            "mx"
        };
        let mailboxes = if recipients == 0 {
            place.to_owned()
        } else {
            "{mx: {file: people.csv}}".to_owned()
        };
        let _ = writeln!(
            text,
            "  d{index}.scale.example:\n    mailboxes: {mailboxes}\n    mx: cloud\n    dns: none"
        );
    }
    let mut bytes = text.len() as u64;
    let spec = folder.join("mailtopo.yaml");
    fs::write(&spec, text).expect("the spec is written");
    if recipients > 0 {
        let mut people = String::from("address,city\n");
        for index in 0..recipients {
            let _ = writeln!(
                people,
                "user{index}@d{}.scale.example,City {}",
                index % domains,
                index % 7
            );
        }
        bytes += people.len() as u64;
        fs::write(folder.join("people.csv"), people).expect("the list is written");
    }
    (spec, bytes)
}

#[expect(clippy::cast_precision_loss, reason = "figures for people")]
fn ratio(a: u64, b: u64) -> f64 {
    a as f64 / b as f64
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", ratio(bytes, 1_000_000))
}
