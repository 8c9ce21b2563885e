//! # S015 duplicate-key
//!
//! ## What a clean result proves
//!
//! Every key of every mapping stands there once, so what is read is what is seen.
//!
//! ## Exact condition
//!
//! A YAML mapping has the same key twice.
//!
//! ## Severity
//!
//! error: most readers keep the last value and drop the first in silence.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud:
//!     kind: exchange-online
//!     tenant: contoso
//!     reject_direct_send: true
//!     tenant: fabrikam
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud:
//!     kind: exchange-online
//!     tenant: contoso
//!     reject_direct_send: true
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - Keys of a mapping are unique: <https://yaml.org/spec/1.2.2/#3211-nodes>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
