//! # N026 wildcard-broken
//!
//! ## What a clean result proves
//!
//! A record at `*` answers for every name that it is meant for.
//!
//! ## Exact condition
//!
//! A zone that is written from here has MX or SPF records at `*`, and a name below it exists and lacks the type: a name that exists
//! ends the wildcard, whatever it holds, also where only names below it have records. A wildcard that closes names (a null MX,
//! `v=spf1 -all`) is meant for names with an address. Aliases, delegations, other domains of the spec without an address, and
//! names that begin with `_` are left out, and of a null MX those that a location calls itself (RFC 7505, section 4.2). Of a zone that
//! others keep the same is asked of what `records` declares: a name lacks what is declared to be missing there, and not what nobody
//! has declared.
//!
//! ## Severity
//!
//! warning: mail for the name, or SPF for what is sent with it, is as if the wildcard were not there.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, subdomains: true}
//! dns:
//!   zones:
//!     contoso.com: {records: [{name: www, type: A, data: 203.0.113.80}]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box: {kind: postfix, hosts: [mail.contoso.com], egress: [192.0.2.10], certificate: mail.contoso.com, delivers_to: "lmtp:unix:private/dovecot-lmtp"}
//! domains:
//!   contoso.com: {mailboxes: box, mx: box}
//! dns:
//!   zones:
//!     contoso.com: {records: [{name: www, type: A, data: 203.0.113.80}]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc4592#section-2.2.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::dns::{RData, Record, RecordType, RrSet, SetKey, Zone};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::{DeclaredRecords, DnsManagement, Domain};
use crate::values::{HostName, OwnerName};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for zone in &plan.zones {
        check(plan, zone, None, findings);
    }
    for domain in &plan.topology.domains {
        if let DnsManagement::External(records) = &domain.dns {
            check(plan, &declared(domain, records), Some(records), findings);
        }
    }
}

/// Looks at the wildcards of a zone; one that others keep has what they are declared to have.
fn check(plan: &Plan, zone: &Zone, theirs: Option<&DeclaredRecords>, findings: &mut Findings) {
    let wildcards = zone.sets.iter().filter_map(|(key, set)| {
        let what = match key.kind {
            RecordType::Mx => "MX",
            RecordType::Txt if set.records.iter().any(|record| is_spf(&record.data)) => "SPF",
            _ => return None,
        };
        Some((key, set, what, key.owner.as_str().strip_prefix("*.")?))
    });
    let wildcards: Vec<_> = wildcards.collect();
    if wildcards.is_empty() {
        return;
    }
    let names = names(plan, zone);
    for (key, set, what, base) in wildcards {
        let closes = closes(set);
        let lacking = names.get(base).into_iter().flatten().filter(|name| {
            // A name that is sent with must not say that it takes no mail.
            let stays_open = closes && key.kind == RecordType::Mx && plan.topology.called(name.as_str()).is_some();
            let meant = !closes || has_address(zone, name);
            meant && !stays_open && !has(zone, name, key.kind) && theirs.is_none_or(|records| is_told(records, zone, name, key.kind))
        });
        let lacking: Vec<&str> = lacking.map(OwnerName::as_str).collect();
        if lacking.is_empty() {
            continue;
        }
        let record = set.records.first();
        let span = record.map_or(zone.span, |record| record.span);
        let records = repeated(set, zone, &lacking);
        let help = match theirs {
            None => format!("add the same record there to `dns.zones.{}.records`: {records}", zone.origin),
            Some(_) => format!("have the owner of `{}` add the same record there ({records}), and declare it in `records`", zone.origin),
        };
        findings.push(
            Finding::warning(
                Code::N026,
                format!("the {what} record at `{}` does not answer for {}, which exists", key.owner, listed(lacking.iter().copied())),
            )
            .at(span, "for names below")
            .on(Object::Domain(base.to_owned()))
            .help(help),
        );
    }
}

/// What others are declared to have in a zone.
fn declared(domain: &Domain, records: &DeclaredRecords) -> Zone {
    let sets = records.below.iter().flat_map(|(prefix, at)| {
        let owner = OwnerName::parse(&format!("{prefix}.{}", domain.name)).ok();
        let texts = at.value.txt.iter().flatten().map(|text| RData::text(text.as_str()));
        let aliases = at.value.cname.iter().flatten().filter_map(|name| OwnerName::parse(name).ok());
        let hosts = at.value.mx.iter().flatten().map(|(preference, host)| RData::Mx {
            preference: *preference,
            exchange: HostName::parse(host).ok(),
        });
        let addresses = at.value.a.iter().flatten().filter_map(|text| {
            Some(match text.parse().ok()? {
                IpAddr::V4(address) => RData::A(address),
                IpAddr::V6(address) => RData::Aaaa(address),
            })
        });
        let all = texts.chain(aliases.map(RData::Cname)).chain(hosts).chain(addresses);
        let mut by_kind: BTreeMap<SetKey, RrSet> = BTreeMap::new();
        for (data, owner) in all.zip(owner.into_iter().cycle()) {
            let key = SetKey { owner, kind: data.kind() };
            let set = by_kind.entry(key).or_insert_with(|| RrSet { ttl: 0, records: Vec::new() });
            set.records.push(Record { data, why: Box::default(), remark: None, span: at.span });
        }
        by_kind
    });
    Zone {
        origin: domain.name.clone(),
        authority: None,
        sets: sets.collect(),
        today: BTreeMap::new(),
        policies: Vec::new(),
        span: domain.span,
    }
}

/// Whether the records of a type at a name of others are declared.
fn is_told(records: &DeclaredRecords, zone: &Zone, name: &OwnerName, kind: RecordType) -> bool {
    let prefix = name.as_str().strip_suffix(zone.origin.as_str());
    let prefix = prefix.and_then(|prefix| prefix.strip_suffix('.'));
    let told = prefix.and_then(|prefix| records.below.get(prefix));
    told.is_some_and(|at| match kind {
        RecordType::Mx => at.value.mx.is_some(),
        _ => at.value.txt.is_some(),
    })
}

/// Names of a zone that exist and that mail may be for or come from, by the name right above: a wildcard there would answer for them,
/// if they did not exist.
fn names(plan: &Plan, zone: &Zone) -> BTreeMap<String, BTreeSet<OwnerName>> {
    let is_of_others = |name: &str| {
        zone.set(name, RecordType::Cname).is_some()
            || zone.set(name, RecordType::Ns).is_some()
            || plan.topology.domain_named(name).is_some()
    };
    let nodes = zone.sets.keys().flat_map(|key| {
        std::iter::successors(Some(key.owner.as_str()), |name| Some(name.split_once('.')?.1))
    });
    let nodes = nodes.filter(|name| !name.starts_with(['_', '*']) && !is_of_others(name));
    // One with an address is meant whoever it belongs to.
    let hosts = zone.sets.keys().map(|key| key.owner.as_str()).filter(|name| !name.starts_with('*') && has_address(zone, name));
    let mut names: BTreeMap<String, BTreeSet<OwnerName>> = BTreeMap::new();
    for name in nodes.chain(hosts) {
        let Ok(name) = OwnerName::parse(name) else {
            continue;
        };
        if name.is_within(&zone.origin)
            && name.as_str() != zone.origin.as_str()
            && let Some((_, above)) = name.as_str().split_once('.')
        {
            names.entry(above.to_owned()).or_default().insert(name);
        }
    }
    names
}

fn has_address(zone: &Zone, name: impl AsRef<str>) -> bool {
    let mut kinds = [RecordType::A, RecordType::Aaaa].into_iter();
    kinds.any(|kind| zone.set(name.as_ref(), kind).is_some())
}

/// Whether the records say that a name takes or sends no mail.
fn closes(set: &RrSet) -> bool {
    set.records.iter().all(|record| match &record.data {
        RData::Mx { exchange, .. } => exchange.is_none(),
        data if is_spf(data) => *data == RData::text("v=spf1 -all"),
        _ => true,
    })
}

fn is_spf(data: &RData) -> bool {
    data.version_tag().as_deref() == Some("v=spf1")
}

fn has(zone: &Zone, host: &OwnerName, kind: RecordType) -> bool {
    let set = zone.set(host, kind);
    set.is_some_and(|set| kind != RecordType::Txt || set.records.iter().any(|one| is_spf(&one.data)))
}

fn repeated(set: &RrSet, zone: &Zone, hosts: &[&str]) -> String {
    let host = hosts.first().copied().unwrap_or_default();
    let name = host.strip_suffix(zone.origin.as_str()).unwrap_or(host).trim_end_matches('.');
    let records = set.records.iter().filter(|one| one.data.kind() != RecordType::Txt || is_spf(&one.data));
    let records = records.map(|record| {
        let kind = record.data.kind();
        format!("`{{name: {name}, type: {kind}, data: \"{}\"}}`", crate::dns::write::entered(&record.data))
    });
    records.collect::<Vec<_>>().join(", ")
}
