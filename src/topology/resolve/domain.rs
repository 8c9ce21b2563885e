//! Domains.

use super::dns::{dmarc, spf_override};
use super::host;
use super::location::location_refs;
use super::mailboxes;
use super::scope::{Scope, Wanted};
use crate::finding::{Finding, Object};
use crate::source::{At, Span};
use crate::spec::{self, DnsCare, Kind};
use crate::topology::{
    Autodiscover, DeclaredRecords, DmarcDefaults, DnsManagement, Domain, Entry, Forward, Holder,
    Location, MtaSts, MtaStsMode, RemoteMailbox, Sending,
};
use crate::values::{Address, DomainName, HostName, MailUri, OwnerName};
use crate::yaml::{Form, List, Slot, Text};
use std::collections::BTreeMap;

/// A domain as written, with its name.
pub(super) type Written = (At<DomainName>, At<spec::Domain>);

/// Names that no zone of the public DNS holds, or that a provider keeps (RFC 2606, RFC 6762).
const NOT_OURS: [&str; 7] = [
    "invalid",
    "test",
    "local",
    "localhost",
    "onmicrosoft.com",
    "onmicrosoft.us",
    "partner.onmschina.cn",
];

/// One domain.
pub(super) fn domain(
    (name, item): &Written,
    locations: &[Location],
    defaults: Option<&At<DmarcDefaults>>,
    scope: &mut Scope<'_>,
) -> Domain {
    let written = &item.value;
    let sending = sending(name, written, scope);
    let holders = mailboxes::holders(&name.value, &written.mailboxes, scope);
    mailboxes::check_total(&name.value, &holders, written.total.at(), scope);
    let subdomains = written.subdomains.or(false);
    if subdomains {
        refuse_subdomains(name, &holders, locations, written.subdomains.span(), scope);
    }
    note_reserved(name, written, scope);
    Domain {
        name: name.value.clone(),
        span: name.span,
        sending,
        total: written.total.at().copied(),
        mx: location_refs(&written.mx, scope),
        mx_now: mx_now(&written.mx_now, scope),
        subdomains,
        catch_all: catch_all(name, written, &holders, scope),
        forwards: forwards(name, &written.forwards, scope),
        remote_mailboxes: remote_mailboxes(name, &written.remote_mailboxes, scope),
        test_recipient: scope.slot(&written.test_recipient, Address::parse),
        dns: dns(written, scope),
        dmarc: domain_dmarc(written, sending, defaults, scope),
        mta_sts: mta_sts(&written.mta_sts, scope),
        tls_rpt: uris(&written.tls_rpt, scope),
        dkim: super::dkim::dkim(&written.dkim, scope),
        spf: spf_override(&written.spf, scope),
        autodiscover: autodiscover(&written.autodiscover, scope),
        dane: written.dane.at().copied(),
        holders,
    }
}

/// A name that receives nothing has nothing to say about receiving.
fn sending(name: &At<DomainName>, written: &spec::Domain, scope: &mut Scope<'_>) -> Sending {
    let parked = written.parked.at().filter(|at| at.value);
    let send_only = written.send_only.at().filter(|at| at.value);
    if let (Some(parked), Some(send_only)) = (parked, send_only) {
        scope.findings.push(
            Finding::error(
                "S019",
                format!(
                    "`{}` is parked and sends, which contradict each other",
                    name.value
                ),
            )
            .at(send_only.span, "")
            .at(parked.span, "parked")
            .help("keep one of them")
            .on(Object::Domain(name.value.to_string())),
        );
    }
    let (sending, why, flag) = match (parked, send_only) {
        (Some(flag), _) => (Sending::Parked, "is parked", flag.span),
        (None, Some(flag)) => (Sending::SendOnly, "only sends", flag.span),
        (None, None) => return Sending::Normal,
    };
    let receiving = [
        ("mailboxes", written.mailboxes.span()),
        ("mx", written.mx.span),
        ("mx_now", written.mx_now.span),
        ("total", written.total.span()),
        ("catch_all", written.catch_all.span()),
        ("forwards", written.forwards.span),
        ("remote_mailboxes", written.remote_mailboxes.span),
        (
            "subdomains",
            written
                .subdomains
                .at()
                .filter(|at| at.value)
                .map(|at| at.span),
        ),
        ("mta_sts", written.mta_sts.span()),
    ];
    for (key, span) in receiving {
        if let Some(span) = span {
            scope.findings.push(
                Finding::error(
                    "S019",
                    format!(
                        "`{}` {why} and receives no mail, so `{key}` says nothing",
                        name.value
                    ),
                )
                .at(span, "")
                .at(flag, why)
                .help("leave one of them out")
                .on(Object::Domain(name.value.to_string())),
            );
        }
    }
    sending
}

/// Exchange Online matches subdomains for domains that it relays, and a domain whose recipients it all knows it does
/// not relay (cmdlet page of `Set-AcceptedDomain`, `MatchSubDomains`).
fn refuse_subdomains(
    name: &At<DomainName>,
    holders: &[Holder],
    locations: &[Location],
    span: Option<Span>,
    scope: &mut Scope<'_>,
) {
    for holder in holders {
        let Some(location) = locations.get(holder.location.index()) else {
            continue;
        };
        let relays = location
            .directory
            .is_some_and(|at| at.value == crate::topology::Directory::Own)
            || location.accepts.as_ref().is_some_and(|list| {
                list.value
                    .iter()
                    .any(|accept| accept.domain.value == name.value)
            });
        if location.tenant().is_none() || relays {
            continue;
        }
        scope.findings.push(
            Finding::error(
                "S019",
                format!(
                    "`{}` holds mailboxes of `{}` and is authoritative for it, so it cannot take mail for unnamed subdomains: a tenant matches subdomains of relay domains only",
                    location.name, name.value
                ),
            )
            .at(span.unwrap_or(name.span), "")
            .at(holder.span, "mailboxes are here")
            .help(format!("name the subdomains one by one, or write `directory: own` at `{}`", location.name))
            .on(Object::Domain(name.value.to_string()))
            .on(Object::Location(location.name.clone())),
        );
    }
}

fn note_reserved(name: &At<DomainName>, written: &spec::Domain, scope: &mut Scope<'_>) {
    if written.dns.or(DnsCare::Managed) != DnsCare::Managed {
        return;
    }
    let text = name.value.as_str();
    let reserved = NOT_OURS.iter().find(|suffix| {
        text.strip_suffix(**suffix)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    });
    if let Some(suffix) = reserved {
        scope.findings.push(
            Finding::note(
                "S016",
                format!("`{text}` lies in `{suffix}`, where nobody can publish records for it"),
            )
            .at(name.span, "")
            .help("write `dns: none`")
            .on(Object::Domain(text.to_owned())),
        );
    }
}

/// A name without a dot is a location, everything else is a host.
fn mx_now(list: &List<spec::Host>, scope: &mut Scope<'_>) -> Option<At<Entry>> {
    let span = list.span?;
    if let [item] = list.items.as_slice()
        && let Form::Short(text) = &item.value
        && !text.contains(['.', ':'])
    {
        let place = scope.location(text, item.span)?;
        return Some(At::new(Entry::Location(place.value), span));
    }
    for item in &list.items {
        if let Form::Short(text) = &item.value
            && !text.contains(['.', ':'])
        {
            scope.error_help(
                "S019",
                format!("`{}` is no host: a list says hosts alone", text.0),
                item.span,
                "write one location, or hosts with a dot in their names",
            );
        }
    }
    Some(At::new(Entry::Hosts(host::hosts(list, scope)), span))
}

fn catch_all(
    name: &At<DomainName>,
    written: &spec::Domain,
    holders: &[Holder],
    scope: &mut Scope<'_>,
) -> Option<At<Address>> {
    let address = scope.slot(&written.catch_all, Address::parse)?;
    let knows = mailboxes::kinds_of(holders, scope)
        .iter()
        .any(|kind| matches!(kind, Kind::Postfix | Kind::Smtp));
    if !holders.is_empty() && !knows {
        let places = mailboxes::names_of(holders, scope);
        scope.findings.push(
            Finding::error(
                "S022",
                format!(
                    "{places} cannot catch mail for unlisted addresses of `{}`",
                    name.value
                ),
            )
            .at(address.span, "")
            .help("leave `catch_all` out: only `postfix` and `smtp` know it")
            .on(Object::Domain(name.value.to_string())),
        );
    }
    Some(address)
}

fn forwards(
    name: &At<DomainName>,
    list: &List<spec::Forward>,
    scope: &mut Scope<'_>,
) -> Vec<Forward> {
    let mut seen = BTreeMap::new();
    list.items
        .iter()
        .filter_map(|item| {
            let (address, target) = redirect(
                name,
                &item.value.address,
                &item.value.target,
                item.span,
                &mut seen,
                scope,
            )?;
            Some(Forward {
                address,
                target,
                keep_copy: item.value.keep_copy.or(false),
                span: item.span,
            })
        })
        .collect()
}

fn remote_mailboxes(
    name: &At<DomainName>,
    list: &List<spec::RemoteMailbox>,
    scope: &mut Scope<'_>,
) -> Vec<RemoteMailbox> {
    let mut seen = BTreeMap::new();
    list.items
        .iter()
        .filter_map(|item| {
            let (address, target) = redirect(
                name,
                &item.value.address,
                &item.value.target,
                item.span,
                &mut seen,
                scope,
            )?;
            Some(RemoteMailbox {
                address,
                target,
                span: item.span,
            })
        })
        .collect()
}

fn redirect(
    name: &At<DomainName>,
    address: &Slot<crate::yaml::AddressText>,
    target: &Slot<crate::yaml::AddressText>,
    span: Span,
    seen: &mut BTreeMap<Address, Span>,
    scope: &mut Scope<'_>,
) -> Option<(Address, Address)> {
    for (key, slot) in [("address", address), ("target", target)] {
        if slot.is_absent() {
            scope.error_help(
                "S018",
                format!("this redirect has no `{key}`"),
                span,
                "write `{address: A, target: B}`",
            );
        }
    }
    let address = scope.slot(address, Address::parse);
    let target = scope.slot(target, Address::parse);
    let (address, target) = (address?, target?);
    if *address.value.domain() != name.value {
        scope.error_help(
            "S019",
            format!("`{}` is no address of `{}`", address.value, name.value),
            address.span,
            format!("write it under `{}`", address.value.domain()),
        );
        return None;
    }
    if address.value == target.value {
        scope.error(
            "S008",
            format!("`{}` is redirected to itself", address.value),
            target.span,
        );
        return None;
    }
    if let Some(&first) = seen.get(&address.value) {
        scope.findings.push(
            Finding::error("S002", format!("`{}` is redirected twice", address.value))
                .at(address.span, "")
                .at(first, "first here")
                .help("keep one of them"),
        );
        return None;
    }
    seen.insert(address.value.clone(), address.span);
    Some((address.value, target.value))
}

fn dns(written: &spec::Domain, scope: &mut Scope<'_>) -> DnsManagement {
    let care = written.dns.or(DnsCare::Managed);
    if let Some(records) = written.records.at()
        && care != DnsCare::External
        && !matches!(written.dns, Slot::Bad(_))
    {
        scope.error_help(
            "S019",
            "`records` says what somebody else publishes, which goes with `dns: external` alone",
            records.span,
            "write `dns: external`, or leave `records` out",
        );
    }
    match care {
        DnsCare::Managed => DnsManagement::Managed,
        DnsCare::None => DnsManagement::None,
        DnsCare::External => DnsManagement::External(
            written
                .records
                .get()
                .map(|records| declared(records, scope))
                .unwrap_or_default(),
        ),
    }
}

fn declared(records: &spec::DeclaredRecords, scope: &mut Scope<'_>) -> DeclaredRecords {
    let written = |list: &List<Text>| list.span.map(|_| list.items.clone());
    DeclaredRecords {
        mx: written(&records.mx).map(|items| {
            items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, super::dns::mx_record))
                .collect()
        }),
        txt: written(&records.txt).map(|items| {
            items
                .into_iter()
                .map(|item| item.map(|text| text.to_string()))
                .collect()
        }),
        a: written(&records.a).map(|items| {
            items
                .iter()
                .filter_map(|item| scope.value(&item.value, item.span, super::dns::address_record))
                .collect()
        }),
        mta_sts: records.mta_sts.at().and_then(|at| {
            if at.value.mode.is_absent() {
                scope.error_help(
                    "S018",
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
            Some(At::new((mta_sts_mode(*mode), hosts), at.span))
        }),
    }
}

fn domain_dmarc(
    written: &spec::Domain,
    sending: Sending,
    defaults: Option<&At<DmarcDefaults>>,
    scope: &mut Scope<'_>,
) -> Option<At<crate::topology::Dmarc>> {
    match written.dmarc.at() {
        Some(at) => Some(At::new(
            dmarc(&at.value, defaults.map(|at| &at.value), scope),
            at.span,
        )),
        // What a parked name publishes is always the same, and stricter than any default.
        None if sending == Sending::Parked || written.dns.get() == Some(&DnsCare::None) => None,
        None => defaults.cloned(),
    }
}

fn mta_sts(slot: &Slot<Box<spec::MtaSts>>, scope: &mut Scope<'_>) -> Option<At<MtaSts>> {
    const WEEK: u32 = 604_800;
    /// RFC 8461, 3.2.
    const MOST: u32 = 31_557_600;
    let At { value, span } = slot.at()?;
    let policy = match &**value {
        Form::Short(mode) => MtaSts {
            mode: mta_sts_mode(*mode),
            host: None,
            max_age: WEEK,
        },
        Form::Long(long) => {
            if long.mode.is_absent() {
                scope.error_help(
                    "S018",
                    "this policy has no `mode`",
                    *span,
                    "write `mode: enforce`",
                );
            }
            if let Some(at) = long.max_age.at().filter(|at| at.value > MOST) {
                scope.error(
                    "S019",
                    format!(
                        "{} seconds are more than the {MOST} that a policy may last",
                        at.value
                    ),
                    at.span,
                );
            }
            MtaSts {
                mode: mta_sts_mode(*long.mode.get()?),
                host: scope
                    .slot(&long.host, HostName::parse)
                    .map(|at| at.value.to_string()),
                max_age: long.max_age.or(WEEK).min(MOST),
            }
        }
    };
    Some(At::new(policy, *span))
}

const fn mta_sts_mode(mode: spec::MtaStsMode) -> MtaStsMode {
    match mode {
        spec::MtaStsMode::None => MtaStsMode::None,
        spec::MtaStsMode::Testing => MtaStsMode::Testing,
        spec::MtaStsMode::Enforce => MtaStsMode::Enforce,
    }
}

fn uris(list: &List<crate::yaml::UriText>, scope: &mut Scope<'_>) -> Vec<At<String>> {
    let uris = super::list::inline(list, MailUri::parse, scope);
    super::list::once(uris, "URI", scope.findings)
        .into_iter()
        .map(|at| at.map(|uri| uri.to_string()))
        .collect()
}

fn autodiscover(slot: &Slot<crate::yaml::Ref>, scope: &mut Scope<'_>) -> Option<At<Autodiscover>> {
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

/// A tenant's own names are accepted by it without being written.
pub(super) fn check_primary_domains(
    locations: &[Location],
    domains: &[DomainName],
    scope: &mut Scope<'_>,
) {
    for location in locations {
        let Some(tenant) = location.tenant() else {
            continue;
        };
        let Some(primary) = &tenant.primary_domain else {
            continue;
        };
        let own = [tenant.initial_domain(), tenant.routing_domain()];
        let accepted = location
            .accepts
            .iter()
            .flat_map(|at| &at.value)
            .chain(&location.also_accepts);
        if domains.binary_search(&primary.value).is_ok()
            || own.iter().any(|name| name == primary.value.as_str())
            || accepted
                .into_iter()
                .any(|accept| accept.domain.value == primary.value)
        {
            continue;
        }
        super::unknown_domain(&primary.value, primary.span, domains, scope);
    }
}
