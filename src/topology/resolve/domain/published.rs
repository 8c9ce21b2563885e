//! What a domain publishes, and what the world sees where somebody else does.

use crate::finding::{Code, Finding};
use crate::source::At;
use crate::spec::{self, DnsCare};
use crate::topology::resolve::context::{Scope, Wanted};
use crate::topology::resolve::dns::{address_record, check_ttl, dmarc, mx_record};
use crate::topology::resolve::duplicates::Once;
use crate::topology::resolve::list;
use crate::topology::resolve::text::line;
use crate::topology::{
    Autodiscover, DeclaredBelow, DeclaredRecords, DmarcDefaults, DnsManagement, MtaSts, Sending,
};
use crate::values::{BadValue, DomainName, HostName, MailUri, OwnerName, shown};
use crate::yaml::{Form, List, Map, Slot, Text};
use std::collections::BTreeMap;

pub(super) fn dns(
    name: &DomainName,
    written: &spec::Domain,
    scope: &mut Scope<'_>,
) -> DnsManagement {
    let care = written.dns.or(DnsCare::Managed);
    if let Some(records) = written.records.at()
        && care != DnsCare::External
        && !matches!(written.dns, Slot::Bad(_))
    {
        scope.error_help(
            Code::S019,
            "`records` says what other parties publish, and needs `dns: external`",
            records.span,
            "write `dns: external`, or leave `records` out",
        );
    }
    match care {
        DnsCare::Managed => DnsManagement::Managed,
        DnsCare::None => DnsManagement::None,
        DnsCare::External => {
            let records = written.records.get();
            let declared = records.map(|records| declared(name, records, scope));
            DnsManagement::External(Box::new(declared.unwrap_or_default()))
        }
    }
}

fn declared(
    domain: &DomainName,
    records: &spec::DeclaredRecords,
    scope: &mut Scope<'_>,
) -> DeclaredRecords {
    let written = |list: &List<Text>| list.span.map(|_| list.items.clone());
    DeclaredRecords {
        mx: written(&records.mx).map(|items| {
            items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, mx_record))
                .collect()
        }),
        txt: written(&records.txt).map(|items| {
            items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, declared_text))
                .collect()
        }),
        a: written(&records.a).map(|items| {
            items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, address_record))
                .collect()
        }),
        cname: records.cname.span.map(|_| {
            let items = records.cname.items.iter();
            let names = items.filter_map(|at| scope.value(&at.value, at.span, OwnerName::parse));
            names.map(|at| at.map(|name| name.to_string())).collect()
        }),
        mta_sts: records.mta_sts.at().and_then(|at| {
            if at.value.mode.is_absent() {
                scope.error_help(
                    Code::S018,
                    "this policy has no `mode`",
                    at.span,
                    "write `mode: enforce`",
                );
            }
            let hosts = at
                .value
                .mx
                .items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, OwnerName::parse));
            let hosts: Vec<String> = hosts.map(|name| name.value.to_string()).collect();
            let mode = at.value.mode.get()?;
            Some(At::new((*mode, hosts), at.span))
        }),
        below: below(domain, &records.below, scope),
        ttl: records.ttl.at().copied().filter(|at| check_ttl(at, scope)),
    }
}

/// Names below a domain, relative to it.
fn below(
    domain: &DomainName,
    map: &Map<Text, spec::DeclaredBelow>,
    scope: &mut Scope<'_>,
) -> BTreeMap<String, At<DeclaredBelow>> {
    let mut found = BTreeMap::new();
    let mut seen = Once::default();
    for (name, written) in &map.entries {
        let Some(name) = scope.value(&name.value, name.span, |text| owner_below(text, domain))
        else {
            continue;
        };
        let words = || format!("the name `{}` stands twice", name.value);
        if !scope.first(&mut seen, name.value.clone(), name.span, words) {
            continue;
        }
        let (value, span) = (&written.value, written.span);
        let mut texts = |list: &List<Text>| {
            let items = list.items.iter();
            let texts = items.filter_map(|at| scope.value(&at.value, at.span, declared_text));
            list.span.map(|_| texts.map(|at| at.value).collect())
        };
        let records = DeclaredBelow {
            txt: texts(&value.txt),
            tlsa: texts(&value.tlsa),
            cname: value.cname.span.map(|_| {
                let items = value.cname.items.iter();
                let names =
                    items.filter_map(|at| scope.value(&at.value, at.span, OwnerName::parse));
                names.map(|at| at.value.to_string()).collect()
            }),
            mx: value.mx.span.map(|_| {
                let items = value.mx.items.iter();
                let records = items.filter_map(|at| scope.value(&at.value, at.span, mx_record));
                records.map(|at| at.value).collect()
            }),
            a: value.a.span.map(|_| {
                let items = value.a.items.iter();
                let records =
                    items.filter_map(|at| scope.value(&at.value, at.span, address_record));
                records.map(|at| at.value).collect()
            }),
        };
        let alias = value.cname.items.first();
        let others = [&value.txt, &value.mx, &value.a, &value.tlsa];
        let other = others.into_iter().find_map(|list| list.items.first());
        if let (Some(alias), Some(other)) = (alias, other) {
            scope.findings.push(
                Finding::error(
                    Code::S019,
                    format!(
                        "`{}` has other records beside its alias, which no server answers with",
                        name.value
                    ),
                )
                .at(other.span, "")
                .at(alias.span, "the alias")
                .help("declare one of them, as a query for the name answers"),
            );
        }
        found.insert(name.value, At::new(records, span));
    }
    found
}

/// What somebody else publishes stands in the list of what he has to change, so all of it can be seen.
fn declared_text(text: &str) -> Result<String, BadValue> {
    if text.is_empty() {
        return Ok(String::new());
    }
    line(text, 65_535)
}

/// A name relative to its domain.
fn owner_below(text: &str, domain: &DomainName) -> Result<String, BadValue> {
    if text == "*" {
        return Ok(text.to_owned());
    }
    let beside = "write what stands at the domain itself beside `below`";
    if text == "@" {
        let words = format!(
            "{} is the domain itself, and not a name below it",
            shown(text)
        );
        return Err(BadValue::new(words).help(beside));
    }
    let name = OwnerName::parse(text)?;
    let within = name.is_within(domain);
    if !within && !text.ends_with('.') {
        return Ok(name.to_string());
    }
    let words = format!(
        "{} is a whole name, and names below a domain are relative to it",
        shown(text)
    );
    let relative = name
        .as_str()
        .strip_suffix(domain.as_str())
        .filter(|_| within);
    let help = match relative.map(|relative| relative.trim_end_matches('.')) {
        Some("") => beside.to_owned(),
        Some(relative) => format!("write `{relative}`"),
        None => format!("write it relative to `{domain}`, or at the domain that it lies in"),
    };
    Err(BadValue::new(words).help(help))
}

pub(super) fn domain_dmarc(
    written: &spec::Domain,
    sending: Sending,
    defaults: Option<&At<DmarcDefaults>>,
    scope: &mut Scope<'_>,
) -> Option<Box<At<crate::topology::Dmarc>>> {
    match written.dmarc.at() {
        Some(at) => {
            let value = dmarc(&at.value, defaults.map(|at| &at.value), scope);
            Some(Box::new(At::new(value, at.span)))
        }
        // What a parked name publishes is always the same, and stricter than any default.
        None if sending == Sending::Parked || written.dns.get() == Some(&DnsCare::None) => None,
        None => defaults.cloned().map(Box::new),
    }
}

pub(super) fn mta_sts(slot: &Slot<Box<spec::MtaSts>>, scope: &mut Scope<'_>) -> Option<At<MtaSts>> {
    const WEEK: u32 = 604_800;
    /// RFC 8461, 3.2.
    const MOST: u32 = 31_557_600;
    let At { value, span } = slot.at()?;
    let policy = match &**value {
        Form::Short(mode) => MtaSts {
            mode: *mode,
            host: None,
            max_age: WEEK,
        },
        Form::Long(long) => {
            if long.mode.is_absent() {
                scope.error_help(
                    Code::S018,
                    "this policy has no `mode`",
                    *span,
                    "write `mode: enforce`",
                );
            }
            if let Some(at) = long.max_age.at().filter(|at| at.value > MOST) {
                scope.error_help(
                    Code::S019,
                    format!(
                        "{} seconds are more than the {MOST} that a policy may last",
                        at.value
                    ),
                    at.span,
                    format!("write `max_age: {WEEK}`, a week, or a number up to {MOST}, a year"),
                );
            }
            MtaSts {
                mode: *long.mode.get()?,
                host: scope
                    .slot(&long.host, HostName::parse)
                    .map(|at| at.value.to_string()),
                max_age: long.max_age.or(WEEK).min(MOST),
            }
        }
    };
    Some(At::new(policy, *span))
}

pub(super) fn uris(list: &List<crate::yaml::UriText>, scope: &mut Scope<'_>) -> Vec<At<String>> {
    let uris = list::inline(list, MailUri::parse, scope);
    list::once(uris, "URI", scope.findings)
        .into_iter()
        .map(|at| at.map(|uri| uri.to_string()))
        .collect()
}

pub(super) fn autodiscover(
    slot: &Slot<crate::yaml::Ref>,
    scope: &mut Scope<'_>,
) -> Option<At<Autodiscover>> {
    let at = slot.at()?;
    if &*at.value == "none" {
        return Some(At::new(Autodiscover::None, at.span));
    }
    let place = scope.party(&at.value, at.span, &[Wanted::Location])?;
    Some(At::new(
        Autodiscover::Location(place.value.location()?),
        at.span,
    ))
}
