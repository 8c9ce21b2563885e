//! What the scripts for Exchange Online and for Exchange Server have in common.
//!
//! This module must not know how a topology becomes connectors: it sees planned objects, and turns them into calls of
//! cmdlets and those into text.

pub mod call;
pub mod catalogue;
mod constraints;
