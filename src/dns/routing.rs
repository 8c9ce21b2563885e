//! Where mail for a name enters, as the Domain Name System tells everybody.
//!
//! Every exchanger is a way, whatever its preference: a spare one is used as soon as the first does not answer
//! (RFC 5321, 5.1). A zone that mailtopo writes is taken to say what it writes; one that others write, what the spec
//! declares. While a change is staged (`mx_now`) both answers are possible.

use crate::dns::exchanges;
use crate::plan::{Plan, Takers};
use crate::routes::facts::tenant_named;
use crate::routes::mx_host;
use crate::source::Span;
use crate::topology::{DnsManagement, Domain, DomainId, Entry, LocationId, Party, Sending};
use crate::values::{DomainName, Host, HostTarget};
use foldhash::{HashSet, HashSetExt};
use std::collections::BTreeMap;

/// What the records of a name say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Exchangers {
    /// Mail enters at these, best first.
    Known {
        /// The name the records stand at, `*.` included for unnamed subdomains.
        owner: String,
        /// Who takes the mail.
        takers: Vec<Taker>,
    },
    /// The name is ours and takes no mail.
    Nobody(String),
    /// The name lies in a zone of ours, which has no record for it.
    Missing(String),
    /// The name is ours, and the spec does not say where its mail enters.
    Undeclared,
    /// Somebody else's name.
    Foreign,
}

/// Who takes the mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taker {
    /// One of our places.
    Location(LocationId),
    /// A host that the spec does not know.
    Stranger(String),
}

/// The exchangers of a name.
pub fn exchangers(plan: &Plan, existing: &Existing, name: &DomainName) -> Exchangers {
    if let Some(tenant) = tenant_of(plan, name) {
        return Exchangers::Known {
            owner: name.to_string(),
            takers: vec![Taker::Location(tenant)],
        };
    }
    let Some(id) = plan.topology.domain_named(name) else {
        return below(plan, existing, name);
    };
    let domain = plan.topology.domain(id);
    if let Some(mx) = said(plan, domain, false) {
        if mx.is_empty() {
            return Exchangers::Nobody(format!("`{name}` has no MX record today"));
        }
        return match takers_of(plan, domain, mx) {
            None => Exchangers::Nobody(format!("`{name}` has a null MX: it takes no mail")),
            Some(takers) => Exchangers::Known {
                owner: name.to_string(),
                takers,
            },
        };
    }
    match domain.sending {
        Sending::Normal => known(plan, domain, name.to_string()),
        Sending::Parked if !matches!(domain.dns, DnsManagement::None) => null(domain),
        // Without any record of its own the wildcard above answers for it.
        Sending::SendOnly | Sending::Parked => match below(plan, existing, name) {
            Exchangers::Missing(_) | Exchangers::Foreign => {
                Exchangers::Nobody(format!("`{name}` takes no mail and has no MX record"))
            }
            wildcard => wildcard,
        },
    }
}

/// The hosts that mail for a domain goes to as its zone exists or as others keep it, or for unnamed subdomains of it; nothing
/// where it is as the spec has it written.
fn said<'p>(plan: &'p Plan, domain: &'p Domain, below: bool) -> Option<Vec<(u16, &'p str)>> {
    let name = domain.name.as_str();
    let found = if below {
        plan.exchangers.get(&format!("*.{name}"))
    } else {
        plan.exchangers.get(name)
    };
    let found = found.map(|mx| {
        mx.iter()
            .map(|(rank, host)| (*rank, host.as_str()))
            .collect()
    });
    found.or_else(|| declared(domain).filter(|_| !below))
}

/// The takers of these hosts, the best first; nothing where a lone dot says that nobody takes mail (RFC 7505).
fn takers_of(plan: &Plan, domain: &Domain, mx: Vec<(u16, &str)>) -> Option<Vec<Taker>> {
    let hosts = mx.into_iter().filter(|(_, host)| *host != ".");
    let mut hosts: Vec<(u16, &str)> = hosts.collect();
    if hosts.is_empty() {
        return None;
    }
    hosts.sort_unstable();
    let takers = hosts.iter();
    Some(
        takers
            .map(|(_, host)| host_taker(plan, domain, host))
            .collect(),
    )
}

/// The hosts that mail for a domain goes to as its zone stands, if others keep it and the spec declares them. Where the domain
/// is an alias, it is the name that it stands for, and no MX record beside it is seen (RFC 1034, section 3.6.2).
pub(crate) fn declared(domain: &Domain) -> Option<Vec<(u16, &str)>> {
    let DnsManagement::External(records) = &domain.dns else {
        return None;
    };
    if let Some(alias) = records.alias() {
        return Some(vec![(0, alias.value.as_str())]);
    }
    let mx = records.mx.as_ref()?.iter();
    Some(mx.map(|at| (at.value.0, at.value.1.as_str())).collect())
}

/// Hosts that the declared MX records of a domain name and the spec does not know, with where the spec says so; none where a
/// change is staged, because today's records may then name anybody.
pub(crate) fn declared_strangers(plan: &Plan, domain: &Domain) -> Vec<(Span, String)> {
    let records = match &domain.dns {
        DnsManagement::External(records) if domain.mx_now.is_none() => &records.mx,
        _ => &None,
    };
    let hosts = records.iter().flatten();
    hosts
        .filter(|at| at.value.1 != ".")
        .filter_map(|at| match host_taker(plan, domain, &at.value.1) {
            Taker::Stranger(host) => Some((at.span, host)),
            Taker::Location(_) => None,
        })
        .collect()
}

/// The exchangers of a name that has no records of its own: those of the wildcard above it.
fn below(plan: &Plan, existing: &Existing, name: &DomainName) -> Exchangers {
    let mut managed = false;
    let above = name
        .parents()
        .filter_map(|above| plan.topology.domain_named(above));
    for domain in above.map(|id| plan.topology.domain(id)) {
        managed |= matches!(domain.dns, DnsManagement::Managed);
        let parked = domain.sending == Sending::Parked;
        if !has_wildcard(domain) {
            // A name that exists ends the wildcards above it, and what others keep below theirs nobody here knows.
            if matches!(domain.dns, DnsManagement::External(_)) {
                break;
            }
            continue;
        }
        return match existing.between(name, &domain.name) {
            Some(between) => Exchangers::Missing(format!(
                "`{name}` has no MX record: the wildcard of `{}` ends at `{between}`",
                domain.name
            )),
            None => match said(plan, domain, true) {
                Some(mx) if mx.is_empty() => {
                    Exchangers::Missing(format!("`{name}` has no MX record"))
                }
                Some(mx) => match takers_of(plan, domain, mx) {
                    None => null(domain),
                    Some(takers) => Exchangers::Known {
                        owner: format!("*.{}", domain.name),
                        takers,
                    },
                },
                None if parked => null(domain),
                None => known(plan, domain, format!("*.{}", domain.name)),
            },
        };
    }
    if managed {
        Exchangers::Missing(format!("`{name}` has no MX record"))
    } else {
        Exchangers::Foreign
    }
}

/// The exchangers that the spec gives a domain, for the records at `owner`.
fn known(plan: &Plan, domain: &Domain, owner: String) -> Exchangers {
    let mut takers: Vec<Taker> = domain
        .mx
        .iter()
        .map(|at| Taker::Location(at.value))
        .collect();
    takers.extend(now(plan, domain).into_iter().map(|(_, taker)| taker));
    if takers.is_empty() {
        return Exchangers::Undeclared;
    }
    let mut seen = Vec::new();
    takers.retain(|taker| {
        let new = !seen.contains(taker);
        seen.push(taker.clone());
        new
    });
    Exchangers::Known { owner, takers }
}

/// Who takes a name's mail today and no longer once its records say what the spec wants.
pub(crate) fn only_today(plan: &Plan, name: &DomainName) -> Vec<Taker> {
    let Some((id, below)) = owner(plan, name) else {
        return Vec::new();
    };
    let domain = plan.topology.domain(id);
    // What others say of a name, they say of that name alone.
    if said(plan, domain, below).is_some() {
        return Vec::new();
    }
    let shall = |taker: &Taker| {
        let mut wanted = domain.mx.iter();
        wanted.any(|at| Taker::Location(at.value) == *taker)
    };
    let today = now(plan, domain).into_iter().map(|(_, taker)| taker);
    today.filter(|taker| !shall(taker)).collect()
}

/// What a server at one of our places finds under a name, for each set of records that may stand there while a change is
/// staged: those of the exchangers that it may hand the mail to. One that finds itself in the list looks no further down
/// it (RFC 5321, 5.1), so that none are left where it is the first.
pub(crate) fn found_by(
    plan: &Plan,
    existing: &Existing,
    name: &DomainName,
    here: LocationId,
) -> Vec<Exchangers> {
    let all = exchangers(plan, existing, name);
    let Exchangers::Known { owner: at, takers } = &all else {
        return vec![all];
    };
    // Whose records these are: the name's own, or those of a wildcard above it.
    let base = at.strip_prefix("*.").unwrap_or(at);
    let named = DomainName::parse(base).ok();
    let id = named.and_then(|base| plan.topology.domain_named(&base));
    let Some(domain) = id.map(|id| plan.topology.domain(id)) else {
        let mut others = takers.clone();
        others.retain(|taker| *taker != Taker::Location(here));
        return vec![Exchangers::Known {
            owner: at.clone(),
            takers: others,
        }];
    };
    let mut sets: Vec<Vec<(u16, Taker)>> = Vec::new();
    if let Some(said) = said(plan, domain, domain.name != *name) {
        let rank = |(rank, host): (u16, &str)| (rank, host_taker(plan, domain, host));
        sets.push(said.into_iter().map(rank).collect());
    } else {
        sets.push(wanted(plan, domain));
        sets.push(now(plan, domain));
        sets.retain(|set| !set.is_empty());
    }
    let ahead = |set: Vec<(u16, Taker)>| {
        let own = set
            .iter()
            .filter(|(_, taker)| *taker == Taker::Location(here));
        let own = own.map(|(rank, _)| *rank).min();
        let better = |(rank, _): &&(u16, Taker)| own.is_none_or(|own| *rank < own);
        let ahead: Vec<&Taker> = set.iter().filter(better).map(|(_, taker)| taker).collect();
        Exchangers::Known {
            owner: at.clone(),
            takers: takers
                .iter()
                .filter(|taker| ahead.contains(taker))
                .cloned()
                .collect(),
        }
    };
    sets.into_iter().map(ahead).collect()
}

/// Who shall take a domain's mail, by the preference of the records; in the order of the spec where there are none.
fn wanted(plan: &Plan, domain: &Domain) -> Vec<(u16, Taker)> {
    match exchanges(&plan.topology, domain) {
        Ok(list) if !list.is_empty() => list
            .into_iter()
            .map(|exchange| (exchange.preference, Taker::Location(exchange.location)))
            .collect(),
        _ => (0..)
            .zip(&domain.mx)
            .map(|(rank, at)| (rank, Taker::Location(at.value)))
            .collect(),
    }
}

/// Who takes a domain's mail today, where a change is staged, by preference.
fn now(plan: &Plan, domain: &Domain) -> Vec<(u16, Taker)> {
    match domain.mx_now.as_ref().map(|at| &at.value) {
        Some(Entry::Location(now)) => vec![(0, Taker::Location(*now))],
        Some(Entry::Hosts(hosts)) => hosts
            .iter()
            .filter_map(|host| {
                let taker = host_taker(plan, domain, host.value.name()?.as_str());
                Some((host.value.preference.unwrap_or(10), taker))
            })
            .collect(),
        None => Vec::new(),
    }
}

/// With which preference the records of a name lead to each of our places; the lower is tried first.
pub(crate) fn preferences(plan: &Plan, name: &DomainName) -> BTreeMap<LocationId, u16> {
    let mut preferences = BTreeMap::new();
    let Some((id, below)) = owner(plan, name) else {
        return preferences;
    };
    let domain = plan.topology.domain(id);
    let mut add = |location: LocationId, preference: u16| {
        let least = preferences.entry(location).or_insert(preference);
        *least = preference.min(*least);
    };
    if let Some(mx) = said(plan, domain, below) {
        for (preference, host) in mx {
            if let Taker::Location(location) = host_taker(plan, domain, host) {
                add(location, preference);
            }
        }
    } else if let Ok(list) = exchanges(&plan.topology, domain) {
        for exchange in list {
            add(exchange.location, exchange.preference);
        }
    } else {
        for (at, location) in (0..).zip(&domain.mx) {
            add(location.value, 10 * at);
        }
    }
    preferences
}

/// Names below the bases of wildcards that exist in a zone, by records of their own or by what lies below them.
#[derive(Clone, Debug, Default)]
pub struct Existing(HashSet<DomainName>);

impl Existing {
    /// Reads them off the zones, and off the names that others keep.
    pub fn of(plan: &Plan) -> Self {
        let is_base = |name: &&str| {
            let id = plan.topology.domain_named(*name);
            id.is_some_and(|id| has_wildcard(plan.topology.domain(id)))
        };
        let mut names = HashSet::new();
        if !plan.topology.domains.iter().any(has_wildcard) {
            return Self(names);
        }
        let keys = plan.zones.iter().flat_map(|zone| zone.sets.keys());
        let others = plan.topology.domains.iter();
        let others = others.filter(|domain| matches!(domain.dns, DnsManagement::External(_)));
        let owners = keys
            .map(|key| key.owner.as_str())
            .chain(others.map(|domain| domain.name.as_str()));
        for owner in owners {
            // The owner may begin with a star or an underscore; what lies above it exists as well.
            let nodes = || {
                std::iter::successors(Some(owner), |text| {
                    text.split_once('.').map(|(_, parent)| parent)
                })
            };
            // Nearly all names lie below no wildcard.
            let Some(highest) = nodes().filter(is_base).last() else {
                continue;
            };
            let below = nodes().take_while(|text| *text != highest);
            names.extend(below.filter_map(|text| DomainName::parse(text).ok()));
        }
        Self(names)
    }

    /// A name that ends the wildcard below `base` before it reaches `name`: a wildcard answers only for names that do not
    /// exist and have no existing name between (RFC 4592, 2.2.1).
    fn between<'n>(&self, name: &'n DomainName, base: &DomainName) -> Option<&'n str> {
        name.nodes()
            .take_while(|&node| node != base.as_str())
            .find(|&node| self.0.contains(node))
    }
}

fn has_wildcard(domain: &Domain) -> bool {
    let closed = domain.sending == Sending::Parked && !matches!(domain.dns, DnsManagement::None);
    domain.subdomains || closed
}

fn null(domain: &Domain) -> Exchangers {
    Exchangers::Nobody(format!(
        "the null MX record of `{}` says that it takes no mail",
        domain.name
    ))
}

/// The tenant whose own name this is; the provider keeps its records.
fn tenant_of(plan: &Plan, name: &DomainName) -> Option<LocationId> {
    tenant_named(&plan.topology, name).filter(|_| plan.topology.domain_named(name).is_none())
}

/// The domain of the spec whose records answer for a name; `true` where it is an unnamed subdomain of it.
pub(crate) fn owner(plan: &Plan, name: &DomainName) -> Option<(DomainId, bool)> {
    if let Some(id) = plan.topology.domain_named(name) {
        return Some((id, false));
    }
    name.parents().find_map(|above| {
        let id = plan.topology.domain_named(above)?;
        plan.topology.domain(id).subdomains.then_some((id, true))
    })
}

pub(crate) fn host_taker(plan: &Plan, domain: &Domain, host: &str) -> Taker {
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let target = HostTarget::parse(&host).ok();
    let known = target.map(|target| plan.takers(&Host::new(target, 25)));
    let ours = match known {
        Some(Takers::Known(parties)) => parties.into_iter().find_map(Party::location),
        _ => None,
    };
    if let Some(ours) = ours {
        return Taker::Location(ours);
    }
    // Whatever the provider calls the host, it knows a domain's tenant by the domain.
    let ours = plan.topology.locations().find(|(id, location)| {
        mx_host(&plan.topology, *id, &domain.name).name() == Some(host.as_str())
            || location.tenant().is_some_and(|tenant| {
                host.ends_with(tenant.environment.mx_suffix())
                    && (plan.place(*id).accepted.named(&domain.name).is_some()
                        || plan.place(*id).accepted.around(&domain.name).is_some())
            })
    });
    ours.map_or(Taker::Stranger(host), |(id, _)| Taker::Location(id))
}
