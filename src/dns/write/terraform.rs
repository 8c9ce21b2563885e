//! All zones as a local value for Terraform.
//!
//! Each provider has its own resource for a record, and which one is in use is not known here: the records stand in one
//! map that every resource can iterate over.

use crate::dns::write::names::{dotted, hex, or_root, text, unknown};
use crate::dns::{RData, Zone};
use crate::writer::Refused;
use crate::writer::hcl::{comment, string};

pub(crate) fn locals(zones: &[Zone]) -> Result<String, Refused> {
    let mut lines = vec![
        comment(
            "Records that mail needs, by zone, name and type: iterate over local.mail_records",
        )?,
        "locals {".to_owned(),
        "  mail_records = {".to_owned(),
    ];
    for zone in zones {
        for (key, set) in &zone.sets {
            let mut values = Vec::new();
            for record in &set.records {
                values.push(string(&value(&record.data)?)?);
            }
            if let Some(first) = set.records.first() {
                lines.push(format!("    {}", comment(&first.comment())?));
            }
            lines.push(format!(
                "    {} = {{ zone = {}, name = {}, type = {}, ttl = {}, values = [{}] }}",
                string(&format!("{} {}", key.owner, key.kind))?,
                string(zone.origin.as_str())?,
                string(key.owner.as_str())?,
                string(&key.kind.to_string())?,
                set.ttl,
                values.join(", ")
            ));
        }
    }
    lines.push("  }".to_owned());
    lines.push("}".to_owned());
    Ok(lines.join("\n") + "\n")
}

/// The data as a master file has it, but for the text of a TXT record, which stands for itself.
fn value(data: &RData) -> Result<String, Refused> {
    Ok(match data {
        RData::Ns(host) => dotted(host),
        RData::A(ip) => ip.to_string(),
        RData::Aaaa(ip) => ip.to_string(),
        RData::Cname(target) => dotted(target),
        RData::Mx {
            preference,
            exchange,
        } => format!("{preference} {}", or_root(exchange.as_ref())),
        RData::Txt(octets) => text(octets)?,
        RData::Srv {
            priority,
            weight,
            port,
            target,
        } => format!("{priority} {weight} {port} {}", or_root(target.as_ref())),
        RData::Tlsa {
            usage,
            selector,
            matching,
            data,
        } => format!("{usage} {selector} {matching} {}", hex(data)),
        RData::Caa { flags, tag, value } => format!("{flags} {tag} \"{value}\""),
        RData::Other { kind, .. } => return Err(unknown("a Terraform provider", *kind)),
    })
}
