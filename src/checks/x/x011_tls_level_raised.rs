//! # X011 tls-level-raised
//!
//! ## What a clean result proves
//!
//! Every TLS level is carried out as it is written.
//!
//! ## Exact condition
//!
//! A route from a Postfix location demands a level that Postfix cannot express, so the next higher one is written. Or
//! another route with the same next hop demands more: Postfix keeps levels by next hop.
//!
//! ## Severity
//!
//! note: no mail is less protected than was demanded, but some may wait that would have gone.
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
//!     certificate: mail.fabrikam.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! partners:
//!   archive:
//!     domains: [journal.archive.example]
//!     tls: {inbound: opportunistic, outbound: ca-verified}
//!     certificate: smtp.archive.example
//!     hosts: [smtp.archive.example]
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
//!     certificate: mail.fabrikam.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! partners:
//!   archive:
//!     domains: [journal.archive.example]
//!     tls: {inbound: opportunistic, outbound: verified}
//!     certificate: smtp.archive.example
//!     hosts: [smtp.archive.example]
//! ```
//!
//! ## Sources
//!
//! - <https://www.postfix.org/TLS_README.html#client_tls_levels>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
