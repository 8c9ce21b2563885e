//! # S010 recipient-in-two-locations
//!
//! ## What a clean result proves
//!
//! Each listed recipient has one mailbox holder.
//!
//! ## Exact condition
//!
//! One address is listed at two locations.
//!
//! ## Severity
//!
//! error: mail for it would end in either mailbox, depending on where it was sent from.
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
//!   contoso.com:
//!     mailboxes: {cloud: [bob@contoso.com], hq: [ann@contoso.com, bob@contoso.com]}
//!     mx: cloud
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
//!   contoso.com:
//!     mailboxes: {cloud: [bob@contoso.com], hq: [ann@contoso.com]}
//!     mx: cloud
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-3.3>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
