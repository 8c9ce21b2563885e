//! The program is killed, or can write no more, in the midst of replacing an output: the old one or the new one is
//! there, whole.

use crate::cli::{mailtopo, stderr};
use crate::golden::{TODAY, files};
use mailtopo::testing::output::{MANIFEST, Manifest, sha256};
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So many zones, each a file, that writing them takes a while.
const ZONES: usize = 150;

/// So many runs are killed.
const KILLED: u32 = 24;

/// Writes a spec whose every output differs by its organization.
fn write_spec(path: &Path, organization: &str) {
    let mut text = format!(
        "version: 1\norganization: {organization}\nlocations:\n  cloud: {{kind: exchange-online, tenant: contoso, reject_direct_send: true}}\ndns: {{ttl: {}}}\ndomains:\n",
        3600 + organization.len()
    );
    for at in 0..ZONES {
        let _ = writeln!(text, "  d{at}.example: {{mailboxes: cloud, mx: cloud}}");
    }
    fs::write(path, text).expect("a spec");
}

fn args<'a>(spec: &'a str, out: &'a str) -> [&'a str; 7] {
    ["compile", spec, "--out", out, "--today", TODAY, "--quiet"]
}

/// The hash of the topology that a whole output is for; panics where it is not whole.
fn whole(out: &Path) -> String {
    let found = files(out);
    let manifest =
        Manifest::read(found.get(MANIFEST).expect("a manifest")).expect("a whole manifest");
    assert_eq!(found.len(), manifest.files.len() + 1);
    for (path, hash) in &manifest.files {
        assert_eq!(
            Some(hash),
            found.get(path).map(|bytes| sha256(bytes)).as_ref(),
            "{path}"
        );
    }
    manifest.topology
}

#[test]
fn a_run_killed_at_any_moment_leaves_the_old_or_the_new_output() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    let specs = ["a.yaml", "bb.yaml"];
    for spec in specs {
        write_spec(&dir.path().join(spec), spec.trim_end_matches(".yaml"));
    }
    let run = |spec: &str| {
        let output = mailtopo(dir.path(), &args(spec, "out"))
            .output()
            .expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        whole(&out)
    };
    let [one, other] = specs.map(run);
    let started = Instant::now();
    assert_eq!(run(specs[0]), one);
    let mut usual = started.elapsed();
    let mut now = one.clone();
    let (mut untouched, mut replaced, mut left) = (0, 0, 0);
    for round in 0..KILLED {
        let (spec, next) = if now == one {
            (specs[1], &other)
        } else {
            (specs[0], &one)
        };
        let mut child = mailtopo(dir.path(), &args(spec, "out"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the program starts");
        // Most of the time goes by before anything is written, so the later half has most of the moments.
        let part = f64::from(round) / f64::from(KILLED);
        std::thread::sleep(usual.mul_f64(part.sqrt() * 1.05));
        let _ = child.kill();
        child.wait().expect("it ends");
        let found = whole(&out);
        assert!(
            found == now || found == *next,
            "neither the old nor the new output"
        );
        let names = fs::read_dir(dir.path()).expect("a folder").count();
        left += u32::from(names > specs.len() + 1);
        if found == now {
            untouched += 1;
        } else {
            replaced += 1;
        }
        // How long a run takes depends on what else the machine does just now.
        let started = Instant::now();
        now = run(spec);
        usual = started.elapsed();
        let names: BTreeSet<_> = fs::read_dir(dir.path())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name())
            .collect();
        assert_eq!(names.len(), specs.len() + 1, "{names:?}");
    }
    assert!(
        untouched > 3,
        "{untouched} runs were killed before they replaced the output"
    );
    assert!(
        left > 0,
        "no run was killed while it wrote; {replaced} were done"
    );
}

/// A limit on the size of files stands for a full disk: writing fails in the midst of a file.
#[cfg(unix)]
#[test]
fn a_run_that_can_write_no_more_leaves_the_old_output() {
    let dir = tempfile::tempdir().expect("a folder");
    let out = dir.path().join("out");
    for spec in ["a.yaml", "bb.yaml"] {
        write_spec(&dir.path().join(spec), spec);
    }
    let first = mailtopo(dir.path(), &args("a.yaml", "out"))
        .output()
        .expect("the program starts");
    assert_eq!(first.status.code(), Some(0), "{}", stderr(&first));
    let old = files(&out);
    // With the signal ignored, writing fails; without, the system kills the run.
    for trap in ["trap '' XFSZ; ", ""] {
        let output = Command::new("sh")
            .args(["-c", &format!("{trap}ulimit -f 8; exec \"$0\" \"$@\"")])
            .arg(env!("CARGO_BIN_EXE_mailtopo"))
            .args(args("bb.yaml", "out"))
            .current_dir(dir.path())
            .output()
            .expect("sh runs");
        if trap.is_empty() {
            assert_eq!(output.status.code(), None, "{output:?}");
        } else {
            assert_eq!(output.status.code(), Some(2), "{output:?}");
            let said = stderr(&output);
            assert!(
                said.contains("cannot write `out/")
                    && said.contains("the output that was there is unchanged"),
                "{said}"
            );
        }
        assert_eq!(files(&out), old);
    }
    let last = mailtopo(dir.path(), &args("bb.yaml", "out"))
        .output()
        .expect("the program starts");
    assert_eq!(last.status.code(), Some(0), "{}", stderr(&last));
    assert_ne!(whole(&out), "");
    assert_ne!(files(&out), old);
}

/// Whatever the run waits for, a killed one frees it: the next need not wait.
#[test]
fn a_killed_run_locks_nobody_out() {
    let dir = tempfile::tempdir().expect("a folder");
    write_spec(&dir.path().join("a.yaml"), "a");
    let mut child = mailtopo(dir.path(), &args("a.yaml", "out"))
        .spawn()
        .expect("the program starts");
    let lock = dir.path().join(".out.mailtopo-lock");
    let started = Instant::now();
    while !lock.exists() && started.elapsed() < Duration::from_mins(1) {
        std::thread::sleep(Duration::from_micros(100));
    }
    let _ = child.kill();
    child.wait().expect("it ends");
    let output = mailtopo(dir.path(), &args("a.yaml", "out"))
        .output()
        .expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    whole(&dir.path().join("out"));
}

#[test]
fn an_output_never_replaces_what_it_is_made_of() {
    let dir = tempfile::tempdir().expect("a folder");
    write_spec(&dir.path().join("a.yaml"), "a");
    let compile = |spec: &str, more: &[&str]| {
        let mut all = args(spec, "out").to_vec();
        all.extend(more);
        mailtopo(dir.path(), &all)
            .output()
            .expect("the program starts")
    };
    assert_eq!(compile("a.yaml", &[]).status.code(), Some(0));
    let out = dir.path().join("out");
    fs::copy(dir.path().join("a.yaml"), out.join("a.yaml")).expect("a copy");
    let before = files(&out);
    for (spec, more, why) in [
        ("out/a.yaml", &["--force"][..], "`out/a.yaml` is in `out`"),
        ("out/../out/a.yaml", &["--force"], "the spec reads it"),
        (
            "a.yaml",
            &["--force", "--output-format", "json=out/report.json"],
            "`out/report.json` is in `out`",
        ),
    ] {
        let output = compile(spec, more);
        assert_eq!(output.status.code(), Some(2), "{spec}");
        assert!(stderr(&output).contains(why), "{}", stderr(&output));
        assert_eq!(files(&out), before);
    }
    fs::write(
        dir.path().join("main.yaml"),
        "version: 1\ninclude: [out/a.yaml]\n",
    )
    .expect("a spec");
    let output = compile("main.yaml", &["--force"]);
    assert!(
        stderr(&output).contains("out/a.yaml` is in `out`"),
        "{}",
        stderr(&output)
    );
    assert_eq!(files(&out), before);
}

/// Files that stay as they are are linked from the old output; where the system refuses links they are made anew.
#[cfg(target_os = "linux")]
#[test]
fn what_stays_is_linked_and_made_anew_where_links_are_refused() {
    use std::os::unix::fs::MetadataExt as _;
    let dir = tempfile::tempdir().expect("a folder");
    let at = dir.path();
    write_spec(&at.join("a.yaml"), "a");
    let text = fs::read_to_string(at.join("a.yaml")).expect("a spec");
    let changed = text.replace(
        "  d7.example: {mailboxes: cloud, mx: cloud}\n",
        "  d7.example: {parked: true}\n",
    );
    assert_ne!(text, changed);
    fs::write(at.join("b.yaml"), changed).expect("a spec");
    fs::write(
        at.join("refuse.c"),
        "#include <errno.h>\nint linkat(int a, const char *b, int c, const char *d, int e) { errno = EPERM; return -1; }\nint link(const char *a, const char *b) { errno = EPERM; return -1; }\n",
    )
    .expect("a program");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o", "refuse.so", "refuse.c"])
        .current_dir(at)
        .status()
        .expect("cc is needed: apt-get install gcc libc6-dev");
    assert!(built.success());
    let inode = |file: &str| {
        fs::metadata(at.join("out/dns").join(file))
            .expect("a zone")
            .ino()
    };
    let run = |spec: &str, refuse: bool| {
        let mut command = mailtopo(at, &args(spec, "out"));
        if refuse {
            command.env("LD_PRELOAD", at.join("refuse.so"));
        }
        let output = command.output().expect("the program starts");
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        whole(&at.join("out"));
        (inode("d1.example.zone"), inode("d7.example.zone"))
    };
    let first = run("a.yaml", false);
    let second = run("b.yaml", false);
    assert_eq!(first.0, second.0, "an unchanged zone is made anew");
    assert_ne!(first.1, second.1);
    let third = run("a.yaml", true);
    assert_ne!(second.0, third.0, "a link was made");
    let linked = files(&at.join("out"));
    fs::remove_dir_all(at.join("out")).expect("removed");
    run("a.yaml", true);
    assert_eq!(files(&at.join("out")), linked);
}
