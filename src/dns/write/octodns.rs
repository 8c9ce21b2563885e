//! A zone for octoDNS.

use crate::dns::write::names::{dotted, or_root, relative};
use crate::dns::{RData, RecordType, Zone};
use crate::writer::Refused;
use crate::writer::octodns::{Field, Set, Value, zone};
use std::collections::BTreeMap;

pub(crate) fn zone_file(planned: &Zone) -> Result<String, Refused> {
    let mut sets = Vec::new();
    for (key, set) in planned.sets.iter() {
        let name = relative(&key.owner, &planned.origin, "");
        // It validates the names of services (RFC 2782), and refuses the whole zone for one that is none.
        let is_service = name
            .split_once('.')
            .is_some_and(|(first, _)| first.starts_with('_') || first == "*");
        if key.kind == RecordType::Srv && !is_service {
            return Err(Refused::new(format!(
                "octoDNS takes SRV records at names of services alone, such as `_sip._tcp.{}`",
                key.owner
            )));
        }
        sets.push(Set {
            name,
            kind: key.kind.to_string(),
            ttl: set.ttl,
            comments: set.comments(),
            values: set
                .records
                .iter()
                .map(|record| value(&record.data))
                .collect::<Result<_, _>>()?,
        });
    }
    zone(&sets)
}

fn value(data: &RData) -> Result<Value, Refused> {
    let number = Field::Number;
    let text = Field::Text;
    Ok(match data {
        RData::Ns(host) => Value::Plain(dotted(host)),
        RData::A(ip) => Value::Plain(ip.to_string()),
        RData::Aaaa(ip) => Value::Plain(ip.to_string()),
        RData::Cname(target) => Value::Plain(dotted(target)),
        RData::Txt(octets) => Value::Plain(crate::dns::write::names::text(octets)?),
        RData::Mx {
            preference,
            exchange,
        } => Value::Fields(BTreeMap::from([
            ("exchange", text(or_root(exchange.as_ref()))),
            ("preference", number(*preference)),
        ])),
        RData::Srv {
            priority,
            weight,
            port,
            target,
        } => Value::Fields(BTreeMap::from([
            ("port", number(*port)),
            ("priority", number(*priority)),
            ("target", text(or_root(target.as_ref()))),
            ("weight", number(*weight)),
        ])),
        RData::Tlsa {
            usage,
            selector,
            matching,
            data,
        } => Value::Fields(BTreeMap::from([
            (
                "certificate_association_data",
                text(crate::values::hex(data)),
            ),
            ("certificate_usage", number(u16::from(*usage))),
            ("matching_type", number(u16::from(*matching))),
            ("selector", number(u16::from(*selector))),
        ])),
        RData::Caa { flags, tag, value } => Value::Fields(BTreeMap::from([
            ("flags", number(u16::from(*flags))),
            ("tag", text(tag.to_string())),
            ("value", text(value.to_string())),
        ])),
        RData::Other { kind, .. } => {
            return Err(crate::dns::write::names::unknown("octoDNS", *kind));
        }
    })
}
