//! # U001 egress-not-in-spf
//!
//! ## What a clean result proves
//!
//! Every place that mail leaves from is in the SPF record of the domains it sends for.
//!
//! ## Exact condition
//!
//! A location is the last hop of ours for mail of a domain, and neither public addresses in `egress` nor `spf` say
//! where its mail comes from.
//!
//! ## Severity
//!
//! error: SPF fails for all of its mail, and with DMARC or strict receivers the mail is refused.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
