//! # S008 self-route
//!
//! ## What a clean result proves
//!
//! No location hands mail to itself.
//!
//! ## Exact condition
//!
//! A route, `forwards`, `sends` or `accept_only_from` names the location it stands at, or `sends` leads in a circle.
//!
//! ## Severity
//!
//! error: the mail would go round until its hop count is used up, and bounce.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: hq}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Loop detection: <https://www.rfc-editor.org/rfc/rfc5321#section-6.3>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
