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
//! names that begin with `_` are left out, and of a null MX those that a location calls itself (RFC 7505, section 4.2).
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
use crate::dns::{RData, RecordType, RrSet, Zone};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::values::OwnerName;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for zone in &plan.zones {
        let names = Names::of(plan, zone);
        for (key, set) in zone.sets.iter() {
            let what = match key.kind {
                RecordType::Mx => "MX",
                RecordType::Txt if set.records.iter().any(|record| is_spf(&record.data)) => "SPF",
                _ => continue,
            };
            let Some(base) = key.owner.as_str().strip_prefix("*.") else {
                continue;
            };
            let closes = closes(set);
            let meant = if closes { &names.hosts } else { &names.all };
            // A name that is sent with must not say that it takes no mail.
            let stays_open = |name: &OwnerName| {
                closes && key.kind == RecordType::Mx && plan.topology.called(name.as_str()).is_some()
            };
            let lacking = meant.iter().filter(|name| !stays_open(name)).filter(|name| {
                encloser(zone, name).is_some_and(|above| above == base) && !has(zone, name, key.kind)
            });
            let lacking: Vec<&str> = lacking.map(OwnerName::as_str).collect();
            if lacking.is_empty() {
                continue;
            }
            let record = set.records.first();
            let span = record.map_or(zone.span, |record| record.span);
            findings.push(
                Finding::warning(
                    Code::N026,
                    format!("the {what} record at `{}` does not answer for {}, which exists", key.owner, listed(lacking.iter().copied())),
                )
                .at(span, "for names below")
                .on(Object::Domain(base.to_owned()))
                .help(format!("add the same record there to `dns.zones.{}.records`: {}", zone.origin, repeated(set, zone, &lacking))),
            );
        }
    }
}

/// Names of a zone that exist.
struct Names {
    /// Those with an address.
    hosts: BTreeSet<OwnerName>,
    /// These, and those that mail may be for or come from all the same.
    all: BTreeSet<OwnerName>,
}

impl Names {
    fn of(plan: &Plan, zone: &Zone) -> Self {
        let hosts: BTreeSet<OwnerName> = zone
            .sets
            .keys()
            .filter(|key| matches!(key.kind, RecordType::A | RecordType::Aaaa))
            .map(|key| key.owner.clone())
            .collect();
        if !zone.sets.keys().any(|key| key.owner.as_str().starts_with("*.")) {
            return Self { all: hosts.clone(), hosts };
        }
        let is_of_others = |name: &OwnerName| {
            zone.set(name, RecordType::Cname).is_some()
                || zone.set(name, RecordType::Ns).is_some()
                || plan.topology.domain_named(name.as_str()).is_some()
        };
        let nodes = zone.sets.keys().flat_map(|key| {
            std::iter::successors(Some(key.owner.as_str()), |name| Some(name.split_once('.')?.1))
        });
        let nodes = nodes
            .filter(|name| !name.starts_with(['_', '*']))
            .filter_map(|name| OwnerName::parse(name).ok())
            .filter(|name| name.is_within(&zone.origin) && !is_of_others(name));
        let all = nodes.chain(hosts.iter().cloned()).collect();
        Self { hosts, all }
    }
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

/// The name below which a wildcard would answer for a host, if the host did not exist: the one right above it.
fn encloser<'o>(zone: &Zone, host: &'o OwnerName) -> Option<&'o str> {
    let (label, above) = host.as_str().split_once('.')?;
    let inside = host.is_within(&zone.origin) && host.as_str() != zone.origin.as_str();
    (inside && label != "*").then_some(above)
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
