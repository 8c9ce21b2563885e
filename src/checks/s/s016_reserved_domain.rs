//! # S016 reserved-domain
//!
//! ## What a clean result proves
//!
//! No DNS record is written for a name that the public DNS does not have.
//!
//! ## Exact condition
//!
//! A domain with `dns: managed` lies below a name that nobody can publish records in: one that is reserved, such as
//! `local` or `test`, or the initial domain of a tenant. (`example` is reserved too, but every document uses it.)
//!
//! ## Severity
//!
//! note: the records would be of no use, mail between our own locations flows nevertheless.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso.local: {mailboxes: cloud, mx: cloud}
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
//!   contoso.local: {mailboxes: cloud, mx: cloud, dns: none}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc2606#section-2>
//! - <https://www.rfc-editor.org/rfc/rfc6762#section-3>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
