//! Names below a domain that nothing uses, closed as a parked name is: they take no mail, and receivers refuse what is
//! sent with them.
//!
//! A name that exists ends the wildcard (RFC 4592), so that the records stand again at each name with an address.

use crate::dns::sender_policy::helo_record;
use crate::dns::{Out, Planned, RData, RecordType, managed, path};
use crate::topology::{Sending, Topology};
use crate::values::DomainName;
use std::collections::BTreeMap;

/// What stands beside the address of a name.
#[derive(Clone, Copy, Default)]
struct Beside {
    mx: bool,
    spf: bool,
}

/// Names with an address below a domain of the spec, by the nearest one.
fn hosts<'t>(
    topology: &'t Topology,
    records: &[Planned],
) -> BTreeMap<&'t DomainName, BTreeMap<DomainName, Beside>> {
    let mut beside: BTreeMap<&str, Beside> = BTreeMap::new();
    for planned in records {
        if matches!(planned.record.data, RData::A(_) | RData::Aaaa(_)) {
            beside.entry(planned.owner.as_str()).or_default();
        }
    }
    for planned in records {
        if let Some(found) = beside.get_mut(planned.owner.as_str()) {
            let data = &planned.record.data;
            found.mx |= data.kind() == RecordType::Mx;
            found.spf |= data.version_tag().as_deref() == Some("v=spf1");
        }
    }
    let mut hosts: BTreeMap<&DomainName, BTreeMap<DomainName, Beside>> = BTreeMap::new();
    for (name, found) in beside {
        let Ok(name) = DomainName::parse(name) else {
            continue;
        };
        if let Some(domain) = topology.nearest_domain(&name)
            && domain.name != name
        {
            hosts.entry(&domain.name).or_default().insert(name, found);
        }
    }
    hosts
}

/// Adds the closing records, after all that is used has its own.
pub(crate) fn close(topology: &Topology, out: &mut Out<'_>) {
    let mut hosts = hosts(topology, &out.records);
    for domain in managed(topology) {
        // The wildcards of a parked domain stand among its own records.
        let (span, key) = match domain.closes_unused {
            Some(span) => (span, "unused_subdomains"),
            None if domain.sending == Sending::Parked => (domain.span, "parked"),
            None => continue,
        };
        let why = path(domain, key);
        for (name, found) in hosts.remove(&domain.name).into_iter().flatten() {
            // What a location calls itself is used for bounces, and by that location alone. A name that is sent with must
            // not say that it takes no mail (RFC 7505, section 4.2).
            let caller = topology.called(name.as_str());
            if caller.is_none() && !found.mx {
                out.add("", &name, RData::null_mx(), why.clone(), span);
            }
            if !found.spf {
                let text = caller.and_then(helo_record);
                let text = text.unwrap_or_else(|| CLOSED.to_owned());
                out.add("", &name, RData::text(text), why.clone(), span);
            }
        }
        if domain.closes_unused.is_none() {
            continue;
        }
        out.add("*", &domain.name, RData::null_mx(), why.clone(), span);
        out.add("*", &domain.name, RData::text(CLOSED), why.clone(), span);
        let revoked = RData::text("v=DKIM1; p=");
        out.add("*._domainkey", &domain.name, revoked, why, span);
    }
}

/// Nobody sends with the name.
const CLOSED: &str = "v=spf1 -all";
