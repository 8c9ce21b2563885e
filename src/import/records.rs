//! Zones as other programs keep them: octoDNS's YAML, and the JSON of `dnscontrol print-ir`.
//! Sources: <https://octodns.readthedocs.io/en/latest/records.html>, <https://docs.dnscontrol.org/commands/print-ir>

use crate::import::Export;
use crate::import::room::Room;
use crate::import::zone::{Sets, absolute};
use crate::yaml::Value as Yaml;
use serde_json::Value as Json;

/// The largest text in YAML: what it holds takes many times as much.
const LARGEST_YAML: usize = 1 << 20;

/// Whether a text looks like YAML of octoDNS: something in it has a type.
pub(super) fn is_octodns(text: &str) -> bool {
    text.contains("type: ")
}

/// Reads octoDNS's YAML of a zone, whose name only the file has.
pub(super) fn octodns(text: &str, zone: &str, room: &mut Room) -> Result<Export, String> {
    if text.len() > LARGEST_YAML {
        return Err(format!(
            "as YAML it is larger than {} MB",
            LARGEST_YAML >> 20
        ));
    }
    let origin = format!("{}.", zone.trim_end_matches('.'));
    let Some(Yaml::Mapping(entries)) = Yaml::parse(text) else {
        return Err("it is no YAML of a zone".to_owned());
    };
    let mut sets = Sets::default();
    for (name, records) in &entries {
        let owner = match name.as_str() {
            "" => origin.clone(),
            name => absolute(&format!("{name}.{origin}"), None).unwrap_or_default(),
        };
        let records = match records {
            Yaml::List(records) => records.as_slice(),
            one => std::slice::from_ref(one),
        };
        for record in records {
            let word = |key: &str| record.get(key).and_then(Yaml::text).unwrap_or_default();
            let kind = word("type");
            if kind.is_empty() {
                return Err(format!("`{name}` has a record without `type`"));
            }
            let values = record.get("values").or_else(|| record.get("value"));
            let values = match values {
                Some(Yaml::List(values)) => values.as_slice(),
                Some(one) => std::slice::from_ref(one),
                None => return Err(format!("`{name}` has a record without a value")),
            };
            let data_of = |value: &Yaml| -> Result<String, String> {
                let field = |key: &str| {
                    let value = value.get(key).and_then(Yaml::text);
                    value.map(str::to_owned)
                };
                Ok(match value.text() {
                    // octoDNS keeps a semicolon behind a backslash.
                    Some(text) if kind == "TXT" || kind == "SPF" => text.replace("\\;", ";"),
                    Some(text) => text.to_owned(),
                    None => fields(kind, &field)
                        .ok_or_else(|| format!("a record {kind} of `{name}` is not whole"))?,
                })
            };
            for value in values {
                let data = data_of(value)?;
                room.take(&data)?;
                sets.add(&owner, kind, word("ttl"), &data);
            }
            let pools = record.get("dynamic").and_then(|it| it.get("pools"));
            let pools = match pools {
                Some(Yaml::Mapping(pools)) => pools.as_slice(),
                _ => &[],
            };
            for (_, pool) in pools {
                let Some(Yaml::List(values)) = pool.get("values") else {
                    continue;
                };
                for value in values {
                    let data = data_of(value.get("value").unwrap_or(value))?;
                    room.take(&data)?;
                    sets.add_dynamic(&owner, kind, &data);
                }
            }
        }
    }
    Ok(sets.export(&origin))
}

/// The data of a type from its fields, in the words of octoDNS.
fn fields(kind: &str, field: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let all = |names: &[&str]| -> Option<String> {
        let parts: Option<Vec<String>> = names.iter().map(|name| field(name)).collect();
        parts.map(|parts| parts.join(" "))
    };
    match kind {
        "MX" => all(&["preference", "exchange"]).or_else(|| all(&["priority", "value"])),
        "SRV" => all(&["priority", "weight", "port", "target"]),
        "TLSA" => all(&[
            "certificate_usage",
            "selector",
            "matching_type",
            "certificate_association_data",
        ]),
        "SSHFP" => all(&["algorithm", "fingerprint_type", "fingerprint"]),
        "CAA" => {
            let flags = field("flags").unwrap_or_else(|| "0".to_owned());
            Some(format!("{flags} {} \"{}\"", field("tag")?, field("value")?))
        }
        _ => None,
    }
}

/// Reads what `dnscontrol print-ir` prints, where it holds one zone.
pub(super) fn dnscontrol(document: &Json) -> Result<Export, String> {
    let zones = document.get("domains").and_then(Json::as_array);
    let [zone] = zones.map_or(&[][..], Vec::as_slice) else {
        return Err("it does not hold one zone: print each into a file of its own, with `dnscontrol print-ir --domains NAME`".to_owned());
    };
    let word = |value: &Json, key: &str| -> Option<String> {
        match value.get(key)? {
            Json::String(text) => Some(text.clone()),
            Json::Number(number) => Some(number.to_string()),
            _ => None,
        }
    };
    let name = word(zone, "name").ok_or("its zone has no name")?;
    let origin = format!("{name}.");
    let mut sets = Sets::default();
    let records = zone.get("records").and_then(Json::as_array);
    for record in records.into_iter().flatten() {
        let field = |key: &str| word(record, key);
        let number = |key: &str| field(key).unwrap_or_else(|| "0".to_owned());
        let (Some(kind), Some(owner)) = (field("type"), field("name")) else {
            return Err("one of its records has no type or no name".to_owned());
        };
        let owner = absolute(&owner, Some(&origin)).unwrap_or_default();
        let target = field("target").unwrap_or_default();
        let whole = absolute(&target, Some(&origin)).unwrap_or_default();
        let data = match kind.as_str() {
            "MX" => format!("{} {whole}", number("mxpreference")),
            "SRV" => format!(
                "{} {} {} {whole}",
                number("srvpriority"),
                number("srvweight"),
                number("srvport")
            ),
            "CAA" => format!(
                "{} {} \"{target}\"",
                number("caaflag"),
                field("caatag").unwrap_or_default()
            ),
            "TLSA" => format!(
                "{} {} {} {target}",
                number("tlsausage"),
                number("tlsaselector"),
                number("tlsamatchingtype")
            ),
            "SSHFP" => format!(
                "{} {} {target}",
                number("sshfpalgorithm"),
                number("sshfpfingerprint")
            ),
            "CNAME" | "NS" | "PTR" | "DNAME" | "ALIAS" => whole,
            "TXT" => match record.get("txtstrings").and_then(Json::as_array) {
                Some(strings) => strings.iter().filter_map(Json::as_str).collect(),
                None => target,
            },
            _ => target,
        };
        sets.add(&owner, &kind, &field("ttl").unwrap_or_default(), &data);
    }
    Ok(sets.export(&origin))
}
