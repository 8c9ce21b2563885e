//! # S018 wrong-type
//!
//! ## What a clean result proves
//!
//! Every value has the shape that its key wants, and nothing that is required is missing.
//!
//! ## Exact condition
//!
//! A value is a text where the key wants a truth value, a number, a list or a mapping (or the other way round), or a
//! key without which the entry means nothing is absent. As in YAML 1.2, `yes`, `no`, `on` and `off` are texts.
//!
//! ## Severity
//!
//! error: a guess at what was meant could send mail elsewhere.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   old-brand.example: {parked: yes}
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
//!   old-brand.example: {parked: true}
//! ```
//!
//! ## Sources
//!
//! - <https://yaml.org/spec/1.2.2/#103-core-schema>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
