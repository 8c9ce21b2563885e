//! # S007 unknown-key
//!
//! ## What a clean result proves
//!
//! Nothing in the spec is silently ignored: each key is one that the language has in this position, and each column of a
//! list is one that is read.
//!
//! ## Exact condition
//!
//! A mapping has a key that the language does not know there. In a list of mailboxes, a column whose name is nearly
//! that of a known one.
//!
//! ## Severity
//!
//! error; note for a column that resembles none and is left unread.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! organisation: Contoso
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
//! organization: Contoso
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://yaml.org/spec/1.2.2/#3211-nodes>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
