//! # X013 certificate-not-known-by-name
//!
//! ## What a clean result proves
//!
//! No route to a Postfix location needs a client certificate to be known by its name.
//!
//! ## Exact condition
//!
//! A route to a Postfix location shall be known by a certificate, or a partner's mail to it is demanded to be
//! `verified` or `ca-verified`. Postfix knows client certificates by digests, which change with every renewal.
//!
//! ## Severity
//!
//! note: the sender is known by its addresses in place of the certificate. warning: a partner's mail comes with TLS and
//! its certificate is not checked. error: the sender has no addresses, and its mail for others would be refused.
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
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! partners:
//!   bank:
//!     domains: [bank.example]
//!     tls: {inbound: verified}
//!     certificate: mail.bank.example
//!     via: [mx]
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
//! partners:
//!   bank:
//!     domains: [bank.example]
//!     tls: {inbound: encrypted}
//!     certificate: mail.bank.example
//!     via: [mx]
//! ```
//!
//! ## Sources
//!
//! - `check_ccert_access`: <https://www.postfix.org/postconf.5.html#check_ccert_access>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "X013",
    name: "certificate-not-known-by-name",
    severity: Severity::Note,
    source: include_str!("x013_certificate_not_known_by_name.rs"),
    run: Run::Deriving,
};
