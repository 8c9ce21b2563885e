//! One binary for all integration tests, so that the library is linked once.

mod architecture;
mod catalogue;
mod checklist;
mod checks;
mod cli;
mod delivery_agents;
mod determinism;
mod exchange;
mod generated;
mod golden;
mod golden_examples;
mod metamorphic;
mod mutations;
mod postfix_tables;
mod powershell;
mod reader;
mod readme;
mod revisions;
mod runbook;
mod safety;
mod schema;
mod situations;
mod spec_errors;
mod spf;
mod trace;
mod zones;
