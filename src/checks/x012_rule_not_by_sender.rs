//! # X012 rule-not-by-sender
//!
//! ## What a clean result proves
//!
//! Every rule at a Postfix location chooses by what Postfix can look up.
//!
//! ## Exact condition
//!
//! A rule at a Postfix location has a condition other than addresses in `sender` and names without wildcards in
//! `sender_domain`, or an `unless_header`.
//!
//! ## Severity
//!
//! error: the mail it is about would go the usual way.
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
//!   filter:
//!     kind: gateway
//!     hosts: [out.filter.example]
//!     egress: [198.51.100.0/24]
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! rules:
//!   - name: New Orleans
//!     at: mx
//!     when: {recipient_city: [New Orleans]}
//!     route: filter
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
//!   filter:
//!     kind: gateway
//!     hosts: [out.filter.example]
//!     egress: [198.51.100.0/24]
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! rules:
//!   - name: New Orleans
//!     at: mx
//!     when: {sender: [orleans@fabrikam.com]}
//!     route: filter
//! ```
//!
//! ## Sources
//!
//! - `sender_dependent_default_transport_maps`: <https://www.postfix.org/postconf.5.html#sender_dependent_default_transport_maps>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "X012",
    name: "rule-not-by-sender",
    severity: Severity::Error,
    source: include_str!("x012_rule_not_by_sender.rs"),
    run: Run::Deriving,
};
