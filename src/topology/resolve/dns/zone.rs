//! Zones, and records of other purposes.

use crate::finding::{Code, Finding, Operation, nearest};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::{Scope, listed};
use crate::topology::resolve::dns::check_ttl;
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::list;
use crate::topology::resolve::text;
use crate::topology::{ForeignRecord, ZoneSettings};
use crate::values::shown;
use crate::values::{BadValue, DomainName, OwnerName};
use std::collections::BTreeSet;
use std::net::IpAddr;

/// Every zone that a domain can lie in: its registrable domain and what is between.
pub(super) fn zones_of(domains: &[DomainName]) -> BTreeSet<DomainName> {
    domains.iter().map(DomainName::registrable).collect()
}

pub(super) fn zone_name(
    text: &str,
    span: Span,
    seen: &mut Once<DomainName>,
    domains: &[DomainName],
    known: &BTreeSet<DomainName>,
    scope: &mut Scope<'_>,
) -> Option<At<DomainName>> {
    let name = scope.zone(text, span)?;
    if !scope.first(seen, name.value.clone(), span, || {
        format!("the zone `{}` stands twice", name.value)
    }) {
        return None;
    }
    // A zone below a label such as `_domainkey` is about the domain above that.
    let about = name.value.without_underscores();
    let holds_one = known.contains(about)
        || domains
            .iter()
            .any(|domain| domain.nodes().any(|at| at == about));
    if !holds_one && !scope.domains_incomplete {
        let finding = Finding::error(
            Code::S001,
            format!("no domain of the spec lies in the zone `{}`", name.value),
        )
        .at(span, "");
        let names: Vec<&str> = known.iter().map(DomainName::as_str).collect();
        scope
            .findings
            .push(match nearest(name.value.as_str(), names.iter().copied()) {
                Some(near) => {
                    finding.mend(Operation::replace(name.span, name.value.as_str(), near))
                }
                None => finding.help(format!("zones of this spec: {}", listed(&names))),
            });
    }
    Some(name)
}

pub(super) fn zone_settings(
    name: &At<DomainName>,
    zone: &spec::Zone,
    scope: &mut Scope<'_>,
) -> ZoneSettings {
    let nameservers = list::values(&zone.nameservers, "domain", DomainName::parse, scope);
    ZoneSettings {
        span: name.span,
        nameservers: list::once(nameservers, "name server", scope.findings),
        serial: zone.serial.at().copied(),
        records: zone
            .records
            .items
            .iter()
            .filter_map(|item| record(&name.value, &item.value, item.span, scope))
            .collect(),
    }
}

pub(super) fn record(
    zone: &DomainName,
    written: &spec::ZoneRecord,
    span: Span,
    scope: &mut Scope<'_>,
) -> Option<At<ForeignRecord>> {
    for (key, missing) in [
        ("name", written.name.is_absent()),
        ("type", written.kind.is_absent()),
        ("data", written.data.is_absent()),
    ] {
        if missing {
            scope.error_help(
                Code::S018,
                format!("this record has no `{key}`"),
                span,
                "write such as `{name: \"@\", type: TXT, data: \"MS=ms123456789\"}`",
            );
        }
    }
    let name = scope.slot(&written.name, |text| owner(text, zone));
    let kind = scope.slot(&written.kind, record_type);
    let data = scope.slot(&written.data, |text| text::line(text, 65_535));
    let ttl = written
        .ttl
        .at()
        .filter(|at| check_ttl(at, scope))
        .map(|at| at.value);
    Some(At::new(
        ForeignRecord {
            name: name?.value,
            kind: kind?.value,
            data: data?.value,
            ttl,
        },
        span,
    ))
}

/// An owner is relative to its zone.
pub(super) fn owner(text: &str, zone: &DomainName) -> Result<String, BadValue> {
    if matches!(text, "@" | "*") {
        return Ok(text.to_owned());
    }
    let name = OwnerName::parse(text)?;
    if name.is_within(zone) {
        let relative = name
            .as_str()
            .strip_suffix(zone.as_str())
            .unwrap_or_default();
        let relative = relative.strip_suffix('.').unwrap_or("@");
        return Err(BadValue::new(format!(
            "{} is a whole name, owners are relative to their zone",
            shown(text)
        ))
        .help(format!("write `{relative}`")));
    }
    Ok(name.to_string())
}

pub(super) fn record_type(text: &str) -> Result<String, BadValue> {
    if text.is_empty() || text.len() > 10 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(BadValue::new(format!("{} is no record type", shown(text)))
            .help("write a type such as `TXT`"));
    }
    Ok(text.to_ascii_uppercase())
}

/// Preference and host, as a zone file writes them; a lone dot says that no mail is taken (RFC 7505).
pub(in crate::topology::resolve) fn mx_record(text: &str) -> Result<(u16, String), BadValue> {
    let error = || {
        BadValue::new(format!("{} is no MX record", shown(text)))
            .help("write preference and host, such as `10 mail.contoso.com`")
    };
    let (preference, host) = text.trim().split_once(' ').ok_or_else(error)?;
    let preference = preference.parse::<u16>().map_err(|_| error())?;
    let host = host.trim();
    if host == "." {
        return Ok((preference, ".".to_owned()));
    }
    if host.trim_end_matches('.').parse::<IpAddr>().is_ok() {
        let words = format!(
            "{} is an address, and an MX record names a host: senders look for the address of a host with that name, find none, and the mail bounces",
            shown(host)
        );
        return Err(BadValue::coded(Code::S003, words).help("have the record name a host that has this address, and write the name, such as `10 mail.contoso.com`"));
    }
    OwnerName::parse(host).map(|host| (preference, host.to_string()))
}

/// An IPv4 or IPv6 address.
pub(in crate::topology::resolve) fn address_record(text: &str) -> Result<String, BadValue> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_string()),
        Err(_) => Err(BadValue::new(format!("{} is no IP address", shown(text)))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_of_a_zone() {
        let zone = DomainName::parse("contoso.com").unwrap();
        assert_eq!(owner("@", &zone).as_deref(), Ok("@"));
        assert_eq!(owner("_Dmarc", &zone).as_deref(), Ok("_dmarc"));
        assert_eq!(
            owner("www.contoso.com", &zone).unwrap_err().help.as_deref(),
            Some("write `www`")
        );
        assert_eq!(
            owner("contoso.com.", &zone).unwrap_err().help.as_deref(),
            Some("write `@`")
        );
        assert_eq!(record_type("txt").as_deref(), Ok("TXT"));
        assert_eq!(
            mx_record("10 Mail.example."),
            Ok((10, "mail.example".to_owned()))
        );
        assert_eq!(mx_record("0 ."), Ok((0, ".".to_owned())));
        for text in ["mail.example", "x mail.example", "10", "70000 a.example"] {
            assert!(mx_record(text).is_err(), "{text}");
        }
    }
}
