//! What runs in the pipelines of others: the action, the hooks, and the report for code scanning.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A runner with nothing of its own but a folder.
struct Runner(tempfile::TempDir);

impl Runner {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a folder"))
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.file(name)).unwrap_or_default()
    }

    /// Runs a script of the action in a folder.
    fn script(&self, name: &str, folder: &Path, variables: &[(&str, &str)]) -> Output {
        let script = root().join(".github/action").join(name);
        Command::new("bash")
            .arg(script)
            .current_dir(folder)
            .env("RUNNER_TEMP", self.0.path())
            .env("GITHUB_OUTPUT", self.file("output"))
            .env("GITHUB_STEP_SUMMARY", self.file("summary"))
            .env("GITHUB_WORKSPACE", folder)
            .envs(variables.iter().copied())
            .stdin(Stdio::null())
            .output()
            .expect("bash runs")
    }
}

/// The inputs of the action as it hands them to its script, with some of them set.
fn inputs<'a>(set: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let usual = [
        ("MAILTOPO", env!("CARGO_BIN_EXE_mailtopo")),
        ("SPEC", "mailtopo.yaml"),
        ("FAIL_ON", "error"),
        ("DIFF_BASE", ""),
        ("DIFF_FAIL_ON", "never"),
        ("ANNOUNCEMENT", ""),
        ("COMMENT", "false"),
        ("COMPILE_CHECK", ""),
        ("SARIF", ""),
        ("PULL_REQUEST", ""),
    ];
    usual.into_iter().chain(set.iter().copied()).collect()
}

#[test]
fn the_action_annotates_compares_and_holds_the_output_against_the_spec() {
    let runner = Runner::new();
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| {
        let done = Command::new("git")
            .args(["-c", "user.name=t", "-c", "user.email=t@example.com"])
            .args(arguments)
            .current_dir(folder.path())
            .output()
            .expect("git runs");
        assert!(done.status.success(), "{done:?}");
    };
    let spec = folder.path().join("mailtopo.yaml");
    let before = fs::read_to_string(root().join("docs/samples/first.yaml")).expect("the sample");
    fs::write(&spec, &before).expect("written");
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-qm", "before"]);

    let set = [("DIFF_BASE", "HEAD"), ("SARIF", "report.sarif")];
    let done = runner.script("run.sh", folder.path(), &inputs(&set));
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    assert!(runner.text("output").contains("errors=0\nwarnings=0\n"));
    let ends_with = |end: &str| runner.text("output").ends_with(end);
    assert!(ends_with("differs=false\nlost=0\nworse=0\n"));
    assert!(folder.path().join("report.sarif").exists());

    fs::write(&spec, before.replace("mx: cloud", "mx: hq")).expect("written");
    let set = [
        ("DIFF_BASE", "HEAD"),
        ("DIFF_FAIL_ON", "possible"),
        ("COMPILE_CHECK", "out"),
    ];
    let done = runner.script("run.sh", folder.path(), &inputs(&set));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert_eq!(
        done.status.code(),
        Some(3),
        "the worst of all parts: {said}"
    );
    // The tenant refuses mail in our name from the Internet, and the server takes it.
    assert!(ends_with("differs=true\nlost=0\nworse=2\n"));
    assert!(runner.text("summary").contains("### Mail flow: "), "{said}");
    assert!(said.contains("::error::`out` is not what the spec compiles to"));

    // What a pull request announces in its text may change, and nothing else.
    for (domain, code) in [("contoso.com", 0), ("fabrikam.com", 1)] {
        let text = format!(
            "Moves the MX.\n\n```mailtopo\nexpect: {{only: [{domain}], others: unchanged}}\n```\n"
        );
        let set = [("DIFF_BASE", "HEAD"), ("ANNOUNCEMENT", text.as_str())];
        let done = runner.script("run.sh", folder.path(), &inputs(&set));
        assert_eq!(done.status.code(), Some(code), "{done:?}");
    }

    for (changed, expected) in [
        (
            before.replace(", certificate: mail.contoso.com", ""),
            "lost=0\nworse=1\n",
        ),
        (
            before.clone()
                + "routes:\n  - {name: r, from: cloud, to: hq, recipients: [contoso.com], enabled: false}\n",
            "lost=1\nworse=0\n",
        ),
    ] {
        fs::write(&spec, changed).expect("written");
        runner.script("run.sh", folder.path(), &inputs(&[("DIFF_BASE", "HEAD")]));
        assert!(ends_with(expected), "{}", runner.text("output"));
    }

    // A spec that cannot be read is no reason to say nothing of it.
    fs::write(&spec, before.replace("mx: cloud", "mx: clowd")).expect("written");
    let done = runner.script("run.sh", folder.path(), &inputs(&[("DIFF_BASE", "HEAD")]));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(said.contains("::error file=mailtopo.yaml,line=6"), "{said}");
    assert_ne!(done.status.code(), Some(0));
    assert!(
        runner
            .text("output")
            .ends_with("errors=1\nwarnings=0\nnotes=0\n")
    );
}

/// A `curl` that takes what is asked for from a folder stands in for the network.
#[test]
fn the_action_takes_only_what_the_checksums_list() {
    let served = tempfile::tempdir().expect("a folder");
    let name = "mailtopo-x86_64-unknown-linux-musl";
    let program = served.path().join(name);
    fs::create_dir(&program).expect("a folder");
    fs::write(program.join("mailtopo"), "the program").expect("written");
    let shell = |script: &str| {
        let run = Command::new("bash")
            .args(["-ec", script])
            .current_dir(served.path())
            .status();
        assert!(run.expect("bash runs").success(), "{script}");
    };
    shell(&format!(
        "tar -czf {name}.tar.gz {name} && sha256sum *.gz > SHA256SUMS"
    ));
    let curl = served.path().join("curl");
    let text = "#!/usr/bin/env bash\n\
        while (($# > 1)); do [[ $1 == --output ]] && out=$2; shift; done\n\
        echo \"$1\" >>\"$SERVED/asked\"\n\
        cp \"$SERVED/${1##*/}\" \"$out\"\n";
    fs::write(&curl, text).expect("written");
    fs::set_permissions(&curl, fs::Permissions::from_mode(0o755)).expect("executable");
    let path = std::env::var("PATH").unwrap_or_default();
    let path = format!("{}:{path}", served.path().display());
    let place = served.path().display().to_string();
    let get = |version: &str| {
        let runner = Runner::new();
        let done = runner.script(
            "get.sh",
            root(),
            &[
                ("PATH", &path),
                ("SERVED", &place),
                ("VERSION", version),
                ("BINARY", ""),
                ("RUNNER_OS", "Linux"),
                ("RUNNER_ARCH", "X64"),
            ],
        );
        let found = runner.text("output");
        let found = found.trim_end().strip_prefix("program=");
        let found = found.map(|path| fs::read_to_string(path).expect("the program"));
        (done, found)
    };

    let (done, found) = get("");
    assert_eq!(found.as_deref(), Some("the program"), "{done:?}");
    let asked = fs::read_to_string(served.path().join("asked")).expect("what was asked for");
    let from = concat!(
        env!("CARGO_PKG_REPOSITORY"),
        "/releases/download/v",
        env!("CARGO_PKG_VERSION")
    );
    assert_eq!(asked, format!("{from}/{name}.tar.gz\n{from}/SHA256SUMS\n"));

    let (done, found) = get("1.0.0/../../evil");
    assert!(found.is_none() && !done.status.success(), "{done:?}");

    shell(&format!("echo more >> {name}.tar.gz"));
    let (done, found) = get("v9.9.9");
    assert!(found.is_none() && !done.status.success(), "{done:?}");
    let said = String::from_utf8_lossy(&done.stdout);
    assert!(
        said.contains("is not the file that SHA256SUMS of version 9.9.9 lists"),
        "{said}"
    );
}

#[test]
fn versions_of_hooks_and_manifest_agree() {
    let hooks = fs::read_to_string(root().join(".pre-commit-hooks.yaml")).expect("the hooks");
    let image = concat!("mailtopo/mailtopo:", env!("CARGO_PKG_VERSION"), " check");
    assert!(hooks.contains(image), "{hooks}");
    // The action downloads what the workflow packs for these systems.
    let read = |name: &str| fs::read_to_string(root().join(".github").join(name)).expect(name);
    let workflow = read("workflows/release.yml");
    let get = read("action/get.sh");
    for system in ["unknown-linux-musl", "apple-darwin", "pc-windows-msvc"] {
        assert!(get.contains(&format!("$machine-{system}")), "{system}");
        for machine in ["x86_64", "aarch64"] {
            assert!(
                workflow.contains(&format!("target: {machine}-{system},")),
                "{system}"
            );
        }
    }
}

/// What a run without findings weighs: all rules, so that it closes what an earlier one opened.
#[test]
fn the_report_for_code_scanning_is_small_and_carries_the_edits() {
    let report = |text: &str| {
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("mailtopo.yaml"), text).expect("written");
        let done = Command::new(env!("CARGO_BIN_EXE_mailtopo"))
            .args(["check", "--output-format", "sarif"])
            .current_dir(folder.path())
            .output()
            .expect("the program starts");
        let text = String::from_utf8(done.stdout).expect("UTF-8");
        let read: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        (text.len(), read)
    };
    let first = fs::read_to_string(root().join("docs/samples/first.yaml")).expect("the sample");
    let (size, _) = report(&first);
    assert!(size < 60_000, "{size}");

    let (_, slip) = report(&first.replace("mx: cloud", "mx: clowd"));
    let result = &slip["runs"][0]["results"][0];
    let change = &result["fixes"][0]["artifactChanges"][0];
    assert_eq!(change["artifactLocation"]["uri"], "mailtopo.yaml");
    let replacement = &change["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "cloud");
    assert_eq!(
        replacement["deletedRegion"],
        result["locations"][0]["physicalLocation"]["region"]
    );
    let rule = &slip["runs"][0]["tool"]["driver"]["rules"][0]["helpUri"];
    assert!(
        rule.as_str()
            .is_some_and(|uri| uri.contains("/docs/checks.md#a001-")),
        "{rule}"
    );
}
