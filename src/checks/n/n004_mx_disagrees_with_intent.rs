//! # N004 mx-disagrees-with-intent
//!
//! ## What a clean result proves
//!
//! Internet mail enters where `mx` says, and nowhere else.
//!
//! ## Exact condition
//!
//! A record of another purpose in a managed zone is an MX record of a domain for which `mx` makes others; or a place
//! in `mx` has no host that an MX record can name.
//!
//! ## Severity
//!
//! error: a part of the mail, or all of it, goes to somebody else or finds nobody.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: "@", type: MX, data: 20 mx.old-filter.example.}]
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
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
