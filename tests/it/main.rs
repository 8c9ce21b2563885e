//! One binary for all integration tests, so that the library is linked once.

mod adopt;
mod architecture;
mod as_built;
mod catalogue;
mod checklist;
mod checks;
mod cli;
mod delivery_agents;
mod determinism;
mod diff;
mod drift;
mod exchange;
mod exports;
mod fold;
mod generated;
mod golden;
mod golden_examples;
mod hostile;
mod import;
mod merge;
mod metamorphic;
mod mutations;
mod path_page;
mod pipelines;
#[path = "../readers/postfix.rs"]
#[allow(dead_code)]
mod postfix_reader;
mod postfix_tables;
mod powershell;
mod reader;
mod readme;
mod reference;
#[path = "../readers/relays.rs"]
mod relays;
mod restore;
mod revisions;
mod runbook;
mod safety;
mod schema;
mod secrets;
mod situations;
mod spec_errors;
mod trace;
mod tutorial;
mod words;
#[path = "../readers/zone.rs"]
mod zone_reader;
