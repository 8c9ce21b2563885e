//! # N005 mx-mixed-filter
//!
//! ## What a clean result proves
//!
//! No MX record leads past the gateway that another MX record of the same name leads to.
//!
//! ## Exact condition
//!
//! The MX records of a domain name a gateway, and beside it a location that is none and that takes mail of external senders
//! (no `accept_only_from`). While a change is staged (`mx_now`), the records of the last stage count. R004 speaks of locations
//! that no MX record names, G010 of those that reject what comes in there.
//!
//! ## Severity
//!
//! warning: whoever tries the other host first, as spammers do, is not filtered.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: [filter, cloud]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, accept_only_from: [filter]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - A service in front of Exchange Online: <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-mail-flow-using-third-party-cloud>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::dns::routing::{Exchangers, Existing, Taker, exchangers};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{Domain, Location};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let existing = Existing::of(plan);
    for domain in topology.domains.iter().filter(|domain| domain.receives()) {
        let named = named(plan, &existing, domain);
        let is_gateway = |location: &&Location| location.forwards_only();
        let (filters, others): (Vec<&Location>, Vec<&Location>) = named.into_iter().partition(is_gateway);
        let open: Vec<&str> = others
            .iter()
            .filter(|location| location.accept_only_from.is_none())
            .map(|location| location.name.as_str())
            .collect();
        let Some(filter) = filters.first().filter(|_| !open.is_empty()) else {
            continue;
        };
        let span = domain.mx.first().map_or(domain.span, |at| at.span);
        findings.push(
            Finding::warning(
                Code::N005,
                format!(
                    "the MX records of `{}` name {} beside the gateway `{}`: whoever hands mail over there passes the filter by",
                    domain.name,
                    listed(open.iter().copied()),
                    filter.name
                ),
            )
            .at(span, "Internet mail enters there")
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!(
                "leave only `mx: {}`, and write `accept_only_from: [{}]` at {}",
                filter.name,
                filter.name,
                listed(open.iter().copied())
            )),
        );
    }
}

/// The locations that the MX records of a domain name.
fn named<'p>(plan: &'p Plan, existing: &Existing, domain: &Domain) -> Vec<&'p Location> {
    let topology = &plan.topology;
    let wanted = || domain.mx.iter().map(|at| at.value).collect();
    let ids: Vec<_> = match exchangers(plan, existing, &domain.name) {
        Exchangers::Known { takers, .. } if domain.mx_now.is_none() => takers
            .into_iter()
            .filter_map(|taker| match taker {
                Taker::Location(id) => Some(id),
                Taker::Stranger(_) => None,
            })
            .collect(),
        _ => wanted(),
    };
    ids.into_iter().map(|id| topology.location(id)).collect()
}
