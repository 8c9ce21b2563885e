//! # U002 spf-too-many-lookups
//!
//! ## What a clean result proves
//!
//! Receivers can evaluate every SPF record that is written, as far as it is known what stands behind its names.
//!
//! ## Exact condition
//!
//! The terms of a record cost more than ten DNS lookups: one for each `include`, `a`, `mx` and `exists`, and those of
//! the records that an `include` leads to. Their content is taken from `records` of the facts and from the spec's own
//! zones; a name of which nobody knows the content costs one.
//!
//! ## Severity
//!
//! error: at the eleventh lookup the check ends in an error, whoever sends.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.newsletter.example, spf.shop.example]}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.newsletter.example: {txt: ["v=spf1 a:a.newsletter.example a:b.newsletter.example a:c.newsletter.example a:d.newsletter.example -all"]}
//!   spf.shop.example: {txt: ["v=spf1 mx:shop.example a:a.shop.example a:b.shop.example a:c.shop.example -all"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.newsletter.example, spf.shop.example]}}
//! dns:
//!   spf: {flatten: true}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.newsletter.example: {txt: ["v=spf1 a:a.newsletter.example ip4:192.0.2.0/28 -all"]}
//!   a.newsletter.example: {a: [192.0.2.17]}
//!   spf.shop.example: {txt: ["v=spf1 ip4:198.51.100.0/28 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
