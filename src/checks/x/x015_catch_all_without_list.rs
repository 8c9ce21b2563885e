//! # X015 catch-all-without-list
//!
//! ## What a clean result proves
//!
//! Every catch-all takes the mail of nobody who has a mailbox.
//!
//! ## Exact condition
//!
//! A domain with `catch_all` at a Postfix location has mailboxes that are not listed.
//!
//! ## Severity
//!
//! error: the catch-all is asked first, and would take the mail of every mailbox that it does not know of.
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
//!   fabrikam.com: {mailboxes: mx, mx: mx, catch_all: root@fabrikam.com}
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
//!   fabrikam.com:
//!     mailboxes: {mx: [root@fabrikam.com, ops@fabrikam.com]}
//!     mx: mx
//!     catch_all: root@fabrikam.com
//! ```
//!
//! ## Sources
//!
//! - <https://www.postfix.org/virtual.5.html>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
