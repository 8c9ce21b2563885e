//! # S013 unused-suppression
//!
//! ## What a clean result proves
//!
//! Each entry of `ignore` hides a finding that would be shown without it, so the list never outlives what it was
//! written for.
//!
//! ## Exact condition
//!
//! An entry of `ignore` matched no finding of this run, names a check that does not exist, or names one that cannot
//! be ignored: mistakes that keep the spec from being understood, and the findings about `ignore` itself.
//!
//! ## Severity
//!
//! warning: the next finding that the entry happens to match would be hidden without a decision.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ignore:
//!   - {check: R005, on: cloud, reason: "the ERP still uses direct send"}
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
//! - The same for linters: <https://docs.astral.sh/ruff/rules/unused-noqa/>
//! - An exception that was shown without hiding anything: <https://github.com/open-policy-agent/conftest/issues/548>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Ignoring;
