//! # X013 certificate-not-checked
//!
//! ## What a clean result proves
//!
//! Every sender that a Postfix location must identify by a certificate can be identified by it.
//!
//! ## Exact condition
//!
//! A route or partner is recognized by the name on its certificate at a Postfix location, which knows clients by
//! addresses or by keys. A partner's mail is then taken from the partner's `addresses` only, where the spec has them.
//! Digests of certificates (`relay_clientcerts`) are not written: they change with every renewal, and from that day on the
//! mail would be refused.
//!
//! ## Severity
//!
//! error where no addresses are known either; warning where a partner's name goes unchecked; note where addresses
//! take its place.
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
//!   lab:
//!     kind: smtp
//!     hosts: [mail.lab.fabrikam.com]
//!     certificate: mail.lab.fabrikam.com
//!     sends: {via: mx}
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
//!   lab:
//!     kind: smtp
//!     hosts: [mail.lab.fabrikam.com]
//!     egress: [192.0.2.26]
//!     certificate: mail.lab.fabrikam.com
//!     sends: {via: mx}
//! domains:
//!   fabrikam.com: {mailboxes: mx, mx: mx}
//! ```
//!
//! ## Sources
//!
//! - <https://www.postfix.org/TLS_README.html#server_access>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
