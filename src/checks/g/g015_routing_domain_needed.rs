//! # G015 routing-domain-needed
//!
//! ## What a clean result proves
//!
//! Wherever mail for a split domain leaves a tenant or an Exchange organization by several derived connectors, each of
//! them carries names that no other carries.
//!
//! ## Exact condition
//!
//! With `routing: derived`, a tenant or an Exchange Server location has several next hops for the mailboxes of one domain,
//! and beyond two of them lie mailboxes at a location without a routing domain. A tenant always has one; other locations
//! have the `routing_domain` that the spec writes. Domains that a written route or a mail-flow rule takes over there are
//! left out. An Edge server (`edge: true`) knows no recipients, and so no other name of a mailbox.
//!
//! The same with a gateway whose `forwards` hand the whole domain to one location, where mail of that location for other
//! mailboxes of the domain goes back through the gateway.
//!
//! ## Severity
//!
//! error: these products choose a connector by the domain of the recipient, so that one connector would take the mail of
//! both, and the gateway hands all of it to one.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com}
//!   branch: {kind: exchange-server, version: 2019, servers: [BR01], hosts: [branch.contoso.com], egress: [203.0.113.20], certificate: contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 10, hq: 10, branch: 10}, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.contoso.com], egress: [203.0.113.10], certificate: contoso.com, routing_domain: hq.contoso.com}
//!   branch: {kind: exchange-server, version: 2019, servers: [BR01], hosts: [branch.contoso.com], egress: [203.0.113.20], certificate: contoso.com}
//! domains:
//!   contoso.com: {mailboxes: {cloud: 10, hq: 10, branch: 10}, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Exchange Server chooses by the address space: <https://learn.microsoft.com/exchange/mail-flow/mail-routing/connector-selection>
//! - Nothing says which of two connectors of a tenant for one domain is used: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use crate::checks::Run;

/// Found while routes are derived.
pub(in crate::checks) const RUN: Run = Run::Deriving;
