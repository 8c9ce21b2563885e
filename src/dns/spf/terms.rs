//! The terms of an SPF record (RFC 7208, section 5).

use crate::dns::Out;
use crate::finding::{Code, Finding};
use crate::source::Span;
use crate::topology::{LocationId, SpfAll, Topology};
use crate::values::{Network, OwnerName};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The terms of a record.
#[derive(Default)]
pub(crate) struct Terms {
    /// Addresses.
    pub(crate) networks: BTreeSet<Network>,
    /// Everything else, as it is written.
    pub(crate) others: BTreeSet<String>,
}

impl Terms {
    /// Whether nobody is let through.
    pub(crate) fn is_empty(&self) -> bool {
        self.networks.is_empty() && self.others.is_empty()
    }

    /// Adds what stands for the egress of a place; false where nothing does.
    pub(crate) fn add_location(
        &mut self,
        topology: &Topology,
        id: LocationId,
        out: &mut Out<'_>,
    ) -> bool {
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
    pub(crate) fn add_text(&mut self, text: &str, span: Span, out: &mut Out<'_>) {
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
                        Code::U017,
                        format!("`{term}` is no term of an SPF record, and one wrong term makes the whole record fail"),
                    )
                    .at(span, "")
                    .help("write such as `include:spf.example.com` or `ip4:203.0.113.0/28`"),
                ),
            }
        }
    }

    /// The record.
    pub(crate) fn record(&self, end: SpfAll) -> String {
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

/// One mechanism.
pub(crate) enum Term {
    Network(Network),
    Other(String),
}

fn is_all(term: &str) -> bool {
    term.trim_start_matches(['+', '-', '~', '?'])
        .eq_ignore_ascii_case("all")
}

/// Reads a mechanism that lets mail pass. `redirect` would be without effect beside `all`, and other qualifiers do not
/// say that mail leaves there.
pub(crate) fn read_term(term: &str) -> Option<Term> {
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
