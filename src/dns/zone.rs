//! Records put into zones: which zone each stands in, which may stand beside each other, and what makes a zone whole.

use crate::dns::write::bind;
use crate::dns::{
    Authority, Planned, RData, Record, RecordType, RrSet, SPF_TO_COME, SetKey, Sets, StsPolicy,
    Zone,
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

/// The position of the zone that a name lies in, among zones in the order of their origins.
pub(crate) fn around(zones: &[Zone], name: &str) -> Option<usize> {
    let mut above = std::iter::successors(Some(name), |at| Some(at.split_once('.')?.1));
    above.find_map(|at| {
        let found = zones.binary_search_by(|zone| zone.origin.as_str().cmp(at));
        found.ok()
    })
}

/// Makes the zones, by origin. Records are taken in the order of their names, so that the sets of each zone come in theirs and
/// nothing is kept beside them.
pub(crate) fn assemble(
    topology: &Topology,
    origins: &BTreeSet<DomainName>,
    mut records: Vec<Planned>,
    policies: Vec<StsPolicy>,
    findings: &mut Findings,
) -> Vec<Zone> {
    records.sort_by(|a, b| a.owner.cmp(&b.owner));
    report_delegated(origins, &records, findings);
    let mut drafts: BTreeMap<&DomainName, Draft> = BTreeMap::new();
    let mut records = records.into_iter().peekable();
    while let Some(first) = records.next() {
        let owner = first.owner.clone();
        let mut list = vec![first];
        while let Some(next) = records.next_if(|next| next.owner == owner) {
            list.push(next);
        }
        if let Some(origin) = origin_of(origins, &owner) {
            drafts
                .entry(origin)
                .or_default()
                .add(topology, &owner, list, findings);
        }
    }
    drop(records);
    for policy in policies {
        if let Some(origin) = origin_of(origins, &policy.domain) {
            drafts.entry(origin).or_default().policies.push(policy);
        }
    }
    drafts
        .into_iter()
        .map(|(origin, draft)| {
            let settings = topology.dns.zones.get(origin);
            finish(origin, settings, draft, findings)
        })
        .collect()
}

/// Adds what stands in the zones today. It replaces what will stand there, so that nothing is compared with it.
pub(crate) fn add_today(zones: &mut [Zone], today: Vec<Planned>) {
    for planned in today {
        let zone = around(zones, planned.owner.as_str()).and_then(|at| zones.get_mut(at));
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
        set.settle();
    }
}

/// A zone of which not all names were looked at.
#[derive(Default)]
struct Draft {
    sets: Vec<(SetKey, RrSet)>,
    policies: Vec<StsPolicy>,
    /// Where the first of its records is asked for.
    first: Option<Span>,
    reported: BTreeSet<(Span, Code)>,
}

impl Draft {
    /// Adds what can stand at a name.
    fn add(
        &mut self,
        topology: &Topology,
        owner: &OwnerName,
        list: Vec<Planned>,
        findings: &mut Findings,
    ) {
        let spans = list.iter().map(|planned| planned.record.span);
        self.first = self.first.into_iter().chain(spans).min();
        let mut kept = settle(owner, list, &mut self.reported, findings);
        kept.sort_by(|a, b| a.record.data.cmp(&b.record.data));
        for planned in kept {
            let kind = planned.record.data.kind();
            let wanted = planned.ttl.unwrap_or_else(|| {
                if planned.foreign {
                    topology.dns.ttl()
                } else {
                    topology.ttl(owner, purpose(owner, &planned.record.data))
                }
            });
            match self.sets.last_mut() {
                Some((key, set)) if key.kind == kind && key.owner == *owner => {
                    set.ttl = set.ttl.min(wanted);
                    set.records.push(planned.record);
                }
                // Nearly every set has one record, and a list that grows takes room for four at once.
                _ => self.sets.push((
                    SetKey {
                        owner: owner.clone(),
                        kind,
                    },
                    RrSet {
                        ttl: wanted,
                        records: vec![planned.record],
                    },
                )),
            }
        }
    }
}

fn finish(
    origin: &DomainName,
    settings: Option<&ZoneSettings>,
    draft: Draft,
    findings: &mut Findings,
) -> Zone {
    let span = settings
        .map(|settings| settings.span)
        .or(draft.first)
        .unwrap_or_default();
    let mut sets: Sets = draft.sets.into_iter().collect();
    let authority = settings.and_then(|settings| authority(origin, settings, &mut sets, findings));
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
                } else if check == Code::N018 && other.foreign {
                    format!(
                        "take `{}` out of `records`; that of `{}` stays",
                        bind::entered(&other.record.data),
                        planned.record.why
                    )
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
    // At a name that is given away nothing of ours is seen at all, which is said of the name.
    let gives_away = |one: &Planned| one.foreign && one.record.data.kind() == RecordType::Ns;
    if (gives_away(one) && !other.foreign) || (gives_away(other) && !one.foreign) {
        return None;
    }
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

/// Our records below a name that the user's own NS records give away would never be seen. The records come in the order of
/// their names.
fn report_delegated(origins: &BTreeSet<DomainName>, records: &[Planned], findings: &mut Findings) {
    let ns = |planned: &&Planned| planned.record.data.kind() == RecordType::Ns;
    // By name: where it is given away, and the first record of ours at it or below it.
    let mut cuts: BTreeMap<&str, (Span, Option<&Planned>)> = BTreeMap::new();
    for cut in records.iter().filter(ns) {
        let name = cut.owner.as_str();
        if !name.starts_with('*') && !origins.contains(name) {
            cuts.entry(name).or_insert((cut.record.span, None));
        }
    }
    if cuts.is_empty() {
        return;
    }
    for planned in records.iter().filter(|planned| !planned.foreign) {
        let mut at = Some(planned.owner.as_str());
        while let Some(name) = at.filter(|name| !origins.contains(*name)) {
            if let Some((_, hidden)) = cuts.get_mut(name) {
                hidden.get_or_insert(planned);
            }
            at = name.split_once('.').map(|(_, above)| above);
        }
    }
    for (name, (span, hidden)) in cuts {
        if let Some((hidden, origin)) = hidden.zip(origin_of(origins, name)) {
            findings.push(
                Finding::error(
                    Code::N019,
                    format!("`{name}` is delegated to other name servers, so records of `{origin}` at and below it are not seen"),
                )
                .at(span, "delegated here")
                .at(hidden.record.span, format!("wants records in `{name}`"))
                .help(format!("write `{name}` as a zone of its own under `dns.zones`, and give its file to whoever keeps it")),
            );
        }
    }
}

/// What makes a whole zone of it, and its NS records.
fn authority(
    origin: &DomainName,
    settings: &ZoneSettings,
    sets: &mut Sets,
    findings: &mut Findings,
) -> Option<Authority> {
    let serial = settings.serial?.value;
    if settings.nameservers.is_empty() {
        return None;
    }
    let homeless = settings.nameservers.iter().find(|at| {
        (at.value == *origin || at.value.is_below(origin)) && !has_address(sets, at.value.as_str())
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
        why: format!("dns.zones.{origin}.nameservers").into(),
        remark: None,
        span: at.span,
    };
    let ttl = sets.iter().map(|(_, set)| set.ttl).max().unwrap_or(3600);
    let key = SetKey {
        owner: OwnerName::from(origin.clone()),
        kind: RecordType::Ns,
    };
    let set = sets.entry(key, ttl);
    set.records.extend(settings.nameservers.iter().map(ns));
    set.settle();
    Some(Authority {
        nameservers: settings
            .nameservers
            .iter()
            .map(|at| at.value.clone())
            .collect(),
        serial,
    })
}

fn has_address(sets: &Sets, owner: &str) -> bool {
    [RecordType::A, RecordType::Aaaa]
        .into_iter()
        .any(|kind| sets.get(owner, kind).is_some())
}

/// MX hosts in the zone itself: a CNAME there is forbidden (RFC 5321, section 5.1), and a whole zone must have the address.
fn report_targets(zone: &Zone, findings: &mut Findings) {
    let mut hosts: BTreeMap<&HostName, (&OwnerName, Span)> = BTreeMap::new();
    for (key, set) in zone.sets.iter() {
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
        if let Some(alias) = zone
            .set(host, RecordType::Cname)
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
        } else if zone.authority.is_some() && !has_address(&zone.sets, host.as_str()) {
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
