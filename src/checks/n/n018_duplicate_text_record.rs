//! # N018 duplicate-text-record
//!
//! ## What a clean result proves
//!
//! Every name has at most one record of each policy that readers want alone: DMARC, MTA-STS, TLS-RPT, a DKIM key.
//!
//! ## Exact condition
//!
//! A record of another purpose in a managed zone is a policy of a kind that the spec makes for the same name.
//!
//! ## Severity
//!
//! error: readers that find two policies of one kind act as if there were none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: quarantine}}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: _dmarc, type: TXT, data: "v=DMARC1; p=none"}]
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: quarantine}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8461#section-3.1>
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-6.6.3>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
