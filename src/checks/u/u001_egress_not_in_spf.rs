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
//! address of which the record of the domain of its envelope senders says `fail`, `softfail` or nothing. The addresses of a
//! tenant are those of the record that its provider has for customers to include, where it is known. Declared records
//! of domains whose DNS others keep are evaluated like those that are written, and so are those that facts have of names which
//! are no domain of the spec, where a signature proves the mail (else U008). What depends on a name that nobody knows is
//! not said here (U008).
//!
//! ## Severity
//!
//! error: SPF fails for all of its mail, and with DMARC or strict receivers the mail is refused. warning where a signature
//! proves the mail all the same.
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

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::checks::spf_records::{about, envelopes, place, whose};
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::publish::verdict::{Outcome, SpfLeg, Whose};
use crate::publish::{Known, Published, declared_records, tenant_term};
use crate::spf::Record;
use crate::topology::{DnsManagement, Domain, DomainId, LocationId, Party, Topology};
use crate::values::{DomainName, Network};
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

/// Mail of domains that leaves with addresses which their records do not let through.
#[derive(Default)]
struct Outside {
    domains: BTreeSet<DomainId>,
    /// Some of it is proved by nothing else.
    lost: bool,
}

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut nameless: BTreeMap<LocationId, BTreeSet<DomainId>> = BTreeMap::new();
    let mut outside: BTreeMap<(Party, bool, &[Network]), Outside> = BTreeMap::new();
    let mut elsewhere: BTreeMap<(Party, &DomainName, &[Network]), BTreeSet<DomainId>> = BTreeMap::new();
    for judged in &published.judged {
        let proof = judged.proof.as_ref().filter(|_| !judged.domains.is_empty());
        let Some(proof) = proof else { continue };
        let by = judged.departure.by;
        let authors = judged.domains.iter().copied();
        match (&proof.spf, by.location()) {
            (SpfLeg::Nameless, Some(at)) => nameless.entry(at).or_default().extend(authors),
            (SpfLeg::Fails(networks), _) => {
                for id in envelopes(topology, judged) {
                    let declared = matches!(topology.domain(id).dns, DnsManagement::External(_));
                    let found = outside.entry((by, declared, networks)).or_default();
                    found.domains.insert(id);
                    found.lost |= proof.outcome != Outcome::BySignature;
                }
                // Of what nothing else proves U008 speaks.
                let other = match &proof.envelope {
                    Some(Whose::Other(name)) if proof.outcome == Outcome::BySignature => Some(name),
                    _ => None,
                };
                if let Some(name) = other.filter(|name| topology.domain_named(*name).is_none()) {
                    let found = elsewhere.entry((by, name, networks)).or_default();
                    found.extend(authors);
                }
            }
            _ => {}
        }
    }
    report_nameless(topology, nameless, findings);
    let known = Known::of(flows.model.plan, published);
    for ((party, name, networks), domains) in elsewhere {
        let domains: Vec<DomainId> = domains.into_iter().collect();
        findings.push(of_other_name(topology, &known, party, name, networks, &domains));
    }
    for ((party, declared, networks), found) in outside {
        findings.push(finding(topology, party, declared, networks, &found));
    }
}

/// Networks that are shown.
const SHOWN: usize = 3;

/// Mail that a signature proves, with envelope senders of a name whose record does not let it pass: receivers may refuse it by
/// SPF alone. Where the name is an alias, the record to mend stands behind it.
fn of_other_name(
    topology: &Topology,
    known: &Known<'_>,
    party: Party,
    name: &DomainName,
    networks: &[Network],
    domains: &[DomainId],
) -> Finding {
    let (span, object) = who(topology, party);
    let by = topology.party_name(party);
    let owner = known.behind(name.as_str());
    let alias = if owner == name.as_str() { String::new() } else { format!(", an alias of `{owner}`,") };
    let addresses = shown(networks);
    let finding = Finding::warning(
        Code::U001,
        format!("mail leaves from `{by}` with addresses that the SPF record of `{name}`{alias} does not let pass: {addresses}; its signature alone proves it"),
    )
    .at(span, "mail leaves here")
    .on(object);
    about(finding, topology, domains).help(format!(
        "ask whoever keeps the record of `{owner}` to add `{}`, or correct the addresses of `{by}`", terms(networks)
    ))
}

fn shown(networks: &[Network]) -> String {
    let mut shown: Vec<String> = networks
        .iter()
        .take(SHOWN)
        .map(|network| format!("`{network}`"))
        .collect();
    if let Some(more @ 1..) = networks.len().checked_sub(SHOWN) {
        shown.push(format!("{more} more"));
    }
    shown.join(", ")
}

/// The terms that would let networks pass.
fn terms(networks: &[Network]) -> String {
    let shown = networks.iter().take(SHOWN);
    let terms = shown.map(|network| format!("{}:{network}", if network.is_ipv6() { "ip6" } else { "ip4" }));
    terms.collect::<Vec<_>>().join(" ")
}

fn finding(
    topology: &Topology,
    party: Party,
    declared: bool,
    networks: &[Network],
    found: &Outside,
) -> Finding {
    let domains: Vec<DomainId> = found.domains.iter().copied().collect();
    let (span, object) = who(topology, party);
    let whose = whose(topology, &domains);
    let verb = if domains.len() == 1 { "does" } else { "do" };
    let (severity, but) = if found.lost {
        (Severity::Error, "")
    } else {
        (Severity::Warning, "; its signature alone proves it")
    };
    let mut finding = Finding::new(
        Code::U001,
        severity,
        format!(
            "mail leaves from `{}` with addresses that {whose} {verb} not let pass: {}{but}",
            topology.party_name(party),
            shown(networks)
        ),
    )
    .at(span, "mail leaves here")
    .on(object);
    if declared && let Some(first) = domains.first() {
        let domain = topology.domain(*first);
        finding = finding.at(place(domain), "the record that is declared");
    }
    let tenant = party.location().and_then(|at| topology.location(at).tenant());
    let terms = tenant.map_or_else(|| terms(networks), tenant_term);
    let help = match (domains.first().filter(|_| declared), tenant) {
        (Some(id), _) => ask(topology.domain(*id), &terms),
        (None, Some(_)) => format!("what stands for it in `spf` does not: write `{terms}` there, or take `spf` out"),
        (None, None) => format!("what stands for it in `spf` does not: write `{terms}` there, or mend `egress`"),
    };
    about(finding, topology, &domains).help(help)
}

/// What to ask whoever keeps a declared record for. What stands there and is never read may be what was meant.
fn ask(domain: &Domain, terms: &str) -> String {
    let ask = |what: String| format!("ask whoever keeps the record to {what}");
    let record = match &domain.dns {
        DnsManagement::External(records) => declared_records(records).first().and_then(|text| Record::parse(text).ok()),
        DnsManagement::Managed | DnsManagement::None => None,
    };
    let Some((record, end)) = record.as_ref().and_then(|record| Some((record, record.end()?))) else {
        return ask(format!("add `{terms}`"));
    };
    let (read, unread) = record.terms.split_at(end + 1);
    let all = read.last().map_or("all", |term| term.text.as_str());
    match (&record.redirect, unread.first()) {
        (Some(target), _) if format!("include:{target}").eq_ignore_ascii_case(terms) => {
            ask(format!("write `{terms}` in place of `redirect={target}`, which counts for nothing beside `{all}`"))
        }
        (Some(target), _) => ask(format!(
            "add `{terms}`, and to take out `redirect={target}`, which counts for nothing beside `{all}`"
        )),
        (None, Some(term)) => ask(format!(
            "write `{terms}` before `{all}`: what follows that, such as `{}`, is never read", term.text
        )),
        (None, None) => ask(format!("add `{terms}`")),
    }
}

/// Locations at which mail leaves and of which no public address is known: receivers would see every such message fail.
fn report_nameless(
    topology: &Topology,
    nameless: BTreeMap<LocationId, BTreeSet<DomainId>>,
    findings: &mut Findings,
) {
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
