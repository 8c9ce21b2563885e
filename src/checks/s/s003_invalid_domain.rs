//! # S003 invalid-domain
//!
//! ## What a clean result proves
//!
//! Every domain of the spec can stand behind the `@` of an address and be looked up in the DNS.
//!
//! ## Exact condition
//!
//! A domain has an empty label, a label of more than 63 octets, more than 253 octets in all, a single label, an
//! underscore or another character that host names do not have, is an IP address, or is not valid under IDNA 2008.
//!
//! ## Severity
//!
//! error: no mail can be addressed to such a name.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso..net: {mailboxes: cloud, mx: cloud}
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
//!   contoso.net: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>
//! - <https://www.rfc-editor.org/rfc/rfc5891#section-4.2>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
