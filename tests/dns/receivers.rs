//! The receivers and readers of `tests/receivers`, which are built in a folder of their own.

use crate::peers;
use serde_json::Value;
use std::process::Command;

/// What they answer.
pub(crate) fn ask(asked: &Value) -> Value {
    let manifest = crate::root("tests/receivers/Cargo.toml");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command
        .args(["run", "--quiet", "--locked", "--manifest-path"])
        .arg(&manifest)
        .arg("--target-dir")
        .arg(crate::root("target/receivers"))
        // What cargo says to this run is not meant for another.
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    let install = format!(
        "cargo fetch --locked --manifest-path {}",
        manifest.display()
    );
    peers::answer(command, &install, asked)
}
