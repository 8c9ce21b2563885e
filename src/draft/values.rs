//! Values of objects as the language writes them. What is none of its values is left out, and the comparison of the draft
//! with the export says so.

use crate::draft::join::pair;
use crate::draft::text::{mapping, quoted};
use crate::import::{LiveObject, address_space};
use crate::values::{HostTarget, Network, Pattern};

/// Domain patterns, without `smtp:` and without costs.
pub(super) fn patterns(object: &LiveObject, property: &str) -> Vec<String> {
    let spaces = spaces(object, property).into_iter();
    spaces.map(|(pattern, _)| pattern).collect()
}

/// Domain patterns with their costs.
pub(super) fn spaces(object: &LiveObject, property: &str) -> Vec<(String, u32)> {
    let is_pattern = |name: &str| name != "accepted-domains" && Pattern::parse(name).is_ok();
    let mut spaces: Vec<(String, u32)> = object
        .items(property)
        .iter()
        .filter_map(|text| address_space(text))
        .filter(|(name, _)| is_pattern(name))
        .collect();
    spaces.dedup_by(|a, b| a.0 == b.0);
    spaces
}

/// Smart hosts that a spec can name.
pub(super) fn hosts(object: &LiveObject) -> Vec<String> {
    let hosts = object.smart_hosts();
    hosts
        .filter(|host| HostTarget::parse(host).is_ok())
        .collect()
}

/// Addresses and networks; a range as the networks that it consists of. All addresses are nobody's.
pub(super) fn networks(object: &LiveObject, property: &str) -> Vec<String> {
    let items = object.items(property);
    let known = items.iter().filter_map(|text| Network::parse_all(text));
    let mut all: Vec<Network> = known.flatten().collect();
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
