//! What the scripts for Exchange Online and for Exchange Server have in common.
//!
//! Planned objects are data, are checked against the catalogue of cmdlets, and are written to a data file that a library
//! reads; the library is the same for every spec. This module must not know how a topology becomes connectors.

pub mod call;
pub mod catalogue;
mod commands;
pub mod constraints;
pub mod desired;
mod domains;
pub mod kind;
pub mod object;
mod origin;
pub mod scripts;

pub use domains::{origin_of_domain, recipients, why_accepted};
pub use origin::{origin_of_route, origins_of_routes, why_route};
