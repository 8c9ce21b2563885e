//! Where mail enters: MX records, the addresses of the hosts they name, and TLSA records for them.

use crate::dns::routing::declared;
use crate::dns::{Out, RData, is_ours, managed, path};
use crate::finding::{Code, Finding, Object};
use crate::routes::facts::{MxHost, mx_host};
use crate::source::{At, Span};
use crate::topology::{BounceRecords, Domain, Entry, Location, LocationId, Sending, Topology};
use crate::values::{DomainName, Host, HostName, is_private_address};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

/// A host that takes the Internet mail of a domain.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Exchange {
    /// The lower is tried first.
    pub preference: u16,
    /// The host.
    pub host: HostName,
    /// The location that it belongs to.
    pub location: LocationId,
    /// The name was made from the domain's and not read from the tenant.
    pub derived: bool,
}

/// The hosts that take a domain's mail, best first; or the tenant whose MX host nobody knows. A set without its first
/// host would send all mail to the others, so it is all or nothing.
pub(crate) fn exchanges(topology: &Topology, domain: &Domain) -> Result<Vec<Exchange>, LocationId> {
    let mut list: Vec<Exchange> = Vec::new();
    let mut base: u16 = 0;
    for (index, &At { value: id, .. }) in domain.mx.iter().enumerate() {
        let location = topology.location(id);
        base = match (index, location.tenant()) {
            (0, Some(_)) => 0,
            (0, None) => 10,
            _ => base.saturating_add(10),
        };
        let hosts = if location.tenant().is_some() {
            vec![tenant_host(topology, id, &domain.name, base).ok_or(id)?]
        } else {
            named_hosts(location)
                .map(|(host, name)| Exchange {
                    preference: host.preference.unwrap_or(base),
                    host: name.clone(),
                    location: id,
                    derived: false,
                })
                .collect()
        };
        for exchange in hosts {
            if !list.iter().any(|known| known.host == exchange.host) {
                list.push(exchange);
            }
        }
    }
    list.sort();
    Ok(list)
}

fn tenant_host(
    topology: &Topology,
    id: LocationId,
    domain: &DomainName,
    preference: u16,
) -> Option<Exchange> {
    let host = mx_host(topology, id, domain);
    Some(Exchange {
        preference,
        host: HostName::parse(host.name()?).ok()?,
        location: id,
        derived: matches!(host, MxHost::Derived(_)),
    })
}

/// The hosts that an MX record can name: it carries no address and no port.
fn named_hosts(location: &Location) -> impl Iterator<Item = (&Host, &HostName)> {
    location.hosts.iter().filter_map(|at| {
        let name = at.value.name().filter(|name| name.is_qualified())?;
        (at.value.port == 25).then_some((&at.value, name))
    })
}

/// The names that may take a domain's mail while its entry is changed: those of today's entry.
pub(crate) fn hosts_now(topology: &Topology, domain: &Domain) -> Vec<HostName> {
    today(topology, domain)
        .into_iter()
        .map(|(_, host)| host)
        .collect()
}

/// Whether mail for a domain will enter elsewhere than it does today. Where the spec does not say what is public, it may.
pub(crate) fn changes_entry(topology: &Topology, domain: &Domain) -> bool {
    if domain.mx.is_empty() {
        return false;
    }
    if let Some(Entry::Location(now)) = domain.mx_now.as_ref().map(|at| &at.value) {
        return domain.mx.iter().any(|at| at.value != *now);
    }
    let declared = declared(domain).filter(|_| domain.mx_now.is_none());
    let now: Vec<(u16, String)> = match declared {
        Some(declared) => declared
            .into_iter()
            .map(|(rank, host)| (rank, host.trim_end_matches('.').to_ascii_lowercase()))
            .collect(),
        None => today(topology, domain)
            .into_iter()
            .map(|(rank, host)| (rank, host.to_string()))
            .collect(),
    };
    let wanted = exchanges(topology, domain).unwrap_or_default();
    let wanted = wanted.iter().map(|at| (at.preference, at.host.to_string()));
    now.is_empty() || in_turn(wanted.collect()) != in_turn(now)
}

/// Hosts in the order in which senders try them; which numbers say so does not matter.
fn in_turn(hosts: Vec<(u16, String)>) -> Vec<BTreeSet<String>> {
    let mut turns: BTreeMap<u16, BTreeSet<String>> = BTreeMap::new();
    for (rank, host) in hosts {
        turns.entry(rank).or_default().insert(host);
    }
    turns.into_values().collect()
}

/// Preference and host of today's entry; nothing where the spec changes no entry, or nobody knows the host.
fn today(topology: &Topology, domain: &Domain) -> Vec<(u16, HostName)> {
    const USUAL: u16 = 10;
    let named = |host: &Host, name: &HostName| (host.preference.unwrap_or(USUAL), name.clone());
    match domain.mx_now.as_ref().map(|at| &at.value) {
        None => Vec::new(),
        Some(Entry::Hosts(hosts)) => hosts
            .iter()
            .filter_map(|at| Some(named(&at.value, at.value.name()?)))
            .collect(),
        Some(&Entry::Location(id)) if topology.location(id).tenant().is_some() => {
            tenant_host(topology, id, &domain.name, 0)
                .map(|exchange| (exchange.preference, exchange.host))
                .into_iter()
                .collect()
        }
        Some(&Entry::Location(id)) => named_hosts(topology.location(id))
            .map(|(host, name)| named(host, name))
            .collect(),
    }
}

/// Adds the records.
pub(crate) fn add(topology: &Topology, origins: &BTreeSet<DomainName>, out: &mut Out<'_>) {
    for domain in managed(topology) {
        match domain.sending {
            Sending::Normal => add_domain(topology, origins, domain, out),
            Sending::SendOnly => {}
            Sending::Parked => {
                for prefix in ["", "*"] {
                    let why = path(domain, "parked");
                    out.add(prefix, &domain.name, RData::null_mx(), why, domain.span);
                }
            }
        }
    }
    add_bounces(topology, origins, out);
    report_nameless(topology, out);
    add_addresses(topology, origins, out);
}

/// Adds where services take bounces at names of ours.
fn add_bounces(topology: &Topology, origins: &BTreeSet<DomainName>, out: &mut Out<'_>) {
    for partner in &topology.partners {
        let Some(At { value, span }) = &partner.bounce else {
            continue;
        };
        if !is_ours(topology, origins, &value.name) {
            continue;
        }
        let data: Vec<RData> = match &value.at {
            BounceRecords::Alias(target) => vec![RData::Cname(target.clone())],
            BounceRecords::Mx(hosts) => hosts
                .iter()
                .map(|(preference, host)| RData::Mx {
                    preference: *preference,
                    exchange: Some(host.clone()),
                })
                .collect(),
        };
        for data in data {
            let why = format!("partners.{}.bounce_domain", partner.name);
            out.add("", &value.name, data, why, *span);
        }
    }
}

fn add_domain(
    topology: &Topology,
    origins: &BTreeSet<DomainName>,
    domain: &Domain,
    out: &mut Out<'_>,
) {
    let span = domain.mx.first().map_or(domain.span, |at| at.span);
    let list = match exchanges(topology, domain) {
        Ok(list) => list,
        Err(tenant) => {
            let name = &topology.location(tenant).name;
            out.gap(
                "the MX record",
                format!("only the tenant can tell which host takes the mail: `{name}.mx` of the facts does not say"),
                Some(tenant),
                &domain.name,
                span,
            );
            return;
        }
    };
    for exchange in &list {
        let data = RData::Mx {
            preference: exchange.preference,
            exchange: Some(exchange.host.clone()),
        };
        for prefix in names(domain) {
            out.add(prefix, &domain.name, data.clone(), path(domain, "mx"), span);
            if exchange.derived {
                out.remark("the classic name, not yet read from the tenant");
            }
        }
    }
    add_today(topology, domain, out);
    if let Some(dane) = domain.dane.filter(|dane| dane.value) {
        for exchange in &list {
            add_tlsa(topology, origins, domain, exchange, dane.span, out);
        }
    }
}

/// The names at which a domain takes mail, as prefixes.
fn names(domain: &Domain) -> &'static [&'static str] {
    if domain.subdomains { &["", "*"] } else { &[""] }
}

/// The records of today's entry, which a staged change begins with.
fn add_today(topology: &Topology, domain: &Domain, out: &mut Out<'_>) {
    let Some(entry) = &domain.mx_now else {
        return;
    };
    if !changes_entry(topology, domain) {
        return;
    }
    let today = today(topology, domain);
    if today.is_empty() {
        out.gap(
            "today's MX record",
            "nothing says which host takes the mail today: write the hosts themselves in `mx_now`",
            None,
            &domain.name,
            entry.span,
        );
        return;
    }
    for (preference, host) in today {
        for prefix in names(domain) {
            let data = RData::Mx {
                preference,
                exchange: Some(host.clone()),
            };
            out.add_today(
                prefix,
                &domain.name,
                data,
                path(domain, "mx_now"),
                entry.span,
            );
        }
    }
}

fn add_tlsa(
    topology: &Topology,
    origins: &BTreeSet<DomainName>,
    domain: &Domain,
    exchange: &Exchange,
    span: Span,
    out: &mut Out<'_>,
) {
    let host = &exchange.host;
    let location = topology.location(exchange.location);
    let what = format!("the TLSA record of `{host}`");
    if location.tenant().is_some() {
        // The provider writes it, and only under the names that it gives to domains with DANE.
        if !host.as_str().ends_with(".mx.microsoft") {
            let why = format!(
                "the tenant takes the mail of `{}` at a name without DNSSEC; enable DNSSEC and DANE for the domain in Exchange Online and gather the facts again",
                domain.name
            );
            out.withhold(what, why, Some(exchange.location), span);
        }
        return;
    }
    let Some(name) = host
        .to_domain()
        .filter(|name| is_ours(topology, origins, name))
    else {
        let why = "it stands in a zone that this spec does not manage; its owner has to add it";
        out.withhold(what, why, Some(exchange.location), span);
        return;
    };
    let Some(digest) = location
        .certificate
        .as_ref()
        .and_then(|certificate| certificate.spki_sha256)
    else {
        let why = format!(
            "it is a digest of the certificate's key: name the PEM file in `locations.{}.certificate.file`",
            location.name
        );
        out.withhold(what, why, Some(exchange.location), span);
        return;
    };
    let next = location
        .certificate
        .as_ref()
        .and_then(|one| one.next.as_ref());
    let next = next.map(|next| ("certificate.next", next.spki_sha256));
    for (key, digest) in [("certificate", digest)].into_iter().chain(next) {
        let data = RData::Tlsa {
            usage: 3,
            selector: 1,
            matching: 1,
            data: digest.to_vec(),
        };
        let why = format!("locations.{}.{key}", location.name);
        out.add("_25._tcp", &name, data, why, span);
    }
}

/// A location that takes Internet mail and has no host that an MX record can name.
fn report_nameless(topology: &Topology, out: &mut Out<'_>) {
    let mut nameless: BTreeMap<LocationId, Vec<&Domain>> = BTreeMap::new();
    for domain in managed(topology).filter(|domain| domain.receives()) {
        for at in &domain.mx {
            let location = topology.location(at.value);
            if location.tenant().is_none() && named_hosts(location).next().is_none() {
                nameless.entry(at.value).or_default().push(domain);
            }
        }
    }
    for (id, domains) in nameless {
        let location = topology.location(id);
        let mut finding = Finding::error(
            Code::N004,
            format!(
                "`{}` takes Internet mail but has no host that an MX record can name, so no mail finds it",
                location.name
            ),
        )
        .at(location.span, "an MX record needs a full host name and port 25")
        .on(Object::Location(location.name.clone()))
        .domains(domains.iter().map(|domain| domain.name.to_string()))
        .help(format!(
            "write the names that take mail, such as `hosts: [mail.{}]`",
            domains.first().map_or("contoso.com", |domain| domain.name.as_str())
        ));
        if let Some(entry) = domains.first().and_then(|domain| domain.mx.first()) {
            finding = finding.at(entry.span, "Internet mail enters there");
        }
        out.findings.push(finding);
    }
}

/// A and AAAA records of hosts whose addresses the spec gives.
fn add_addresses(topology: &Topology, origins: &BTreeSet<DomainName>, out: &mut Out<'_>) {
    for location in &topology.locations {
        let clients = location.clients.services.iter().map(|(_, host)| host);
        let hosts = location.hosts.iter().chain(&location.smart_hosts);
        for At { value: host, span } in hosts.chain(clients) {
            let Some(name) = host
                .name()
                .and_then(HostName::to_domain)
                .filter(|name| is_ours(topology, origins, name))
            else {
                continue;
            };
            for &address in host.addresses.iter().filter(|ip| !is_private_address(**ip)) {
                let data = match address {
                    IpAddr::V4(ip) => RData::A(ip),
                    IpAddr::V6(ip) => RData::Aaaa(ip),
                };
                let why = format!("locations.{}.hosts", location.name);
                out.add("", &name, data, why, *span);
            }
        }
    }
}
