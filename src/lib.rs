//! mailtopo, a compiler for mail topologies.

mod as_built;
mod checks;
pub mod cli;
pub mod compile;
mod diff;
mod dns;
mod draft;
mod drift;
mod emit;
mod finding;
mod fix;
mod import;
mod io;
mod output;
mod path_page;
mod picture;
mod plan;
mod platforms;
mod publish;
mod report;
mod routes;
mod runbook;
mod source;
mod spec;
mod spf;
#[doc(hidden)]
pub mod testing;
mod topology;
mod values;
mod walk;
mod writer;
mod yaml;

/// Deeply nested input is refused by a limit, not by the end of the stack: this leaves that limit ample room in debug
/// builds too.
const STACK: usize = 256 << 20;
