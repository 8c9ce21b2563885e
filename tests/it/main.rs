//! One binary for all integration tests, so that the library is linked once.

mod architecture;
mod catalogue;
mod checks;
mod cli;
mod determinism;

mod golden;
mod golden_examples;
mod powershell;
mod reader;
mod readme;
mod safety;
mod schema;
mod scripts;
mod spec_errors;
mod trace;
mod zones;
