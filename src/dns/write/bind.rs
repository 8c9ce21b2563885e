//! A zone as a master file (RFC 1035, section 5.1).

use crate::dns::{RData, Zone};
use crate::writer::Refused;
use crate::writer::zone::{Data, Record, comment, data_text, zone};

/// Refresh, retry, expire and negative TTL in seconds, as RIPE-203 recommends for small and stable zones, the last one
/// short enough for a change of mail to be seen within the hour.
const TIMERS: [u32; 4] = [86400, 7200, 3_600_000, 3600];

/// The whole file: with start of authority where the zone has one, else to be included into a zone.
pub(crate) fn zone_file(planned: &Zone) -> Result<String, Refused> {
    let origin = planned.origin.as_str();
    let mut records = Vec::new();
    if let Some(authority) = &planned.authority
        && let Some(primary) = authority.nameservers.first()
    {
        records.push(Record {
            owner: origin.to_owned(),
            ttl: 3600,
            data: Data::Soa {
                primary: primary.to_string(),
                // The mailbox that RFC 2142 reserves for the DNS.
                mailbox: format!("hostmaster.{}", planned.origin.without_underscores()),
                serial: authority.serial,
                timers: TIMERS,
            },
            comment: format!("dns.zones.{origin}"),
        });
    }
    for (key, set) in planned.sets.iter() {
        records.extend(set.records.iter().map(|record| Record {
            owner: key.owner.to_string(),
            ttl: set.ttl,
            data: data(&record.data),
            comment: record.comment(),
        }));
    }
    let head = if planned.authority.is_some() {
        format!("The zone {origin}")
    } else {
        format!("Records of {origin} that mail needs; take them into the zone with $INCLUDE")
    };
    Ok(format!("{}\n{}", comment(&head)?, zone(origin, &records)?))
}

/// What a record says, as it stands in a master file.
pub(crate) fn in_file(planned: &RData) -> String {
    data_text(&data(planned)).unwrap_or_default()
}

/// What a record says, as it is entered into a form: text without quotes, names with their final dot.
pub(crate) fn entered(planned: &RData) -> String {
    match planned {
        RData::Txt(octets) => String::from_utf8_lossy(octets).into_owned(),
        RData::Mx {
            preference,
            exchange,
        } => format!("{preference} {}", or_root(exchange.as_ref())),
        other => in_file(other),
    }
}

fn data(planned: &RData) -> Data {
    match planned {
        RData::Ns(host) => Data::Ns(host.to_string()),
        RData::A(ip) => Data::A(*ip),
        RData::Aaaa(ip) => Data::Aaaa(*ip),
        RData::Cname(target) => Data::Cname(target.to_string()),
        RData::Mx {
            preference,
            exchange,
        } => Data::Mx {
            preference: *preference,
            exchange: or_root(exchange.as_ref()),
        },
        RData::Txt(octets) => Data::Txt(octets.clone()),
        RData::Srv {
            priority,
            weight,
            port,
            target,
        } => Data::Srv {
            priority: *priority,
            weight: *weight,
            port: *port,
            target: or_root(target.as_ref()),
        },
        RData::Tlsa {
            usage,
            selector,
            matching,
            data,
        } => Data::Tlsa {
            usage: *usage,
            selector: *selector,
            matching: *matching,
            data: data.clone(),
        },
        RData::Caa { flags, tag, value } => Data::Caa {
            flags: *flags,
            tag: tag.to_string(),
            value: value.to_string(),
        },
        RData::Other { kind, data } => Data::Other {
            kind: *kind,
            data: data.clone(),
        },
    }
}

fn or_root(host: Option<&impl ToString>) -> String {
    host.map_or_else(|| ".".to_owned(), ToString::to_string)
}
