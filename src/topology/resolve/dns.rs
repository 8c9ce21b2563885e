//! Zones, and defaults of records.

use super::list;
use super::scope::{Scope, listed};
use super::text::{self, shown};
use crate::finding::{Finding, nearest};
use crate::source::{At, Span};
use crate::spec;
use crate::topology::{
    Dmarc, DmarcAlignment, DmarcDefaults, DmarcPolicy, Dns, DnsFormat, ForeignRecord, SpfAll,
    SpfDefaults, SpfOverride, ZoneSettings,
};
use crate::values::{BadValue, DomainName, MailUri, OwnerName};
use crate::yaml::{Form, List, Map, Slot, UriText};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// The longest time to live (RFC 2181, 8).
const MOST_TTL: u32 = 0x7fff_ffff;

/// The section, merged from all files. Zones that no domain lies in are refused: nothing would be written there.
pub(super) fn dns(written: &[At<spec::Dns>], domains: &[DomainName], scope: &mut Scope<'_>) -> Dns {
    let mut dns = Dns::default();
    let ttl = only("dns.ttl", written.iter().map(|at| &at.value.ttl), scope);
    dns.ttl = ttl
        .and_then(|slot| slot.at().copied())
        .filter(|at| check_ttl(at, scope));
    let spf = only("dns.spf", written.iter().map(|at| &at.value.spf), scope);
    dns.spf = spf
        .and_then(|slot| slot.get())
        .map(|spf| spf_defaults(spf, scope))
        .unwrap_or_default();
    let dmarc_slot = only("dns.dmarc", written.iter().map(|at| &at.value.dmarc), scope);
    dns.dmarc = dmarc_slot
        .and_then(|slot| slot.at())
        .map(|at| At::new(dmarc(&at.value, None, scope), at.span));
    let mut formats: Option<Span> = None;
    for part in written {
        let part = &part.value;
        if let Some(span) = part.formats.span {
            if let Some(first) = formats {
                twice("dns.formats", first, span, scope);
                continue;
            }
            formats = Some(span);
            dns.formats = part
                .formats
                .items
                .iter()
                .map(|item| At::new(format(item.value), item.span))
                .collect();
        }
    }
    dns.formats = once(dns.formats, scope);
    let known = zones_of(domains);
    let mut seen = BTreeMap::new();
    for (name, zone) in written.iter().flat_map(|part| &part.value.zones.entries) {
        if let Some(name) = zone_name(&name.value, name.span, &mut seen, domains, &known, scope) {
            let settings = zone_settings(&name, &zone.value, scope);
            dns.zones.insert(name.value, settings);
        }
    }
    let mut seen = BTreeMap::new();
    for (name, signed) in written.iter().flat_map(|part| &part.value.dnssec.entries) {
        if let Some(name) = zone_name(&name.value, name.span, &mut seen, domains, &known, scope) {
            dns.dnssec
                .insert(name.value, At::new(signed.value, signed.span));
        }
    }
    dns
}

/// A key that may stand in one file alone.
fn only<'s, T: 's>(
    key: &str,
    slots: impl Iterator<Item = &'s Slot<T>>,
    scope: &mut Scope<'_>,
) -> Option<&'s Slot<T>> {
    let mut first: Option<&Slot<T>> = None;
    for slot in slots {
        let Some(span) = slot.span() else {
            continue;
        };
        match first.and_then(Slot::span) {
            Some(earlier) => twice(key, earlier, span, scope),
            None => first = Some(slot),
        }
    }
    first
}

/// The same key in two files: neither wins.
pub(super) fn twice(key: &str, first: Span, second: Span, scope: &mut Scope<'_>) {
    scope.findings.push(
        Finding::error("S002", format!("`{key}` stands in two files"))
            .at(second, "")
            .at(first, "first here")
            .help("keep one of them"),
    );
}

fn check_ttl(at: &At<u32>, scope: &mut Scope<'_>) -> bool {
    if at.value > MOST_TTL {
        scope.error(
            "S019",
            format!("{} seconds are more than a time to live can have", at.value),
            at.span,
        );
    }
    at.value <= MOST_TTL
}

const fn format(format: spec::DnsFormat) -> DnsFormat {
    match format {
        spec::DnsFormat::Bind => DnsFormat::Bind,
        spec::DnsFormat::Octodns => DnsFormat::Octodns,
        spec::DnsFormat::Dnscontrol => DnsFormat::Dnscontrol,
        spec::DnsFormat::Terraform => DnsFormat::Terraform,
    }
}

fn once(formats: Vec<At<DnsFormat>>, scope: &mut Scope<'_>) -> Vec<At<DnsFormat>> {
    let mut seen: BTreeMap<DnsFormat, Span> = BTreeMap::new();
    formats
        .into_iter()
        .filter(|format| match seen.insert(format.value, format.span) {
            Some(first) => {
                scope.findings.push(
                    Finding::error("S002", "this format stands twice in this list")
                        .at(format.span, "")
                        .at(first, "first here")
                        .help("delete one of them"),
                );
                false
            }
            None => true,
        })
        .collect()
}

/// Every zone that a domain can lie in: its registrable domain and what is between.
fn zones_of(domains: &[DomainName]) -> BTreeSet<DomainName> {
    domains.iter().map(DomainName::registrable).collect()
}

fn zone_name(
    text: &str,
    span: Span,
    seen: &mut BTreeMap<DomainName, Span>,
    domains: &[DomainName],
    known: &BTreeSet<DomainName>,
    scope: &mut Scope<'_>,
) -> Option<At<DomainName>> {
    let name = scope.domain(text, span)?;
    if let Some(&first) = seen.get(&name.value) {
        scope.findings.push(
            Finding::error("S002", format!("the zone `{}` stands twice", name.value))
                .at(span, "")
                .at(first, "first here")
                .help("write one entry for it"),
        );
        return None;
    }
    seen.insert(name.value.clone(), span);
    let holds_one = known.contains(&name.value)
        || domains.binary_search(&name.value).is_ok()
        || domains.iter().any(|domain| domain.is_below(&name.value));
    if !holds_one && !scope.domains_incomplete {
        let finding = Finding::error(
            "S001",
            format!("no domain of the spec lies in the zone `{}`", name.value),
        )
        .at(span, "");
        let names: Vec<&str> = known.iter().map(DomainName::as_str).collect();
        scope
            .findings
            .push(match nearest(name.value.as_str(), names.iter().copied()) {
                Some(near) => finding.help(format!("did you mean `{near}`?")),
                None => finding.help(format!("zones of this spec: {}", listed(&names))),
            });
    }
    Some(name)
}

fn zone_settings(name: &At<DomainName>, zone: &spec::Zone, scope: &mut Scope<'_>) -> ZoneSettings {
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

fn record(
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
                "S018",
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
fn owner(text: &str, zone: &DomainName) -> Result<String, BadValue> {
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

fn record_type(text: &str) -> Result<String, BadValue> {
    if text.is_empty() || text.len() > 10 || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return Err(BadValue::new(format!("{} is no record type", shown(text)))
            .help("write a type such as `TXT`"));
    }
    Ok(text.to_ascii_uppercase())
}

/// Preference and host, as a zone file writes them; a lone dot says that no mail is taken (RFC 7505).
pub(super) fn mx_record(text: &str) -> Result<(u16, String), BadValue> {
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
    OwnerName::parse(host).map(|host| (preference, host.to_string()))
}

/// An IPv4 or IPv6 address.
pub(super) fn address_record(text: &str) -> Result<String, BadValue> {
    match text.parse::<IpAddr>() {
        Ok(address) => Ok(address.to_string()),
        Err(_) => Err(BadValue::new(format!("{} is no IP address", shown(text)))),
    }
}

/// What a domain says about SPF in place of the defaults.
pub(super) fn spf_override(
    slot: &Slot<Box<spec::Spf>>,
    scope: &mut Scope<'_>,
) -> Option<At<SpfOverride>> {
    let At { value, span } = slot.at()?;
    if let Some(span) = value.flatten.span() {
        scope.error_help(
            "S022",
            "`flatten` is said for all domains at once",
            span,
            "write it under `dns.spf`",
        );
    }
    let spf = SpfOverride {
        all: value.all.get().map(|all| spf_all(*all)),
        include: includes(value, scope),
    };
    Some(At::new(spf, *span))
}

fn spf_defaults(spf: &spec::Spf, scope: &mut Scope<'_>) -> SpfDefaults {
    SpfDefaults {
        all: spf_all(spf.all.or(spec::SpfAll::Fail)),
        include: includes(spf, scope),
        flatten: spf.flatten.or(false),
    }
}

fn includes(spf: &spec::Spf, scope: &mut Scope<'_>) -> Vec<At<String>> {
    let include = list::values(&spf.include, "domain", text::spf_include, scope);
    list::once(include, "name", scope.findings)
}

const fn spf_all(all: spec::SpfAll) -> SpfAll {
    match all {
        spec::SpfAll::Fail => SpfAll::Fail,
        spec::SpfAll::Softfail => SpfAll::Softfail,
    }
}

/// A DMARC record; what it leaves out is as the defaults say.
pub(super) fn dmarc(
    written: &spec::Dmarc,
    defaults: Option<&DmarcDefaults>,
    scope: &mut Scope<'_>,
) -> Dmarc {
    let base = defaults.cloned().unwrap_or_default();
    let policy = |slot: &Slot<spec::DmarcPolicy>| slot.get().map(|policy| dmarc_policy(*policy));
    let (dkim, spf) = match written.alignment.get() {
        None => (None, None),
        Some(Form::Short(both)) => (Some(*both), Some(*both)),
        Some(Form::Long(each)) => (each.dkim.get().copied(), each.spf.get().copied()),
    };
    let strictness = |alignment: Option<spec::Alignment>, default| match alignment {
        None => default,
        Some(spec::Alignment::Relaxed) => DmarcAlignment::Relaxed,
        Some(spec::Alignment::Strict) => DmarcAlignment::Strict,
    };
    Dmarc {
        policy: policy(&written.policy).unwrap_or(base.policy),
        subdomains: policy(&written.subdomains).or(base.subdomains),
        nonexistent: policy(&written.nonexistent).or(base.nonexistent),
        dkim_alignment: strictness(dkim, base.dkim_alignment),
        spf_alignment: strictness(spf, base.spf_alignment),
        rua: reports(&written.rua, base.rua, scope),
        ruf: reports(&written.ruf, base.ruf, scope),
        failure: if written.failure.is_written() {
            written
                .failure
                .values()
                .map(|failure| failure_tag(*failure).to_owned())
                .collect()
        } else {
            base.failure
        },
        testing: written.testing.get().copied().unwrap_or(base.testing),
    }
}

const fn dmarc_policy(policy: spec::DmarcPolicy) -> DmarcPolicy {
    match policy {
        spec::DmarcPolicy::None => DmarcPolicy::None,
        spec::DmarcPolicy::Quarantine => DmarcPolicy::Quarantine,
        spec::DmarcPolicy::Reject => DmarcPolicy::Reject,
    }
}

const fn failure_tag(failure: spec::Failure) -> &'static str {
    match failure {
        spec::Failure::All => "0",
        spec::Failure::Any => "1",
        spec::Failure::Dkim => "d",
        spec::Failure::Spf => "s",
    }
}

/// Reports about DMARC come as mail and in no other way (RFC 9990).
fn reports(list: &List<UriText>, default: Vec<String>, scope: &mut Scope<'_>) -> Vec<String> {
    if !list.is_written() {
        return default;
    }
    let uris = list::inline(
        list,
        |text| match MailUri::parse(text)? {
            MailUri::Https { .. } => Err(BadValue::new(format!(
                "{} is no `mailto:` URI, and DMARC reports come as mail alone",
                shown(text)
            ))),
            uri @ MailUri::Mailto(_) => Ok(uri),
        },
        scope,
    );
    let uris = list::once(uris, "URI", scope.findings);
    uris.into_iter().map(|at| at.value.to_string()).collect()
}

/// The keys of a map from domains, each once.
pub(super) fn domain_keys<'m, V>(
    map: &'m Map<crate::yaml::DomainText, V>,
    scope: &mut Scope<'_>,
) -> Vec<(At<DomainName>, &'m At<V>)> {
    let mut seen: BTreeMap<DomainName, Span> = BTreeMap::new();
    map.entries
        .iter()
        .filter_map(|(name, value)| {
            let name = scope.value(&name.value, name.span, DomainName::parse)?;
            if let Some(&first) = seen.get(&name.value) {
                scope.findings.push(
                    Finding::error("S002", format!("the domain `{}` stands twice", name.value))
                        .at(name.span, "")
                        .at(first, "first here")
                        .help("write one entry for it"),
                );
                return None;
            }
            seen.insert(name.value.clone(), name.span);
            Some((name, value))
        })
        .collect()
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
