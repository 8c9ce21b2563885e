//! # N019 records-below-a-delegation
//!
//! ## What a clean result proves
//!
//! Every record that is written is seen by those who ask.
//!
//! ## Exact condition
//!
//! The user's NS records give a name away at or above which records of ours stand.
//!
//! ## Severity
//!
//! error: the records are answered by nobody.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   eu.contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: eu, type: NS, data: ns.example.}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   eu.contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - RFC 1034, section 4.2.1: <https://www.rfc-editor.org/rfc/rfc1034#section-4.2.1>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "N019",
    name: "records-below-a-delegation",
    severity: Severity::Error,
    source: include_str!("n019_records_below_a_delegation.rs"),
    run: Run::Deriving,
};
