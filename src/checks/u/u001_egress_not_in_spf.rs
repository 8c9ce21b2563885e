//! # U001 egress-not-in-spf
//!
//! ## What a clean result proves
//!
//! Wherever mail of a domain leaves, its SPF record lets the address pass, as far as it is known what stands behind the
//! names in the record.
//!
//! ## Exact condition
//!
//! A location hands mail of a domain to others, and neither public addresses in `egress` nor `spf` say where its mail
//! comes from. Or a location, a partner that sends in the domain's name, or a device that delivers by itself has an
//! address of which the domain's record says `fail`, `softfail` or nothing. Declared records of domains whose DNS others
//! keep are evaluated like those that are written. What depends on a name that nobody knows is not said.
//!
//! ## Severity
//!
//! error: SPF fails for all of its mail, and with DMARC or strict receivers the mail is refused.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   hq:
//!     kind: exchange-server
//!     version: 2019
//!     servers: [EX01]
//!     hosts: [mail.contoso.com]
//!     egress: [203.0.113.10]
//!     certificate: mail.contoso.com
//! domains:
//!   contoso.com: {mailboxes: hq, mx: hq}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4>

use crate::checks::spf_records::{about, place, whose};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::publish::{Alike, Known, Published, addresses, alike};
use crate::source::Span;
use crate::spf::{Verdict, check_network};
use crate::topology::{DomainId, LocationId, Party, Topology};
use crate::values::Network;
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let plan = flows.model.plan;
    let topology = &plan.topology;
    report_nameless(topology, published, findings);
    let known = Known::of(plan, published);
    let mut outside: BTreeMap<(Party, bool, Vec<Network>), Vec<DomainId>> = BTreeMap::new();
    for group in alike(topology, published) {
        for (party, networks) in not_let_through(topology, &known, &group) {
            let key = (party, group.declared, networks);
            outside.entry(key).or_default().extend(&group.domains);
        }
    }
    for ((party, declared, networks), domains) in outside {
        findings.push(finding(topology, party, declared, &networks, &domains));
    }
}

/// Who hands over mail of these domains, with the addresses that their record does not let through. What depends on a
/// name that nobody knows is not said here, nor what no receiver can evaluate.
fn not_let_through(
    topology: &Topology,
    known: &Known<'_>,
    group: &Alike,
) -> Vec<(Party, Vec<Network>)> {
    let Some(first) = group.domains.first() else {
        return Vec::new();
    };
    let name = topology.domain(*first).name.as_str();
    let mut found = Vec::new();
    for exit in &group.exits {
        // Between our own locations nobody but a tenant looks, and what it is told is its own connector's to say.
        if !exit.outside && !matches!(exit.by, Party::Device(_)) {
            continue;
        }
        let parts = addresses(topology, exit.by).into_iter();
        let parts = parts.flat_map(|network| check_network(known, network.net(), name));
        let outside: BTreeSet<Network> = parts
            .filter(|(_, verdict)| {
                matches!(
                    verdict,
                    Verdict::Fail | Verdict::Softfail | Verdict::Neutral
                )
            })
            .map(|(part, _)| Network::from(part))
            .collect();
        if !outside.is_empty() {
            found.push((exit.by, outside.into_iter().collect()));
        }
    }
    found
}

fn finding(
    topology: &Topology,
    party: Party,
    declared: bool,
    networks: &[Network],
    domains: &[DomainId],
) -> Finding {
    const SHOWN: usize = 3;
    let (span, object) = who(topology, party);
    let mut shown: Vec<String> = networks
        .iter()
        .take(SHOWN)
        .map(|network| format!("`{network}`"))
        .collect();
    if let Some(more @ 1..) = networks.len().checked_sub(SHOWN) {
        shown.push(format!("{more} more"));
    }
    let terms: Vec<String> = networks
        .iter()
        .take(SHOWN)
        .map(|network| format!("{}:{network}", if network.is_ipv6() { "ip6" } else { "ip4" }))
        .collect();
    let whose = whose(topology, domains);
    let verb = if domains.len() == 1 { "does" } else { "do" };
    let mut finding = Finding::error(
        Code::U001,
        format!(
            "mail leaves from `{}` with addresses that {whose} {verb} not let pass: {}",
            topology.party_name(party),
            shown.join(", ")
        ),
    )
    .at(span, "mail leaves here")
    .on(object);
    if declared && let Some(first) = domains.first() {
        let domain = topology.domain(*first);
        finding = finding.at(place(domain), "the record that is declared");
    }
    let help = if declared {
        format!("ask whoever keeps the record to add `{}`", terms.join(" "))
    } else {
        format!(
            "what stands for it in `spf` does not: write `{}` there, or mend `egress`",
            terms.join(" ")
        )
    };
    about(finding, topology, domains).help(help)
}

/// Where the spec says what somebody's addresses are.
fn who(topology: &Topology, party: Party) -> (Span, Object) {
    match party {
        Party::Partner(id) => {
            let partner = topology.partner(id);
            let written = partner.spf.as_ref().map(|at| at.span);
            (
                written.unwrap_or(partner.span),
                Object::Partner(partner.name.clone()),
            )
        }
        Party::Device(id) => {
            let device = topology.device(id);
            (device.span, Object::Device(device.name.clone()))
        }
        _ => {
            let Some(id) = party.location() else {
                return (topology.span, Object::Location(String::new()));
            };
            let location = topology.location(id);
            let written = location.spf.as_ref().map(|at| at.span);
            let egress = location.egress.first().map(|at| at.span);
            (
                written.or(egress).unwrap_or(location.span),
                Object::Location(location.name.clone()),
            )
        }
    }
}

/// Locations at which mail leaves and of which no public address is known: receivers would see every such message fail.
fn report_nameless(topology: &Topology, published: &Published, findings: &mut Findings) {
    let mut nameless: BTreeMap<LocationId, Vec<DomainId>> = BTreeMap::new();
    for domain in crate::dns::managed(topology) {
        let Some(id) = topology.domain_named(&domain.name) else {
            continue;
        };
        let exits = published.egress.of_domain(id);
        for location in exits.filter(|exit| exit.outside).filter_map(|exit| exit.by.location()) {
            let at = topology.location(location);
            let by = Party::Location(location);
            if at.spf.is_none() && at.tenant().is_none() && addresses(topology, by).is_empty() {
                nameless.entry(location).or_default().push(id);
            }
        }
    }
    for (id, domains) in nameless {
        let location = topology.location(id);
        let span = location.egress.first().map_or(location.span, |at| at.span);
        findings.push(
            Finding::error(
                Code::U001,
                format!(
                    "mail leaves from `{}`, of which no public address is known, so SPF fails for what it sends",
                    location.name
                ),
            )
            .at(span, "addresses that the Internet sees are wanted here")
            .on(Object::Location(location.name.clone()))
            .domains(domains.iter().map(|id| topology.domain(*id).name.to_string()))
            .help("write the public addresses in `egress`, or terms that stand for them in `spf`"),
        );
    }
}
