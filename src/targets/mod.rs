//! The files that are written: one folder per target, none of which knows another.

pub mod checklist;
pub mod dns;
pub mod exchange;
pub mod exchange_online;
pub mod exchange_server;
pub mod postfix;
pub mod runbook;
