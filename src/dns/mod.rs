//! The zones that mail needs: which records stand where, and why.
//!
//! Records are made for domains whose DNS the spec manages, and put into one zone per registrable domain or as
//! `dns.zones` says. What rests on a name that nobody has gathered is withheld. What an SPF record says depends on where
//! mail leaves, so that only its place is kept here. This module must not know how a zone file looks.

mod dkim;
pub(crate) mod enforced;
mod gaps;
pub(crate) mod keys;
mod meaning;
mod mx;
mod policy;
mod record;
pub(crate) mod routing;
mod sender_policy;
mod services;
mod unused;
mod user_records;
pub(crate) mod write;
mod zone;

pub(crate) use dkim::selector_at;
pub(crate) use gaps::Gaps;
pub(crate) use meaning::{DMARC, POLICIES, same_meaning};
pub(crate) use mx::{Exchange, changes_entry, exchanges};
pub(crate) use policy::{
    agrees, dmarc_text, follow, foreign_reports, report_addresses, texts_at, wants_dmarc,
};
pub(crate) use record::{Authority, RrSet, SetKey, Sets, StsPolicy, Zone};
pub use record::{RData, Record, RecordType};
pub(crate) use sender_policy::{SPF_TO_COME, helo_record};
pub(crate) use zone::around;

use crate::finding::{Finding, Findings};
use crate::routes::Withheld;
use crate::routes::facts::tenant_named;
use crate::source::Span;
use crate::topology::{DnsManagement, Domain, LocationId, Sending, Topology};
use crate::values::{DomainName, OwnerName};
use std::collections::BTreeSet;

/// All zones, by origin.
pub(crate) fn lower(
    topology: &Topology,
    withheld: &mut Vec<Withheld>,
    findings: &mut Findings,
) -> Vec<Zone> {
    let reports = policy::reports(topology);
    lower_with(topology, &reports, withheld, findings)
}

fn lower_with(
    topology: &Topology,
    reports: &policy::Reports<'_>,
    withheld: &mut Vec<Withheld>,
    findings: &mut Findings,
) -> Vec<Zone> {
    let origins = zone::origins(topology);
    let mut out = Out {
        records: Vec::new(),
        today: Vec::new(),
        policies: Vec::new(),
        gaps: Gaps::default(),
        withheld,
        findings,
    };
    user_records::add(topology, &mut out);
    mx::add(topology, &origins, &mut out);
    sender_policy::add(topology, &mut out);
    sender_policy::add_bounces(topology, &origins, &mut out);
    sender_policy::add_helo(topology, &origins, &mut out);
    dkim::add(topology, &mut out);
    policy::add(topology, &mut out);
    policy::add_agreements(topology, &origins, reports, &mut out);
    services::add(topology, &mut out);
    unused::close(topology, &mut out);
    std::mem::take(&mut out.gaps).close(out.withheld);
    let Out {
        records,
        today,
        policies,
        ..
    } = out;
    let mut zones = zone::assemble(topology, &origins, records, policies, findings);
    zone::add_today(&mut zones, today);
    zones
}

/// What the zones of others have to hold for mail, by origin, and what of it nobody knows.
pub(crate) fn lower_others(topology: &Topology) -> (Vec<Zone>, Vec<Withheld>) {
    let mut withheld = Vec::new();
    let is_external = |domain: &Domain| matches!(domain.dns, DnsManagement::External(_));
    if !topology.domains.iter().any(is_external) {
        return (Vec::new(), withheld);
    }
    let mut theirs = topology.clone();
    for domain in theirs.domains.iter_mut() {
        domain.dns = if is_external(domain) {
            DnsManagement::Managed
        } else {
            DnsManagement::None
        };
    }
    // What the spec says of zones is about those that are written from here, and what is wrong is said there.
    theirs.dns.zones.clear();
    let reports = policy::reports(topology);
    let zones = lower_with(&theirs, &reports, &mut withheld, &mut Findings::default());
    withheld.sort();
    withheld.dedup();
    (zones, withheld)
}

/// What the parts of this module add to.
struct Out<'a> {
    records: Vec<Planned>,
    /// Records of today that a staged change begins with.
    today: Vec<Planned>,
    policies: Vec<StsPolicy>,
    gaps: Gaps,
    withheld: &'a mut Vec<Withheld>,
    findings: &'a mut Findings,
}

/// A record on its way into a zone.
struct Planned {
    owner: OwnerName,
    /// Seconds, where the spec says so for this record.
    ttl: Option<u32>,
    record: Record,
    /// The user keeps it for another purpose.
    foreign: bool,
}

impl Out<'_> {
    /// Adds a record at `prefix` below a domain, or at the domain itself where the prefix is empty.
    fn add(&mut self, prefix: &str, domain: &DomainName, data: RData, why: String, span: Span) {
        let planned = self.planned(prefix, domain, data, why, span);
        self.records.extend(planned);
    }

    /// Adds a record that stands there today and will not stand there in the end.
    fn add_today(
        &mut self,
        prefix: &str,
        domain: &DomainName,
        data: RData,
        why: String,
        span: Span,
    ) {
        let planned = self.planned(prefix, domain, data, why, span);
        self.today.extend(planned);
    }

    /// Says something of the last record that was added.
    fn remark(&mut self, remark: &'static str) {
        if let Some(planned) = self.records.last_mut() {
            planned.record.remark = Some(remark);
        }
    }

    fn planned(
        &mut self,
        prefix: &str,
        domain: &DomainName,
        data: RData,
        why: String,
        span: Span,
    ) -> Option<Planned> {
        let owner = match prefix {
            "" => Ok(OwnerName::from(domain.clone())),
            prefix => OwnerName::parse(&[prefix, ".", domain.as_str()].concat()),
        };
        match owner {
            Ok(owner) => Some(Planned {
                owner,
                ttl: None,
                record: Record {
                    data,
                    why: why.into_boxed_str(),
                    remark: None,
                    span,
                },
                foreign: false,
            }),
            Err(bad) => {
                self.findings.push(
                    Finding::error(
                        bad.code,
                        format!("no record can stand there: {}", bad.message),
                    )
                    .at(span, "wanted by this"),
                );
                None
            }
        }
    }

    /// Says that something is not written for a domain. All domains with the same cause are said at once.
    fn gap(
        &mut self,
        what: &'static str,
        why: impl Into<String>,
        location: Option<LocationId>,
        domain: &DomainName,
        span: Span,
    ) {
        self.gaps.add(what, why, location, domain, span);
    }

    /// Says that something is not written.
    fn withhold(
        &mut self,
        what: String,
        why: impl Into<String>,
        location: Option<LocationId>,
        span: Span,
    ) {
        self.withheld.push(Withheld {
            what,
            why: why.into(),
            location,
            domains: Vec::new(),
            span,
        });
    }
}

/// The domains whose records are ours to write. A tenant's own names are the provider's.
pub(crate) fn managed(topology: &Topology) -> impl Iterator<Item = &Domain> {
    topology
        .domains
        .iter()
        .filter(|domain| is_managed(topology, domain))
}

fn is_managed(topology: &Topology, domain: &Domain) -> bool {
    matches!(domain.dns, DnsManagement::Managed) && tenant_named(topology, &domain.name).is_none()
}

/// Whether a name lies in a zone of ours, and not at or below a domain whose records somebody else writes.
fn is_ours(topology: &Topology, origins: &BTreeSet<DomainName>, name: &DomainName) -> bool {
    if zone::origin_of(origins, name).is_none() {
        return false;
    }
    let nearest = topology.nearest_domain(name);
    nearest.is_none_or(|domain| is_managed(topology, domain))
}

/// The domains that mail is sent with.
fn sending(topology: &Topology) -> impl Iterator<Item = &Domain> {
    managed(topology).filter(|domain| domain.sending != Sending::Parked)
}

/// The place in the spec that a record is explained by.
fn path(domain: &Domain, key: &str) -> String {
    // There are as many of them as records, so none takes more room than it needs.
    ["domains.", domain.name.as_str(), ".", key].concat()
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
