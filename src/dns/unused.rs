//! Names below a domain that nothing uses, closed as a parked name is: they take no mail, and receivers refuse what is
//! sent with them.
//!
//! A name that exists ends the wildcard (RFC 4592), so that the records stand again at each name with an address.

use crate::dns::sender_policy::helo_record;
use crate::dns::{Out, RData, RecordType, managed, path};
use crate::topology::{Sending, Topology};
use crate::values::DomainName;
use std::collections::BTreeSet;

/// Adds the closing records, after all that is used has its own.
pub(crate) fn close(topology: &Topology, out: &mut Out<'_>) {
    for domain in managed(topology) {
        // The wildcards of a parked domain stand among its own records.
        let (span, key) = match domain.closes_unused {
            Some(span) => (span, "unused_subdomains"),
            None if domain.sending == Sending::Parked => (domain.span, "parked"),
            None => continue,
        };
        let why = path(domain, key);
        let is_host = |kind| matches!(kind, RecordType::A | RecordType::Aaaa);
        let hosts = out
            .records
            .iter()
            .filter(|planned| is_host(planned.record.data.kind()));
        let below = hosts.filter_map(|planned| DomainName::parse(planned.owner.as_str()).ok());
        let below: BTreeSet<DomainName> = below
            .filter(|name| {
                let nearest = topology.nearest_domain(name);
                name.is_below(&domain.name) && nearest.is_some_and(|one| one.name == domain.name)
            })
            .collect();
        for name in below {
            let has = |wanted: fn(&RData) -> bool| {
                let mut there = out.records.iter();
                there.any(|one| one.owner.as_str() == name.as_str() && wanted(&one.record.data))
            };
            // What a location calls itself is used for bounces, and by that location alone. A name that is sent with must
            // not say that it takes no mail (RFC 7505, section 4.2).
            let caller = topology.called(name.as_str());
            let takes_mail = caller.is_some() || has(|data| data.kind() == RecordType::Mx);
            let sends = has(|data| data.version_tag().as_deref() == Some("v=spf1"));
            if !takes_mail {
                out.add("", &name, RData::null_mx(), why.clone(), span);
            }
            if !sends {
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
