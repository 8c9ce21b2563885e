//! # N018 two-policy-records
//!
//! ## What a clean result proves
//!
//! Every name has at most one DMARC, MTA-STS and TLS-RPT record, and every selector one key.
//!
//! ## Exact condition
//!
//! A text record of the user has the same version tag as one that the spec derives, at the same name.
//!
//! ## Severity
//!
//! error: receivers take two such records for none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: reject}}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: _dmarc, type: TXT, data: "v=DMARC1; p=none"}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: reject}}
//! ```
//!
//! ## Sources
//!
//! - RFC 9989 (DMARC): <https://www.rfc-editor.org/rfc/rfc9989>
//! - RFC 8461, section 3.1: <https://www.rfc-editor.org/rfc/rfc8461#section-3.1>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "N018",
    name: "two-policy-records",
    severity: Severity::Error,
    source: include_str!("n018_two_policy_records.rs"),
    run: Run::Deriving,
};
