//! Domains.

mod published;
mod redirects;

use published::{autodiscover, dns, domain_dmarc, mta_sts, uris};
use redirects::{catch_all, forwards, remote_mailboxes};

use crate::finding::{Code, Finding, Object};
use crate::source::{At, Span};
use crate::spec::{self, DnsCare, UnusedSubdomains};
use crate::topology::resolve::context::Scope;
use crate::topology::resolve::dns::{check_ttl, spf_override, ttls};
use crate::topology::resolve::location::location_refs;
use crate::topology::resolve::{host, mailboxes};
use crate::topology::{DmarcDefaults, Domain, Entry, Holder, Location, Sending, Ttls};
use crate::values::{Address, DomainName, Pattern};
use crate::yaml::{Form, List};

/// A domain as written, with its name.
pub(super) type Written = (At<DomainName>, Box<spec::Domain>);

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
    (name, written): &Written,
    locations: &[Location],
    defaults: Option<&At<DmarcDefaults>>,
    scope: &mut Scope<'_>,
) -> Domain {
    let sending = sending(name, written, scope);
    let holders = mailboxes::holders(&name.value, &written.mailboxes, scope);
    mailboxes::check_total(&name.value, &holders, written.total.at(), scope);
    let subdomains = written.subdomains.or(false);
    if subdomains {
        refuse_subdomains(name, &holders, locations, written.subdomains.span(), scope);
    }
    note_reserved(name, written, scope);
    check_psd(name, written, scope);
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
        test_recipient: test_recipient(name, written, scope),
        dns: dns(&name.value, written, scope),
        dmarc: domain_dmarc(written, sending, defaults, scope),
        mta_sts: mta_sts(&written.mta_sts, scope),
        tls_rpt: uris(&written.tls_rpt, scope),
        dkim: crate::topology::resolve::dkim::dkim(&written.dkim, scope),
        spf: spf_override(&written.spf, scope),
        autodiscover: autodiscover(&written.autodiscover, scope),
        dane: written.dane.at().copied(),
        closes_unused: closes_unused(name, written, sending, scope),
        ttl: ttl(written, scope),
        holders,
    }
}

/// What is used is not closed: a domain that takes mail for its unnamed subdomains, or sends with them, uses them all.
fn closes_unused(
    name: &At<DomainName>,
    written: &spec::Domain,
    sending: Sending,
    scope: &mut Scope<'_>,
) -> Option<Span> {
    let at = written.unused_subdomains.at()?;
    if at.value != UnusedSubdomains::Closed {
        return None;
    }
    let subdomains = written.subdomains.at().filter(|at| at.value);
    let sends = written.spf.get().and_then(|spf| spf.subdomains.at());
    let sends = sends.filter(|at| at.value);
    let (why, other) = match (subdomains, sends) {
        (Some(at), _) => ("takes mail for unnamed subdomains", at.span),
        (None, Some(at)) => ("sends with unnamed subdomains", at.span),
        (None, None) => return (sending != Sending::Parked).then_some(at.span),
    };
    scope.findings.push(
        Finding::error(
            Code::S019,
            format!("`{}` {why}, so none of them is unused", name.value),
        )
        .at(at.span, "they would be closed")
        .at(other, why)
        .help("leave `unused_subdomains` out, or name the subdomains that are used under `domains`")
        .on(Object::Domain(name.value.to_string())),
    );
    None
}

fn ttl(written: &spec::Domain, scope: &mut Scope<'_>) -> Option<Box<Ttls>> {
    let at = written.ttl.at()?;
    let ttls = match &*at.value {
        Form::Short(seconds) => Ttls {
            all: check_ttl(&At::new(*seconds, at.span), scope).then_some(*seconds),
            ..Ttls::default()
        },
        Form::Long(written) => Ttls {
            all: None,
            by_purpose: ttls(written, scope),
        },
    };
    Some(Box::new(ttls))
}

/// A name that receives nothing has nothing to say about receiving.
fn sending(name: &At<DomainName>, written: &spec::Domain, scope: &mut Scope<'_>) -> Sending {
    let parked = written.parked.at().filter(|at| at.value);
    let send_only = written.send_only.at().filter(|at| at.value);
    if let (Some(parked), Some(send_only)) = (parked, send_only) {
        scope.findings.push(
            Finding::error(
                Code::S019,
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
                    Code::S019,
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
                Code::S019,
                format!(
                    "`{}` holds mailboxes of `{}` and is authoritative for it, so it cannot take mail for unnamed subdomains: a tenant matches subdomains of relay domains only",
                    location.name, name.value
                ),
            )
            .at(span.unwrap_or(name.span), "")
            .at(holder.span, "mailboxes are here")
            .help(format!("name the subdomains one by one, or write `directory: own` at `{}` and give it a route for what it does not know", location.name))
            .on(Object::Domain(name.value.to_string()))
            .on(Object::Location(location.name.clone())),
        );
    }
}

/// Names below a public suffix have other owners, whatever its record says.
fn check_psd(name: &At<DomainName>, written: &spec::Domain, scope: &mut Scope<'_>) {
    let psd = written.dmarc.get().and_then(|dmarc| dmarc.psd.at());
    let Some(at) = psd.filter(|at| at.value == spec::Suffix::N) else {
        return;
    };
    if name.value.is_public_suffix() {
        scope.findings.push(
            Finding::error(
                Code::S019,
                format!(
                    "`{}` is a public suffix, so names below it have other owners",
                    name.value
                ),
            )
            .at(at.span, "")
            .on(Object::Domain(name.value.to_string()))
            .help("write `psd: y`, or leave it out"),
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
                Code::S016,
                format!("`{text}` lies in `{suffix}`, where nobody can publish records for it"),
            )
            .at(name.span, "")
            .help("write `dns: none`")
            .on(Object::Domain(text.to_owned())),
        );
    }
}

/// A connector for the domain is validated with mail to an address of it; another would try another connector.
fn test_recipient(
    name: &At<DomainName>,
    written: &spec::Domain,
    scope: &mut Scope<'_>,
) -> Option<At<Address>> {
    let address = scope.slot(&written.test_recipient, Address::parse)?;
    let domain = address.value.domain();
    let below = written.subdomains.or(false) && Pattern::Below(name.value.clone()).matches(domain);
    if *domain == name.value || below {
        return Some(address);
    }
    scope.error_help(
        Code::S019,
        format!("`{}` is no address of `{}`", address.value, name.value),
        address.span,
        format!(
            "write an address of `{}`: what is sent to another domain tries another connector",
            name.value
        ),
    );
    None
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
                Code::S019,
                format!("`{}` is no host: a list says hosts alone", text.0),
                item.span,
                "write one location, or hosts with a dot in their names",
            );
        }
    }
    Some(At::new(Entry::Hosts(host::hosts(list, scope)), span))
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
        crate::topology::resolve::unknown_domain(
            &primary.value,
            primary.span,
            domains,
            false,
            scope,
        );
    }
}
