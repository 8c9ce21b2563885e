//! # E010 rule-names-unscoped-connector
//!
//! ## What a clean result proves
//!
//! Every mail-flow rule of a tenant chooses a connector that only rules use, and that starts at the location where the
//! rule acts.
//!
//! ## Exact condition
//!
//! `route` of a rule names a written route without `only_by_rule: true`, one that is switched off, or one that starts at
//! another location than the rule's `at`. A rule that is off and that others manage (`managed: false`) is written by
//! nobody, and may name a route that is off.
//!
//! ## Severity
//!
//! error: Exchange Online refuses the rule, and an unscoped connector would take mail of everybody beside it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.0/24]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: signatures, from: cloud, to: filter, recipients: ["*"]}
//! rules:
//!   - {name: Sales signatures, at: cloud, when: {sender: [sales@contoso.com]}, route: signatures, unless_header: X-Signed}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   filter: {kind: gateway, hosts: [out.filter.example], egress: [192.0.2.0/24]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: signatures, from: cloud, to: filter, recipients: ["*"], only_by_rule: true}
//! rules:
//!   - {name: Sales signatures, at: cloud, when: {sender: [sales@contoso.com]}, route: signatures, unless_header: X-Signed}
//! ```
//!
//! ## Sources
//!
//! - A rule names a connector that is there, enabled and for rules: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-transportrule>
//! - `IsTransportRuleScoped`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-outboundconnector>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/conditional-mail-routing>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
