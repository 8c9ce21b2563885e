//! Mail addresses.
//!
//! Addresses are compared as Exchange and Postfix deliver them: without regard to case, also in the local part.

use crate::values::DomainName;
use crate::values::bad_value::{BadValue, shown};
use foldhash::HashMap;
use std::fmt;
use std::sync::Arc;

/// Longest local part in octets (RFC 5321, 4.5.3.1.1).
const MAX_LOCAL: usize = 64;
/// Longest address in octets: a path of 256 octets less its angle brackets (RFC 5321, 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;

/// An address in its one spelling: lower case, the domain in A-labels.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    // The domain comes first so that addresses of one domain stand together when sorted.
    domain: DomainName,
    local: Arc<str>,
}

impl Address {
    /// Reads an address. Many of them are read faster, and kept smaller, by [`Addresses`].
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let (local, domain) = split(text)?;
        let domain = DomainName::parse(domain).map_err(|error| in_address(text, error))?;
        Self::from_parts(local, domain).map_err(|error| error.unwrap_or_else(|| too_long(text)))
    }

    fn from_parts(local: &str, domain: DomainName) -> Result<Self, Option<BadValue>> {
        let local = check_local(local).map_err(Some)?;
        if local.len() + 1 + domain.as_str().len() > MAX_ADDRESS {
            return Err(None);
        }
        let local = if local.bytes().any(|b| b.is_ascii_uppercase()) {
            Arc::from(local.to_ascii_lowercase())
        } else {
            Arc::from(local)
        };
        Ok(Self { domain, local })
    }

    /// Somebody else of the same domain; `None` where that is no address.
    pub fn with_local(&self, local: &str) -> Option<Self> {
        Self::of(local, &self.domain)
    }

    /// Somebody of a domain; `None` where that is no address.
    pub fn of(local: &str, domain: &DomainName) -> Option<Self> {
        Self::from_parts(local, domain.clone()).ok()
    }

    /// What stands before the `@`, in lower case.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> &DomainName {
        &self.domain
    }
}

/// Reads many addresses of few domains; each domain is read and kept once.
#[derive(Debug, Default)]
pub(crate) struct Addresses {
    domains: HashMap<Box<str>, DomainName>,
}

impl Addresses {
    /// Reads an address.
    pub(crate) fn parse(&mut self, text: &str) -> Result<Address, BadValue> {
        let (local, written) = split(text)?;
        let domain = if let Some(domain) = self.domains.get(written) {
            domain.clone()
        } else {
            let domain = DomainName::parse(written).map_err(|error| in_address(text, error))?;
            // Two spellings of one domain share the name that was read first.
            let domain = if let Some(known) = self.domains.get(domain.as_str()) {
                known.clone()
            } else {
                self.domains.insert(domain.as_str().into(), domain.clone());
                domain
            };
            self.domains.insert(written.into(), domain.clone());
            domain
        };
        Address::from_parts(local, domain).map_err(|error| error.unwrap_or_else(|| too_long(text)))
    }
}

fn split(text: &str) -> Result<(&str, &str), BadValue> {
    if let Some(address) = text.strip_suffix('>').and_then(|t| t.split_once('<')) {
        return Err(bad(text, "is an address in angle brackets")
            .help(format!("write {}", shown(address.1))));
    }
    if let Some(address) = text
        .strip_prefix("mailto:")
        .or_else(|| text.strip_prefix("smtp:"))
        .or_else(|| text.strip_prefix("SMTP:"))
    {
        return Err(bad(text, "is a URI, where an address is wanted")
            .help(format!("write {}", shown(address))));
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err(bad(text, "is no address: it has no `@`")
            .help("write a whole address, such as `john@contoso.com`"));
    };
    if local.is_empty() {
        return Err(bad(text, "has nothing before the `@`").help(format!(
            "write whose address it is, such as {}",
            shown(&format!("john{text}"))
        )));
    }
    if domain.is_empty() {
        return Err(bad(text, "has no domain behind the `@`").help(format!(
            "write the domain too, such as {}",
            shown(&format!("{text}contoso.com"))
        )));
    }
    Ok((local, domain))
}

/// The local part without quotes that it does not need.
fn check_local(local: &str) -> Result<&str, BadValue> {
    let plain = match local.strip_prefix('"').and_then(|l| l.strip_suffix('"')) {
        Some(inner) if is_dot_atom(inner) => inner,
        Some(_) => {
            return Err(bad(
                local,
                "is a quoted local part, which not every product on the way can carry",
            )
            .help("use an address without quotes, blanks and special signs"));
        }
        None => local,
    };
    if plain.len() > MAX_LOCAL {
        return Err(bad(
            local,
            &format!(
                "is a local part of {} octets, at most {MAX_LOCAL} are possible",
                plain.len()
            ),
        ));
    }
    if is_dot_atom(plain) {
        return Ok(plain);
    }
    if let Some(c) = plain.chars().find(|&c| c != '.' && !is_atom_text(c)) {
        return Err(if c.is_ascii() {
            bad(
                local,
                &format!("is no local part: it holds {}", shown(&c.to_string())),
            )
            .help("write one address, such as `john@contoso.com`; several make a list")
        } else {
            bad(
                local,
                "is a local part outside ASCII, which only a path that knows SMTPUTF8 (RFC 6531) at every hop can carry",
            )
        });
    }
    Err(bad(
        local,
        "is no local part: a dot stands at its begin, at its end or beside another dot",
    )
    .help("remove the dot"))
}

fn is_dot_atom(text: &str) -> bool {
    text.split('.')
        .all(|atom| !atom.is_empty() && atom.chars().all(is_atom_text))
}

/// The characters that RFC 5322 calls `atext`.
fn is_atom_text(c: char) -> bool {
    c.is_ascii_alphanumeric() || (c.is_ascii() && "!#$%&'*+-/=?^_`{|}~".contains(c))
}

fn in_address(text: &str, error: BadValue) -> BadValue {
    BadValue {
        message: format!("{} is no address: {}", shown(text), error.message),
        ..error
    }
}

fn too_long(text: &str) -> BadValue {
    bad(text, &format!("is longer than {MAX_ADDRESS} octets"))
}

fn bad(text: &str, why: &str) -> BadValue {
    BadValue::new(format!("{} {why}", shown(text)))
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local, self.domain)
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn spellings_of_one_address_are_one_address() {
        for (text, address) in [
            ("Bob@Contoso.com.", "bob@contoso.com"),
            ("\"bob\"@contoso.com", "bob@contoso.com"),
            (
                "o'neil+tag@bücher.example",
                "o'neil+tag@xn--bcher-kva.example",
            ),
        ] {
            assert_eq!(Address::parse(text).unwrap().to_string(), address);
            assert_eq!(
                Addresses::default().parse(text).unwrap().to_string(),
                address
            );
        }
    }

    #[test]
    fn what_is_no_address_is_refused_with_a_reason() {
        let long = format!("{}@contoso.com", "a".repeat(65));
        let longer = format!("{}@{}com", "a".repeat(60), "abcdefghi.".repeat(20));
        for (text, part) in [
            ("contoso.com", "no `@`"),
            ("@contoso.com", "before the `@`"),
            ("bob@", "no domain"),
            ("bob@contoso", "single label"),
            ("bob smith@contoso.com", "holds ` `"),
            ("\"bob smith\"@contoso.com", "quoted"),
            ("bob..smith@contoso.com", "dot"),
            ("bob.@contoso.com", "dot"),
            ("jürgen@contoso.com", "SMTPUTF8"),
            ("Bob <bob@contoso.com>", "angle brackets"),
            ("mailto:bob@contoso.com", "URI"),
            (&long, "65 octets"),
            (&longer, "254 octets"),
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text:?}: {}", error.message);
            assert_eq!(Addresses::default().parse(text).unwrap_err(), error);
        }
    }

    #[test]
    fn a_domain_is_kept_once() {
        let mut addresses = Addresses::default();
        let a = addresses.parse("a@CONTOSO.com").unwrap();
        let b = addresses.parse("b@contoso.com").unwrap();
        assert!(std::ptr::eq(a.domain().as_str(), b.domain().as_str()));
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,30}|[a-zA-Z0-9.\"'+ü]{0,9}@[a-zA-Z.ü]{0,9}") {
            if let Ok(address) = Address::parse(&text) {
                prop_assert_eq!(Address::parse(&address.to_string()).unwrap(), address);
            }
        }
    }
}
