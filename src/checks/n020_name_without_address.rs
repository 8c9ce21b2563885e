//! # N020 name-without-address
//!
//! ## What a clean result proves
//!
//! Every host of a whole zone that MX or NS records name has an address there.
//!
//! ## Exact condition
//!
//! A zone with `nameservers` and `serial` names a host below itself and holds no A or AAAA record of it.
//!
//! ## Severity
//!
//! error for a name server, because no server loads the zone; warning for an MX host.
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
//!     contoso.com: {nameservers: [ns1.contoso.com], serial: 1}
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
//!     contoso.com: {nameservers: [ns1.dns.example], serial: 1}
//! ```
//!
//! ## Sources
//!
//! - RFC 1912, section 2.8: <https://www.rfc-editor.org/rfc/rfc1912#section-2.8>

use super::{Check, Run};
use crate::finding::Severity;

/// The check.
pub const CHECK: Check = Check {
    code: "N020",
    name: "name-without-address",
    severity: Severity::Error,
    source: include_str!("n020_name_without_address.rs"),
    run: Run::Deriving,
};
