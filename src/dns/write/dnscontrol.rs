//! All zones as JavaScript for dnscontrol (<https://docs.dnscontrol.org/language-reference/domain-modifiers>).

use crate::dns::write::names::{dotted, or_root, relative, text, unknown};
use crate::dns::{RData, Zone};
use crate::values::hex;
use crate::writer::Refused;
use crate::writer::javascript::{comment, string};

/// One `D_EXTEND` per zone, so that the user's own file keeps registrar, provider and everything that is not mail.
pub(crate) fn config(zones: &[Zone]) -> Result<String, Refused> {
    let mut lines = vec![comment(
        "Records that mail needs. Load it behind the zones: require(\"./dnsconfig.js\")",
    )?];
    for zone in zones {
        lines.push(String::new());
        lines.push(format!("D_EXTEND({},", string(zone.origin.as_str())?));
        for (key, set) in zone.sets.iter() {
            let name = string(&relative(&key.owner, &zone.origin, "@"))?;
            for record in &set.records {
                let call = call(&record.data)?;
                let (function, arguments) = call.split_once('(').unwrap_or((&call, ""));
                lines.push(format!("  {}", comment(&record.comment())?));
                lines.push(format!(
                    "  {function}({name}, {arguments}, TTL({})),",
                    set.ttl
                ));
            }
        }
        // The last modifier has no comma behind it in the older JavaScript that dnscontrol runs.
        if let Some(last) = lines.last_mut()
            && last.ends_with(',')
            && !last.starts_with("D_EXTEND")
        {
            last.pop();
        }
        lines.push(");".to_owned());
    }
    Ok(lines.join("\n") + "\n")
}

/// The function and what stands behind the name, without the closing parenthesis.
fn call(data: &RData) -> Result<String, Refused> {
    Ok(match data {
        RData::Ns(host) => format!("NS({}", string(&dotted(host))?),
        RData::A(ip) => format!("A({}", string(&ip.to_string())?),
        RData::Aaaa(ip) => format!("AAAA({}", string(&ip.to_string())?),
        RData::Cname(target) => format!("CNAME({}", string(&dotted(target))?),
        RData::Mx {
            preference,
            exchange,
        } => format!("MX({preference}, {}", string(&or_root(exchange.as_ref()))?),
        RData::Txt(octets) => format!("TXT({}", string(&text(octets)?)?),
        RData::Srv {
            priority,
            weight,
            port,
            target,
        } => format!(
            "SRV({priority}, {weight}, {port}, {}",
            string(&or_root(target.as_ref()))?
        ),
        RData::Tlsa {
            usage,
            selector,
            matching,
            data,
        } => format!(
            "TLSA({usage}, {selector}, {matching}, {}",
            string(&hex(data))?
        ),
        RData::Caa { flags, tag, value } => {
            let critical = if *flags == 128 { ", CAA_CRITICAL" } else { "" };
            format!("CAA({}, {}{critical}", string(tag)?, string(value)?)
        }
        RData::Other { kind, .. } => return Err(unknown("dnscontrol", *kind)),
    })
}
