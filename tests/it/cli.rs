//! The program as others call it: exit codes, what goes where, and what is found without being named.

use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The program in a folder, with an environment that says nothing about colour.
pub fn mailtopo(folder: &Path, args: &[&str]) -> Command {
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

pub fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn stderr(output: &Output) -> String {
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
        (&["completions", "powershell"], "Register-ArgumentCompleter"),
        (&["man"], ".TH mailtopo 1"),
        (&["man", "schema"], ".TH mailtopo-schema 1"),
        (&["schema"], "\"mailtopo topology\""),
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
