//! # N001 mx-host-is-cname
//!
//! ## What a clean result proves
//!
//! Every host that an MX record names has addresses of its own.
//!
//! ## Exact condition
//!
//! A managed zone holds a CNAME record at the name that an MX record of the spec points at.
//!
//! ## Severity
//!
//! error: not every sender follows an alias there, so a part of the mail bounces.
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
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: mail, type: CNAME, data: server.contoso.net.}]
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
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: mail, type: A, data: 203.0.113.10}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>
//! - <https://www.rfc-editor.org/rfc/rfc2181#section-10.3>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
