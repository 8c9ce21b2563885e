//! # A001 accepted-domains-beside-wildcard
//!
//! ## What a clean result proves
//!
//! Which connector of Exchange Online takes an accepted domain is the same under both readings of the documented order.
//!
//! ## Exact condition
//!
//! At a tenant, an accepted domain is covered by the wildcard of one connector, another connector is for all accepted
//! domains, none names the domain itself, and the two lead to different places (reading R1: the documented list says that
//! all accepted domains win, the documented example that the wildcard does).
//!
//! ## Severity
//!
//! error (possible): under one of the readings the domain's mail goes to the wrong place.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com, sends: {via: cloud}}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com, sends: {via: cloud}}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   sales.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: accepted-domains}
//!   - {name: below contoso, from: cloud, to: shop, recipients: ["*.contoso.com"]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   hq: {kind: exchange-server, version: 2019, servers: [EX01], hosts: [mail.fabrikam.com], egress: [203.0.113.10], certificate: mail.fabrikam.com, sends: {via: cloud}}
//!   shop: {kind: exchange-server, version: 2019, servers: [EX02], hosts: [shop.fabrikam.com], egress: [203.0.113.11], certificate: shop.fabrikam.com, sends: {via: cloud}}
//! domains:
//!   fabrikam.com: {mailboxes: hq, mx: cloud}
//!   sales.contoso.com: {mailboxes: shop, mx: cloud}
//! routing: explicit
//! routes:
//!   - {name: all of ours, from: cloud, to: hq, recipients: accepted-domains}
//!   - {name: below contoso, from: cloud, to: shop, recipients: ["*.contoso.com", sales.contoso.com]}
//!   - {name: hq out, from: hq, to: cloud, recipients: ["*"]}
//!   - {name: shop out, from: shop, to: cloud, recipients: ["*"]}
//! ```
//!
//! ## Sources
//!
//! - The order and the example that contradicts it: <https://learn.microsoft.com/exchange/mail-flow-best-practices/use-connectors-to-configure-mail-flow/set-up-connectors-to-route-mail>

use super::words::listed;
use super::{Check, Run};
use crate::finding::{Certainty, Finding, Findings, Object, Severity};
use crate::plan::exchange_online::OutboundConnector;
use crate::plan::{AcceptedDomain, Configuration, Plan};
use crate::policy::exchange_online::{Standing, select};
use crate::topology::Holds;
use crate::values::Pattern;
use std::collections::BTreeMap;

/// The check.
pub const CHECK: Check = Check {
    code: "A001",
    name: "accepted-domains-beside-wildcard",
    severity: Severity::Error,
    source: include_str!("a001_accepted_domains_beside_wildcard.rs"),
    run: Run::Plan(run),
};

fn run(plan: &Plan, findings: &mut Findings) {
    for place in &plan.places {
        let Configuration::ExchangeOnline(tenant) = &place.configuration else {
            continue;
        };
        let is_below = |pattern: &Pattern| matches!(pattern, Pattern::Below(_));
        let all = tenant
            .outbound
            .iter()
            .any(|connector| connector.all_accepted_domains);
        let wildcard = tenant
            .outbound
            .iter()
            .any(|connector| connector.recipient_domains.iter().any(is_below));
        if !all || !wildcard {
            continue;
        }
        let mut doubtful: BTreeMap<(usize, usize), Vec<&AcceptedDomain>> = BTreeMap::new();
        for accepted in &place.accepted {
            let choices = select(&tenant.outbound, Standing::Named, &accepted.domain);
            let under = |word| {
                choices
                    .iter()
                    .find(|choice| choice.readings.contains(&("R1", word)))
                    .and_then(|choice| choice.winner)
            };
            if let (Some(list), Some(example)) = (under("list"), under("example"))
                && target(plan, &tenant.outbound, list) != target(plan, &tenant.outbound, example)
            {
                doubtful.entry((list, example)).or_default().push(accepted);
            }
        }
        for ((list, example), domains) in doubtful {
            if let (Some(list), Some(example)) =
                (tenant.outbound.get(list), tenant.outbound.get(example))
            {
                findings.push(finding(plan, list, example, &domains));
            }
        }
    }
}

/// Two connectors to the same hosts make no difference.
fn target<'a>(
    plan: &Plan,
    connectors: &'a [OutboundConnector],
    index: usize,
) -> Option<(crate::topology::Party, &'a [String])> {
    let connector = connectors.get(index)?;
    Some((
        plan.route(connector.route).to,
        connector.smart_hosts.as_slice(),
    ))
}

fn finding(
    plan: &Plan,
    list: &OutboundConnector,
    example: &OutboundConnector,
    domains: &[&AcceptedDomain],
) -> Finding {
    let names: Vec<&str> = domains
        .iter()
        .map(|accepted| accepted.domain.as_str())
        .collect();
    let (all, below) = (plan.route(list.route), plan.route(example.route));
    let pattern = below.recipients.iter().find(|at| {
        domains
            .first()
            .is_some_and(|accepted| at.pattern.matches(&accepted.domain))
    });
    let shown = listed(names.iter().copied());
    let mut finding = Finding::error(
        "A001",
        format!(
            "mail for {shown} goes to `{}` or to `{}`: the documents disagree whether `{}`, for all accepted domains, or `{}`, for `{}`, wins",
            plan.topology.party_name(all.to),
            plan.topology.party_name(below.to),
            list.name,
            example.name,
            pattern.map_or(String::new(), |at| at.pattern.to_string()),
        ),
    )
    .at(pattern.map_or(below.origin.span(), |at| at.span), "covers them by a wildcard")
    .at(all.origin.span(), "is for all accepted domains")
    .on(Object::Route(list.name.clone()))
    .on(Object::Route(example.name.clone()))
    .help(format!("name them at the one that shall take them: add {shown} to `recipients` of `{}` or of `{}`", example.name, list.name))
    .domains(names.iter().copied());
    finding.certainty = Certainty::Possible;
    finding.readings = vec!["R1"];
    finding.recipients = recipients(plan, domains);
    finding
}

/// How many recipients are listed or counted; unknown where a place holds whoever is not listed.
fn recipients(plan: &Plan, domains: &[&AcceptedDomain]) -> Option<u64> {
    let mut sum = 0;
    for accepted in domains {
        let domain = plan
            .topology
            .domain(plan.topology.domain_named(&accepted.domain)?);
        for holder in &domain.holders {
            sum += match &holder.holds {
                Holds::Count(count) => *count,
                Holds::Listed(list) => list.len() as u64,
                Holds::Rest => return domain.total.map(|total| total.value),
            };
        }
    }
    Some(sum)
}
