//! # P003 partner-also-accepted
//!
//! ## What a clean result proves
//!
//! No domain is ours and a partner's at the same time.
//!
//! ## Exact condition
//!
//! A domain that a partner's `domains` names in full is accepted by one of our own locations or is a domain of the spec.
//!
//! ## Severity
//!
//! error: its mail is delivered inside and never reaches the partner, or the other way round.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   pay.contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   payroll: {domains: [pay.contoso.com], tls: encrypted}
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
//! partners:
//!   payroll: {domains: [pay.contoso.com], tls: encrypted}
//! ```
//!
//! ## Sources
//!
//! - `ConnectorType`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::source::Span;
use crate::values::{DomainName, Pattern};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let mut ours: BTreeMap<&DomainName, (Span, String)> = BTreeMap::new();
    for (place, location) in plan.places.iter().zip(&plan.topology.locations) {
        for accepted in &place.accepted {
            ours.entry(&accepted.domain)
                .or_insert_with(|| (accepted.span, format!("`{}` accepts it", location.name)));
        }
    }
    for domain in &plan.topology.domains {
        ours.insert(
            &domain.name,
            (domain.span, "a domain of our own".to_owned()),
        );
    }
    for partner in &plan.topology.partners {
        for pattern in &partner.domains {
            let Pattern::Exact(name) = &pattern.value else {
                continue;
            };
            let Some((span, why)) = ours.get(name) else {
                continue;
            };
            findings.push(
                Finding::error(
                    Code::P003,
                    format!("`{name}` is a domain of partner `{}` and one of our own: its mail would end inside or at the partner, depending on where it comes from", partner.name),
                )
                .at(pattern.span, format!("said to be a domain of `{}`", partner.name))
                .at(*span, why.clone())
                .on(Object::Partner(partner.name.clone()))
                .on(Object::Domain(name.as_str().to_owned()))
                .domains([name.as_str()])
                .help(format!("delete `{name}` from `domains` of the partner, or from our own")),
            );
        }
    }
}
