//! # S009 count-mismatch
//!
//! ## What a clean result proves
//!
//! The head-counts of every domain add up, so no mailbox was forgotten when they were written down.
//!
//! ## Exact condition
//!
//! `total` of a domain differs from the sum of its counts and listed mailboxes, and nobody holds the `rest`.
//!
//! ## Severity
//!
//! warning: recipients that nobody placed have no known end.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 300, hq: 150}, total: 500, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 300, hq: 200}, total: 500, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Mailboxes on both sides of one domain: <https://learn.microsoft.com/exchange/exchange-hybrid>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
