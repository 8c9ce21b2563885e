//! # X010 unlisted-mailboxes
//!
//! ## What a clean result proves
//!
//! Every Postfix location that shares a domain with others knows which mailboxes are its own, and which of the others lie
//! beyond which of its next hops.
//!
//! ## Exact condition
//!
//! A Postfix location holds a part of a domain by a count, while other locations hold the other parts; or it sends mail for
//! a domain on by several derived routes, and beyond two of them lie mailboxes that the spec does not list and that no
//! routing domain reaches.
//!
//! ## Severity
//!
//! error: Postfix has no directory to ask, and would keep or pass on mail of the wrong people.
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
//!   fabrikam.com: {mailboxes: {mx: 2, cloud: 40}, mx: cloud}
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
//! - <https://www.postfix.org/transport.5.html>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
