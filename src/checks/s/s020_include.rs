//! # S020 include
//!
//! ## What a clean result proves
//!
//! Every file that the spec names is there, lies in the folder of the spec, and is not read through itself.
//!
//! ## Exact condition
//!
//! A path leads to no readable file, leaves the folder of the main spec, or an `include` leads back to a file that is
//! being read.
//!
//! ## Severity
//!
//! error: what stands in the file is part of the mail flow.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! include: [partners.yaml]
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! include: [partners.yaml]
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ```yaml file=partners.yaml
//! version: 1
//! partners:
//!   fabrikam: {domains: [fabrikam.com], tls: encrypted}
//! ```
//!
//! ## Sources
//!
//! - Why a path must not leave its folder: <https://cwe.mitre.org/data/definitions/22.html>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
