//! # U004 spf-multiple-records
//!
//! ## What a clean result proves
//!
//! Every name has one SPF record.
//!
//! ## Exact condition
//!
//! A record of another purpose in a managed zone is an SPF record of a name for which the spec makes one.
//!
//! ## Severity
//!
//! error: with two records every check ends in an error, whoever sends.
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
//!       records: [{name: "@", type: TXT, data: "v=spf1 include:spf.newsletter.example -all"}]
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
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "include:spf.newsletter.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.5>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
