//! # N013 mx-tenant-host-mismatch
//!
//! ## What a clean result proves
//!
//! A declared MX record of a domain at a tenant names the host that the tenant has for it.
//!
//! ## Exact condition
//!
//! A domain has `dns: external` and a tenant in `mx`, and an MX record that `records` declares names the host of another domain of the
//! spec, or another host than `mx` of the facts.
//!
//! ## Severity
//!
//! error where it is the host of another domain: it goes away with that domain. Warning where facts name another one.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//!   fabrikam.com: {mailboxes: cloud, mx: cloud, dns: external, records: {mx: [0 contoso-com.mail.protection.outlook.com], txt: ["v=spf1 include:spf.protection.outlook.com -all"]}}
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
//!   fabrikam.com: {mailboxes: cloud, mx: cloud, dns: external, records: {mx: [0 fabrikam-com.mail.protection.outlook.com], txt: ["v=spf1 include:spf.protection.outlook.com -all"]}}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/microsoft-365/enterprise/external-domain-name-system-records>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::facts::{MxHost, mx_host};
use crate::topology::{DnsManagement, Domain};
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let host_of = |domain: &Domain| {
        let tenants = domain.mx.iter().map(|at| at.value);
        let tenant = tenants.into_iter().find(|at| topology.location(*at).tenant().is_some())?;
        match mx_host(topology, tenant, &domain.name) {
            MxHost::Fact(host) => Some((host, true)),
            MxHost::Derived(host) => Some((host, false)),
            MxHost::Unknown => None,
        }
    };
    let mut owners: BTreeMap<String, &Domain> = BTreeMap::new();
    for domain in &topology.domains {
        if let Some((host, _)) = host_of(domain) {
            owners.entry(host).or_insert(domain);
        }
    }
    for domain in topology.domains.iter().filter(|domain| domain.mx_now.is_none()) {
        let (DnsManagement::External(records), Some((own, gathered))) = (&domain.dns, host_of(domain)) else {
            continue;
        };
        for at in records.mx.iter().flatten() {
            let host = at.value.1.trim_end_matches('.').to_ascii_lowercase();
            let other = owners.get(&host).filter(|other| other.name != domain.name);
            let is_tenants = host.ends_with(".mx.microsoft") || host.contains(".mail.protection.");
            let finding = match other {
                _ if host == own => continue,
                Some(other) => Finding::error(
                    Code::N013,
                    format!("the MX of `{}` names `{host}`, the host of `{}`: without that domain its mail is lost", domain.name, other.name),
                ),
                None if gathered && is_tenants => Finding::warning(
                    Code::N013,
                    format!("the MX of `{}` names `{host}`, and the tenant has `{own}` for it", domain.name),
                ),
                None => continue,
            };
            findings.push(
                finding
                    .at(at.span, "the declared record")
                    .on(Object::Domain(domain.name.to_string()))
                    .domains([domain.name.to_string()])
                    .help(format!("have the record name `{own}`")),
            );
        }
    }
}
