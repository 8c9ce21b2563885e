//! What the scripts for Exchange Online and for Exchange Server have in common.
//!
//! Planned objects become calls of cmdlets, are checked against the catalogue, and are printed into a frame that never
//! changes. This module must not know how a topology becomes connectors.

pub mod call;
pub mod catalogue;
mod constraints;
mod domains;
mod entry;
mod frame;
pub mod kind;
pub mod object;
mod origin;
mod plain;
pub mod script;

pub use domains::{origin_of_domain, recipients, why_accepted};
pub use origin::{origin_of_route, origins_of_routes, why_route};
