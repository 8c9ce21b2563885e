//! Where reports about mail are sent to (RFC 9990 for DMARC, RFC 8460 for TLS).

use crate::values::bad_value::{BadValue, is_invisible, shown};
use crate::values::{Address, DomainName, HostName};
use std::fmt;

/// A `mailto:` or `https:` URI.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum MailUri {
    /// A report comes as mail.
    Mailto(Address),
    /// A report is posted.
    Https {
        /// The host that takes it.
        host: HostName,
        /// What stands behind the host, port included.
        rest: String,
    },
}

impl MailUri {
    /// Reads a URI.
    pub(crate) fn parse(text: &str) -> Result<Self, BadValue> {
        if text.chars().any(|c| {
            c.is_whitespace()
                || is_invisible(c)
                || matches!(c, ',' | ';' | '!' | '"' | '\\' | '<' | '>')
        }) {
            return Err(BadValue::new(format!(
                "{} holds a character that a record of report addresses cannot carry",
                shown(text)
            ))
            .help("write each address as an item of its own, `%2C` for a comma in it and `%21` for an exclamation mark"));
        }
        if let Some(rest) = strip_scheme(text, "mailto:") {
            return Address::parse(rest).map(Self::Mailto);
        }
        if let Some(rest) = strip_scheme(text, "https://") {
            let end = rest.find(['/', ':', '?', '#']).unwrap_or(rest.len());
            let (host, rest) = rest.split_at(end);
            if !rest.is_ascii() {
                return Err(BadValue::new(format!(
                    "{} holds characters outside ASCII",
                    shown(text)
                )));
            }
            return Ok(Self::Https {
                host: HostName::parse(host)?,
                rest: rest.to_owned(),
            });
        }
        let error = BadValue::new(format!(
            "{} is neither a `mailto:` nor an `https:` URI",
            shown(text)
        ));
        Err(if Address::parse(text).is_ok() {
            error.help(format!("write {}", shown(&format!("mailto:{text}"))))
        } else {
            error
        })
    }

    /// Parts the largest size of a report from the address that it is asked for (RFC 7489, section 6.2), such as `!10m`. RFC 9989
    /// has no such sizes any more, and whoever reports has to ignore them.
    pub(crate) fn split_size(text: &str) -> (&str, &str) {
        let (uri, size) = text.split_at(text.rfind('!').unwrap_or(text.len()));
        let number = size.get(1..).unwrap_or_default();
        let number = number
            .strip_suffix(['k', 'K', 'm', 'M', 'g', 'G', 't', 'T'])
            .unwrap_or(number);
        if number.parse::<u64>().is_ok() && number.bytes().all(|octet| octet.is_ascii_digit()) {
            (uri, size)
        } else {
            (text, "")
        }
    }

    /// The domain that receives the reports.
    pub(crate) fn domain(&self) -> Option<DomainName> {
        match self {
            Self::Mailto(address) => Some(address.domain().clone()),
            Self::Https { host, .. } => host.to_domain(),
        }
    }
}

fn strip_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let head = text.get(..scheme.len())?;
    head.eq_ignore_ascii_case(scheme)
        .then(|| text.get(scheme.len()..))?
}

impl fmt::Display for MailUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mailto(address) => write!(f, "mailto:{address}"),
            Self::Https { host, rest } => write!(f, "https://{host}{rest}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_schemes() {
        let mail = MailUri::parse("MailTo:DMARC@contoso.com").unwrap();
        assert_eq!(mail.to_string(), "mailto:dmarc@contoso.com");
        assert_eq!(mail.domain().unwrap().as_str(), "contoso.com");
        let post = MailUri::parse("https://Reports.example:8443/v1?x=1").unwrap();
        assert_eq!(post.to_string(), "https://reports.example:8443/v1?x=1");
        for (text, part) in [
            ("dmarc@contoso.com", "neither"),
            ("http://reports.example", "neither"),
            ("mailto:a@contoso.com,mailto:b@contoso.com", "cannot carry"),
            ("mailto:a@contoso.com!10m", "cannot carry"),
            ("mailto:a", "no `@`"),
            ("https://", "empty"),
        ] {
            let error = MailUri::parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
        assert_eq!(
            MailUri::parse("dmarc@contoso.com")
                .unwrap_err()
                .help
                .as_deref(),
            Some("write `mailto:dmarc@contoso.com`")
        );
    }

    #[test]
    fn sizes_end_an_address() {
        for (text, size) in [
            ("mailto:a@b.example!10m", "!10m"),
            ("mailto:a@b.example!50", "!50"),
            ("mailto:a@b.example!m", ""),
            ("mailto:a@b.example!+5", ""),
            ("mailto:a!5@b.example", ""),
            ("mailto:a@b.example", ""),
        ] {
            let (uri, found) = MailUri::split_size(text);
            assert_eq!(found, size, "{text}");
            assert_eq!([uri, found].concat(), text);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,30}|(mailto:|https://)[a-z.@/:üA-Z]{0,20}") {
            if let Ok(uri) = MailUri::parse(&text) {
                prop_assert_eq!(MailUri::parse(&uri.to_string()).unwrap(), uri);
            }
        }
    }
}
