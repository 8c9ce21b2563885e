//! # S019 bad-value
//!
//! ## What a clean result proves
//!
//! Every address, network, host, size, date and word is one that exists and that its key can take.
//!
//! ## Exact condition
//!
//! A value has the right shape but cannot be what its key wants: an address out of range, a network with host bits, a
//! date that no calendar has, a word that is not among the choices, two keys that contradict each other.
//!
//! ## Severity
//!
//! error: the platform would refuse it, or take it for something else.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.300]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.30]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc4632#section-3.1>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
