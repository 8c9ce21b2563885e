//! # N022 provider-name-computed
//!
//! ## What a clean result proves
//!
//! Every MX host of a tenant that is written, into a zone or as a smart host, was read from the tenant.
//!
//! ## Exact condition
//!
//! The MX host of a domain at a tenant is made from the domain's name, because `mx` of the facts does not have it. Domains that
//! were added after 1 July 2026 have a host below `mx.microsoft`, which nobody can compute; older ones keep the classic name.
//!
//! ## Severity
//!
//! note: the classic name is right for most domains that exist, and mail for the others would not arrive. A policy of MTA-STS in the mode `enforce` never rests on it (N017).
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
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
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! cloud:
//!   mx: {contoso.com: contoso-com.mail.protection.outlook.com}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/graph/api/domain-list-serviceconfigurationrecords>

use crate::checks::Run;
use crate::dns::{Exchange, exchanges};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::facts::{MxHost, mx_host};
use crate::routes::{NextHop, Route};
use crate::topology::{DnsManagement, Domain, LocationId, Party};
use crate::values::HostName;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let mut found: BTreeMap<LocationId, Vec<(&Domain, Exchange)>> = BTreeMap::new();
    for domain in &topology.domains {
        if matches!(domain.dns, DnsManagement::None) {
            continue;
        }
        let exchanges = exchanges(topology, domain).unwrap_or_default();
        for exchange in exchanges.into_iter().filter(|exchange| exchange.derived) {
            found.entry(exchange.location).or_default().push((domain, exchange));
        }
    }
    smart_hosts(plan, &found, findings);
    for (id, domains) in found {
        let name = &topology.location(id).name;
        let Some((first, exchange)) = domains.first() else {
            continue;
        };
        let what = match domains.len() {
            1 => format!("the MX host of `{}` is made from its name and was", first.name),
            n => {
                let others = if n == 2 { "one other domain".to_owned() } else { format!("{} other domains", n - 1) };
                format!("the MX hosts of `{}` and {others} are made from their names and were", first.name)
            }
        };
        let span = first.mx.first().map_or(first.span, |at| at.span);
        let finding = Finding::note(
            Code::N022,
            format!("{what} not read from the tenant: `{}`", exchange.host),
        )
        .at(span, "")
        .on(Object::Location(name.clone()))
        .domains(domains.iter().map(|(domain, _)| domain.name.to_string()))
        .help(format!(
            "run `{name}/facts.ps1`, which reads it, before the MX record is published: a domain that was added after 1 July 2026 has another host"
        ));
        let domains = domains.iter().take(20);
        findings.push(domains.fold(finding, |finding, (domain, _)| {
            finding.on(Object::Domain(domain.name.to_string()))
        }));
    }
}

/// The same host where mail is handed to the tenant by it, and no MX record speaks of it already.
fn smart_hosts(
    plan: &Plan,
    published: &BTreeMap<LocationId, Vec<(&Domain, Exchange)>>,
    findings: &mut Findings,
) {
    let topology = &plan.topology;
    for (id, location) in topology.locations() {
        let computed = topology.domains.iter().find_map(|domain| {
            let MxHost::Derived(host) = mx_host(topology, id, &domain.name) else {
                return None;
            };
            let leads = |route: &&Route| {
                let NextHop::SmartHosts(hosts) = &route.next_hop else {
                    return false;
                };
                let is_host = |name: &HostName| name.to_string() == host;
                route.enabled
                    && route.to == Party::Location(id)
                    && hosts.iter().any(|host| host.name().is_some_and(is_host))
            };
            let route = plan.routes.iter().find(leads)?;
            Some((domain, host.clone(), route))
        });
        let Some((domain, host, route)) = computed.filter(|_| !published.contains_key(&id)) else {
            continue;
        };
        let name = &location.name;
        findings.push(
            Finding::note(
                Code::N022,
                format!(
                    "the smart host of `{}` is made from the name `{}` and was not read from the tenant: `{host}`",
                    route.name, domain.name
                ),
            )
            .at(location.span, "")
            .on(Object::Location(name.clone()))
            .on(Object::Domain(domain.name.to_string()))
            .domains([domain.name.to_string()])
            .help(format!(
                "run `{name}/facts.ps1`, which reads it, before mail is handed over by it: a domain that was added after 1 July 2026 has another host"
            )),
        );
    }
}
