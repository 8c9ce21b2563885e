//! The text of a record (RFC 7208, sections 4.6.1, 5, 6 and 7).

use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A record, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Record {
    /// The mechanisms in their order.
    pub terms: Vec<Term>,
    /// Where the rest is decided, if nothing matches.
    pub redirect: Option<String>,
}

/// A mechanism and what a match means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Term {
    /// As it is written.
    pub text: String,
    /// What a match means.
    pub qualifier: Qualifier,
    /// What is compared.
    pub mechanism: Mechanism,
}

/// What a match means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Qualifier {
    /// `+`, or nothing.
    Pass,
    /// `-`
    Fail,
    /// `~`
    Softfail,
    /// `?`
    Neutral,
}

/// What is compared. Names may hold macros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mechanism {
    /// Everybody.
    All,
    /// Whoever passes at this name.
    Include(String),
    /// The addresses of a name, by default of the domain itself, with the prefix lengths of both families.
    A(Option<String>, (u8, u8)),
    /// The same of its mail exchangers.
    Mx(Option<String>, (u8, u8)),
    /// Whoever has a reverse name below this one.
    Ptr(Option<String>),
    /// A network.
    Ip(IpNet),
    /// Everybody, if the name has an address.
    Exists(String),
}

/// Whether a text is meant as a record.
pub(crate) fn is_record(text: &str) -> bool {
    const VERSION: &str = "v=spf1";
    text.get(..VERSION.len())
        .is_some_and(|version| version.eq_ignore_ascii_case(VERSION))
        && matches!(text.as_bytes().get(VERSION.len()), None | Some(b' '))
}

impl Record {
    /// What the record says to receivers, in a form that is equal where they make the same of every sender: of terms beside each
    /// other with one qualifier the order decides nothing, nor does what stands behind `all`.
    pub(crate) fn meaning(&self) -> Vec<BTreeSet<String>> {
        let mut groups: Vec<(Qualifier, BTreeSet<String>)> = Vec::new();
        let read = self.end().map_or(self.terms.len(), |end| end + 1);
        for term in self.terms.iter().take(read) {
            let text = term.meaning();
            match groups.last_mut() {
                Some((qualifier, group))
                    if *qualifier == term.qualifier && term.mechanism != Mechanism::All =>
                {
                    group.insert(text);
                }
                _ => groups.push((term.qualifier, BTreeSet::from([text]))),
            }
        }
        if self.end().is_none() {
            let rest = match &self.redirect {
                Some(target) => format!("redirect={}", plain(target)),
                // Of whom nothing matches the record says nothing.
                None => "?all".to_owned(),
            };
            groups.push((Qualifier::Neutral, BTreeSet::from([rest])));
        }
        groups.into_iter().map(|(_, group)| group).collect()
    }

    /// The number of the term that matches everybody, behind which nothing is read, `redirect` included.
    pub(crate) fn end(&self) -> Option<usize> {
        self.terms
            .iter()
            .position(|term| term.mechanism == Mechanism::All)
    }

    /// Reads a text that is meant as a record; the term that is none where there is one.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut record = Self {
            terms: Vec::new(),
            redirect: None,
        };
        let mut explained = false;
        for word in text.split(' ').skip(1).filter(|word| !word.is_empty()) {
            let read = match word.split_once('=') {
                Some((name, value)) if is_modifier_name(name) => {
                    match name.to_ascii_lowercase().as_str() {
                        "redirect" => {
                            let first = record.redirect.replace(value.to_owned()).is_none();
                            first && is_domain_spec(value)
                        }
                        "exp" => !std::mem::replace(&mut explained, true) && is_domain_spec(value),
                        _ => macro_end(value).is_some(),
                    }
                }
                _ => Term::parse(word).is_some_and(|term| {
                    record.terms.push(term);
                    true
                }),
            };
            if !read {
                return Err(word.to_owned());
            }
        }
        Ok(record)
    }
}

impl Term {
    /// The term in the one spelling that all of its meaning have.
    pub(crate) fn meaning(&self) -> String {
        let sign = match self.qualifier {
            Qualifier::Pass => "",
            Qualifier::Fail => "-",
            Qualifier::Softfail => "~",
            Qualifier::Neutral => "?",
        };
        let named = |name: &str, host: &Option<String>, (four, six): (u8, u8)| {
            let host = host.as_deref().map(plain).unwrap_or_default();
            format!("{name}:{host}/{four}//{six}")
        };
        let rest = match &self.mechanism {
            Mechanism::All => "all".to_owned(),
            Mechanism::Include(name) => format!("include:{}", plain(name)),
            Mechanism::Exists(name) => format!("exists:{}", plain(name)),
            Mechanism::A(host, lengths) => named("a", host, *lengths),
            Mechanism::Mx(host, lengths) => named("mx", host, *lengths),
            Mechanism::Ptr(host) => named("ptr", host, (0, 0)),
            Mechanism::Ip(network) => network.to_string(),
        };
        format!("{sign}{rest}")
    }

    /// Reads one mechanism.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        let qualifier = match word.as_bytes().first()? {
            b'-' => Qualifier::Fail,
            b'~' => Qualifier::Softfail,
            b'?' => Qualifier::Neutral,
            _ => Qualifier::Pass,
        };
        let bare = word.strip_prefix(['+', '-', '~', '?']).unwrap_or(word);
        let end = bare.find([':', '/']).unwrap_or(bare.len());
        let (name, rest) = bare.split_at(end);
        let value = rest.strip_prefix(':');
        let target = || Some(value.filter(|value| is_domain_spec(value))?.to_owned());
        let mechanism = match name.to_ascii_lowercase().as_str() {
            "all" if rest.is_empty() => Mechanism::All,
            "include" => Mechanism::Include(target()?),
            "exists" => Mechanism::Exists(target()?),
            "ptr" if rest.is_empty() => Mechanism::Ptr(None),
            "ptr" => Mechanism::Ptr(Some(target()?)),
            name @ ("a" | "mx") => {
                let (host, lengths) = with_lengths(rest)?;
                let host = match host.strip_prefix(':') {
                    Some(host) => Some(Some(host).filter(|host| is_domain_spec(host))?.to_owned()),
                    None if host.is_empty() => None,
                    None => return None,
                };
                if name == "a" {
                    Mechanism::A(host, lengths)
                } else {
                    Mechanism::Mx(host, lengths)
                }
            }
            "ip4" => {
                let (address, length) = with_length(value?, 32)?;
                Mechanism::Ip(network(
                    IpAddr::V4(address.parse::<Ipv4Addr>().ok()?),
                    length,
                )?)
            }
            "ip6" => {
                let (address, length) = with_length(value?, 128)?;
                Mechanism::Ip(network(
                    IpAddr::V6(address.parse::<Ipv6Addr>().ok()?),
                    length,
                )?)
            }
            _ => return None,
        };
        Some(Self {
            text: word.to_owned(),
            qualifier,
            mechanism,
        })
    }
}

/// What follows the name of `a` or `mx`, without the prefix lengths at its end.
fn with_lengths(rest: &str) -> Option<(&str, (u8, u8))> {
    let (rest, six) = match rest.rsplit_once("//") {
        Some((before, length)) => (before, number(length, 128)?),
        None => (rest, 128),
    };
    // A name may hold a slash within a macro, so that only digits at the end are a length.
    match rest.rsplit_once('/') {
        Some((before, length)) if !length.ends_with('}') => {
            Some((before, (number(length, 32)?, six)))
        }
        _ => Some((rest, (32, six))),
    }
}

/// A name as it is compared. The letters of macros say how they are written out.
fn plain(name: &str) -> String {
    let name = name.strip_suffix('.').unwrap_or(name);
    if name.contains('%') {
        name.to_owned()
    } else {
        name.to_ascii_lowercase()
    }
}

fn with_length(text: &str, most: u8) -> Option<(&str, u8)> {
    match text.split_once('/') {
        Some((address, length)) => Some((address, number(length, most)?)),
        None => Some((text, most)),
    }
}

/// A prefix length without a leading zero.
fn number(text: &str, most: u8) -> Option<u8> {
    let number: u8 = text.parse().ok()?;
    (number <= most && number.to_string() == text).then_some(number)
}

/// The network; bits past the prefix do not count.
pub(super) fn network(address: IpAddr, length: u8) -> Option<IpNet> {
    Some(IpNet::new(address, length).ok()?.trunc())
}

fn is_modifier_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'.'))
}

/// A name, perhaps with macros, that ends in a macro or in a label that may be the last one of a name.
pub(super) fn is_domain_spec(text: &str) -> bool {
    let Some(ends_in_macro) = macro_end(text) else {
        return false;
    };
    if ends_in_macro {
        return true;
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    text.rsplit_once('.').is_some_and(|(_, label)| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|octet| octet.is_ascii_alphanumeric() || octet == b'-')
            && !label.bytes().all(|octet| octet.is_ascii_digit())
    })
}

/// Whether a text of visible characters and macros ends in a macro; nothing where it is no such text.
fn macro_end(text: &str) -> Option<bool> {
    let mut rest = text;
    let mut ends = false;
    while let Some(next) = rest.chars().next() {
        ends = false;
        rest = if next == '%' {
            let after = rest.get(1..)?;
            match after.chars().next()? {
                '%' | '_' | '-' => after.get(1..)?,
                '{' => {
                    let (inner, after) = after.get(1..)?.split_once('}')?;
                    let mut letters = inner.chars();
                    letters
                        .next()
                        .filter(|letter| "slodiphv".contains(letter.to_ascii_lowercase()))?;
                    let rest = letters
                        .as_str()
                        .trim_start_matches(|c: char| c.is_ascii_digit());
                    let rest = rest.strip_prefix(['r', 'R']).unwrap_or(rest);
                    if !rest.chars().all(|c| ".-+,/_=".contains(c)) {
                        return None;
                    }
                    ends = true;
                    after
                }
                _ => return None,
            }
        } else if next.is_ascii_graphic() {
            rest.get(1..)?
        } else {
            return None;
        };
    }
    Some(ends)
}
