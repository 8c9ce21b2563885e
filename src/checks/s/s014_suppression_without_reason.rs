//! # S014 suppression-without-reason
//!
//! ## What a clean result proves
//!
//! For every finding that is ignored somebody said why, and the day until which it holds has not passed.
//!
//! ## Exact condition
//!
//! An entry of `ignore` has no `reason`, or its `until` lies before the day of the run (`--today`). From that day on
//! the entry hides nothing.
//!
//! ## Severity
//!
//! error without a reason; warning when the day has passed.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ignore:
//!   - {check: R005, on: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ignore:
//!   - {check: R005, on: cloud, reason: "the ERP still uses direct send"}
//! ```
//!
//! ## Sources
//!
//! - The same for dependencies: <https://embarkstudios.github.io/cargo-deny/checks/advisories/cfg.html>

use crate::checks::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "S014",
    name: "suppression-without-reason",
    severity: Severity::Error,
    source: include_str!("s014_suppression_without_reason.rs"),
    run: Run::Ignoring,
};
