//! # X014 no-delivery-service
//!
//! ## What a clean result proves
//!
//! Every Postfix location that holds mailboxes knows what to hand their mail to.
//!
//! ## Exact condition
//!
//! A Postfix location holds mailboxes of a domain that no entry of `delivers_to` matches.
//!
//! ## Severity
//!
//! error: the mail waits until it expires.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mail.fabrikam.com], egress: [192.0.2.25], certificate: mail.fabrikam.com}
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
//!     certificate: mail.fabrikam.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - `virtual_transport`: <https://www.postfix.org/postconf.5.html#virtual_transport>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
