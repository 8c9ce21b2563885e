//! # P006 nested-partners
//!
//! ## What a clean result proves
//!
//! No partner has names below the wildcard of another without the split being seen.
//!
//! ## Exact condition
//!
//! A wildcard of one partner lies within that of another. Where both have connectors at one tenant, A003 speaks of it.
//!
//! ## Severity
//!
//! warning: the finding says which names are whose.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   group: {domains: [group.example, "*.group.example"]}
//!   subsidiary: {domains: ["*.eu.group.example"]}
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
//!   group: {domains: [group.example, "*.group.example"]}
//!   subsidiary: {domains: [sales.eu.group.example]}
//! ```
//!
//! ## Sources
//!
//! - Wildcards of connectors: <https://learn.microsoft.com/powershell/module/exchange/new-outboundconnector>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::source::Span;
use crate::topology::{PartnerId, Party};
use crate::values::{DomainName, Pattern};
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let mut bases: BTreeMap<DomainName, (PartnerId, Span)> = BTreeMap::new();
    for (id, partner) in plan.topology.partners() {
        for at in &partner.domains {
            if let Pattern::Below(base) = &at.value {
                bases.entry(base.clone()).or_insert((id, at.span));
            }
        }
    }
    for (base, (inner, span)) in &bases {
        let around = base.parents().find_map(|above| bases.get_key_value(above));
        let Some((wide, (outer, outer_span))) = around else {
            continue;
        };
        if inner == outer || share_a_tenant(plan, *inner, *outer) {
            continue;
        }
        let [inner, outer] = [*inner, *outer].map(|id| plan.topology.partner(id).name.as_str());
        findings.push(
            Finding::warning(
                Code::P006,
                format!("names below `{base}` belong to `{inner}`, and `{base}` itself with all others below `{wide}` to `{outer}`"),
            )
            .at(*span, format!("`{inner}`"))
            .at(*outer_span, format!("`{outer}`"))
            .on(Object::Partner(inner.to_owned()))
            .on(Object::Partner(outer.to_owned()))
            .domains([format!("*.{base}")])
            .help(format!("name the domains of `{inner}` one by one, if only some of them are meant")),
        );
    }
}

/// Whether one tenant has connectors to both.
fn share_a_tenant(plan: &Plan, one: PartnerId, other: PartnerId) -> bool {
    let tenants = |partner: PartnerId| -> BTreeSet<Party> {
        let routes = plan.routes.iter();
        routes
            .filter(|route| route.enabled && route.to == Party::Partner(partner))
            .map(|route| route.from)
            .filter(|from| {
                let location = from.location().map(|id| plan.topology.location(id));
                location.is_some_and(|location| location.tenant().is_some())
            })
            .collect()
    };
    !tenants(one).is_disjoint(&tenants(other))
}
