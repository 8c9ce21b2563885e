//! The files that are written: one folder per target, none of which knows another.

pub mod checklist;
pub mod dns;
pub mod exchange;
pub mod postfix;
pub mod runbook;
