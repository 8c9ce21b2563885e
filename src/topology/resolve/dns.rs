//! Zones, and defaults of records.

mod dmarc;
mod zone;

use crate::finding::Code;
pub(super) use dmarc::dmarc;
pub(super) use zone::{address_record, mx_record};
use zone::{zone_name, zone_settings, zones_of};

use crate::source::{At, Span};
use crate::spec;
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::duplicates::{self, Once, twice};
use crate::topology::resolve::{list, text};
use crate::topology::{Dns, DnsFormat, Flatten, Purpose, SpfAll, SpfDefaults, SpfOverride};
use crate::values::DomainName;
use crate::yaml::{Form, Map, Slot};
use std::collections::BTreeMap;

/// The longest time to live (RFC 2181, 8).
const MOST_TTL: u32 = 0x7fff_ffff;

/// The section, merged from all files. Zones that no domain lies in are refused: nothing would be written there.
pub(super) fn dns(written: &[At<spec::Dns>], domains: &[DomainName], scope: &mut Scope<'_>) -> Dns {
    let mut dns = Dns::default();
    let ttl = duplicates::only("dns.ttl", written.iter().map(|at| &at.value.ttl), scope);
    dns.ttl = ttl
        .and_then(|slot| slot.at().copied())
        .filter(|at| check_ttl(at, scope));
    let by_purpose = duplicates::only("dns.ttls", written.iter().map(|at| &at.value.ttls), scope);
    dns.ttls = by_purpose
        .and_then(|slot| slot.get())
        .map(|written| ttls(written, scope))
        .unwrap_or_default();
    let terraform = written.iter().map(|at| &at.value.terraform);
    let terraform = duplicates::only("dns.terraform", terraform, scope);
    dns.terraform = terraform
        .and_then(|slot| slot.get().copied())
        .unwrap_or_default();
    let spf = duplicates::only("dns.spf", written.iter().map(|at| &at.value.spf), scope);
    dns.spf = spf
        .and_then(|slot| slot.get())
        .map(|spf| spf_defaults(spf, scope))
        .unwrap_or_default();
    let dmarc_slot = duplicates::only("dns.dmarc", written.iter().map(|at| &at.value.dmarc), scope);
    dns.dmarc = dmarc_slot
        .and_then(|slot| slot.at())
        .map(|at| At::new(dmarc(&at.value, None, scope), at.span));
    let mut formats: Option<Span> = None;
    for part in written {
        let part = &part.value;
        if let Some(span) = part.formats.span {
            if let Some(first) = formats {
                let words = "`dns.formats` stands in two files";
                scope.findings.push(twice(words, span, first));
                continue;
            }
            formats = Some(span);
            dns.formats.clone_from(&part.formats.items);
        }
    }
    dns.formats = once(dns.formats, scope);
    let known = zones_of(domains);
    let mut seen = Once::default();
    for (name, zone) in written.iter().flat_map(|part| &part.value.zones.entries) {
        if let Some(name) = zone_name(&name.value, name.span, &mut seen, domains, &known, scope) {
            let settings = zone_settings(&name, &zone.value, scope);
            dns.zones.insert(name.value, settings);
        }
    }
    let mut seen = Once::default();
    for (name, signed) in written.iter().flat_map(|part| &part.value.dnssec.entries) {
        if let Some(name) = zone_name(&name.value, name.span, &mut seen, domains, &known, scope) {
            dns.dnssec
                .insert(name.value, At::new(signed.value, signed.span));
        }
    }
    dns
}

pub(super) fn check_ttl(at: &At<u32>, scope: &mut Scope<'_>) -> bool {
    let words = match at.value {
        0 => "with 0 seconds no resolver keeps a record, so that each message asks for it again"
            .to_owned(),
        1..=MOST_TTL => return true,
        seconds => format!("{seconds} seconds are more than a TTL can have"),
    };
    let help = format!("write from 1 to {MOST_TTL} seconds, such as 3600");
    scope.error_help(Code::S019, words, at.span, help);
    false
}

/// Times to live by what records are for.
pub(super) fn ttls(written: &spec::Ttls, scope: &mut Scope<'_>) -> BTreeMap<Purpose, u32> {
    let all = [
        (Purpose::Mx, &written.mx),
        (Purpose::Spf, &written.spf),
        (Purpose::Dkim, &written.dkim),
        (Purpose::Dmarc, &written.dmarc),
        (Purpose::MtaSts, &written.mta_sts),
        (Purpose::TlsRpt, &written.tls_rpt),
        (Purpose::Tlsa, &written.tlsa),
        (Purpose::Autodiscover, &written.autodiscover),
        (Purpose::Srv, &written.srv),
        (Purpose::Host, &written.host),
    ];
    let good = all.into_iter().filter_map(|(purpose, slot)| {
        let at = slot.at()?;
        check_ttl(at, scope).then_some((purpose, at.value))
    });
    good.collect()
}

fn once(formats: Vec<At<DnsFormat>>, scope: &mut Scope<'_>) -> Vec<At<DnsFormat>> {
    let mut seen = Once::default();
    let words = || "this format stands twice in this list".to_owned();
    formats
        .into_iter()
        .filter(|format| scope.first(&mut seen, format.value, format.span, words))
        .collect()
}

/// What a domain says about SPF in place of the defaults.
pub(super) fn spf_override(
    slot: &Slot<Box<spec::Spf>>,
    scope: &mut Scope<'_>,
) -> Option<At<SpfOverride>> {
    let At { value, span } = slot.at()?;
    if let Some(span) = value.flatten.span() {
        scope.error_help(
            Code::S022,
            "`flatten` is said for all domains at once",
            span,
            "write it under `dns.spf`",
        );
    }
    if let Some(span) = value.split.span() {
        scope.error_help(
            Code::S022,
            "`split` is said for all domains at once",
            span,
            "write it under `dns.spf`",
        );
    }
    let spf = SpfOverride {
        all: value.all.get().copied(),
        include: includes(value, scope),
        subdomains: value.subdomains.get().copied(),
    };
    Some(At::new(spf, *span))
}

fn spf_defaults(spf: &spec::Spf, scope: &mut Scope<'_>) -> SpfDefaults {
    SpfDefaults {
        all: spf.all.or(SpfAll::Fail),
        include: includes(spf, scope),
        flatten: match spf.flatten.get() {
            None | Some(Form::Short(false)) => Flatten::None,
            Some(Form::Short(true)) => Flatten::All,
            Some(Form::Long(names)) => {
                Flatten::These(list::inline(names, text::spf_include, scope))
            }
        },
        split: spf.split.or(false),
        subdomains: spf.subdomains.or(false),
    }
}

fn includes(spf: &spec::Spf, scope: &mut Scope<'_>) -> Vec<At<String>> {
    let include = list::values(&spf.include, "domain", text::spf_include, scope);
    list::once(include, "name", scope.findings)
}

/// The keys of a map from domains, each once.
pub(super) fn domain_keys<'m, V>(
    map: &'m Map<crate::yaml::DomainText, V>,
    scope: &mut Scope<'_>,
) -> Vec<(At<DomainName>, &'m At<V>)> {
    let mut seen = Once::default();
    map.entries
        .iter()
        .filter_map(|(name, value)| {
            let name = scope.value(&name.value, name.span, DomainName::parse)?;
            if !scope.first(&mut seen, name.value.clone(), name.span, || {
                format!("the domain `{}` stands twice", name.value)
            }) {
                return None;
            }
            Some((name, value))
        })
        .collect()
}
