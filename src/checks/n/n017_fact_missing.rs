//! # N017 fact-missing
//!
//! ## What a clean result proves
//!
//! Everything that was planned can be written: no name is missing that a provider assigns and nobody can compute.
//!
//! ## Exact condition
//!
//! A record or connector needs the MX host, DKIM target or another fact of a location, and the facts file does not
//! have it.
//!
//! ## Severity
//!
//! note: what is missing is withheld, because a guess could send the mail of one domain to another's tenant.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso-bank.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso-bank.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! cloud:
//!   mx: {contoso-bank.com: contosobank-com01b.mail.protection.outlook.com}
//!   dkim:
//!     contoso-bank.com:
//!       selector1: selector1-contosobank-com01b._domainkey.contoso.onmicrosoft.com
//!       selector2: selector2-contosobank-com01b._domainkey.contoso.onmicrosoft.com
//! ```
//!
//! ## Sources
//!
//! - Where the MX host is to be read: <https://learn.microsoft.com/microsoft-365/admin/get-help-with-domains/create-dns-records-at-any-dns-hosting-provider>

use crate::checks::Run;

pub(in crate::checks) const RUN: Run = Run::Deriving;
