//! mailtopo, a compiler for mail topologies.

pub mod checks;
pub mod cli;
pub mod compile;
pub mod dns;
pub mod emit;
pub mod finding;
pub mod io;
pub mod output;
pub mod picture;
pub mod plan;
pub mod platforms;
pub mod publish;
pub mod report;
pub mod routes;
pub mod runbook;
pub mod source;
pub mod spec;
pub mod spf;
#[doc(hidden)]
pub mod testing;
pub mod topology;
pub mod values;
pub mod walk;
pub mod writer;
pub mod yaml;
