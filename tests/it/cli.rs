//! The program as others call it: exit codes, what goes where, and what is found without being named.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder, with an environment that says nothing about colour.
pub(crate) fn mailtopo(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailtopo"));
    command.current_dir(folder).args(args);
    for name in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR"] {
        command.env_remove(name);
    }
    command
}

fn run(folder: &Path, args: &[&str]) -> Output {
    mailtopo(folder, args).output().expect("the program starts")
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn pages_are_results() {
    let here = Path::new(".");
    for (args, part) in [
        (
            &["--version"][..],
            concat!("mailtopo ", env!("CARGO_PKG_VERSION")),
        ),
        (
            &["version"],
            concat!("mailtopo ", env!("CARGO_PKG_VERSION")),
        ),
        (&["--help"], "Usage: mailtopo"),
        (&["completions", "bash"], "complete -F _mailtopo"),
        (&["completions", "zsh"], "#compdef mailtopo"),
        (&["completions", "fish"], "complete -c mailtopo"),
        (
            &["completions", "fish"],
            "__fish_seen_subcommand_from explain",
        ),
        (&["completions", "powershell"], "Register-ArgumentCompleter"),
        (&["man"], ".TH mailtopo 1"),
        (&["man", "schema"], ".TH mailtopo-schema 1"),
        (&["schema"], "\"mailtopo topology\""),
        (&["explain"], "S017  syntax"),
        (&["explain", "s017"], "# S017 syntax"),
        (&["explain", "unknown-key"], "# S007 unknown-key"),
    ] {
        let output = run(here, args);
        assert_eq!(output.status.code(), Some(0), "{args:?}");
        assert!(
            stdout(&output).contains(part),
            "{args:?}: {}",
            stdout(&output)
        );
        assert_eq!(stderr(&output), "", "{args:?}");
    }
}

#[test]
fn what_is_not_known_could_not_run() {
    let here = Path::new(".");
    for (args, part) in [
        (&[][..], "Usage: mailtopo"),
        (&["shcema"], "'schema'"),
        (&["schema", "--colour"], "'--color'"),
        (&["man", "nothing"], "there is no command `nothing`"),
        (&["completions", "tcsh"], "possible values: bash"),
        (&["explain", "S999"], "there is no check `S999`"),
        (&["explain", "unknown-kee"], "did you mean `unknown-key`?"),
        (&["compile"], "--out <DIR>"),
    ] {
        let output = run(here, args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(
            stderr(&output).contains(part),
            "{args:?}: {}",
            stderr(&output)
        );
        assert_eq!(stdout(&output), "", "{args:?}");
    }
}

#[test]
fn colour_is_used_where_it_is_asked_for() {
    let here = Path::new(".");
    let colored = |args: &[&str]| stderr(&run(here, args)).contains('\x1b');
    assert!(colored(&["--color", "always", "shcema"]));
    assert!(colored(&["man", "--color=always", "nothing"]));
    assert!(!colored(&["--color", "never", "shcema"]));
    assert!(!colored(&["shcema"]), "standard error is no terminal here");
}

/// A reader that goes away early, as `head` does.
#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    drop(reader);
    let output = mailtopo(Path::new("."), &["schema"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(stderr(&output), "");
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_an_error() {
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("the system has it");
    let output = mailtopo(Path::new("."), &["schema"])
        .stdout(full)
        .output()
        .expect("the program runs");
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).contains("cannot write to standard output"),
        "{}",
        stderr(&output)
    );
}

const GOOD: &str = "\
version: 1
locations:
  cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
domains:
  contoso.com: {mailboxes: cloud, mx: cloud}
";

/// The same with one mistake, which every form must tell.
fn bad() -> String {
    GOOD.replace("mx: cloud", "mx: clout")
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

#[test]
fn exit_codes_tell_clean_from_found_from_not_run() {
    let bad = bad();
    let folder = folder(&[("good.yaml", GOOD), ("bad.yaml", &bad)]);
    for (args, code) in [
        (&["check", "good.yaml"][..], 0),
        (&["check", "bad.yaml"], 1),
        (&["check", "bad.yaml", "--fail-on", "warning"], 1),
        (&["check", "bad.yaml", "--fail-on", "never"], 0),
        (&["check", "none.yaml"], 2),
        (&["check", "."], 2),
        (&["check"], 2),
        (&["check", "good.yaml", "bad.yaml"], 2),
        (&["routes", "good.yaml"], 0),
        (&["routes", "bad.yaml"], 1),
    ] {
        let output = run(folder.path(), args);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{args:?}: {}",
            stderr(&output)
        );
    }
}

/// A certificate that has run out identifies nobody at a tenant, whichever command is asked.
#[test]
fn trace_compares_dates_with_the_day_that_check_does() {
    let spec = GOOD.replace(
        "domains:",
        "  hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], \
         certificate: {names: [mail.contoso.com], not_after: 2026-11-20}, sends: {via: cloud}}\ndomains:\n  \
         fabrikam.com: {mailboxes: hq, mx: hq}",
    );
    let folder = folder(&[("mailtopo.yaml", &spec)]);
    let ends = |day: &str| {
        let args = ["trace", "--from", "hq", "--to", "x@example.net", "--today"];
        let json = ["--output-format", "json"];
        let output = run(folder.path(), &[&args[..], &[day], &json].concat());
        let trace: serde_json::Value = serde_json::from_str(&stdout(&output)).expect("a document");
        trace["paths"][0]["ends"].clone()
    };
    assert_eq!(ends("2026-11-20"), "internet");
    assert_eq!(ends("2026-11-21"), "bounced cloud");
}

#[test]
fn standard_input_is_a_spec_and_names_files_from_here() {
    let folder = folder(&[("users.csv", "anna@contoso.com\n")]);
    let spec = GOOD.replace("mailboxes: cloud", "mailboxes: {cloud: {file: users.csv}}");
    let check = |spec: &str| {
        let mut child = mailtopo(folder.path(), &["check", "-", "--output-format", "concise"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut input = child.stdin.take().expect("a pipe");
        input.write_all(spec.as_bytes()).expect("it is read");
        drop(input);
        child.wait_with_output().expect("it ends")
    };
    let output = check(&spec);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    let output = check(&spec.replace("users.csv", "none.csv"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).starts_with("-:5:"), "{}", stdout(&output));
}

#[test]
fn the_spec_is_looked_for_upwards_to_the_root_of_the_repository() {
    let bad = bad();
    let folder = folder(&[
        ("mailtopo.yaml", &bad),
        ("inner/.git/HEAD", ""),
        ("inner/deep/er/x", ""),
        ("other/deep/x", ""),
    ]);
    let concise = ["check", "--output-format", "concise"];
    let output = run(&folder.path().join("other/deep"), &concise);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        stdout(&output).starts_with("../../mailtopo.yaml:5:"),
        "{}",
        stdout(&output)
    );

    let inside = folder.path().join("inner/deep/er");
    let output = run(&inside, &concise);
    assert_eq!(output.status.code(), Some(2), "the repository has none");
    assert!(
        stderr(&output).contains("there is no `mailtopo.yaml` here"),
        "{}",
        stderr(&output)
    );

    fs::write(folder.path().join("inner/mailtopo.yaml"), GOOD).expect("a file");
    assert_eq!(run(&inside, &concise).status.code(), Some(0));
}

#[test]
fn several_forms_are_written_at_once() {
    let bad = bad();
    let folder = folder(&[("mailtopo.yaml", &bad)]);
    let forms = "sarif=a.sarif,junit=a.xml";
    let args = [
        "check",
        "--output-format",
        forms,
        "--output-format",
        "json",
        "--output-format",
        "human=a.txt",
    ];
    let output = run(folder.path(), &args);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(json["findings"][0]["check"], "S001");
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).expect("it was written");
    let sarif: serde_json::Value = serde_json::from_str(&read("a.sarif")).expect("JSON");
    assert_eq!(sarif["version"], "2.1.0");
    for name in ["a.xml", "a.txt"] {
        assert!(read(name).contains("there is no `clout`"), "{name}");
    }
    assert!(!read("a.txt").contains('\x1b'), "a file has no colour");
}

#[test]
fn edits_stand_beside_a_form_for_programs() {
    let spec = fs::read_to_string("docs/samples/slip.yaml").expect("the sample");
    let folder = folder(&[("mailtopo.yaml", &spec)]);
    let output = run(
        folder.path(),
        &["check", "--diff", "--output-format", "json"],
    );
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON alone");
    assert_eq!(json["findings"][0]["check"], "S001");
    assert!(
        stderr(&output).contains("+++ mailtopo.yaml"),
        "{}",
        stderr(&output)
    );
    let output = run(folder.path(), &["check", "--diff"]);
    assert!(stdout(&output).contains("+++ mailtopo.yaml"));
}

/// `script` runs a program on a terminal of its own.
#[cfg(target_os = "linux")]
#[test]
fn no_color_is_obeyed_on_a_terminal() {
    let bad = bad();
    let folder = folder(&[("mailtopo.yaml", &bad)]);
    let colored = |variable: Option<&str>, options: &str| {
        let program = env!("CARGO_BIN_EXE_mailtopo");
        let mut command = Command::new("script");
        command
            .args(["-qec", &format!("'{program}' check {options}"), "/dev/null"])
            .current_dir(folder.path())
            .env("TERM", "xterm")
            .env_remove("NO_COLOR");
        if let Some(value) = variable {
            command.env("NO_COLOR", value);
        }
        let output = command.stdin(Stdio::null()).output().expect("script runs");
        let text = stdout(&output);
        assert!(text.contains("there is no `clout`"), "{text}");
        text.contains('\x1b')
    };
    assert!(colored(None, ""));
    assert!(colored(Some(""), ""), "an empty NO_COLOR says nothing");
    assert!(!colored(Some("1"), ""));
    assert!(
        colored(Some("1"), "--color always"),
        "what is asked for wins"
    );
    assert!(!colored(None, "--color never"));
}

#[test]
fn compile_writes_once_and_overwrites_nobody() {
    let folder = folder(&[("mailtopo.yaml", GOOD)]);
    let compile = |more: &[&str]| {
        let output = run(
            folder.path(),
            &[&["compile", "--out", "out"], more].concat(),
        );
        (output.status.code(), stderr(&output))
    };
    let (code, said) = compile(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("files to `out`"), "{said}");
    let manifest = folder.path().join("out/manifest.json");
    let first = fs::read(&manifest).expect("it was written");

    let (code, said) = compile(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("up to date"), "{said}");

    fs::write(folder.path().join("out/RUNBOOK.md"), "mine").expect("a file");
    let (code, said) = compile(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("edited: RUNBOOK.md"), "{said}");
    let (code, said) = compile(&["--force"]);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(fs::read(&manifest).expect("it was written"), first);
}

#[test]
fn every_starter_is_clean_and_nothing_is_overwritten() {
    let folder = folder(&[]);
    for name in [
        "cloud-only",
        "split",
        "hybrid",
        "filter",
        "postfix",
        "devices",
    ] {
        let init = |more: &[&str]| {
            run(
                folder.path(),
                &[&["init", name, "--situation", name], more].concat(),
            )
        };
        let output = init(&["--github", "--gitlab"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        let spec = format!("{name}/mailtopo.yaml");
        let text = fs::read_to_string(folder.path().join(&spec)).expect("a spec");
        assert!(
            text.starts_with("# yaml-language-server: $schema=mailtopo.schema.json\n"),
            "{text}"
        );
        let output = run(folder.path(), &["check", &spec, "--fail-on", "warning"]);
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stdout(&output));
        let output = run(
            folder.path(),
            &["compile", &spec, "--out", &format!("{name}/out")],
        );
        assert_eq!(output.status.code(), Some(0), "{name}: {}", stderr(&output));
        for file in [
            "mailtopo.schema.json",
            ".github/workflows/mailtopo.yml",
            ".gitlab-ci.yml",
        ] {
            assert!(
                folder.path().join(name).join(file).is_file(),
                "{name}: {file}"
            );
        }
        let output = init(&[]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(
            stderr(&output).contains("is there already"),
            "{}",
            stderr(&output)
        );
        assert_eq!(
            fs::read_to_string(folder.path().join(&spec)).expect("a spec"),
            text
        );
    }
}

#[test]
fn the_picture_has_a_box_for_each_party() {
    let folder = folder(&[("mailtopo.yaml", GOOD)]);
    for (form, parts) in [
        (
            "mermaid",
            &[
                "flowchart LR\n",
                "((\"Internet\"))",
                "[\"cloud: Exchange Online\"]",
            ][..],
        ),
        (
            "dot",
            &[
                "digraph mailtopo {",
                "label=\"cloud: Exchange Online\"",
                "n0 -> n1",
            ],
        ),
        (
            "svg",
            &["<svg xmlns=", ">cloud</text>", ">Exchange Online</text>"],
        ),
    ] {
        let output = run(folder.path(), &["graph", "--format", form]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
        for part in parts {
            assert!(stdout(&output).contains(part), "{}", stdout(&output));
        }
    }
}

#[test]
fn fixes_are_shown_then_applied_once() {
    let spec = "\
version: 1
locations:
  # The tenant.
  cloud: {kind: exchange-online, tenant: contoso} # direct send is open
domains:
  contoso.com: {mailboxes: clout, mx: cloud}
";
    let folder = folder(&[("mailtopo.yaml", spec)]);
    let read = || fs::read_to_string(folder.path().join("mailtopo.yaml")).expect("a file");
    let check = |more: &[&str]| {
        let output = run(folder.path(), &[&["check"], more].concat());
        (output.status.code(), stdout(&output), stderr(&output))
    };
    let (code, shown, said) = check(&["--diff"]);
    assert_eq!(code, Some(1), "the exit code of a check: {said}");
    for part in [
        "--- mailtopo.yaml\n+++ mailtopo.yaml\n",
        "-  contoso.com: {mailboxes: clout, mx: cloud}",
        "+  contoso.com: {mailboxes: cloud, mx: cloud}",
        "reject_direct_send: true} # direct send is open",
        "there is no `clout`",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(read(), spec, "nothing is written");
    let (code, shown, said) = check(&["--fix"]);
    assert_eq!(code, Some(0), "{shown}");
    assert!(
        said.contains("fixed: mailtopo.yaml:6: S001: did you mean `cloud`?"),
        "{said}"
    );
    assert!(
        said.contains("fixed: mailtopo.yaml:4: R005: write `reject_direct_send: true` at `cloud`"),
        "{said}"
    );
    let fixed = read();
    assert!(fixed.contains("  # The tenant.\n"), "{fixed}");
    assert!(
        fixed.contains("reject_direct_send: true} # direct send is open"),
        "{fixed}"
    );
    let (code, _, said) = check(&["--fix"]);
    assert_eq!((code, read()), (Some(0), fixed), "twice is once: {said}");
    fs::write(folder.path().join("mailtopo.yaml"), spec).expect("a file");
    let (_, shown, _) = check(&["--output-format", "json"]);
    let document: serde_json::Value = serde_json::from_str(&shown).expect("JSON");
    let offer = &document["findings"][0]["fixes"][0];
    assert_eq!(offer["applicability"], "safe", "{document:#}");
    assert_eq!(offer["edits"][0]["file"], "mailtopo.yaml");
    let range = offer["edits"][0]["start"]
        .as_u64()
        .zip(offer["edits"][0]["end"].as_u64());
    let (start, end) = range.expect("a range");
    let (start, end) = (
        usize::try_from(start).expect("short"),
        usize::try_from(end).expect("short"),
    );
    assert_eq!(&spec[start..end], "clout");
}

#[test]
fn fmt_brings_a_spec_into_form_once() {
    let spec = "\
version: 1\r
locations:\r
    # The tenant.\r
    cloud:   {kind: exchange-online, tenant: contoso}   # one\r
\r
\r
\r
domains:\r
    contoso.com: {mailboxes: cloud, mx: cloud}   \r
";
    let folder = folder(&[("mailtopo.yaml", spec)]);
    let fmt = |more: &[&str]| {
        let output = run(folder.path(), &[&["fmt"], more].concat());
        (output.status.code(), stderr(&output))
    };
    let read = || fs::read_to_string(folder.path().join("mailtopo.yaml")).expect("a file");
    let (code, said) = fmt(&["--check"]);
    assert_eq!((code, read()), (Some(1), spec.to_owned()), "{said}");
    assert_eq!(fmt(&[]).0, Some(0));
    let formed = read();
    assert_eq!(
        formed,
        "version: 1\nlocations:\n  # The tenant.\n  cloud:   {kind: exchange-online, tenant: contoso}   # one\n\n\
         domains:\n  contoso.com: {mailboxes: cloud, mx: cloud}\n"
    );
    assert_eq!(
        (fmt(&["--check"]).0, fmt(&[]).0, read()),
        (Some(0), Some(0), formed)
    );
}

#[test]
fn a_baseline_marks_what_is_known_and_only_shrinks() {
    // Two domains without mailboxes anywhere have one finding each.
    let spec = |names: &[&str]| {
        let mut spec = GOOD.replace("reject_direct_send: true", "reject_direct_send: false");
        for name in names {
            spec += &["  ", name, ": {mailboxes: cloud, mx: clout}\n"].concat();
        }
        spec
    };
    let folder = folder(&[("mailtopo.yaml", &spec(&[]))]);
    let check = |more: &[&str]| {
        let args = [
            &[
                "check",
                "--fail-on",
                "warning",
                "--output-format",
                "json",
                "--baseline",
                "known.json",
            ],
            more,
        ];
        let output = run(folder.path(), &args.concat());
        let document = serde_json::from_slice::<serde_json::Value>(&output.stdout).ok();
        (output.status.code(), document, stderr(&output))
    };
    let (code, _, said) = check(&[]);
    assert_eq!(code, Some(2), "{said}");
    assert!(said.contains("`--write-baseline` makes it"), "{said}");
    let (code, document, _) = check(&["--write-baseline"]);
    let document = document.expect("a report");
    assert_eq!(code, Some(0), "{document:#}");
    assert!(
        document["summary"]["accepted"].as_u64() > Some(0),
        "{document:#}"
    );
    let known = || fs::read_to_string(folder.path().join("known.json")).expect("a file");
    let first = known();
    assert!(first.contains("\"check\": \"R005\""), "{first}");
    assert_eq!(check(&[]).0, Some(0));
    // A finding that concerns more mail than before is not known, and says what is new.
    let more = spec(&[]) + "  fabrikam.example: {mailboxes: cloud, mx: cloud}\n";
    fs::write(folder.path().join("mailtopo.yaml"), more).expect("a file");
    let (code, document, _) = check(&[]);
    let document = document.expect("a report");
    assert_eq!(code, Some(1), "{document:#}");
    let text = document.to_string();
    assert!(
        text.contains("`known.json` lists this finding without `fabrikam.example`"),
        "{text}"
    );
    assert!(!text.contains("S013"), "{text}");
    // What keeps the spec from being understood is never known, and what is new never comes in.
    fs::write(folder.path().join("mailtopo.yaml"), spec(&["b.example"])).expect("a file");
    assert_eq!(check(&["--write-baseline"]).0, Some(1));
    assert!(!known().contains("S001"));
    fs::write(folder.path().join("mailtopo.yaml"), GOOD).expect("a file");
    fs::write(folder.path().join("known.json"), first).expect("a file");
    let (code, document, _) = check(&[]);
    let document = document.expect("a report");
    assert_eq!(code, Some(1), "{document:#}");
    let stale = document["findings"].as_array().expect("a list");
    assert!(
        stale.iter().any(|finding| finding["check"] == "S013"),
        "{document:#}"
    );
    assert_eq!(check(&["--write-baseline"]).0, Some(0));
    assert!(!known().contains("R005"));
}

#[test]
fn compile_check_lists_what_is_stale_and_writes_nothing() {
    let folder = folder(&[("mailtopo.yaml", GOOD)]);
    let check = || {
        let output = run(folder.path(), &["compile", "--out", "out", "--check"]);
        (output.status.code(), stderr(&output))
    };
    let (code, said) = check();
    assert_eq!(code, Some(3), "{said}");
    assert!(said.contains("missing: RUNBOOK.md"), "{said}");
    assert!(!folder.path().join("out").exists());
    let output = run(folder.path(), &["compile", "--out", "out"]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let (code, said) = check();
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("up to date"), "{said}");
    fs::write(folder.path().join("out/RUNBOOK.md"), "mine").expect("a file");
    fs::write(folder.path().join("out/more"), "mine").expect("a file");
    let (code, said) = check();
    assert_eq!(code, Some(3), "{said}");
    for part in [
        "changed: RUNBOOK.md",
        "no longer written: more",
        "`out` is stale in 2 files",
    ] {
        assert!(said.contains(part), "{said}");
    }
    let quiet = run(folder.path(), &["compile", "--out", "out", "--check", "-q"]);
    assert_eq!(quiet.status.code(), Some(3));
    assert!(stderr(&quiet).contains("stale"), "a failure says why");
    let output = run(
        folder.path(),
        &["compile", "--out", "out", "--check", "--force"],
    );
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn compile_writes_nothing_while_there_are_errors() {
    let bad = bad();
    let folder = folder(&[("mailtopo.yaml", &bad)]);
    for fail_on in ["error", "warning", "never"] {
        let args = ["compile", "--out", "out", "--fail-on", fail_on];
        let output = run(folder.path(), &args);
        assert_eq!(output.status.code(), Some(1), "{fail_on}");
        assert!(
            stderr(&output).contains("nothing was written"),
            "{}",
            stderr(&output)
        );
        assert!(!folder.path().join("out").exists(), "{fail_on}");
    }
}

#[test]
fn the_same_spec_gives_the_same_bytes_however_it_is_written() {
    let turned = "\
# The same, in another order.
domains:
  CONTOSO.com.:
    mx: [cloud]
    mailboxes: cloud
locations: {cloud: {reject_direct_send: true, tenant: contoso, kind: exchange-online}}
version: 1
";
    let folder = folder(&[("a.yaml", GOOD), ("b.yaml", turned)]);
    for name in ["a", "b"] {
        let spec = format!("{name}.yaml");
        let output = run(folder.path(), &["compile", &spec, "--out", name]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    let read = |name: &str| fs::read_to_string(folder.path().join(name).join("manifest.json"));
    assert_eq!(
        read("a").expect("a manifest"),
        read("b").expect("a manifest")
    );
}

/// What mailtopo knows by itself, a shell completes.
#[test]
fn completions_know_checks() {
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let done = mailtopo(Path::new("."), &["completions", shell]).output();
        let script = stdout(&done.expect("it runs"));
        // It completes no values of arguments without a name.
        let has_codes = shell != "powershell";
        assert_eq!(script.contains("E018"), has_codes, "{shell}");
    }
}
