//! # S011 duplicate-proxy
//!
//! ## What a clean result proves
//!
//! Each address leads to one mailbox.
//!
//! ## Exact condition
//!
//! One address is an alias of two mailboxes, or an alias of one and the address of another. Or two listed mailboxes of a
//! tenant have the same local part in two split domains, and some location with a complete directory would reach both by the
//! same address in the tenant's routing domain.
//!
//! ## Severity
//!
//! error: a directory refuses the second one, and the mail of one of the two people goes to the other.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: {cloud: {file: users.csv}}, mx: cloud}
//! ```
//!
//! ```csv file=users.csv
//! address,aliases
//! bob@contoso.com,sales@contoso.com
//! eve@contoso.com,sales@contoso.com
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: {cloud: {file: users.csv}}, mx: cloud}
//! ```
//!
//! ```csv file=users.csv
//! address,aliases
//! bob@contoso.com,sales@contoso.com
//! eve@contoso.com,support@contoso.com
//! ```
//!
//! ## Sources
//!
//! - `EmailAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-mailbox>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Reading;
