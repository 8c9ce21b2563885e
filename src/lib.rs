//! mailtopo, a compiler for mail topologies.

pub mod analysis;
pub mod checks;
pub mod cli;
pub mod compile;
pub mod finding;
pub mod io;
pub mod output;
pub mod plan;
pub mod policy;
pub mod report;
pub mod source;
pub mod spec;
pub mod targets;
pub mod topology;
pub mod values;
pub mod writer;
pub mod yaml;
