//! # G014 domain-in-two-tenants
//!
//! ## What a clean result proves
//!
//! Every domain is accepted by one tenant at most.
//!
//! ## Exact condition
//!
//! Two tenants accept one domain; the names that each has of its provider are left out.
//!
//! ## Severity
//!
//! error: a domain is verified in one tenant at a time, so that one of the two cannot take its mail.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   a: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   b: {kind: exchange-online, tenant: fabrikam, reject_direct_send: true, also_accepts: [{domain: contoso.com}]}
//! domains:
//!   contoso.com: {mailboxes: a, mx: a}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   a: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   b: {kind: exchange-online, tenant: fabrikam, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: a, mx: a}
//! ```
//!
//! ## Sources
//!
//! - Verification of a domain: <https://learn.microsoft.com/graph/api/domain-post-domains>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::{Acceptance, AcceptedDomain};
use crate::topology::LocationId;
use crate::values::DomainName;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let mut accepted: BTreeMap<&DomainName, Vec<(LocationId, &AcceptedDomain)>> = BTreeMap::new();
    for (id, location) in plan.topology.locations() {
        if location.tenant().is_none() {
            continue;
        }
        let names = plan.place(id).accepted.iter();
        for item in names.filter(|item| item.why != Acceptance::TenantName) {
            accepted.entry(&item.domain).or_default().push((id, item));
        }
    }
    for (domain, tenants) in accepted.into_iter().filter(|(_, tenants)| tenants.len() > 1) {
        let name = |at: LocationId| plan.topology.location(at).name.as_str();
        let names = listed(tenants.iter().map(|(at, _)| name(*at)));
        let mut finding = Finding::error(
            Code::G014,
            format!(
                "{names} accept `{domain}`, and a domain is verified in one tenant at a time: the others cannot take its mail"
            ),
        )
        .on(Object::Domain(domain.to_string()))
        .domains([domain.as_str()])
        .help(format!(
            "keep `{domain}` at one of them: give the other mailboxes a domain of their own, or write what it accepts (`accepts`)"
        ));
        for (at, item) in tenants {
            finding = finding
                .at(item.span, format!("`{}` accepts it", name(at)))
                .on(Object::Location(name(at).to_owned()));
        }
        findings.push(finding);
    }
}
