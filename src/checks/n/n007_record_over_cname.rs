//! # N007 record-over-cname
//!
//! ## What a clean result proves
//!
//! Nothing that mail needs stands beside an alias.
//!
//! ## Exact condition
//!
//! A managed zone holds a CNAME record at a name at which mail flow needs another record.
//!
//! ## Severity
//!
//! error: name servers refuse the zone or leave one of the two out.
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
//!     contoso.com:
//!       records: [{name: "@", type: CNAME, data: www.contoso.net.}]
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
//!       records: [{name: "@", type: A, data: 203.0.113.80}]
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1034#section-3.6.2>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
