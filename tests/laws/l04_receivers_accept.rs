//! L4: receivers accept what we send.
//!
//! (a) The record of a sender's domain lets every address pass that its mail leaves from. (b) Each address of a derived
//! record is one that something leaves from. (d) The exchangers of a domain fit its policy of MTA-STS. (e) No private
//! address is published or shown outside. (f) What receivers are asked to refuse, as nothing proves it, has an error.

use crate::breach::{Breach, Breaches, holds};
use crate::corpus::Spec;
use crate::messages::{Class, Role, said};
use crate::readers::zone::{self, Record};
use crate::surface::Compiled;
use crate::topology::{Topology, domain_of, texts};
use mailtopo::testing::spf::{Names, Verdict, check_host};
use std::collections::BTreeSet;
use std::net::IpAddr;

#[test]
fn receivers_accept_what_we_send() {
    holds("L4", receivers_accept, |_, _| true);
}

#[test]
fn what_dmarc_refuses_has_an_error() {
    holds("L4f", lost_mail_is_said, |_, _| true);
}

fn lost_mail_is_said(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let mut breaches = Breaches::default();
    for message in spec.messages() {
        for path in &message.trace.paths {
            let Some(author) = path
                .unproved
                .as_ref()
                .filter(|_| path.certainty == "certain")
            else {
                continue;
            };
            let is_said = compiled.findings.iter().any(|it| {
                let is_about =
                    it.domains.contains(author) || it.message.contains(&format!("`{author}`"));
                it.severity == "error" && it.check.starts_with('U') && is_about
            });
            if !is_said {
                breaches.add(
                    "no error of mail that DMARC refuses",
                    format!(
                        "{} to {}: {}",
                        message.sender.from, message.recipient.to, path.ends
                    ),
                    format!("{author} in: {}", said(&compiled.findings)),
                );
            }
        }
    }
    breaches.all()
}

/// What the zones say; other names are known to nobody.
struct Zones<'a>(&'a [Record]);

impl Zones<'_> {
    fn at(&self, name: &str, kind: &str) -> Option<Vec<String>> {
        let name = name.trim_end_matches('.').to_lowercase();
        let here: Vec<&Record> = self.0.iter().filter(|it| it.name == name).collect();
        if here.is_empty() {
            return None;
        }
        let of_kind = here.iter().filter(|it| it.kind == kind);
        Some(of_kind.filter_map(|it| it.data.last().cloned()).collect())
    }
}

impl Names for Zones<'_> {
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        self.at(name, "TXT")
    }

    fn exchangers(&self, name: &str) -> Option<Vec<String>> {
        self.at(name, "MX")
    }

    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>> {
        let all = self.at(name, if v6 { "AAAA" } else { "A" })?;
        Some(all.iter().filter_map(|it| it.parse().ok()).collect())
    }
}

/// Ranges that the Internet does not route (RFC 1918, RFC 4193, RFC 6598, loopback and link-local).
fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(it) => {
            let [first, second, ..] = it.octets();
            it.is_private()
                || it.is_loopback()
                || it.is_link_local()
                || first == 100 && (64..128).contains(&second)
        }
        IpAddr::V6(it) => {
            it.is_loopback() || matches!(it.segments()[0], 0xfc00..=0xfdff | 0xfe80..=0xfebf)
        }
    }
}

/// The first address of a network, or the address.
fn first(text: &str) -> Option<IpAddr> {
    text.split('/').next()?.parse().ok()
}

fn receivers_accept(spec: &Spec, compiled: &Compiled) -> Vec<Breach> {
    let (Some(topology), Some(files)) = (Topology::of(spec), &compiled.files) else {
        return Vec::new();
    };
    let records = zone::records(files);
    let zones = Zones(&records);
    let mut breaches = Breaches::default();
    let mut add = |kind: &str, one: String, other: String| breaches.add(kind, one, other);
    // Whoever says that a record is not made, or does not fit, has said it.
    let is_said = |domain: &str| {
        compiled.findings.iter().any(|it| {
            (it.check.starts_with('U') || it.check == "N017")
                && (it.message.contains(&format!("`{domain}`"))
                    || it.domains.contains(domain)
                    || it.objects.contains(&format!("domain:{domain}")))
        })
    };
    for message in spec
        .messages()
        .iter()
        .filter(|it| it.sender.role == Role::Mailbox)
    {
        let domain = domain_of(&message.sender.from);
        let is_ours = topology
            .domain(domain)
            .is_some_and(|it| it.dns == "managed");
        let goes_out = matches!(message.recipient.class, Class::Other | Class::Partner(_));
        for path in &message.trace.paths {
            let leaves = path.ends == "internet" || path.ends.starts_with("handed-off");
            if !leaves || !goes_out {
                continue;
            }
            for address in &path.egress {
                let Some(one) = first(address) else { continue };
                let way = format!(
                    "{} to {}: {} from {address}",
                    message.sender.from, message.recipient.to, path.ends
                );
                if path.ends == "internet" && is_private(one) {
                    add(
                        "a private address is shown to the Internet",
                        way.clone(),
                        String::new(),
                    );
                }
                if !is_ours || is_private(one) || path.certainty == "possible" {
                    continue;
                }
                let verdict = check_host(&zones, one, domain);
                if !matches!(verdict, Verdict::Pass | Verdict::Unknown(_)) && !is_said(domain) {
                    let texts = zones.texts(domain);
                    add(
                        "the record of the sender's domain does not let it pass",
                        way,
                        format!("{verdict:?} by {texts:?}"),
                    );
                }
            }
        }
    }
    for (domain, term) in loose_terms(spec, &topology, &records) {
        add(
            "a term of a record passes nothing that leaves",
            format!("{term} of {domain}"),
            format!("{:?}", zones.texts(&domain)),
        );
    }
    for (domain, why) in unfit_policies(&topology, &zones, files) {
        add(
            "an exchanger does not fit the policy of MTA-STS",
            domain,
            why,
        );
    }
    for record in &records {
        let shown = format!("{} {} {:?}", record.name, record.kind, record.data);
        let address = |text: &str| first(text).is_some_and(is_private);
        let is_inside = match record.kind.as_str() {
            "A" | "AAAA" => record.data.iter().any(|it| address(it)),
            "TXT" => record.data.iter().flat_map(|it| it.split(' ')).any(|term| {
                let network = term
                    .trim_start_matches(['+', '-', '~', '?'])
                    .split_once(':');
                network.is_some_and(|(name, it)| name.starts_with("ip") && address(it))
            }),
            _ => false,
        };
        if is_inside {
            add("a private address is published", shown, String::new());
        }
        let texts = record.data.iter().filter(|it| it.starts_with("v=spf1"));
        if record.kind == "TXT" && texts.count() > 0 {
            let several = records.iter().filter(|it| {
                it.name == record.name
                    && it.kind == "TXT"
                    && it.data.iter().any(|it| it.starts_with("v=spf1"))
            });
            if several.count() > 1 {
                add(
                    "a name has two SPF records",
                    record.name.clone(),
                    String::new(),
                );
            }
        }
    }
    breaches.all()
}

/// The addresses that a location or party of this name has.
fn addresses_of(topology: &Topology, name: &str) -> Vec<String> {
    let place = topology.places.get(name).map(|it| &it.value);
    let others = ["partners", "devices"].map(|key| topology.document.get(key)?.get(name));
    let mut values = place.into_iter().chain(others.into_iter().flatten());
    let keys = ["egress", "addresses", "nat"];
    values
        .by_ref()
        .flat_map(|it| keys.map(|key| texts(it.get(key))))
        .flatten()
        .collect()
}

/// Addresses in the records of domains that nothing which writes in their name passes or leaves from.
fn loose_terms(spec: &Spec, topology: &Topology, records: &[Record]) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (domain, it) in &topology.domains {
        let texts = records
            .iter()
            .filter(|it| it.name == *domain && it.kind == "TXT");
        let texts = texts.flat_map(|it| &it.data);
        let Some(text) = texts.into_iter().find(|it| it.starts_with("v=spf1")) else {
            continue;
        };
        // Terms that somebody wrote are not derived.
        let is_in = |bytes: &Vec<u8>, term: &str| String::from_utf8_lossy(bytes).contains(term);
        let mut left = BTreeSet::new();
        for message in spec.messages() {
            for path in &message.trace.paths {
                left.extend(path.egress.iter().cloned());
                for place in path.places() {
                    left.extend(addresses_of(topology, place));
                }
            }
        }
        let known: Vec<(IpAddr, u32)> = left.iter().filter_map(|it| network(it)).collect();
        let mut terms = text.split(' ').filter_map(|term| {
            let term = term.trim_start_matches(['+', '?', '~']);
            let (kind, value) = term.split_once(':')?;
            (kind == "ip4" || kind == "ip6").then_some(value)
        });
        let is_loose = |term: &&str| {
            let Some(term) = network(term) else {
                return true;
            };
            !known.iter().any(|other| overlap(term, *other))
        };
        let is_written = |term: &&str| spec.files.values().any(|it| is_in(it, term));
        if it.dns == "managed"
            && let Some(term) = terms.find(|term| is_loose(term) && !is_written(term))
        {
            found.push((domain.clone(), term.to_owned()));
        }
    }
    found
}

fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/').unwrap_or((text, ""));
    let address: IpAddr = address.parse().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    Some((address, length.parse().unwrap_or(most)))
}

fn overlap(one: (IpAddr, u32), other: (IpAddr, u32)) -> bool {
    let bits = |address: IpAddr| match address {
        IpAddr::V4(it) => u128::from(it.to_bits()) << 96,
        IpAddr::V6(it) => it.to_bits(),
    };
    let common = one.1.min(other.1);
    one.0.is_ipv4() == other.0.is_ipv4()
        && (common == 0 || (bits(one.0) ^ bits(other.0)) >> (128 - common) == 0)
}

/// Exchangers that the policy of their domain does not name, or whose certificate has another name.
fn unfit_policies(
    topology: &Topology,
    zones: &Zones<'_>,
    files: &crate::surface::Files,
) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (path, bytes) in files
        .iter()
        .filter(|(path, _)| path.ends_with(".well-known/mta-sts.txt"))
    {
        let host = path
            .split('/')
            .find_map(|part| part.strip_prefix("mta-sts."));
        let Some(domain) = host else { continue };
        let text = String::from_utf8_lossy(bytes);
        let allowed: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("mx:"))
            .map(str::trim)
            .collect();
        for exchanger in zones.exchangers(domain).unwrap_or_default() {
            let fits = |pattern: &&str| is_named(pattern, &exchanger);
            if !allowed.iter().any(fits) {
                found.push((
                    domain.to_owned(),
                    format!("{exchanger} is none of {allowed:?}"),
                ));
            }
            let mut places = topology.places.values();
            let place = places.find(|it| texts(it.value.get("hosts")).contains(&exchanger));
            let certificate = place.and_then(|it| it.value.get("certificate"));
            let names = certificate.map(|it| texts(it.get("names").or(Some(it))));
            if let Some(names) = names.filter(|it| !it.is_empty())
                && !names.iter().any(|name| is_named(name, &exchanger))
            {
                found.push((domain.to_owned(), format!("{exchanger} shows {names:?}")));
            }
        }
    }
    found
}

/// Whether a pattern of a policy, or a name on a certificate, stands for a host (RFC 8461, section 4.1).
fn is_named(pattern: &str, host: &str) -> bool {
    let (pattern, host) = (pattern.to_lowercase(), host.to_lowercase());
    match pattern.strip_prefix("*.") {
        Some(base) => host.split_once('.').is_some_and(|(_, rest)| rest == base),
        None => pattern == host,
    }
}
