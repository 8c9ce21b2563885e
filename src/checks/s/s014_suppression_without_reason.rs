//! # S014 suppression-without-reason
//!
//! ## What a clean result proves
//!
//! Every entry that ignores a finding has a reason, and the day until which it holds has not passed.
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

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Ignoring;
