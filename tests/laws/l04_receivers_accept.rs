//! L4: receivers accept what we send.
//!
//! (a) The record of a sender's domain lets every address pass that its mail leaves from. (b) Each address of a derived
//! record is one that something leaves from. (e) No private address is published or shown outside.

use crate::breach::{Breach, holds};
use crate::corpus::Spec;
use crate::messages::{Class, Role};
use crate::readers::zone::{self, Record};
use crate::surface::Compiled;
use crate::topology::{Topology, domain_of};
use mailtopo::testing::spf::{Names, Verdict, check_host};
use std::collections::BTreeMap;
use std::net::IpAddr;

#[test]
fn receivers_accept_what_we_send() {
    holds("L4", receivers_accept, |_, _| true);
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
    let mut breaches: BTreeMap<String, Breach> = BTreeMap::new();
    let mut add = |kind: &str, one: String, other: String| {
        breaches.entry(kind.to_owned()).or_insert_with(|| Breach {
            object: kind.to_owned(),
            kind: kind.to_owned(),
            one,
            other,
        });
    };
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
    breaches.into_values().collect()
}
