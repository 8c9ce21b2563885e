//! Values of objects as the language writes them. What is none of its values is left out, and the comparison of the draft
//! with the export says so.

use crate::draft::join::pair;
use crate::draft::text::{mapping, quoted};
use crate::import::LiveObject;
use crate::values::{HostTarget, Network, Pattern};
use std::net::IpAddr;

/// Domain patterns, without `smtp:` and without costs.
pub(super) fn patterns(object: &LiveObject, property: &str) -> Vec<String> {
    let spaces = spaces(object, property).into_iter();
    spaces.map(|(pattern, _)| pattern).collect()
}

/// Domain patterns with their costs.
pub(super) fn spaces(object: &LiveObject, property: &str) -> Vec<(String, u32)> {
    let space = |text: String| {
        let lower = text.trim().to_lowercase();
        let bare = lower.strip_prefix("local:").unwrap_or(&lower);
        let bare = bare.strip_prefix("smtp:").unwrap_or(bare);
        let (name, cost) = bare.rsplit_once(';').unwrap_or((bare, "1"));
        let name = if name == "--" { "*" } else { name };
        let is_pattern = name != "accepted-domains" && Pattern::parse(name).is_ok();
        Some((name.to_owned(), cost.parse().ok()?)).filter(|_| is_pattern)
    };
    let mut spaces: Vec<(String, u32)> = object
        .items(property)
        .into_iter()
        .filter_map(space)
        .collect();
    spaces.dedup_by(|a, b| a.0 == b.0);
    spaces
}

/// Smart hosts, without brackets.
pub(super) fn hosts(object: &LiveObject) -> Vec<String> {
    let bare = |host: String| {
        let host = host.trim();
        let inside = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        inside.unwrap_or(host).to_lowercase()
    };
    let hosts = object.items("SmartHosts").into_iter().map(bare);
    hosts
        .filter(|host| HostTarget::parse(host).is_ok())
        .collect()
}

/// Addresses and networks; a range as the networks that it consists of. All addresses are nobody's.
pub(super) fn networks(object: &LiveObject, property: &str) -> Vec<String> {
    let mut all: Vec<Network> = Vec::new();
    for text in object.items(property) {
        let text = text.trim();
        let range = text.split_once('-').and_then(|(first, last)| {
            let first: IpAddr = first.trim().parse().ok()?;
            Network::of_range(first, last.trim().parse().ok()?)
        });
        all.extend(range.unwrap_or_else(|| Network::parse(text).into_iter().collect()));
    }
    all.sort();
    all.dedup();
    let least = |network: &Network| if network.is_ipv6() { 1 } else { 8 };
    all.retain(|network| network.prefix_len() >= least(network));
    all.iter().map(Network::to_string).collect()
}

/// The name on a certificate, from `<I>issuer<S>CN=name, …` or as it is.
pub(super) fn certificate(text: &str) -> String {
    let lower = text.trim().to_lowercase();
    let Some((_, subject)) = lower.split_once("<s>") else {
        return lower;
    };
    let mut parts = subject.split(',').map(str::trim);
    let name = parts.find_map(|part| part.strip_prefix("cn="));
    name.unwrap_or_default().to_owned()
}

/// Accepted domains.
pub(super) fn accepts<'o>(domains: impl Iterator<Item = &'o LiveObject>) -> String {
    let accept = |domain: &LiveObject| {
        let name = domain.name.to_lowercase();
        crate::values::DomainName::parse(&name).ok()?;
        let kind = match domain.word("DomainType").as_str() {
            "InternalRelay" => "internal-relay",
            "ExternalRelay" => "external-relay",
            _ => "authoritative",
        };
        let mut accept = vec![pair("domain", quoted(&name)), pair("type", kind)];
        if domain.is_on("MatchSubDomains") {
            accept.push(pair("subdomains", "true"));
        }
        Some(mapping(&accept))
    };
    let all: Vec<String> = domains.filter_map(accept).collect();
    format!("[{}]", all.join(", "))
}
