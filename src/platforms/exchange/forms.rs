//! How two values of a property are compared: what the product does not tell apart is one value, all else is compared
//! letter by letter.
//!
//! The library of the scripts has the same table in PowerShell (`$forms`); a test holds the two against each other.

use crate::values::Size;
use std::collections::BTreeSet;
use std::net::Ipv6Addr;

/// How the parts of a value are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Letter by letter.
    Exact,
    /// Without regard to case.
    Name,
    /// An address space: without `smtp:` and the cost 1.
    Space,
    /// An address, network, range or binding.
    Address,
    /// Words of one text or several; `Custom` and `None` are none.
    Flags,
    /// Letter by letter, but for the ends of its lines.
    Comment,
    /// The name or address of a host; an address may stand in brackets.
    Host,
    /// A size in octets.
    Size,
}

/// The properties that are not compared letter by letter. Exceptions of rules have the form of their condition.
const FORMS: &[(Form, &[&str])] = &[
    (Form::Space, &["SenderDomains", "AddressSpaces"]),
    (
        Form::Address,
        &[
            "SenderIPAddresses",
            "RemoteIPRanges",
            "EFSkipIPs",
            "Bindings",
        ],
    ),
    (
        Form::Flags,
        &["AuthMechanism", "PermissionGroups", "ArcTrustedSealers"],
    ),
    (Form::Comment, &["Comment", "Comments"]),
    (Form::Host, &["SmartHosts"]),
    (Form::Size, &["MaxMessageSize"]),
    (
        Form::Name,
        &[
            "RecipientDomains",
            "AssociatedAcceptedDomains",
            "EFUsers",
            "TlsDomain",
            "TlsSenderCertificateName",
            "Fqdn",
            "TlsDomainCapabilities",
            "TlsCertificateName",
            "SourceTransportServers",
            "ConnectorType",
            "TlsSettings",
            "TlsAuthLevel",
            "SmartHostAuthMechanism",
            "DomainType",
            "Mode",
            "SenderAddressLocation",
            "State",
            "From",
            "FromMemberOf",
            "FromScope",
            "SentTo",
            "SentToMemberOf",
            "SentToScope",
            "SenderDomainIs",
            "RecipientDomainIs",
            "HeaderContainsMessageHeader",
            "HeaderMatchesMessageHeader",
            "SetHeaderName",
            "RouteMessageOutboundConnector",
        ],
    ),
];

/// The form of a property.
pub fn form_of(property: &str) -> Form {
    let plain = property.strip_prefix("ExceptIf").unwrap_or(property);
    let found = FORMS.iter().find(|(_, names)| names.contains(&plain));
    found.map_or(Form::Exact, |(form, _)| *form)
}

/// Whether a size is one that the product itself gives connectors, in octets.
pub(crate) fn is_of_product(octets: &str) -> bool {
    ["10485760", "36700160", "37748736"].contains(&octets)
}

/// The parts of a value, each as it is compared. Order does not count, nor does what stands there twice.
pub fn parts<'a>(property: &str, items: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let form = form_of(property);
    let mut parts = BTreeSet::new();
    for item in items {
        if form == Form::Flags {
            let words = item.split(',').map(str::trim);
            let words = words.filter(|word| !["", "Custom", "None"].contains(word));
            parts.extend(words.map(str::to_lowercase));
        } else {
            parts.insert(part(property, form, item));
        }
    }
    parts.remove("");
    parts
}

fn part(property: &str, form: Form, text: &str) -> String {
    match form {
        Form::Exact => return text.to_owned(),
        Form::Comment => return text.replace('\r', "").trim_end().to_owned(),
        _ => {}
    }
    let bare = match property {
        "SmartHosts" => {
            let inside = text
                .strip_prefix('[')
                .and_then(|text| text.strip_suffix(']'));
            inside.unwrap_or(text)
        }
        // Exchange shows the path of a domain.
        "AssociatedAcceptedDomains" => text.rsplit('/').next().unwrap_or(text),
        _ => text,
    };
    let lower = bare.trim().to_lowercase();
    match form {
        Form::Space => {
            let bare = lower.strip_prefix("local:").unwrap_or(&lower);
            let bare = bare.strip_prefix("smtp:").unwrap_or(bare);
            bare.strip_suffix(";1").unwrap_or(bare).to_owned()
        }
        Form::Address => address(&lower),
        Form::Size => octets(&lower).map_or(lower, |octets| octets.to_string()),
        _ => lower,
    }
}

/// Every IPv6 address in one spelling, and a single address without the length of its network.
fn address(text: &str) -> String {
    let single = if text.contains(':') { "/128" } else { "/32" };
    let text = text.strip_suffix(single).unwrap_or(text);
    let spelled = text.split_inclusive(['-', '/', '[', ']']).map(|piece| {
        let bare = piece.trim_end_matches(['-', '/', '[', ']']);
        match bare.parse::<Ipv6Addr>() {
            Ok(address) => format!("{address}{}", piece.get(bare.len()..).unwrap_or_default()),
            Err(_) => piece.to_owned(),
        }
    });
    spelled.collect()
}

/// A size as Exchange shows it, `35 MB (36,700,160 bytes)`, or as it is typed.
fn octets(text: &str) -> Option<u64> {
    if let Some((_, counted)) = text.split_once('(')
        && let Some((digits, _)) = counted.split_once(" bytes)")
    {
        let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
        return digits.parse().ok();
    }
    let compact: String = text.to_uppercase().split_whitespace().collect();
    let plain = compact.strip_suffix('B').unwrap_or(&compact);
    let octets = plain.parse().ok();
    octets.or_else(|| Size::parse(&compact).ok().map(|size| size.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(property: &str, one: &[&str], other: &[&str]) -> bool {
        parts(property, one.iter().copied()) == parts(property, other.iter().copied())
    }

    #[test]
    fn what_the_product_does_not_tell_apart_is_equal() {
        for (property, one, other) in [
            ("SenderDomains", &["smtp:*;1"][..], &["*"][..]),
            (
                "AddressSpaces",
                &["Local:SMTP:Contoso.com;1"],
                &["contoso.com"],
            ),
            ("SenderIPAddresses", &["192.0.2.1/32"], &["192.0.2.1"]),
            ("RemoteIPRanges", &["2001:0DB8::/32"], &["2001:db8::/32"]),
            (
                "RemoteIPRanges",
                &["10.0.0.1-10.0.0.9"],
                &["10.0.0.1-10.0.0.9"],
            ),
            ("Bindings", &["[::0]:25"], &["[::]:25"]),
            ("SmartHosts", &["[192.0.2.1]"], &["192.0.2.1"]),
            ("MaxMessageSize", &["35 MB (36,700,160 bytes)"], &["35MB"]),
            (
                "PermissionGroups",
                &["AnonymousUsers, Custom"],
                &["AnonymousUsers"],
            ),
            ("AuthMechanism", &["None"], &[]),
            (
                "AuthMechanism",
                &["Tls, ExternalAuthoritative"],
                &["ExternalAuthoritative", "Tls"],
            ),
            ("Comment", &["a\r\nb "], &["a\nb"]),
            ("TlsDomain", &["*.Contoso.com"], &["*.contoso.com"]),
            (
                "RecipientDomains",
                &["b.example", "a.example"],
                &["a.example", "b.example", "a.example"],
            ),
        ] {
            assert!(same(property, one, other), "{property}: {one:?} {other:?}");
        }
        for (property, one, other) in [
            (
                "AddressSpaces",
                &["contoso.com;2"][..],
                &["contoso.com"][..],
            ),
            ("HeaderContainsWords", &["Yes"], &["yes"]),
            ("SetHeaderValue", &["Yes"], &["yes"]),
            ("Comment", &["A"], &["a"]),
            ("MaxMessageSize", &["36MB"], &["35MB"]),
            ("SenderIPAddresses", &["192.0.2.0/24"], &["192.0.2.0"]),
        ] {
            assert!(!same(property, one, other), "{property}: {one:?} {other:?}");
        }
    }
}
