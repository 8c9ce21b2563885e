//! Names of the DNS in their one spelling: lower case, A-labels, no trailing dot.
//!
//! Unicode spellings are mapped by UTS 46 (non-transitional), limits are those of RFC 1035 and RFC 5891.

use super::bad_value::{BadValue, is_invisible, shown};
use idna::uts46::{AsciiDenyList, DnsLength, Hyphens, Uts46};
use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

/// Longest name in octets, without the trailing dot (RFC 1035, 2.3.4).
const MAX_NAME: usize = 253;
/// Longest label in octets (RFC 1035, 2.3.4).
const MAX_LABEL: usize = 63;
/// A text longer than this cannot become a name, however it is spelled.
const MAX_TEXT: usize = 2000;

/// A domain name that mail can be addressed to: at least two labels of letters, digits and hyphens.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DomainName(Arc<str>);

/// The name of a host: like a domain name, but one label is enough inside an organization.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostName(Arc<str>);

/// The owner of a DNS record: like a host name, but labels may hold underscores (RFC 8552) and the first may be `*`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OwnerName(Arc<str>);

/// What a kind of name admits beyond letters, digits and hyphens.
#[derive(Clone, Copy)]
struct Rules {
    least_labels: usize,
    underscore: bool,
}

const DOMAIN: Rules = Rules {
    least_labels: 2,
    underscore: false,
};
const HOST: Rules = Rules {
    least_labels: 1,
    underscore: false,
};
const OWNER: Rules = Rules {
    least_labels: 1,
    underscore: true,
};

impl DomainName {
    /// Reads a domain name in any spelling.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        normalize(text, DOMAIN).map(|name| Self(Arc::from(name)))
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

    /// The labels, leftmost first.
    pub fn labels(&self) -> impl DoubleEndedIterator<Item = &str> {
        self.0.split('.')
    }

    /// The name without its first label, where there is one.
    pub fn parent(&self) -> Option<&str> {
        self.0.split_once('.').map(|(_, parent)| parent)
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

/// The one spelling of a name, or why it is none.
fn normalize(text: &str, rules: Rules) -> Result<Cow<'_, str>, BadValue> {
    if text.len() > MAX_TEXT {
        return Err(bad(
            text,
            &format!(
                "is {} octets long, a name has at most {MAX_NAME}",
                text.len()
            ),
        ));
    }
    refuse_other_things(text)?;
    let mapped = if needs_mapping(text) {
        Cow::Owned(map(text)?)
    } else if text.bytes().any(|b| b.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    };
    let name = match mapped {
        Cow::Borrowed(name) => Cow::Borrowed(name.strip_suffix('.').unwrap_or(name)),
        Cow::Owned(mut name) => {
            if name.ends_with('.') {
                name.pop();
            }
            Cow::Owned(name)
        }
    };
    check_labels(text, &name, rules)?;
    // Mapping can turn other digits into ASCII ones, so what came out is looked at again.
    let last = name.rsplit('.').next().unwrap_or_default();
    if !last.is_empty() && last.len() < name.len() && last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(bad(text, "ends in a number, as no domain name does"));
    }
    Ok(name)
}

/// Plain ASCII without A-labels is its own mapping but for its case, and most names are that.
fn needs_mapping(text: &str) -> bool {
    !text.is_ascii()
        || text.split('.').any(|label| {
            label
                .get(..4)
                .is_some_and(|p| p.eq_ignore_ascii_case("xn--"))
        })
}

fn map(text: &str) -> Result<String, BadValue> {
    let to_ascii = |part: &str| {
        Uts46::new()
            .to_ascii(
                part.as_bytes(),
                AsciiDenyList::EMPTY,
                Hyphens::CheckFirstLast,
                DnsLength::Ignore,
            )
            .map(Cow::into_owned)
    };
    to_ascii(text).map_err(|_| {
        let label = text.split('.').find(|label| to_ascii(label).is_err());
        bad(
            text,
            &match label {
                Some(label) if label.len() < text.len() => {
                    format!(
                        "has a label that IDNA (RFC 5891) does not admit: {}",
                        shown(label)
                    )
                }
                _ => "is not admitted by IDNA (RFC 5891)".to_owned(),
            },
        )
    })
}

/// Texts that are something else are told so, before their characters are complained about.
fn refuse_other_things(text: &str) -> Result<(), BadValue> {
    if text.is_empty() {
        return Err(BadValue::coded("S003", "a domain name cannot be empty"));
    }
    if text
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
    {
        let last = text
            .trim_end_matches('.')
            .rsplit('.')
            .next()
            .unwrap_or(text);
        let numeric = !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit());
        if numeric && text.parse::<IpAddr>().is_ok() {
            return Err(bad(text, "is an IP address, not a domain name"));
        }
        if numeric && last.len() < text.len() {
            return Err(bad(text, "ends in a number, as no domain name does"));
        }
        return Ok(());
    }
    if let Some(c) = text.chars().find(|c| c.is_whitespace()) {
        let trimmed = text.trim();
        let error = bad(
            text,
            if c == ' ' {
                "holds a space"
            } else {
                "holds white space"
            },
        );
        return Err(
            if trimmed.is_empty() || trimmed.chars().any(char::is_whitespace) {
                error
            } else {
                error.help(format!("write {}", shown(trimmed)))
            },
        );
    }
    if text.chars().any(is_invisible) {
        return Err(bad(text, "holds a character that cannot be seen"));
    }
    if text.parse::<IpAddr>().is_ok() || text.starts_with('[') {
        return Err(bad(text, "is an IP address, not a domain name"));
    }
    if let Some((_, host)) = text.split_once("://") {
        let host = host.split(['/', ':', '?']).next().unwrap_or_default();
        return Err(bad(text, "is a URL, not a domain name").help(format!("write {}", shown(host))));
    }
    if let Some((local, domain)) = text.rsplit_once('@') {
        let error = if local.is_empty() {
            bad(text, "begins with `@`")
        } else {
            bad(text, "is an address, not a domain name")
        };
        return Err(error.help(format!("write {}", shown(domain))));
    }
    if text.contains('*') {
        return Err(bad(text, "holds a wildcard, where one name is wanted"));
    }
    Ok(())
}

fn check_labels(text: &str, name: &str, rules: Rules) -> Result<(), BadValue> {
    if name.is_empty() {
        return Err(bad(text, "has no label"));
    }
    if name.len() > MAX_NAME {
        return Err(bad(
            text,
            &format!(
                "is {} octets long, a name has at most {MAX_NAME}",
                name.len()
            ),
        ));
    }
    let mut labels = 0;
    for label in name.split('.') {
        labels += 1;
        check_label(text, label, rules)?;
    }
    if labels < rules.least_labels {
        return Err(bad(
            text,
            "has a single label, a domain for mail has at least two",
        )
        .help(format!("write the whole name, such as `{name}.example`")));
    }
    Ok(())
}

fn check_label(text: &str, label: &str, rules: Rules) -> Result<(), BadValue> {
    if label.is_empty() {
        let why = if text.starts_with('.') {
            "begins with a dot"
        } else if text.ends_with("..") {
            "ends with two dots"
        } else {
            "has an empty label: two dots stand side by side"
        };
        let mended: Vec<&str> = text.split('.').filter(|l| !l.is_empty()).collect();
        return Err(bad(text, why).help(format!("write {}", shown(&mended.join(".")))));
    }
    if label.len() > MAX_LABEL {
        return Err(bad(
            text,
            &format!(
                "has a label of {} octets, at most {MAX_LABEL} are possible: {}",
                label.len(),
                shown(label)
            ),
        ));
    }
    let admitted =
        |c: char| c.is_ascii_alphanumeric() || c == '-' || (rules.underscore && c == '_');
    if let Some(c) = label.chars().find(|&c| !admitted(c)) {
        return Err(match c {
            '_' => bad(
                text,
                "holds an underscore, which no domain for mail and no host can have",
            ),
            c => bad(text, &format!("holds {}", shown(&c.to_string()))),
        });
    }
    if label.starts_with('-') || label.ends_with('-') {
        return Err(bad(
            text,
            &format!(
                "has a label that begins or ends with a hyphen: {}",
                shown(label)
            ),
        ));
    }
    Ok(())
}

fn bad(text: &str, why: &str) -> BadValue {
    BadValue::coded("S003", format!("{} {why}", shown(text)))
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
