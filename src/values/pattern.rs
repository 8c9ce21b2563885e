//! Domain patterns, as the language means them everywhere.
//!
//! How a product reads a wildcard is not known here; lowering a pattern without changing its meaning is left to others.

use crate::finding::Code;
use crate::values::DomainName;
use crate::values::bad_value::{BadValue, shown};
use std::fmt;

/// A set of domain names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pattern {
    /// That name alone.
    Exact(DomainName),
    /// Every name below it at any depth, not the name itself.
    Below(DomainName),
    /// Every name.
    Any,
    /// Every domain that the place the route starts at accepts.
    AcceptedDomains,
}

impl Pattern {
    /// Reads a pattern. A wildcard anywhere but as the whole first label is `S005`, other mistakes are `S003`.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        match text {
            "*" => return Ok(Self::Any),
            "accepted-domains" => return Ok(Self::AcceptedDomains),
            _ => {}
        }
        let (below, name) = match text.strip_prefix("*.") {
            Some(base) => (true, base),
            None => (false, text),
        };
        if name.contains('*') {
            return Err(infix(text));
        }
        if below {
            return DomainName::parse_base(name).map(Self::Below);
        }
        DomainName::parse(text).map(Self::Exact).map_err(|error| {
            if let Some(base) = text
                .strip_prefix('.')
                .filter(|base| DomainName::parse(base).is_ok())
            {
                error.help(format!("write `*.{base}` for every name below it"))
            } else if let Some(name) = crate::finding::nearest(text, ["accepted-domains"]) {
                error.help(format!("did you mean `{name}`?"))
            } else {
                error
            }
        })
    }

    /// The patterns with a base that can hold the name, nearest first: the name, then `*.` of each name above it.
    pub fn around(name: &DomainName) -> impl Iterator<Item = Self> {
        std::iter::once(Self::Exact(name.clone())).chain(name.bases().map(Self::Below))
    }

    /// Whether the set holds the name. Which names `accepted-domains` holds is not known here: it holds none.
    pub fn matches(&self, name: &DomainName) -> bool {
        match self {
            Self::Exact(exact) => exact == name,
            Self::Below(base) => name.is_below(base),
            Self::Any => true,
            Self::AcceptedDomains => false,
        }
    }

    /// Whether a list of patterns that limits senders admits one; an empty list limits nobody. The empty sender has no domain that
    /// a pattern could name.
    pub(crate) fn admit(patterns: &[Self], sender: Option<&DomainName>) -> bool {
        let named = |name| patterns.iter().any(|pattern| pattern.matches(name));
        patterns.is_empty() || sender.is_some_and(named)
    }

    /// The name that the pattern is written with.
    pub fn base(&self) -> Option<&DomainName> {
        match self {
            Self::Exact(name) | Self::Below(name) => Some(name),
            Self::Any | Self::AcceptedDomains => None,
        }
    }
}

fn infix(text: &str) -> BadValue {
    let error = BadValue::coded(
        Code::S005,
        format!(
            "{} holds a wildcard that is not its whole first label",
            shown(text)
        ),
    );
    let tail = text.rsplit('*').next().unwrap_or_default();
    let tail = tail.strip_prefix('.').unwrap_or(tail);
    match DomainName::parse(tail) {
        Ok(name) => error.help(format!(
            "name the domains one by one, or write `*.{name}` for every name below `{name}`"
        )),
        Err(_) => error.help("name the domains one by one"),
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact(name) => name.fmt(f),
            Self::Below(base) => write!(f, "*.{base}"),
            Self::Any => f.write_str("*"),
            Self::AcceptedDomains => f.write_str("accepted-domains"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_pattern_holds_what_the_language_says() {
        let name = |text| DomainName::parse(text).unwrap();
        for (pattern, text, expected) in [
            ("contoso.com", "contoso.com", true),
            ("contoso.com", "a.contoso.com", false),
            ("*.contoso.com", "contoso.com", false),
            ("*.Contoso.com.", "a.b.contoso.com", true),
            ("*.contoso.com", "acontoso.com", false),
            ("*.com", "contoso.com", true),
            ("*", "contoso.com", true),
            ("accepted-domains", "contoso.com", false),
        ] {
            assert_eq!(
                Pattern::parse(pattern).unwrap().matches(&name(text)),
                expected,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn around_a_name_stands_every_pattern_that_can_hold_it() {
        let name = DomainName::parse("a.contoso.com").unwrap();
        let around: Vec<Pattern> = Pattern::around(&name).collect();
        let expected = ["a.contoso.com", "*.contoso.com", "*.com"];
        assert_eq!(around, expected.map(|text| Pattern::parse(text).unwrap()));
        assert!(around.iter().all(|pattern| pattern.matches(&name)));
    }

    #[test]
    fn a_wildcard_inside_has_its_own_code() {
        for text in [
            "mail.*.contoso.com",
            "*contoso.com",
            "contoso.*",
            "*.*.contoso.com",
            "**",
        ] {
            assert_eq!(Pattern::parse(text).unwrap_err().code, Code::S005, "{text}");
        }
        for text in ["*.", "*..com", ".contoso.com", "accepted_domains"] {
            let error = Pattern::parse(text).unwrap_err();
            assert_eq!(error.code, Code::S003, "{text}");
        }
        assert_eq!(
            Pattern::parse(".contoso.com").unwrap_err().help.as_deref(),
            Some("write `*.contoso.com` for every name below it")
        );
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,30}|(\\*\\.)?[a-zA-Zü.*-]{0,20}") {
            if let Ok(pattern) = Pattern::parse(&text) {
                prop_assert_eq!(Pattern::parse(&pattern.to_string()).unwrap(), pattern);
            }
        }
    }
}
