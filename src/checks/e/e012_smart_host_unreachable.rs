//! # E012 smart-host-unreachable
//!
//! ## What a clean result proves
//!
//! Every smart host that a tenant hands mail to listens on port 25 and wants no login; none that Exchange Server hands mail to
//! wants TLS from the first byte.
//!
//! ## Exact condition
//!
//! A route from a tenant names a smart host with another port than 25, or a credential in `auth`. Or a route from
//! Exchange Server names one with port 465, where TLS begins before the first word of SMTP.
//!
//! ## Severity
//!
//! error: connectors of Exchange Online know neither, and Send connectors know STARTTLS alone, so the connector is not made.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, sends: {via: relay}}
//!   relay: {kind: gateway, hosts: ["relay.example:587"], egress: [192.0.2.0/24], auth: relay-account}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, sends: {via: relay}}
//!   relay: {kind: gateway, hosts: [relay.example], egress: [192.0.2.0/24]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - The parameters of the cmdlet: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - Send connectors (`RequireTLS`, `IgnoreSTARTTLS`): <https://learn.microsoft.com/powershell/module/exchangepowershell/set-sendconnector>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
