//! # X014 mailboxes-without-service
//!
//! ## What a clean result proves
//!
//! Every mailbox at a Postfix location has a service that takes its mail.
//!
//! ## Exact condition
//!
//! A Postfix location holds mailboxes of a domain and `delivers_to` names no service for it.
//!
//! ## Severity
//!
//! error: the mail would wait until it expires.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx:
//!     kind: postfix
//!     hosts: [mail.fabrikam.com]
//!     egress: [192.0.2.25]
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx:
//!     kind: postfix
//!     hosts: [mail.fabrikam.com]
//!     egress: [192.0.2.25]
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - `virtual_transport`: <https://www.postfix.org/postconf.5.html#virtual_transport>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "X014",
    name: "mailboxes-without-service",
    severity: Severity::Error,
    source: include_str!("x014_mailboxes_without_service.rs"),
    run: Run::Deriving,
};
