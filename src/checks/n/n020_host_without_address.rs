//! # N020 host-without-address
//!
//! ## What a clean result proves
//!
//! Every name server and MX host that lies in a zone written as a whole has an address there.
//!
//! ## Exact condition
//!
//! A zone with `nameservers` and `serial` names a server inside itself without an A or AAAA record; or an MX host
//! inside it has none.
//!
//! ## Severity
//!
//! error where the zone could not be loaded; warning where mail finds no address.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com: {nameservers: [ns1.contoso.com], serial: 2026112501}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       nameservers: [ns1.contoso.com]
//!       serial: 2026112501
//!       records: [{name: ns1, type: A, data: 203.0.113.53}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1912#section-2.8>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
