//! # X010 mailboxes-not-listed
//!
//! ## What a clean result proves
//!
//! Postfix can tell its own mailboxes of a shared domain from those of other places.
//!
//! ## Exact condition
//!
//! A Postfix location holds a counted part of a domain whose other mailboxes are elsewhere.
//!
//! ## Severity
//!
//! error: Postfix knows only what the spec lists, so the mail of its own mailboxes would go elsewhere.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: fabrikam, reject_direct_send: true}
//!   mx:
//!     kind: postfix
//!     hosts: [mail.fabrikam.com]
//!     egress: [192.0.2.25]
//!     certificate: mail.fabrikam.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: {mx: 20, cloud: 300}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: fabrikam, reject_direct_send: true}
//!   mx:
//!     kind: postfix
//!     hosts: [mail.fabrikam.com]
//!     egress: [192.0.2.25]
//!     certificate: mail.fabrikam.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: {mx: [root@fabrikam.com, ops@fabrikam.com], cloud: rest}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Address classes: <https://www.postfix.org/ADDRESS_CLASS_README.html>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "X010",
    name: "mailboxes-not-listed",
    severity: Severity::Error,
    source: include_str!("x010_mailboxes_not_listed.rs"),
    run: Run::Deriving,
};
