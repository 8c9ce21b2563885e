//! # E001 connector-name-too-long
//!
//! ## What a clean result proves
//!
//! The name of every connector that is made fits into 64 characters, so no script stops half-way because a name was
//! refused.
//!
//! ## Exact condition
//!
//! A connector of a tenant or of an Exchange organization has a name of more than 64 characters. Names of derived
//! connectors are made of the names of their two ends. Connectors of the Hybrid Configuration Wizard are not looked
//! at.
//!
//! ## Severity
//!
//! error: the cmdlet would refuse the connector, which is therefore not written; its mail takes another way or none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   headquarters-of-the-northern-region-and-its-forty-branches-in-town:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: headquarters-of-the-northern-region-and-its-forty-branches-in-town, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq-north:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//!     sends: {via: cloud}
//! domains:
//!   contoso.com: {mailboxes: hq-north, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - `Name`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - `Name`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-receiveconnector>

use crate::checks::Run;

/// Found when the connectors are made.
pub(in crate::checks) const RUN: Run = Run::Deriving;
