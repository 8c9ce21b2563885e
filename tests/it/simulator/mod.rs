//! Runs the scripts that mailtopo writes, without PowerShell and without Exchange.
//!
//! `shell` interprets the text of a script, functions of the frame included, from the tree that the grammar gives; it
//! knows the part of PowerShell that the frames use and panics at anything else. `organization` stands for a tenant or
//! an Exchange organization: objects in the forms in which Exchange keeps them, and cmdlets that the catalogue checks.
//! What both do comes from the documentation of PowerShell and of the cmdlets; neither was compared with a real system.

mod builtin;
mod changes;
mod command;
pub mod datum;
mod expression;
mod operator;
pub mod organization;
mod pattern;
pub mod rules;
mod shell;
mod statement;
mod tree;
mod value;

pub use datum::Datum;
pub use organization::Organization;
pub use shell::{Run, Script, run};
