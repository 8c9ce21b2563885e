//! # S001 unknown-reference
//!
//! ## What a clean result proves
//!
//! Every name that the spec uses for a location, partner, device or route is declared in it, and is of the kind that
//! is wanted where it stands.
//!
//! ## Exact condition
//!
//! A name stands where the language wants a location, partner, device, route, domain or word, and the spec declares
//! nothing of that kind under it.
//!
//! ## Severity
//!
//! error: where mail should go cannot be known.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: clowd, mx: cloud}
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
//! - <https://www.rfc-editor.org/rfc/rfc5321#section-2.3.5>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
