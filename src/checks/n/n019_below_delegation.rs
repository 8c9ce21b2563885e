//! # N019 below-delegation
//!
//! ## What a clean result proves
//!
//! Every record is written into the zone whose servers are asked for it.
//!
//! ## Exact condition
//!
//! A managed zone gives a name away by NS records, which may be one such as `_domainkey`, and mail flow needs records of the
//! same zone at or below that name. What others have at names that are given away is not known, unless facts say it.
//!
//! ## Severity
//!
//! error: nobody ever sees those records.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   eu.contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: eu, type: NS, data: ns1.dns.example.}]
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
//!   eu.contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: eu, type: NS, data: ns1.dns.example.}]
//!     eu.contoso.com: {nameservers: [ns1.dns.example]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1034#section-4.2>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
