//! Programs that others wrote, asked in JSON over standard input and output.

use serde_json::Value;
use std::io::Write as _;
use std::process::{Command, Stdio};

/// What a Python script of this folder answers; `packages` are what it needs.
pub(crate) fn python(script: &str, packages: &str, asked: &Value) -> Value {
    let install = format!("python3 -m pip install {packages}");
    ask("python3", script, &install, asked)
}

/// What a program answers that runs a script of this folder.
pub(crate) fn ask(program: &str, script: &str, install: &str, asked: &Value) -> Value {
    let script = crate::root("tests/dns").join(script);
    let mut command = Command::new(program);
    command.arg(&script);
    answer(command, install, asked)
}

/// What a command answers.
pub(crate) fn answer(mut command: Command, install: &str, asked: &Value) -> Value {
    let shown = format!("{command:?}");
    let child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = child.unwrap_or_else(|error| panic!("{shown}: {error}; {install}"));
    let mut input = child.stdin.take().expect("a pipe");
    let text = asked.to_string();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("it ends");
    // One that has ended early has said why.
    let _ = writer.join();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "{shown} cannot be asked; where something is missing, install it with `{install}`:\n{}",
            String::from_utf8_lossy(&output.stderr)
        )
    })
}
