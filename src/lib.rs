//! mailtopo, a compiler for mail topologies.

pub mod finding;
pub mod plan;
pub mod report;
pub mod source;
pub mod targets;
pub mod topology;
pub mod values;
pub mod writer;
