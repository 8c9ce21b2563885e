//! The Sender Policy Framework (RFC 7208): what a receiver makes of an address and a domain.
//!
//! Names are looked up in what is known of them. What nobody knows stays unknown: it is neither a pass nor a failure.
//! This module must not know who writes records, nor what is said of them.

mod evaluate;
mod read;
mod slip;
mod survey;

pub(crate) use evaluate::{Broken, MOST_LOOKUPS, MOST_VOID_LOOKUPS, check_parts};
pub use evaluate::{Names, Verdict, check_host, check_network, counted};
pub(crate) use read::{Mechanism, Qualifier, Record, Term, is_record};
pub(crate) use slip::meant;
pub(crate) use survey::{Survey, survey};

#[cfg(test)]
mod tests;
