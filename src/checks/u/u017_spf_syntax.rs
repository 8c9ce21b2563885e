//! # U017 spf-syntax
//!
//! ## What a clean result proves
//!
//! Every term that goes into an SPF record is one that receivers can read.
//!
//! ## Exact condition
//!
//! `spf` of a location or partner, or an `include` of a domain, holds a term that the grammar of SPF does not have.
//!
//! ## Severity
//!
//! error: one wrong term makes the whole record fail, for every sender of the domain.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "includes:spf.newsletter.example"}
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
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.6.1>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
