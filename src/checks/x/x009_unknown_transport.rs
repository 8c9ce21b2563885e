//! # X009 unknown-transport
//!
//! ## What a clean result proves
//!
//! Every service that a Postfix location hands mail to exists in its master.cf, and can find out who takes it.
//!
//! ## Exact condition
//!
//! `delivers_to` or `transport` names a service that is neither one of Postfix's own nor listed in `transports`. Or a route
//! with `transport: lmtp` names no host: an LMTP client looks up no MX. Or a route names a host with port 465, where TLS begins
//! with the first byte, and one of Postfix's own services in `transport`, or other ports beside it. (Without `transport`,
//! install.sh makes a service for port 465.)
//!
//! ## Severity
//!
//! error: every checker of Postfix accepts the map, and the mail waits until it expires.
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
//!     delivers_to: "lmpt:unix:private/dovecot-lmtp"
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
//! - <https://www.postfix.org/transport.5.html>
//! - <https://www.postfix.org/master.5.html>
//! - TLS from the first byte: <https://www.postfix.org/postconf.5.html#smtp_tls_wrappermode>
//! - Destinations of LMTP: <https://www.postfix.org/lmtp.8.html>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
