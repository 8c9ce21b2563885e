//! Names of the DNS in their one spelling: lower case, A-labels, no trailing dot.
//!
//! Unicode spellings are mapped by UTS 46 (non-transitional), limits are those of RFC 1035 and RFC 5891.

mod spelling;

use spelling::{DOMAIN, HOST, OWNER, ZONE, normalize};

use crate::values::bad_value::BadValue;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// A domain name that mail can be addressed to: at least two labels of letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DomainName(Arc<str>);

impl Ord for DomainName {
    fn cmp(&self, other: &Self) -> Ordering {
        // Millions of addresses share the name of their domain.
        if Arc::ptr_eq(&self.0, &other.0) {
            return Ordering::Equal;
        }
        self.0.cmp(&other.0)
    }
}

impl PartialOrd for DomainName {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Names with more internationalized labels than these are not spelled in every mixture.
const MIXED_LABELS: usize = 4;

/// The name of a host: like a domain name, but one label is enough inside an organization.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// The owner of a DNS record: like a host name, but labels may hold underscores (RFC 8552) and the first may be `*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerName(Arc<str>);

impl DomainName {
    /// Reads a domain name in any spelling.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        normalize(text, DOMAIN).map(|name| Self(Arc::from(name)))
    }

    /// Reads the name of a zone, which may be given away below a label with an underscore (`_domainkey.contoso.com`).
    pub(crate) fn parse_zone(text: &str) -> Result<Self, BadValue> {
        normalize(text, ZONE).map(|name| Self(Arc::from(name)))
    }

    /// Reads what may stand behind `*.`, where a top-level domain is a name too.
    pub(super) fn parse_base(text: &str) -> Result<Self, BadValue> {
        normalize(text, HOST).map(|name| Self(Arc::from(name)))
    }

    /// The name in its one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as people write it.
    pub fn unicode(&self) -> String {
        if self.0.contains("xn--") {
            idna::domain_to_unicode(&self.0).0
        } else {
            self.0.to_string()
        }
    }

    /// The spellings that a program tells apart which compares names without knowing IDNA: each internationalized label as
    /// A-label or as U-label (RFC 5890, 2.3.2.3). The one spelling comes first; of names with very many such labels, which
    /// nobody mixes, only the pure ones.
    pub fn spellings(&self) -> impl Iterator<Item = Cow<'_, str>> {
        std::iter::once(Cow::Borrowed(self.as_str()))
            .chain(self.other_spellings().into_iter().map(Cow::Owned))
    }

    fn other_spellings(&self) -> Vec<String> {
        if !self.0.contains("xn--") {
            return Vec::new();
        }
        let unicode = self.unicode();
        let labels: Vec<(&str, &str)> = self.labels().zip(unicode.split('.')).collect();
        if labels.iter().filter(|(a, u)| a != u).count() > MIXED_LABELS {
            return vec![unicode];
        }
        let mut texts = vec![String::new()];
        for (a_label, u_label) in labels {
            let both = [a_label, u_label];
            let different = if a_label == u_label {
                &both[..1]
            } else {
                &both
            };
            let longer = |label: &&str| -> Vec<String> {
                let dot = |text: &String| if text.is_empty() { "" } else { "." };
                texts
                    .iter()
                    .map(|text| [text, dot(text), label].concat())
                    .collect()
            };
            texts = different.iter().flat_map(longer).collect();
        }
        texts.retain(|text| text != self.as_str());
        texts
    }

    /// The name with a label of lower-case letters and digits before it; `None` where that would be too long.
    pub(crate) fn below(&self, label: &str) -> Option<Self> {
        debug_assert!(!label.is_empty() && label.len() <= spelling::MAX_LABEL);
        let name = [label, ".", self.as_str()].concat();
        (name.len() <= spelling::MAX_NAME).then(|| Self(Arc::from(name)))
    }

    /// The name behind the last label with an underscore: the domain that a zone is about.
    pub(crate) fn without_underscores(&self) -> &str {
        let label = self.0.rfind('_').and_then(|at| self.0.get(at..));
        let rest = label.and_then(|label| label.split_once('.'));
        rest.map_or(self.as_str(), |(_, rest)| rest)
    }

    /// The labels, leftmost first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The name without its first label, where there is one.
    pub fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
    }

    /// The names above it, nearest first, down to the top-level domain.
    pub fn parents(&self) -> impl Iterator<Item = &str> {
        std::iter::successors(self.parent(), |name| {
            name.split_once('.').map(|(_, parent)| parent)
        })
    }

    /// The name and the names above it, nearest first, down to the top-level domain.
    pub fn nodes(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.as_str()).chain(self.parents())
    }

    /// The names above it, each of which may stand behind `*.`, nearest first.
    pub(super) fn bases(&self) -> impl Iterator<Item = Self> {
        // What is left of a name without its first labels needs no second look.
        self.parents().map(|parent| Self(Arc::from(parent)))
    }

    /// Whether this name lies strictly below the other.
    pub fn is_below(&self, other: &Self) -> bool {
        is_below(&self.0, &other.0)
    }

    /// The name that was registered: one label more than the public suffix, or the name itself where it is a suffix.
    #[must_use]
    pub fn registrable(&self) -> Self {
        match psl::domain_str(&self.0) {
            Some(name) if name.len() < self.0.len() => Self(Arc::from(name)),
            _ => self.clone(),
        }
    }

    /// Whether names below this one belong to different owners (a top-level domain, `co.uk`).
    pub fn is_public_suffix(&self) -> bool {
        !self.0.contains('.')
            || psl::suffix(self.0.as_bytes())
                .is_some_and(|suffix| suffix.is_known() && suffix == self.0.as_bytes())
    }
}

impl HostName {
    /// Reads a host name in any spelling.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        normalize(text, HOST).map(|name| Self(Arc::from(name)))
    }

    /// The name in its one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the name can be looked up from the Internet as it stands.
    pub fn is_qualified(&self) -> bool {
        self.0.contains('.')
    }

    /// Whether this is the domain or lies below it.
    pub fn is_within(&self, domain: &DomainName) -> bool {
        *self.0 == *domain.0 || is_below(&self.0, &domain.0)
    }

    /// The same name as a domain name, where it has two labels.
    pub fn to_domain(&self) -> Option<DomainName> {
        self.is_qualified().then(|| DomainName(self.0.clone()))
    }
}

impl From<DomainName> for HostName {
    fn from(name: DomainName) -> Self {
        Self(name.0)
    }
}

impl OwnerName {
    /// Reads the owner of a record.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        match text.strip_prefix("*.") {
            Some(base) => normalize(base, OWNER).map(|name| Self(Arc::from(format!("*.{name}")))),
            None => normalize(text, OWNER).map(|name| Self(Arc::from(name))),
        }
    }

    /// The name in its one spelling.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the domain or lies below it.
    pub fn is_within(&self, domain: &DomainName) -> bool {
        *self.0 == *domain.0 || is_below(&self.0, &domain.0)
    }
}

impl From<DomainName> for OwnerName {
    fn from(name: DomainName) -> Self {
        Self(name.0)
    }
}

macro_rules! text_like {
    ($($type:ident),+) => {$(
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl AsRef<str> for $type {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl std::borrow::Borrow<str> for $type {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    )+};
}
text_like!(DomainName, HostName, OwnerName);

fn is_below(name: &str, other: &str) -> bool {
    name.strip_suffix(other)
        .is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_name_are_one_name() {
        for (text, name) in [
            ("contoso.com", "contoso.com"),
            ("Contoso.COM.", "contoso.com"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("BÜCHER.example.", "xn--bcher-kva.example"),
            ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
            ("faß.example", "xn--fa-hia.example"),
            ("例え。テスト", "xn--r8jz45g.xn--zckzah"),
            ("r3---sn-x.example", "r3---sn-x.example"),
            ("1und1.de", "1und1.de"),
        ] {
            assert_eq!(DomainName::parse(text).unwrap().as_str(), name, "{text}");
        }
    }

    #[test]
    fn labels_are_spelled_in_every_mixture() {
        let spellings = |text: &str| {
            let name = DomainName::parse(text).unwrap();
            let list: Vec<String> = name.spellings().map(Cow::into_owned).collect();
            for other in &list {
                assert_eq!(DomainName::parse(other).unwrap(), name, "{other}");
            }
            list
        };
        assert_eq!(spellings("Contoso.com"), ["contoso.com"]);
        assert_eq!(
            spellings("bücher.example"),
            ["xn--bcher-kva.example", "bücher.example"]
        );
        let mut mixed = spellings("größe.bücher.example");
        mixed.sort();
        assert_eq!(
            mixed,
            [
                "größe.bücher.example",
                "größe.xn--bcher-kva.example",
                "xn--gre-6ka8i.bücher.example",
                "xn--gre-6ka8i.xn--bcher-kva.example",
            ]
        );
        assert_eq!(spellings(&format!("{}example", "ü.".repeat(20))).len(), 2);
    }

    #[test]
    fn what_is_no_name_is_refused_with_a_reason() {
        let long_label = format!("{}.com", "a".repeat(64));
        let long_name = format!("{}com", "abcdefghi.".repeat(26));
        for (text, part) in [
            ("", "empty"),
            (".", "no label"),
            ("contoso", "single label"),
            ("contoso..com", "empty label"),
            (".contoso.com", "begins with a dot"),
            ("contoso.com..", "two dots"),
            ("203.0.113.10", "IP address"),
            ("2001:db8::1", "IP address"),
            ("300.1.2.3", "ends in a number"),
            ("_dmarc.contoso.com", "underscore"),
            ("*.contoso.com", "wildcard"),
            ("contoso .com", "space"),
            (" contoso.com", "space"),
            ("contoso.com\u{0}", "cannot be seen"),
            ("con\u{200b}toso.com", "cannot be seen"),
            ("bob@contoso.com", "address"),
            ("@contoso.com", "begins with `@`"),
            ("https://contoso.com/", "URL"),
            ("-contoso.com", "hyphen"),
            ("contoso-.com", "hyphen"),
            ("con/toso.com", "holds `/`"),
            ("xn--a.com", "IDNA"),
            (&long_label, "64 octets"),
            (&long_name, "263 octets"),
        ] {
            let error = DomainName::parse(text).unwrap_err();
            assert_eq!(error.code, "S003", "{text:?}");
            assert!(error.message.contains(part), "{text:?}: {}", error.message);
        }
    }

    #[test]
    fn relations_between_names() {
        let name = |text| DomainName::parse(text).unwrap();
        let sales = name("mx.sales.contoso.co.uk");
        assert!(sales.is_below(&name("contoso.co.uk")));
        assert!(!sales.is_below(&sales));
        assert!(!name("xcontoso.co.uk").is_below(&name("contoso.co.uk")));
        assert_eq!(sales.parent(), Some("sales.contoso.co.uk"));
        assert_eq!(sales.registrable(), name("contoso.co.uk"));
        assert_eq!(name("co.uk").registrable(), name("co.uk"));
        assert!(name("co.uk").is_public_suffix());
        assert!(!name("contoso.unknowntld").is_public_suffix());
        assert_eq!(name("bücher.example").unicode(), "bücher.example");
        assert_eq!(sales.labels().next_back(), Some("uk"));
    }

    #[test]
    fn hosts_and_owners_admit_more() {
        assert_eq!(HostName::parse("EX01").unwrap().as_str(), "ex01");
        assert!(HostName::parse("EX_01").is_err());
        assert_eq!(
            OwnerName::parse("_DMARC.contoso.com").unwrap().as_str(),
            "_dmarc.contoso.com"
        );
        assert_eq!(
            OwnerName::parse("*.a.example").unwrap().as_str(),
            "*.a.example"
        );
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,40}|[a-zA-Z0-9.ßüéБ。_*@-]{0,20}") {
            if let Ok(name) = DomainName::parse(&text) {
                prop_assert_eq!(DomainName::parse(name.as_str()).unwrap(), name.clone());
                prop_assert_eq!(DomainName::parse(&name.unicode()).unwrap(), name.clone());
                prop_assert!(name.registrable().as_str().len() <= name.as_str().len());
            }
            let _ = (HostName::parse(&text), OwnerName::parse(&text));
        }
    }
}
