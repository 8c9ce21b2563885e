//! # S005 infix-wildcard
//!
//! ## What a clean result proves
//!
//! Every pattern can be said on every platform: a wildcard is the whole first label or the whole pattern.
//!
//! ## Exact condition
//!
//! A pattern holds `*` anywhere but as its whole first label.
//!
//! ## Severity
//!
//! error: no platform has such a pattern, and each would read it in another way.
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
//!   fabrikam: {domains: ["mail.*.fabrikam.com"], tls: encrypted}
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
//!   fabrikam: {domains: ["*.fabrikam.com"], tls: encrypted}
//! ```
//!
//! ## Sources
//!
//! - `RecipientDomains`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
