//! # S006 wildcard-public-suffix
//!
//! ## What a clean result proves
//!
//! No wildcard takes in the domains of strangers who registered below the same suffix.
//!
//! ## Exact condition
//!
//! What follows `*.` in a pattern is a public suffix: names directly below it belong to different owners.
//!
//! ## Severity
//!
//! warning: mail for organizations that have nothing to do with this one would follow the pattern.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   fabrikam: {domains: ["*.co.uk"], tls: encrypted}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   fabrikam: {domains: ["*.fabrikam.co.uk"], tls: encrypted}
//! ```
//!
//! ## Sources
//!
//! - <https://publicsuffix.org/list/>

use crate::checks::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "S006",
    name: "wildcard-public-suffix",
    severity: Severity::Warning,
    source: include_str!("s006_wildcard_public_suffix.rs"),
    run: Run::Reading,
};
