//! # S021 encoding
//!
//! ## What a clean result proves
//!
//! Every file is UTF-8, so every name in it is the name that its author saw.
//!
//! ## Exact condition
//!
//! A file holds bytes that begin no UTF-8 character, or is written in UTF-16.
//!
//! ## Severity
//!
//! error: a name read in the wrong encoding is another name.
//!
//! ## Failing spec
//!
//! ```yaml escaped
//! version: 1
//! organization: Caf\xe9
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml escaped
//! version: 1
//! organization: Caf\xc3\xa9
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc3629>
//! - <https://yaml.org/spec/1.2.2/#52-character-encodings>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
