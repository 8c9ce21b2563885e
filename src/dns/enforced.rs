//! What senders that honour MTA-STS or DANE find at the hosts that take a domain's mail.
//!
//! A policy is for the name that it stands at and for none below it (RFC 8461, 3.1); the records of DANE are those of the
//! host (RFC 7672, 2.2). The walk and the checks ask here, so that they say the same.

use crate::dns::exchanges;
use crate::dns::routing::{Taker, declared, host_taker, owner};
use crate::plan::Plan;
use crate::platforms::product::Trait;
use crate::topology::{
    Certificate, DnsManagement, Domain, Issuer, Location, LocationId, MtaStsMode, Presented,
    Topology,
};
use crate::values::{DomainName, hex};
use sha2::{Digest as _, Sha256, Sha512};

/// Why no sender that honours what a name promises hands its mail to a location: none of the hosts fits; nothing where one
/// does, or where nothing is promised.
pub(crate) fn misfit(plan: &Plan, name: &DomainName, at: LocationId) -> Option<String> {
    let topology = &plan.topology;
    let (id, below) = owner(plan, name)?;
    let domain = topology.domain(id);
    let location = topology.location(at);
    let hosts = hosts(plan, domain, at);
    let by_policy = hosts
        .iter()
        .map(|host| policy_refuses(domain, location, host));
    let by_policy: Option<Vec<String>> = by_policy.collect();
    if let Some(why) = by_policy.into_iter().flatten().next().filter(|_| !below) {
        return Some(format!(
            "the MTA-STS policy of `{}` is not met: {why}",
            domain.name
        ));
    }
    let certificate = location.certificate.as_ref()?;
    let fits = |host: &String| {
        let list = associations(topology, host).unwrap_or_default();
        fits_a_key(certificate, list)
    };
    let first = hosts.first().filter(|_| !hosts.iter().any(fits))?;
    Some(format!(
        "the TLSA records of `{first}` fit no key of `{}`",
        location.name
    ))
}

/// The hosts of a location that take a domain's mail, as far as their names are known.
fn hosts(plan: &Plan, domain: &Domain, at: LocationId) -> Vec<String> {
    if let Some(declared) = declared(domain) {
        let hosts = declared.into_iter().map(|(_, host)| host);
        let own = hosts.filter(|host| host_taker(plan, domain, host) == Taker::Location(at));
        return own.map(str::to_owned).collect();
    }
    let all = exchanges(&plan.topology, domain).unwrap_or_default();
    let own = all.iter().filter(|exchange| exchange.location == at);
    own.map(|exchange| exchange.host.to_string()).collect()
}

/// Why the policy of a domain refuses a host.
fn policy_refuses(domain: &Domain, location: &Location, host: &str) -> Option<String> {
    match &domain.dns {
        DnsManagement::Managed => {
            let policy = domain.mta_sts.as_ref()?;
            let enforced = policy.value.mode == MtaStsMode::Enforce && domain.receives();
            unfit(location, host).filter(|_| enforced)
        }
        DnsManagement::External(records) => {
            let (mode, names) = &records.mta_sts.as_ref()?.value;
            let missed =
                *mode == MtaStsMode::Enforce && !names.iter().any(|name| stands_for(name, host));
            missed.then(|| format!("it does not name `{host}`"))
        }
        DnsManagement::None => None,
    }
}

/// Hosts that mail of a domain shall enter at and that its enforcing policy, which others serve, does not name.
pub(crate) fn unnamed(topology: &Topology, domain: &Domain) -> Vec<String> {
    let declared = match &domain.dns {
        DnsManagement::External(records) => records.mta_sts.as_ref(),
        DnsManagement::Managed | DnsManagement::None => None,
    };
    let Some((MtaStsMode::Enforce, names)) = declared.map(|at| &at.value) else {
        return Vec::new();
    };
    let hosts = exchanges(topology, domain).unwrap_or_default().into_iter();
    let hosts = hosts.map(|exchange| exchange.host.to_string());
    let named = |host: &str| names.iter().any(|name| stands_for(name, host));
    hosts.filter(|host| !named(host)).collect()
}

/// Why senders that check a host do not trust what it shows; nothing where they do, or where nobody says.
pub(crate) fn unfit(location: &Location, host: &str) -> Option<String> {
    let Some(certificate) = &location.certificate else {
        let none = location.is(Trait::TlsNeedsCertificate);
        return none.then(|| "it has no certificate and so offers no TLS".to_owned());
    };
    let issuer = match certificate.issuer {
        Issuer::Public => None,
        Issuer::Private => Some("comes from a private authority"),
        Issuer::SelfSigned => Some("is self-signed"),
    };
    let mut names = certificate.names.iter();
    match (names.any(|at| stands_for(&at.value, host)), issuer) {
        (true, None) => None,
        (true, Some(issuer)) => Some(format!("its certificate {issuer}")),
        (false, _) => {
            let names = certificate.names.iter();
            let names: Vec<String> = names.map(|at| format!("`{}`", at.value)).collect();
            let issuer = issuer.map_or_else(String::new, |issuer| format!(" and {issuer}"));
            Some(format!(
                "its certificate names {}{issuer}",
                names.join(", ")
            ))
        }
    }
}

/// Whether a name of a policy or of a certificate stands for a host: a `*` for exactly one label.
pub(crate) fn stands_for(name: &str, host: &str) -> bool {
    match name.strip_prefix("*.") {
        Some(base) => {
            let rest = host.split_once('.').filter(|(label, _)| !label.is_empty());
            rest.is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(base))
        }
        None => name.eq_ignore_ascii_case(host),
    }
}

/// The TLSA records of a host whose zone others keep, as they are declared or gathered; nothing where nobody says.
pub(crate) fn associations<'a>(topology: &'a Topology, host: &str) -> Option<&'a [String]> {
    let name = format!("_25._tcp.{host}");
    let above = |at: usize| DomainName::parse(&name[at + 1..]).ok();
    let declared = name.match_indices('.').find_map(|(at, _)| {
        let domain = topology.domain(topology.domain_named(&above(at)?)?);
        match &domain.dns {
            DnsManagement::External(records) => Some(records.below.get(&name[..at])),
            DnsManagement::Managed | DnsManagement::None => None,
        }
    });
    let declared = declared.flatten().and_then(|at| at.value.tlsa.as_deref());
    let gathered = || topology.facts.records.get(&name)?.tlsa.as_deref();
    declared.or_else(gathered)
}

/// Whether some TLSA record fits what a location presents or will present, or may; so it is where none is of use to senders
/// (RFC 7672, sections 2.2 and 3.1.3), or where nothing is known of the certificate.
pub(crate) fn fits_a_key(certificate: &Certificate, list: &[String]) -> bool {
    let mut usable = list
        .iter()
        .filter_map(|text| Association::parse(text))
        .peekable();
    usable.peek().is_none()
        || certificate.chain.is_empty()
        || usable.any(|one| chains(certificate).any(|chain| one.fits(chain)))
}

/// Whether some TLSA record fits what is presented now, and some what will be.
pub(crate) fn fits_all_keys(certificate: &Certificate, list: &[String]) -> bool {
    let usable: Vec<Association> = list
        .iter()
        .filter_map(|text| Association::parse(text))
        .collect();
    !certificate.chain.is_empty()
        && chains(certificate).all(|chain| usable.iter().any(|one| one.fits(chain)))
}

fn chains(certificate: &Certificate) -> impl Iterator<Item = &[Presented]> {
    let next = certificate.next.as_ref().map(|next| next.chain.as_slice());
    [certificate.chain.as_slice()].into_iter().chain(next)
}

/// A TLSA record that senders of mail use.
struct Association {
    /// It names an authority of the chain, and not the server's own certificate.
    by_authority: bool,
    /// It is about the key, and not about the whole certificate.
    of_key: bool,
    /// How it is made: 0 as it is, 1 by SHA-256, 2 by SHA-512.
    matching: u8,
    data: String,
}

impl Association {
    fn parse(text: &str) -> Option<Self> {
        let compact: String = text.split_ascii_whitespace().collect();
        let compact = compact.to_ascii_lowercase();
        let (head, data) = compact.split_at_checked(3)?;
        let [usage @ (b'2' | b'3'), selector @ (b'0' | b'1'), matching] = head.as_bytes() else {
            return None;
        };
        let length = match matching {
            b'0' => data.len(),
            b'1' => 64,
            b'2' => 128,
            _ => return None,
        };
        (data.len() == length && !data.is_empty()).then(|| Self {
            by_authority: *usage == b'2',
            of_key: *selector == b'1',
            matching: matching - b'0',
            data: data.to_owned(),
        })
    }

    /// Whether it fits one of these certificates. Of an authority that the file does not hold nobody knows whether the server
    /// presents it.
    fn fits(&self, chain: &[Presented]) -> bool {
        let all = match chain {
            [alone] if self.by_authority && !alone.self_signed => return true,
            [leaf, ..] if !self.by_authority => std::slice::from_ref(leaf),
            all => all,
        };
        all.iter().any(|one| {
            let octets = if self.of_key {
                Some(&one.key)
            } else {
                one.certificate.as_ref()
            };
            octets.is_some_and(|octets| match self.matching {
                0 => hex(octets) == self.data,
                1 => hex(&Sha256::digest(octets)) == self.data,
                _ => hex(&Sha512::digest(octets)) == self.data,
            })
        })
    }
}

/// The digests of the keys that a location shows and will show, as TLSA records have them.
pub(crate) fn keys(certificate: &Certificate) -> impl Iterator<Item = String> {
    let next = certificate.next.as_ref().map(|next| next.spki_sha256);
    let digests = certificate.spki_sha256.into_iter().chain(next);
    digests.map(|digest| hex(&digest))
}
