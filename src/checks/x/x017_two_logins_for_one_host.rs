//! # X017 two-logins-for-one-host
//!
//! ## What a clean result proves
//!
//! A Postfix location logs on at each next hop with the name that the route says.
//!
//! ## Exact condition
//!
//! Two routes of a Postfix location have the same next hop, and name different credentials in `auth`. Postfix keeps them by
//! next hop, so that all mail would log on with one of them.
//!
//! ## Severity
//!
//! error: the host may refuse senders that the other name stands for.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp", sends: {via: relay}}
//!   relay: {kind: gateway, hosts: [{name: smtp.relay.example, port: 587}], egress: [198.51.100.0/28], forwards: {}, auth: login-a}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! routes:
//!   - {name: Bank, from: mx, to: relay, recipients: [bank.example], auth: login-b}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp", sends: {via: relay}}
//!   relay: {kind: gateway, hosts: [{name: smtp.relay.example, port: 587}], egress: [198.51.100.0/28], forwards: {}, auth: login-a}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! routes:
//!   - {name: Bank, from: mx, to: relay, recipients: [bank.example], auth: login-b, smart_hosts: [{name: smtp.relay.example, port: 465}]}
//! ```
//!
//! ## Sources
//!
//! - `smtp_sasl_password_maps`: <https://www.postfix.org/SASL_README.html#client_sasl_enable>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
