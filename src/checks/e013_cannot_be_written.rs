//! # E013 cannot-be-written
//!
//! ## What a clean result proves
//!
//! Every value of the spec can stand in the files that it has to stand in.
//!
//! ## Exact condition
//!
//! The writer of a format refuses a value: it holds a character that cannot be seen, such as a zero-width space, or it
//! is longer than the format carries. Two files of the output that a system would take for one are refused too.
//!
//! ## Severity
//!
//! error: a file would say one thing to its reader and another to the program, or could not be stored, so nothing is
//! written.
//!
//! ## Failing spec
//!
//! ```yaml escaped
//! version: 1
//! organization: Con\xe2\x80\x8btoso
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! organization: Contoso
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Characters that turn or hide text: <https://www.unicode.org/reports/tr36/>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "E013",
    name: "cannot-be-written",
    severity: Severity::Error,
    source: include_str!("e013_cannot_be_written.rs"),
    run: Run::Deriving,
};
