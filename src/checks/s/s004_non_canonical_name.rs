//! # S004 non-canonical-name
//!
//! ## What a clean result proves
//!
//! Every name is written the way the output writes it, so that a search for it in scripts, maps and zones finds it in
//! the spec too.
//!
//! ## Exact condition
//!
//! A valid name differs from its canonical form: it holds capital letters, ends in a dot or mixes spellings.
//!
//! ## Severity
//!
//! note: the canonical form is used everywhere, mail flow does not change.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   Contoso.com: {mailboxes: cloud, mx: cloud}
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
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc5891#section-5>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
