//! # T002 demand-unsatisfiable
//!
//! ## What a clean result proves
//!
//! Every TLS level that a route demands is one that its sending end can check.
//!
//! ## Exact condition
//!
//! A route from an Exchange 2007 organization demands `ca-verified` or `verified`, which that version cannot check.
//!
//! ## Severity
//!
//! error: the mail would be sent with less protection than was demanded.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, tls: verified}
//!   hq:
//!     kind: exchange-server
//!     version: 2007
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
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
//!     version: 2007
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
//! - `TlsAuthLevel`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-sendconnector>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "T002",
    name: "demand-unsatisfiable",
    severity: Severity::Error,
    source: include_str!("t002_demand_unsatisfiable.rs"),
    run: Run::Deriving,
};
