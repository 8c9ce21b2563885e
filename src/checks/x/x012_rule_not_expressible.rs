//! # X012 rule-not-expressible
//!
//! ## What a clean result proves
//!
//! Every rule at a Postfix location is one that Postfix can follow.
//!
//! ## Exact condition
//!
//! A rule at a Postfix location chooses by a wildcard in `sender_domain`, has an exception, or marks what it has
//! routed by a header: only addresses in `sender` and names in `sender_domain` can choose a relay there.
//!
//! ## Severity
//!
//! error: the mail that the rule means would go the usual way.
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
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.128/25]}
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! rules:
//!   - {name: Sales, at: mx, when: {sender_domain: ["*.fabrikam.com"]}, route: filter}
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
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.128/25]}
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! rules:
//!   - {name: Sales, at: mx, when: {sender: [sales@fabrikam.com]}, route: filter}
//! ```
//!
//! ## Sources
//!
//! - `sender_dependent_default_transport_maps`: <https://www.postfix.org/postconf.5.html#sender_dependent_default_transport_maps>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
