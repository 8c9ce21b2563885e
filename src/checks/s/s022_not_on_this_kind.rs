//! # S022 not-on-this-kind
//!
//! ## What a clean result proves
//!
//! Every setting stands at a location whose product has it.
//!
//! ## Exact condition
//!
//! A location has a key that exists in the language but not for its `kind`, or for its version.
//!
//! ## Severity
//!
//! error: the setting could not be carried out, and nobody would notice.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, servers: [EX01]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
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
//! ```
//!
//! ## Sources
//!
//! - Parameters that exist in one product only: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
