//! # R003 shared-ip-relay
//!
//! ## What a clean result proves
//!
//! No location grants the right to relay to addresses that external senders send from too.
//!
//! ## Exact condition
//!
//! A route for every recipient leads from a tenant to an Exchange organization that would know the tenant by its
//! published addresses alone, which all tenants share.
//!
//! ## Severity
//!
//! error: any other tenant could send mail to any recipient through the organization's servers, so the right is not
//! written.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2010
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: {cloud: 800, hq: 200}, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - The published addresses: <https://learn.microsoft.com/microsoft-365/enterprise/urls-and-ip-address-ranges>
//! - How the sender is known instead: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
