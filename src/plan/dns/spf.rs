//! SPF (RFC 7208): the egress of the last own hop of every flow with a sender of a domain.

use super::exits::Exits;
use super::{Out, RData, managed, path, sending};
use crate::finding::{Finding, Object};
use crate::plan::Route;
use crate::source::Span;
use crate::topology::{
    Device, Dkim, Domain, LocationId, Method, Sending, SendsAs, SendsInOurName, SendsTo, SpfAll,
    Topology,
};
use crate::values::{DomainName, Network, OwnerName, is_private_address};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// Adds one record per domain that mail is sent with, and the closing ones of parked domains.
pub(super) fn add(topology: &Topology, routes: &[Route], out: &mut Out<'_>) {
    let mut exits = Exits::of(topology, routes);
    let mut bare: BTreeMap<LocationId, Vec<&Domain>> = BTreeMap::new();
    for domain in sending(topology) {
        let mut terms = Terms::default();
        for id in places(topology, domain, &mut exits) {
            if !terms.add_location(topology, id, out) {
                bare.entry(id).or_default().push(domain);
            }
        }
        add_partners(topology, domain, &mut terms, out);
        add_devices(topology, domain, &mut terms);
        let end = add_settings(topology, domain, &mut terms, out);
        let span = domain.spf.as_ref().map_or(domain.span, |at| at.span);
        if terms.is_empty() {
            // A record that forbids everything is right for a parked domain and fatal for one that sends.
            out.gap(
                "the SPF record",
                "nothing in the spec says where mail with this name leaves: name who sends it in `sends_as`, or what is to be included in `spf`",
                None,
                &domain.name,
                span,
            );
            continue;
        }
        let text = terms.record(end);
        out.add(
            "",
            &domain.name,
            RData::text(text),
            path(domain, "spf"),
            span,
        );
    }
    for domain in managed(topology).filter(|domain| domain.sending == Sending::Parked) {
        for prefix in ["", "*"] {
            let data = RData::text("v=spf1 -all");
            out.add(
                prefix,
                &domain.name,
                data,
                path(domain, "parked"),
                domain.span,
            );
        }
    }
    report_bare(topology, bare, out);
}

/// The terms of a record.
#[derive(Default)]
struct Terms {
    networks: BTreeSet<Network>,
    others: BTreeSet<String>,
}

impl Terms {
    fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.others.is_empty()
    }

    /// Adds what stands for the egress of a place; false where nothing does.
    fn add_location(&mut self, topology: &Topology, id: LocationId, out: &mut Out<'_>) -> bool {
        let location = topology.location(id);
        if let Some(spf) = &location.spf {
            self.add_text(&spf.value, spf.span, out);
            return true;
        }
        if let Some(tenant) = location.tenant() {
            let include = tenant.environment.spf_include();
            self.others.insert(format!("include:{include}"));
            return true;
        }
        let egress = location.egress.iter().map(|at| at.value);
        let public: Vec<Network> = egress.filter(|network| !network.is_private()).collect();
        self.networks.extend(&public);
        !public.is_empty()
    }

    /// Adds terms as somebody wrote them.
    fn add_text(&mut self, text: &str, span: Span, out: &mut Out<'_>) {
        for term in text.split_ascii_whitespace() {
            if term.eq_ignore_ascii_case("v=spf1") || is_all(term) {
                continue;
            }
            match read_term(term) {
                Some(Term::Network(network)) => {
                    self.networks.insert(network);
                }
                Some(Term::Other(term)) => {
                    self.others.insert(term);
                }
                None => out.findings.push(
                    Finding::error(
                        "U017",
                        format!("`{term}` is no term of an SPF record, and one wrong term makes the whole record fail"),
                    )
                    .at(span, "")
                    .help("write such as `include:spf.example.com` or `ip4:203.0.113.0/28`"),
                ),
            }
        }
    }

    fn record(&self, end: SpfAll) -> String {
        let mut text = "v=spf1".to_owned();
        for network in &self.networks {
            let covered = self
                .networks
                .iter()
                .any(|other| other != network && other.contains(network));
            if !covered {
                let kind = if network.is_ipv6() { "ip6" } else { "ip4" };
                let _ = write!(text, " {kind}:{network}");
            }
        }
        for term in &self.others {
            text.push(' ');
            text.push_str(term);
        }
        text.push_str(match end {
            SpfAll::Fail => " -all",
            SpfAll::Softfail => " ~all",
        });
        text
    }
}

enum Term {
    Network(Network),
    Other(String),
}

fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?'])
        .eq_ignore_ascii_case("all")
}

/// Reads a mechanism that lets mail pass. `redirect` would be without effect beside `all`, and other qualifiers do not
/// say that mail leaves there.
fn read_term(term: &str) -> Option<Term> {
    let bare = term.strip_prefix('+').unwrap_or(term);
    let end = bare.find([':', '/']).unwrap_or(bare.len());
    let (name, rest) = bare.split_at(end);
    let name = name.to_ascii_lowercase();
    let value = rest.strip_prefix(':');
    match name.as_str() {
        "ip4" | "ip6" => {
            let network = Network::parse(value?).ok()?;
            (network.is_ipv6() == (name == "ip6")).then_some(Term::Network(network))
        }
        "include" | "exists" => {
            let target = value.filter(|value| is_domain_spec(value))?;
            Some(Term::Other(format!("{name}:{target}")))
        }
        "a" | "mx" => {
            let target = value.map_or("", |value| value.split('/').next().unwrap_or_default());
            let plain = value.is_none() || is_domain_spec(target);
            let visible = rest.bytes().all(|b| b.is_ascii_graphic());
            (plain && visible).then(|| Term::Other(format!("{name}{rest}")))
        }
        _ => None,
    }
}

/// A name, or one with macros, which are only looked at for their characters.
fn is_domain_spec(text: &str) -> bool {
    if text.contains('%') {
        return text.contains('.') && text.bytes().all(|b| b.is_ascii_graphic());
    }
    text.contains('.') && OwnerName::parse(text).is_ok()
}

/// The places at which mail of a domain leaves.
fn places(topology: &Topology, domain: &Domain, exits: &mut Exits<'_>) -> BTreeSet<LocationId> {
    let mut starts: BTreeSet<LocationId> = domain.holder_ids().collect();
    if domain.sending == Sending::SendOnly
        && let Dkim::Signers(signers) = &domain.dkim
    {
        starts.extend(
            signers
                .iter()
                .filter_map(|signer| signer.signer.value.location()),
        );
    }
    for device in &topology.devices {
        let leaves = !matches!(device.sends_to, SendsTo::Internal)
            && matches!(
                device.method.value,
                Method::Relay | Method::ClientSubmission
            );
        if leaves && device_sends_as(device, &domain.name) {
            starts.insert(device.via.value);
        }
    }
    starts
        .into_iter()
        .flat_map(|start| exits.from(start).clone())
        .collect()
}

fn device_sends_as(device: &Device, domain: &DomainName) -> bool {
    device.sends_as.iter().any(|at| match &at.value {
        SendsAs::Address(address) => address.domain() == domain,
        SendsAs::Pattern(pattern) => pattern.matches(domain),
    })
}

/// A device that delivers like a stranger is its own last hop.
fn add_devices(topology: &Topology, domain: &Domain, terms: &mut Terms) {
    let strangers = topology.devices.iter().filter(|device| {
        device.method.value == Method::DirectSend && device_sends_as(device, &domain.name)
    });
    for device in strangers {
        let translated = device.nat.iter().map(|at| at.value);
        terms.networks.extend(
            translated
                .filter(|ip| !is_private_address(*ip))
                .map(Network::from),
        );
        let own = device.addresses.iter().map(|at| at.value);
        terms
            .networks
            .extend(own.filter(|network| !network.is_private()));
    }
}

/// Partners that send in the domain's name.
fn add_partners(topology: &Topology, domain: &Domain, terms: &mut Terms, out: &mut Out<'_>) {
    for partner in &topology.partners {
        let ours = partner.sends_as.iter().any(|at| match &at.value {
            SendsInOurName::Domain(name) => *name == domain.name,
            SendsInOurName::Address(address) => *address.domain() == domain.name,
        });
        if !ours {
            continue;
        }
        match &partner.spf {
            Some(spf) => terms.add_text(&spf.value, spf.span, out),
            None => terms.networks.extend(
                partner
                    .addresses
                    .iter()
                    .map(|at| at.value)
                    .filter(|network| !network.is_private()),
            ),
        }
    }
}

/// What the spec adds by hand, and how the record ends.
fn add_settings(
    topology: &Topology,
    domain: &Domain,
    terms: &mut Terms,
    out: &mut Out<'_>,
) -> SpfAll {
    let defaults = &topology.dns.spf;
    let written = domain.spf.as_ref().map(|at| &at.value);
    let includes = match written {
        Some(written) if !written.include.is_empty() => &written.include,
        _ => &defaults.include,
    };
    for include in includes {
        let bare = include
            .value
            .strip_prefix("include:")
            .unwrap_or(&include.value);
        terms.add_text(&format!("include:{bare}"), include.span, out);
    }
    written
        .and_then(|written| written.all)
        .unwrap_or(defaults.all)
}

/// Places at which mail leaves and of which no public address is known: receivers would see every such message fail.
fn report_bare(topology: &Topology, bare: BTreeMap<LocationId, Vec<&Domain>>, out: &mut Out<'_>) {
    for (id, domains) in bare {
        let location = topology.location(id);
        let span = location.egress.first().map_or(location.span, |at| at.span);
        out.findings.push(
            Finding::error(
                "U001",
                format!(
                    "mail leaves from `{}`, of which no public address is known, so SPF fails for what it sends",
                    location.name
                ),
            )
            .at(span, "addresses that the Internet sees are wanted here")
            .on(Object::Location(location.name.clone()))
            .domains(domains.iter().map(|domain| domain.name.to_string()))
            .help("write the public addresses in `egress`, or terms that stand for them in `spf`"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_read_or_refused() {
        for (term, wanted) in [
            (
                "include:spf.filter.example",
                Some("include:spf.filter.example"),
            ),
            (
                "+INCLUDE:_spf.filter.example",
                Some("include:_spf.filter.example"),
            ),
            ("ip4:192.0.2.0/24", Some("192.0.2.0/24")),
            ("ip6:2001:db8::/32", Some("2001:db8::/32")),
            ("a", Some("a")),
            ("mx:contoso.com/28", Some("mx:contoso.com/28")),
            (
                "exists:%{i}._spf.contoso.com",
                Some("exists:%{i}._spf.contoso.com"),
            ),
            ("ip4:2001:db8::1", None),
            ("ip4:192.0.2.1/24", None),
            ("include", None),
            ("include:", None),
            ("include:nodots", None),
            ("ptr", None),
            ("redirect=contoso.com", None),
            ("-ip4:192.0.2.1", None),
            ("a:\u{fc}.example", None),
        ] {
            let read = read_term(term).map(|term| match term {
                Term::Network(network) => network.to_string(),
                Term::Other(text) => text,
            });
            assert_eq!(read.as_deref(), wanted, "{term}");
        }
    }

    #[test]
    fn contained_networks_are_not_repeated() {
        let mut terms = Terms::default();
        for text in ["192.0.2.7", "192.0.2.0/24", "2001:db8::1", "198.51.100.1"] {
            terms
                .networks
                .insert(Network::parse(text).expect("a network"));
        }
        terms.others.insert("include:spf.example".to_owned());
        assert_eq!(
            terms.record(SpfAll::Softfail),
            "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.1 ip6:2001:db8::1 include:spf.example ~all"
        );
    }
}
