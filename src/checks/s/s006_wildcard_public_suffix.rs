//! # S006 wildcard-public-suffix
//!
//! ## What a clean result proves
//!
//! No wildcard takes in the domains of others who registered below the same suffix.
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

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
