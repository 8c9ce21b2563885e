//! All zones for Terraform: the records as a local value that the resources of any provider can iterate over, or with the
//! resources of one provider behind it.
//!
//! A provider that keeps text as a master file does gets it in its own quoting besides (`texts`).

use crate::dns::write::names::{dotted, or_root, text, unknown};
use crate::dns::{RData, RrSet, Zone};
use crate::topology::Terraform;
use crate::values::hex;
use crate::writer::Refused;
use crate::writer::hcl::{comment, string};
use std::fmt::Write as _;

/// <https://registry.terraform.io/providers/hashicorp/aws/latest/docs/resources/route53_record>: name servers of a zone
/// are there already, and text is one value whose strings stand between two quotation marks.
const ROUTE53: &str = r#"
variable "mail_zone_ids" {
  type        = map(string)
  description = "Hosted zone ID of each zone, by its name"
}

resource "aws_route53_record" "mail" {
  for_each        = local.mail_records
  zone_id         = var.mail_zone_ids[each.value.zone]
  name            = each.value.name
  type            = each.value.type
  ttl             = each.value.ttl
  records         = try(each.value.texts, each.value.values)
  allow_overwrite = each.value.type == "NS"
}
"#;

/// <https://registry.terraform.io/providers/cloudflare/cloudflare/latest/docs/resources/dns_record>: one resource for each
/// record, names without a final dot, at least 60 seconds, and the name servers of a zone are the provider's.
const CLOUDFLARE: &str = r#"
locals {
  mail_values = merge([
    for key, set in local.mail_records : {
      for index, value in try(set.texts, set.values) :
      "${key} ${index}" => { zone = set.zone, name = set.name, type = set.type, ttl = set.ttl, value = value, words = split(" ", value) }
    } if !(set.type == "NS" && set.name == set.zone)
  ]...)
}

variable "mail_zone_ids" {
  type        = map(string)
  description = "Zone ID of each zone, by its name"
}

resource "cloudflare_dns_record" "mail" {
  for_each = local.mail_values
  zone_id  = var.mail_zone_ids[each.value.zone]
  name     = each.value.name
  type     = each.value.type
  ttl      = max(60, each.value.ttl)
  priority = each.value.type == "MX" ? tonumber(each.value.words[0]) : null
  content = (
    contains(["SRV", "TLSA", "CAA"], each.value.type) ? null :
    each.value.type == "TXT" ? each.value.value :
    each.value.type == "MX" ? (each.value.words[1] == "." ? "." : trimsuffix(each.value.words[1], ".")) :
    trimsuffix(each.value.value, ".")
  )
  data = contains(["SRV", "TLSA", "CAA"], each.value.type) ? {
    priority      = each.value.type == "SRV" ? tonumber(each.value.words[0]) : null
    weight        = each.value.type == "SRV" ? tonumber(each.value.words[1]) : null
    port          = each.value.type == "SRV" ? tonumber(each.value.words[2]) : null
    target        = each.value.type == "SRV" ? (each.value.words[3] == "." ? "." : trimsuffix(each.value.words[3], ".")) : null
    usage         = each.value.type == "TLSA" ? tonumber(each.value.words[0]) : null
    selector      = each.value.type == "TLSA" ? tonumber(each.value.words[1]) : null
    matching_type = each.value.type == "TLSA" ? tonumber(each.value.words[2]) : null
    certificate   = each.value.type == "TLSA" ? each.value.words[3] : null
    flags         = each.value.type == "CAA" ? tonumber(each.value.words[0]) : null
    tag           = each.value.type == "CAA" ? each.value.words[1] : null
    value         = each.value.type == "CAA" ? trim(join(" ", slice(each.value.words, 2, length(each.value.words))), "\"") : null
  } : null
}
"#;

pub(crate) fn config(zones: &[Zone], kind: Terraform) -> Result<String, Refused> {
    let use_of_it = match kind {
        Terraform::Neutral => "iterate over local.mail_records",
        Terraform::Route53 | Terraform::Cloudflare => "give var.mail_zone_ids",
    };
    let mut lines = vec![
        comment(&format!(
            "Records that mail needs, by zone, name and type: {use_of_it}"
        ))?,
        "locals {".to_owned(),
        "  mail_records = {".to_owned(),
    ];
    for zone in zones {
        for (key, set) in zone.sets.iter() {
            for reason in set.comments() {
                lines.push(format!("    {}", comment(&reason)?));
            }
            lines.push(format!(
                "    {} = {{ zone = {}, name = {}, type = {}, ttl = {}, values = [{}]{} }}",
                string(&format!("{} {}", key.owner, key.kind))?,
                string(zone.origin.as_str())?,
                string(key.owner.as_str())?,
                string(&key.kind.to_string())?,
                set.ttl,
                list(set, value)?,
                texts(set, kind)?
            ));
        }
    }
    lines.push("  }".to_owned());
    lines.push("}".to_owned());
    let resources = match kind {
        Terraform::Neutral => "",
        Terraform::Route53 => ROUTE53,
        Terraform::Cloudflare => CLOUDFLARE,
    };
    Ok(lines.join("\n") + "\n" + resources)
}

fn list(set: &RrSet, form: impl Fn(&RData) -> Result<String, Refused>) -> Result<String, Refused> {
    let values = set
        .records
        .iter()
        .map(|record| string(&form(&record.data)?));
    Ok(values.collect::<Result<Vec<_>, _>>()?.join(", "))
}

/// Text in the quoting of a provider.
fn texts(set: &RrSet, kind: Terraform) -> Result<String, Refused> {
    let quoted = |data: &RData| match data {
        RData::Txt(octets) => Ok(match kind {
            // The provider adds the quotation marks at both ends.
            Terraform::Route53 => strings(octets, "\"\"", |octet| format!("\\{octet:03o}")),
            Terraform::Cloudflare | Terraform::Neutral => {
                let strings = strings(octets, "\" \"", |octet| format!("\\{octet:03}"));
                format!("\"{strings}\"")
            }
        }),
        _ => Ok(String::new()),
    };
    let is_text = matches!(
        set.records.first().map(|record| &record.data),
        Some(RData::Txt(_))
    );
    if kind == Terraform::Neutral || !is_text {
        return Ok(String::new());
    }
    Ok(format!(", texts = [{}]", list(set, quoted)?))
}

/// Strings of 255 octets, with what is no visible ASCII as a number.
fn strings(octets: &[u8], between: &str, number: impl Fn(u8) -> String) -> String {
    let parts = octets.chunks(255).map(|part| {
        part.iter().fold(String::new(), |mut text, &octet| {
            match octet {
                b'"' | b'\\' => text.extend(['\\', char::from(octet)]),
                b' '..=b'~' => text.push(char::from(octet)),
                _ => {
                    let _ = write!(text, "{}", number(octet));
                }
            }
            text
        })
    });
    parts.collect::<Vec<_>>().join(between)
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
