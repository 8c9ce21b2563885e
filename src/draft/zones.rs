//! Zones: every record stays as it is, and what a zone says of where mail enters is believed.

use crate::draft::join::pair;
use crate::draft::text::{list, mapping, quoted};
use crate::draft::{Draft, Item, Key, Part};
use crate::import::{Export, Live, LiveObject};
use crate::values::{DomainName, hex};
use std::collections::BTreeMap;

/// Whether a part is of zones, which are no location.
pub(crate) fn is_of_zones(export: &Export) -> bool {
    export.product.as_deref() == Some("zone")
}

/// The key of a record.
pub(super) fn key(location: &str, object: &LiveObject, number: &str) -> Key {
    let name = format!("{} {number}", object.name);
    (location.to_owned(), object.kind.clone(), name)
}

/// The hosts that take the mail of each domain, the best first.
pub(super) fn entries(parts: &[Part]) -> BTreeMap<String, Vec<String>> {
    let mut entries: BTreeMap<String, Vec<(u32, String)>> = BTreeMap::new();
    let zones = parts.iter().filter(|part| is_of_zones(&part.export));
    for object in zones.flat_map(|part| part.export.of_kind("MX")) {
        for value in object.properties.values() {
            let data = value.items().pop().unwrap_or_default();
            let Some((preference, host)) = data.split_once(' ') else {
                continue;
            };
            let host = host.trim_end_matches('.').to_lowercase();
            if let Ok(preference) = preference.parse()
                && !host.is_empty()
            {
                // A name that stands for others is no domain of its own.
                let Ok(name) = DomainName::parse(object.name.trim_end_matches('.')) else {
                    continue;
                };
                let name = name.as_str().to_owned();
                entries.entry(name).or_default().push((preference, host));
            }
        }
    }
    let sorted = entries.into_iter().map(|(name, mut hosts)| {
        hosts.sort();
        (name, hosts.into_iter().map(|(_, host)| host).collect())
    });
    sorted.collect()
}

/// The zones with their records.
pub(super) fn draft(draft: &mut Draft, part: &Part) {
    let export = &part.export;
    for zone in &export.zones {
        let is_in = |object: &&LiveObject| zone_of(export, &object.name) == Some(zone);
        let apex = format!("{zone}.");
        let mut records = Vec::new();
        let mut head = Vec::new();
        let soa = export.of_kind("SOA").find(|object| object.name == apex);
        let serial = soa.and_then(|object| {
            let data = object.properties.get("1")?.items().pop()?;
            data.split_whitespace().nth(2)?.parse::<u32>().ok()
        });
        for object in export.objects.iter().filter(is_in) {
            for (number, value) in numbered(object) {
                let Live::List(parts) = value else {
                    continue;
                };
                let [ttl, data] = parts.as_slice() else {
                    continue;
                };
                let key = key(&part.location, object, number);
                if object.kind == "SOA" || draft.left_out.contains_key(&key) {
                    continue;
                }
                let own = object.name.strip_suffix(&apex).unwrap_or_default();
                let own = own.strip_suffix('.').unwrap_or("@");
                let Some((kind, data)) = written(&object.kind, data) else {
                    let why = format!(
                        "the language has no form for records of type {}",
                        object.kind
                    );
                    draft.left_out.insert(key, why);
                    continue;
                };
                let mut keys = vec![
                    pair("name", quoted(own)),
                    pair("type", quoted(&kind)),
                    pair("data", quoted(&data)),
                ];
                if !ttl.is_empty() {
                    keys.push(pair("ttl", ttl.clone()));
                }
                records.push(Item {
                    objects: vec![key],
                    keys,
                    names: Vec::new(),
                });
            }
        }
        if let Some(serial) = serial {
            let is_apex = |object: &&LiveObject| object.name == apex;
            let servers = export.of_kind("NS").filter(is_apex);
            let servers: Vec<String> = servers
                .flat_map(|object| object.properties.values())
                .filter_map(|value| Some(value.items().pop()?.trim_end_matches('.').to_owned()))
                .collect();
            if !servers.is_empty() {
                let is_server = |item: &Item| {
                    item.objects
                        .iter()
                        .any(|key| key.1 == "NS" && key.2.starts_with(&format!("{apex} ")))
                };
                records.retain(|item| !is_server(item));
                head.push(pair("nameservers", list(servers)));
                head.push(pair("serial", serial.to_string()));
            }
        }
        draft.zones.insert(zone.clone(), (head, records));
    }
}

/// The values of an object in their order.
fn numbered(object: &LiveObject) -> Vec<(&String, &Live)> {
    let mut all: Vec<(&String, &Live)> = object.properties.iter().collect();
    all.sort_by_key(|(number, _)| number.parse::<usize>().unwrap_or_default());
    all
}

/// The innermost zone that a name is in.
pub(super) fn zone_of<'e>(export: &'e Export, name: &str) -> Option<&'e String> {
    let name = name.trim_end_matches('.');
    let is_in = |zone: &&String| {
        let above = name.strip_suffix(zone.as_str());
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    export
        .zones
        .iter()
        .filter(is_in)
        .max_by_key(|zone| zone.len())
}

/// Type and data as the language writes them: types that it does not know by their number and their octets, RFC 3597.
fn written(kind: &str, data: &str) -> Option<(String, String)> {
    if matches!(
        kind,
        "A" | "AAAA" | "CNAME" | "MX" | "NS" | "SRV" | "TLSA" | "CAA" | "TXT"
    ) || kind.starts_with("TYPE")
    {
        return Some((kind.to_owned(), data.to_owned()));
    }
    let words: Vec<&str> = data.split_whitespace().collect();
    let (number, octets) = match (kind, words.as_slice()) {
        ("PTR", [name]) => (12, wire(name)?),
        ("DNAME", [name]) => (39, wire(name)?),
        ("SPF", _) => {
            let mut octets = Vec::new();
            for part in data.as_bytes().chunks(255) {
                octets.push(u8::try_from(part.len()).ok()?);
                octets.extend_from_slice(part);
            }
            (99, octets)
        }
        ("SSHFP", [algorithm, form, digest @ ..]) => {
            let head = vec![algorithm.parse().ok()?, form.parse().ok()?];
            (44, [head, octets(&digest.concat())?].concat())
        }
        ("DS", [tag, algorithm, form, digest @ ..]) => {
            let tag: u16 = tag.parse().ok()?;
            let head = [
                tag.to_be_bytes().to_vec(),
                vec![algorithm.parse().ok()?, form.parse().ok()?],
            ]
            .concat();
            (43, [head, octets(&digest.concat())?].concat())
        }
        _ => return None,
    };
    let digits = hex(&octets);
    Some((
        format!("TYPE{number}"),
        format!("\\# {} {digits}", octets.len()),
    ))
}

/// A name as it goes over the wire.
fn wire(name: &str) -> Option<Vec<u8>> {
    let mut octets = Vec::new();
    for label in name
        .trim_end_matches('.')
        .split('.')
        .filter(|label| !label.is_empty())
    {
        octets.push(
            u8::try_from(label.len())
                .ok()
                .filter(|length| *length < 64)?,
        );
        octets.extend_from_slice(label.as_bytes());
    }
    octets.push(0);
    (!name.contains('\\')).then_some(octets)
}

fn octets(digits: &str) -> Option<Vec<u8>> {
    let pairs = digits.as_bytes().chunks(2);
    pairs
        .map(|pair| {
            u8::from_str_radix(
                std::str::from_utf8(pair)
                    .ok()
                    .filter(|pair| pair.len() == 2)?,
                16,
            )
            .ok()
        })
        .collect()
}

/// The line of a zone, and the lines of its records.
pub(super) fn lines<'d>(
    zone: &str,
    (head, records): &'d (crate::draft::Pairs, Vec<Item>),
) -> Vec<(String, &'d [Key])> {
    let mut lines: Vec<(String, &[Key])> = vec![(format!("    {}:", quoted(zone)), &[])];
    for (key, value) in head {
        lines.push((format!("      {key}: {value}"), &[]));
    }
    let first = if records.is_empty() {
        "      records: []"
    } else {
        "      records:"
    };
    lines.push((first.to_owned(), &[]));
    for item in records {
        lines.push((format!("        - {}", mapping(&item.keys)), &item.objects));
    }
    lines
}
