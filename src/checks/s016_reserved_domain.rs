//! # S016 reserved-domain
//!
//! ## What a clean result proves
//!
//! No DNS record is written for a name that the public DNS does not have.
//!
//! ## Exact condition
//!
//! A domain with `dns: managed` ends in `invalid`, `test`, `local`, `localhost`, `internal` or `onion`, or lies under
//! the initial domain of a tenant. (`example` is reserved too, but every document uses it.)
//!
//! ## Severity
//!
//! note: the records would be of no use, mail between our own places flows nevertheless.
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

use super::{Check, Run};
use crate::finding::Severity;
use crate::finding::{Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::DnsManagement;

/// The check.
pub const CHECK: Check = Check {
    code: "S016",
    name: "reserved-domain",
    severity: Severity::Note,
    source: include_str!("s016_reserved_domain.rs"),
    run: Run::Plan(run),
};

const RESERVED: [&str; 6] = ["invalid", "test", "local", "localhost", "internal", "onion"];
const PROVIDER: [&str; 3] = [
    ".onmicrosoft.com",
    ".onmicrosoft.us",
    ".partner.onmschina.cn",
];

fn run(plan: &Plan, findings: &mut Findings) {
    for domain in &plan.topology.domains {
        if !matches!(domain.dns, DnsManagement::Managed) {
            continue;
        }
        let name = domain.name.as_str();
        let why = if domain
            .name
            .labels()
            .next_back()
            .is_some_and(|last| RESERVED.contains(&last))
        {
            "nobody can look up in the public DNS"
        } else if PROVIDER.iter().any(|suffix| name.ends_with(suffix)) {
            "the provider publishes itself"
        } else {
            continue;
        };
        findings.push(
            Finding::note(
                "S016",
                format!("records would be written for `{name}`, which {why}"),
            )
            .at(domain.span, "its records are managed here")
            .on(Object::Domain(name.to_owned()))
            .domains([name])
            .help(format!("write `{name}: {{dns: none}}`")),
        );
    }
}
