//! Records put into zones: which zone each stands in, which may stand beside each other, and what makes a zone whole.

use crate::dns::{
    Authority, Planned, RData, Record, RecordType, RrSet, SPF_TO_COME, SetKey, StsPolicy, Zone,
};
use crate::finding::{Code, Finding, Findings, Object};
use crate::source::Span;
use crate::topology::{Purpose, Topology, ZoneSettings};
use crate::values::{DomainName, HostName, OwnerName};
use std::collections::{BTreeMap, BTreeSet};

/// Where zones begin: at the entries of `dns.zones`, else at the registered name of each managed domain.
pub(crate) fn origins(topology: &Topology) -> BTreeSet<DomainName> {
    let written: BTreeSet<DomainName> = topology.dns.zones.keys().cloned().collect();
    let mut all = written.clone();
    for domain in crate::dns::managed(topology) {
        if origin_of(&written, &domain.name).is_none() {
            all.insert(domain.name.registrable());
        }
    }
    all
}

/// The zone that a name stands in: the nearest origin at or above it.
pub(crate) fn origin_of<'a>(
    origins: &'a BTreeSet<DomainName>,
    name: &(impl AsRef<str> + ?Sized),
) -> Option<&'a DomainName> {
    let mut rest = name.as_ref();
    loop {
        if let Some(origin) = origins.get(rest) {
            return Some(origin);
        }
        rest = rest.split_once('.')?.1;
    }
}

/// Makes the zones, by origin.
pub(crate) fn assemble(
    topology: &Topology,
    origins: &BTreeSet<DomainName>,
    records: Vec<Planned>,
    policies: Vec<StsPolicy>,
    findings: &mut Findings,
) -> Vec<Zone> {
    let mut drafts: BTreeMap<&DomainName, Draft> = BTreeMap::new();
    for planned in records {
        if let Some(origin) = origin_of(origins, &planned.owner) {
            let draft = drafts.entry(origin).or_default();
            draft
                .names
                .entry(planned.owner.clone())
                .or_default()
                .push(planned);
        }
    }
    for policy in policies {
        if let Some(origin) = origin_of(origins, &policy.domain) {
            drafts.entry(origin).or_default().policies.push(policy);
        }
    }
    drafts
        .into_iter()
        .map(|(origin, draft)| {
            let settings = topology.dns.zones.get(origin);
            finish(origin, settings, topology, draft, findings)
        })
        .collect()
}

/// Adds what stands in the zones today. It replaces what will stand there, so that nothing is compared with it.
pub(crate) fn add_today(zones: &mut [Zone], origins: &BTreeSet<DomainName>, today: Vec<Planned>) {
    for planned in today {
        let origin = origin_of(origins, &planned.owner);
        let zone = zones.iter_mut().find(|zone| Some(&zone.origin) == origin);
        let ttl = zone
            .as_ref()
            .and_then(|zone| zone.set(&planned.owner, RecordType::Mx))
            .map(|set| set.ttl);
        // Where the new record is withheld there is nothing to change to.
        let (Some(zone), Some(ttl)) = (zone, ttl) else {
            continue;
        };
        let set = zone.today.entry(planned.owner).or_insert_with(|| RrSet {
            ttl,
            records: Vec::new(),
        });
        set.records.push(planned.record);
        set.records.sort_by(|a, b| a.data.cmp(&b.data));
        set.records.dedup_by(|a, b| a.data == b.data);
    }
}

/// The records of a zone before they are compared with each other.
#[derive(Default)]
struct Draft {
    names: BTreeMap<OwnerName, Vec<Planned>>,
    policies: Vec<StsPolicy>,
}

fn finish(
    origin: &DomainName,
    settings: Option<&ZoneSettings>,
    topology: &Topology,
    draft: Draft,
    findings: &mut Findings,
) -> Zone {
    let first = draft
        .names
        .values()
        .flatten()
        .map(|planned| planned.record.span)
        .min();
    let span = settings
        .map(|settings| settings.span)
        .or(first)
        .unwrap_or_default();
    report_delegated(origin, &draft, findings);
    let mut reported = BTreeSet::new();
    let mut sets: BTreeMap<SetKey, RrSet> = BTreeMap::new();
    for (owner, list) in draft.names {
        for planned in settle(&owner, list, &mut reported, findings) {
            let key = SetKey {
                owner: owner.clone(),
                kind: planned.record.data.kind(),
            };
            let wanted = planned.ttl.unwrap_or_else(|| {
                if planned.foreign {
                    topology.dns.ttl()
                } else {
                    topology.ttl(&owner, purpose(&owner, &planned.record.data))
                }
            });
            // Nearly every set has one record, and a list that grows takes room for four at once.
            let set = sets.entry(key).or_insert_with(|| RrSet {
                ttl: wanted,
                records: Vec::with_capacity(1),
            });
            set.ttl = set.ttl.min(wanted);
            set.records.push(planned.record);
        }
    }
    let authority = settings.and_then(|settings| authority(origin, settings, &mut sets, findings));
    for set in sets.values_mut() {
        set.records.sort_by(|a, b| a.data.cmp(&b.data));
        set.records.dedup_by(|a, b| a.data == b.data);
    }
    let zone = Zone {
        origin: origin.clone(),
        authority,
        sets,
        today: BTreeMap::new(),
        policies: draft.policies,
        span,
    };
    report_targets(&zone, findings);
    zone
}

/// What a record of ours is for.
fn purpose(owner: &OwnerName, data: &RData) -> Option<Purpose> {
    let labels = || owner.as_str().split('.');
    let has = |label: &str| labels().any(|one| one == label);
    Some(match data {
        RData::Mx { .. } => Purpose::Mx,
        RData::Tlsa { .. } => Purpose::Tlsa,
        RData::Srv { .. } => Purpose::Srv,
        RData::A(_) | RData::Aaaa(_) => Purpose::Host,
        _ if has("_domainkey") => Purpose::Dkim,
        _ if has("_dmarc") => Purpose::Dmarc,
        _ if has("_tls") => Purpose::TlsRpt,
        _ if has("_mta-sts") => Purpose::MtaSts,
        RData::Txt(_) => Purpose::Spf,
        RData::Cname(_) if labels().next() == Some("mta-sts") => Purpose::MtaSts,
        RData::Cname(_) if labels().next() == Some("autodiscover") => Purpose::Autodiscover,
        _ => return None,
    })
}

/// Keeps what can stand at one name. What the user keeps there for other purposes goes before ours.
fn settle(
    owner: &OwnerName,
    list: Vec<Planned>,
    reported: &mut BTreeSet<(Span, Code)>,
    findings: &mut Findings,
) -> Vec<Planned> {
    let mut kept: Vec<Planned> = Vec::new();
    for planned in list {
        let same = |other: &Planned| other.record.data == planned.record.data;
        if kept.iter().any(same) {
            continue;
        }
        let clash = kept
            .iter()
            .find_map(|other| clash(other, &planned).map(|clash| (other, clash)));
        let Some((other, (check, why))) = clash else {
            kept.push(planned);
            continue;
        };
        if reported.insert((other.record.span, check)) {
            findings.push(
                Finding::error(
                    check,
                    format!(
                        "`{owner}` cannot have the {} record of `{}`: {why}",
                        planned.record.data.kind(),
                        planned.record.why
                    ),
                )
                .at(other.record.span, "this one stands there")
                .at(planned.record.span, "this one is wanted there too")
                .on(Object::Domain(owner.to_string()))
                .help(if other.foreign && other.record.data.kind() == RecordType::Cname {
                    "take the CNAME record out of `records`, and write A and AAAA records there or use what the provider calls ALIAS".to_owned()
                } else if other.foreign {
                    format!(
                        "take the {} record out of `records`, or name another place for it",
                        other.record.data.kind()
                    )
                } else {
                    "let only one of them stand there".to_owned()
                }),
            );
        }
    }
    kept
}

/// Why two records cannot stand at one name, and which check says so.
fn clash(one: &Planned, other: &Planned) -> Option<(Code, &'static str)> {
    let (a, b) = (&one.record.data, &other.record.data);
    if a.kind() == RecordType::Cname || b.kind() == RecordType::Cname {
        return Some((Code::N007, "nothing can stand beside a CNAME record"));
    }
    if a.kind() == RecordType::Mx && b.kind() == RecordType::Mx && one.foreign != other.foreign {
        return Some((
            Code::N004,
            "another MX record would take a part of the mail elsewhere",
        ));
    }
    let to_come = RData::text(SPF_TO_COME);
    if *a == to_come || *b == to_come {
        // Whether they differ is known once it is known what ours says.
        return None;
    }
    let (tag, same) = (a.version_tag()?, b.version_tag()?);
    match tag.as_str() {
        _ if tag != same => None,
        "v=spf1" => Some((Code::U004, "two SPF records make every check fail")),
        "v=dmarc1" | "v=dkim1" | "v=stsv1" | "v=tlsrptv1" => {
            Some((Code::N018, "readers take two records of this kind for none"))
        }
        _ => None,
    }
}

/// Our records below a name that the user's own NS records give away would never be seen.
fn report_delegated(origin: &DomainName, draft: &Draft, findings: &mut Findings) {
    let ns = |planned: &&Planned| planned.record.data.kind() == RecordType::Ns;
    for (owner, list) in &draft.names {
        let Some(cut) = list.iter().find(ns) else {
            continue;
        };
        let Ok(name) = DomainName::parse(owner.as_str()) else {
            continue;
        };
        if name == *origin {
            continue;
        }
        let hidden = draft
            .names
            .iter()
            .filter(|(below, _)| below.is_within(&name))
            .flat_map(|(_, list)| list)
            .find(|planned| !planned.foreign);
        if let Some(hidden) = hidden {
            findings.push(
                Finding::error(
                    Code::N019,
                    format!("`{name}` is delegated to other name servers, so records of `{origin}` at and below it are not seen"),
                )
                .at(cut.record.span, "delegated here")
                .at(hidden.record.span, format!("wants records in `{name}`"))
                .help(format!("write `{name}` as a zone of its own under `dns.zones`")),
            );
        }
    }
}

/// What makes a whole zone of it, and its NS records.
fn authority(
    origin: &DomainName,
    settings: &ZoneSettings,
    sets: &mut BTreeMap<SetKey, RrSet>,
    findings: &mut Findings,
) -> Option<Authority> {
    let serial = settings.serial?.value;
    if settings.nameservers.is_empty() {
        return None;
    }
    let owner = OwnerName::from(origin.clone());
    let homeless = settings.nameservers.iter().find(|at| {
        (at.value == *origin || at.value.is_below(origin))
            && !has_address(sets, &OwnerName::from(at.value.clone()))
    });
    if let Some(at) = homeless {
        findings.push(
            Finding::error(
                Code::N020,
                format!("the name server `{}` has no address in its own zone, so no server loads the zone", at.value),
            )
            .at(at.span, "")
            .help(format!("add its A or AAAA record to `dns.zones.{origin}.records`")),
        );
        return None;
    }
    let ns = |at: &crate::source::At<DomainName>| Record {
        data: RData::Ns(HostName::from(at.value.clone())),
        why: format!("dns.zones.{origin}.nameservers"),
        remark: None,
        span: at.span,
    };
    let ttl = sets.values().map(|set| set.ttl).max().unwrap_or(3600);
    let set = sets
        .entry(SetKey {
            owner,
            kind: RecordType::Ns,
        })
        .or_insert_with(|| RrSet {
            ttl,
            records: Vec::new(),
        });
    set.records.extend(settings.nameservers.iter().map(ns));
    Some(Authority {
        nameservers: settings
            .nameservers
            .iter()
            .map(|at| at.value.clone())
            .collect(),
        serial,
    })
}

fn has_address(sets: &BTreeMap<SetKey, RrSet>, owner: &OwnerName) -> bool {
    [RecordType::A, RecordType::Aaaa].into_iter().any(|kind| {
        sets.contains_key(&SetKey {
            owner: owner.clone(),
            kind,
        })
    })
}

/// MX hosts in the zone itself: a CNAME there is forbidden (RFC 5321, section 5.1), and a whole zone must have the address.
fn report_targets(zone: &Zone, findings: &mut Findings) {
    let mut hosts: BTreeMap<&HostName, (&OwnerName, Span)> = BTreeMap::new();
    for (key, set) in &zone.sets {
        for record in &set.records {
            if let RData::Mx {
                exchange: Some(host),
                ..
            } = &record.data
                && host.is_within(&zone.origin)
            {
                hosts.entry(host).or_insert((&key.owner, record.span));
            }
        }
    }
    for (host, (owner, span)) in hosts {
        let Ok(name) = OwnerName::parse(host.as_str()) else {
            continue;
        };
        if let Some(alias) = zone
            .set(&name, RecordType::Cname)
            .and_then(|set| set.records.first())
        {
            findings.push(
                Finding::error(
                    Code::N001,
                    format!("the MX record of `{owner}` names `{host}`, which is a CNAME: not every sender delivers there"),
                )
                .at(span, "its mail enters here")
                .at(alias.span, "the CNAME record")
                .help(format!("give `{host}` its own A and AAAA records")),
            );
        } else if zone.authority.is_some() && !has_address(&zone.sets, &name) {
            findings.push(
                Finding::warning(
                    Code::N020,
                    format!("the MX record of `{owner}` names `{host}`, to which nothing in the zone gives an address"),
                )
                .at(span, "its mail enters here")
                .help(format!("write `{{name: {host}, addresses: [ADDRESS]}}` in `hosts`")),
            );
        }
    }
}
