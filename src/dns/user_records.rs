//! The user's own records: read as they are written, kept as they are.

use crate::dns::{Out, Planned, RData, Record};
use crate::finding::{Code, Finding};
use crate::topology::{ForeignRecord, Topology};
use crate::values::{DomainName, HostName, OwnerName};

/// Adds the records of other purposes.
pub(crate) fn add(topology: &Topology, out: &mut Out<'_>) {
    for (origin, settings) in &topology.dns.zones {
        for at in &settings.records {
            match read(origin, &at.value) {
                Ok((owner, data)) => {
                    out.records.push(Planned {
                        owner,
                        ttl: at.value.ttl,
                        record: Record {
                            data,
                            why: format!("dns.zones.{origin}.records").into(),
                            remark: None,
                            span: at.span,
                        },
                        foreign: true,
                    });
                }
                Err(Mistake { message, help }) => {
                    let finding = Finding::error(Code::S019, message).at(at.span, "");
                    out.findings.push(match help {
                        Some(help) => finding.help(help),
                        None => finding,
                    });
                }
            }
        }
    }
}

/// What is wrong with a record, and what to write instead.
struct Mistake {
    message: String,
    help: Option<String>,
}

fn mistake(message: impl Into<String>) -> Mistake {
    Mistake {
        message: message.into(),
        help: None,
    }
}

fn read(origin: &DomainName, record: &ForeignRecord) -> Result<(OwnerName, RData), Mistake> {
    let owner = owner(origin, &record.name)?;
    let data = data(origin, &record.kind, &record.data)?;
    Ok((owner, data))
}

/// The owner, which is relative to the zone unless it ends with a dot.
fn owner(origin: &DomainName, written: &str) -> Result<OwnerName, Mistake> {
    let full = match written {
        "" | "@" => origin.to_string(),
        _ if written.ends_with('.') => written.to_owned(),
        _ => format!("{written}.{origin}"),
    };
    if let Some(relative) = written.to_ascii_lowercase().strip_suffix(origin.as_str())
        && (relative.is_empty() || relative.ends_with('.'))
    {
        let short = match relative.trim_end_matches('.') {
            "" => "@",
            short => short,
        };
        return Err(Mistake {
            message: format!("`{written}` is relative to its zone and would be `{full}`"),
            help: Some(format!("write `{short}`, or `{written}.` with a final dot")),
        });
    }
    let owner = OwnerName::parse(&full).map_err(|bad| Mistake {
        message: bad.message,
        help: bad.help,
    })?;
    if owner.is_within(origin) {
        Ok(owner)
    } else {
        Err(mistake(format!("`{owner}` is not in the zone `{origin}`")))
    }
}

fn data(origin: &DomainName, kind: &str, text: &str) -> Result<RData, Mistake> {
    let unfit = || {
        mistake(format!(
            "`{text}` is not the data of a record of type {kind}"
        ))
    };
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let read = match (kind, fields.as_slice()) {
        ("TXT", _) => RData::Txt(text.as_bytes().to_vec()),
        ("A", [ip]) => RData::A(ip.parse().map_err(|_| unfit())?),
        ("AAAA", [ip]) => RData::Aaaa(ip.parse().map_err(|_| unfit())?),
        ("NS", [host]) => RData::Ns(host_name(origin, host).ok_or_else(unfit)?),
        ("CNAME", [name]) => RData::Cname(
            full(origin, name)
                .and_then(|name| OwnerName::parse(&name).ok())
                .ok_or_else(unfit)?,
        ),
        ("MX", [preference, exchange]) => RData::Mx {
            preference: preference.parse().map_err(|_| unfit())?,
            exchange: host_or_root(origin, exchange).ok_or_else(unfit)?,
        },
        ("SRV", [priority, weight, port, target]) => RData::Srv {
            priority: priority.parse().map_err(|_| unfit())?,
            weight: weight.parse().map_err(|_| unfit())?,
            port: port.parse().map_err(|_| unfit())?,
            target: host_or_root(origin, target).ok_or_else(unfit)?,
        },
        ("TLSA", [usage, selector, matching, hex @ ..]) => RData::Tlsa {
            usage: usage.parse().map_err(|_| unfit())?,
            selector: selector.parse().map_err(|_| unfit())?,
            matching: matching.parse().map_err(|_| unfit())?,
            data: octets(&hex.concat()).ok_or_else(unfit)?,
        },
        ("CAA", [flags, tag, value @ ..]) if !value.is_empty() => RData::Caa {
            flags: flags.parse().map_err(|_| unfit())?,
            tag: tag.to_ascii_lowercase().into(),
            value: unquoted(&value.join(" ")).ok_or_else(unfit)?.into(),
        },
        (_, ["\\#", length, hex @ ..]) if kind.starts_with("TYPE") => {
            let data = octets(&hex.concat()).ok_or_else(unfit)?;
            let kind = kind
                .trim_start_matches("TYPE")
                .parse()
                .map_err(|_| unfit())?;
            if length.parse() != Ok(data.len()) {
                return Err(unfit());
            }
            RData::Other { kind, data }
        }
        ("SOA", _) => {
            return Err(Mistake {
                message: "the SOA record of a zone is made from its `nameservers` and `serial`"
                    .to_owned(),
                help: Some("write `serial: 1` beside `nameservers`".to_owned()),
            });
        }
        ("A" | "AAAA" | "NS" | "CNAME" | "MX" | "SRV" | "TLSA" | "CAA", _) => return Err(unfit()),
        _ => {
            return Err(Mistake {
                message: format!(
                    "records of type `{kind}` are only known by the number of the type"
                ),
                help: Some(
                    "write the form of RFC 3597, such as `type: TYPE65, data: \"\\\\# 3 000100\"`"
                        .to_owned(),
                ),
            });
        }
    };
    Ok(read)
}

/// A name with a final dot or with more than one label is whole, as everywhere in the language; a single label is
/// relative to the zone.
fn full(origin: &DomainName, text: &str) -> Option<String> {
    match text {
        "" | "." => None,
        "@" => Some(origin.to_string()),
        _ if text.contains('.') => Some(text.to_owned()),
        _ => Some(format!("{text}.{origin}")),
    }
}

fn host_name(origin: &DomainName, text: &str) -> Option<HostName> {
    HostName::parse(&full(origin, text)?).ok()
}

/// `Some(None)` is the root.
#[expect(
    clippy::option_option,
    reason = "the root is a value of its own beside a name and a mistake"
)]
fn host_or_root(origin: &DomainName, text: &str) -> Option<Option<HostName>> {
    if text == "." {
        return Some(None);
    }
    host_name(origin, text).map(Some)
}

fn octets(hex: &str) -> Option<Vec<u8>> {
    if hex.is_empty() || !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok())
        .collect()
}

/// The text between quotes, or all of it where there are none.
fn unquoted(text: &str) -> Option<String> {
    let inner = match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"')?,
        None => text,
    };
    (!inner.contains(['"', '\\'])).then(|| inner.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone() -> DomainName {
        DomainName::parse("contoso.com").expect("a name")
    }

    #[test]
    fn owners_are_relative() {
        for (written, wanted) in [
            ("@", Ok("contoso.com")),
            ("www", Ok("www.contoso.com")),
            ("_sip._tls", Ok("_sip._tls.contoso.com")),
            ("*.web", Ok("*.web.contoso.com")),
            ("WWW.Contoso.com.", Ok("www.contoso.com")),
            ("www.contoso.com", Err("write `www`")),
            ("contoso.com", Err("write `@`")),
            ("www.fabrikam.com.", Err("")),
            ("a..b", Err("")),
        ] {
            match (owner(&zone(), written), wanted) {
                (Ok(owner), Ok(wanted)) => assert_eq!(owner.as_str(), wanted),
                (Err(mistake), Err(help)) => {
                    assert!(mistake.help.unwrap_or_default().contains(help), "{written}");
                }
                (Ok(owner), Err(_)) => panic!("{written} is read as {owner}"),
                (Err(mistake), Ok(_)) => panic!("{written}: {}", mistake.message),
            }
        }
    }

    #[test]
    fn data_is_read_or_refused() {
        for (kind, text, good) in [
            ("A", "192.0.2.1", true),
            ("A", "192.0.2", false),
            ("A", "192.0.2.1 192.0.2.2", false),
            ("AAAA", "2001:db8::1", true),
            ("AAAA", "192.0.2.1", false),
            ("CNAME", "web", true),
            ("CNAME", "_x.acm.example.", true),
            ("CNAME", "not a name", false),
            ("MX", "10 mail.contoso.com", true),
            ("MX", "0 .", true),
            ("MX", "mail.contoso.com", false),
            ("MX", "70000 mail.contoso.com", false),
            ("MX", "10 192.0.2.1", false),
            ("SRV", "0 1 443 sip.contoso.com.", true),
            ("SRV", "0 1 sip.contoso.com.", false),
            ("TLSA", "3 1 1 00ff", true),
            ("TLSA", "3 1 1 0f f", false),
            ("CAA", "0 issue \"ca.example; policy=ev\"", true),
            ("CAA", "0 issue \"ca.example", false),
            ("TYPE65", "\\# 3 000100", true),
            ("TYPE65", "\\# 4 000100", false),
            ("TYPE99999", "\\# 1 00", false),
            ("HTTPS", "1 . alpn=h2", false),
            ("SOA", "a b 1 2 3 4 5", false),
        ] {
            assert_eq!(data(&zone(), kind, text).is_ok(), good, "{kind} {text}");
        }
    }
}
