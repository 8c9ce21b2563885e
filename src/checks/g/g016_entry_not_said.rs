//! # G016 entry-not-said
//!
//! ## What a clean result proves
//!
//! Of every domain that receives mail the spec says where mail of external senders enters.
//!
//! ## Exact condition
//!
//! A domain that is neither parked nor `send_only` has no `mx`, and no MX record of others is declared for it
//! (`dns: external`, `records`).
//!
//! ## Severity
//!
//! error where the zone is managed: it gets no MX record, and mail of external senders does not arrive. warning with
//! `dns: external`: the records are there, and nobody proves where they lead. note with `dns: none`: the name may be one
//! that the Internet does not know.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud}
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
//! ```
//!
//! ## Sources
//!
//! - How a sending server finds the one that takes the mail of a domain: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::Run;
use crate::dns::routing::declared;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::topology::{DnsManagement, Domain, LocationId, Topology};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for domain in topology.domains.iter().filter(|domain| domain.receives()) {
        if !domain.mx.is_empty() || declared(domain).is_some() {
            continue;
        }
        let name = domain.name.to_string();
        let (make, what): (fn(_, _) -> _, _) = match domain.dns {
            DnsManagement::Managed => (Finding::error, "it gets no MX record, so mail of external senders does not arrive"),
            DnsManagement::External(_) => (Finding::warning, "nothing is proved of mail of external senders"),
            DnsManagement::None => (Finding::note, "nothing is proved of mail of external senders"),
        };
        let mut finding = make(Code::G016, format!("`{name}` has no `mx`: {what}"))
            .at(domain.span, "where does its mail enter?")
            .on(Object::Domain(name.clone()))
            .domains([name.clone()]);
        if let Some(entry) = entry(topology, domain) {
            let entry = &topology.location(entry).name;
            finding = finding.mend(Operation::set(Object::Domain(name.clone()), "mx", entry));
        } else if domain.holders.is_empty() {
            finding = finding.help(format!("write `mx` with the location where its mail enters, or `{name}: {{parked: true}}` where it takes and sends none"));
        } else {
            finding = finding.help("write `mx` with the location where its mail enters");
        }
        findings.push(finding);
    }
}

/// Where the mail of its mailboxes may be meant to enter: where all other domains have it enter, or where all its mailboxes
/// are.
fn entry(topology: &Topology, domain: &Domain) -> Option<LocationId> {
    let only = |all: BTreeSet<LocationId>| all.first().copied().filter(|_| all.len() == 1);
    let others = topology.domains.iter().flat_map(|other| &other.mx);
    if domain.holders.is_empty() {
        return None;
    }
    only(others.map(|at| at.value).collect()).or_else(|| only(domain.holder_ids().collect()))
}
