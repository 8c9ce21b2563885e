//! # E018 detour-without-inbound-connector
//!
//! ## What a clean result proves
//!
//! Exchange Online takes the connector of centralized transport.
//!
//! ## Exact condition
//!
//! A connector that mailtopo would write at a tenant has `RouteAllMessagesViaOnPremises`, and no enabled inbound connector of
//! the tenant has the type `OnPremises`.
//!
//! ## Severity
//!
//! error: the cmdlet refuses the connector, so it is not written and no mail makes the detour.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: in, from: hq, to: cloud, recipients: [contoso.com], enabled: false}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, centralized_transport: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: mail.contoso.com}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: in, from: hq, to: cloud, recipients: [contoso.com]}
//! ```
//!
//! ## Sources
//!
//! - `RouteAllMessagesViaOnPremises`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - Centralized transport: <https://learn.microsoft.com/exchange/transport-routing>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
