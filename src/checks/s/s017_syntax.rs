//! # S017 syntax
//!
//! ## What a clean result proves
//!
//! The spec and every file it names can be read to their ends.
//!
//! ## Exact condition
//!
//! The text is not YAML, or a list is not CSV: a quote or bracket is not closed, indentation does not fit, a tag or
//! more aliases than the budget allows stand in it.
//!
//! ## Severity
//!
//! error: what follows the mistake cannot be understood.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! organization: "Contoso
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
//! organization: "Contoso"
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://yaml.org/spec/1.2.2/>
//! - <https://www.rfc-editor.org/rfc/rfc4180>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
