//! # S002 duplicate-name
//!
//! ## What a clean result proves
//!
//! Each thing has one entry. Two spellings of one domain name (case, a trailing dot, Unicode against A-labels) count
//! as one name, and the names of locations, partners and devices share one name space.
//!
//! ## Exact condition
//!
//! Two entries of one list or one name space are equal after they were brought to their canonical form.
//!
//! ## Severity
//!
//! error: one of the two entries would be lost, and nobody can say which was meant.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   contoso.com.: {mailboxes: cloud, mx: cloud}
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
//! - Names compare without regard to case: <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.3>
//! - Unicode and A-labels of one name: <https://www.rfc-editor.org/rfc/rfc5890#section-2.3.2.1>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
