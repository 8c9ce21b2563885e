//! One binary for all integration tests, so that the library is linked once.

mod architecture;
mod catalogue;
mod checklist;
mod checks;
mod cli;
mod delivery_agents;
mod determinism;
mod examples;
mod generated;
mod golden;
mod golden_examples;
mod metamorphic;
mod mutations;
mod powershell;
mod reader;
mod readme;
mod revisions;
mod safety;
mod schema;
mod scripts;
mod simulation;
mod simulator;
mod situations;
mod spec_errors;
mod trace;
mod zones;
