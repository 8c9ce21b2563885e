//! What a receiver finds out about one address (RFC 7208, section 4).

use super::read::{Mechanism, Qualifier, Record, is_record, network};
use super::survey::survey;
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;

/// Lookups that a receiver makes at most (section 4.6.4).
pub(crate) const MOST_LOOKUPS: usize = 10;

/// Lookups without an answer that it makes at most.
pub(crate) const MOST_VOID_LOOKUPS: usize = 2;

/// What is known of names: nothing where nobody knows, an empty list where there is no such record.
pub trait Names {
    /// The texts at a name.
    fn texts(&self, name: &str) -> Option<Vec<String>>;
    /// The mail exchangers of a name.
    fn exchangers(&self, name: &str) -> Option<Vec<String>>;
    /// The addresses of a name, of one family.
    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>>;
}

/// What a receiver makes of an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The domain has no record.
    None,
    /// The record says nothing of the address.
    Neutral,
    /// The address may send.
    Pass,
    /// It may not.
    Fail,
    /// It probably may not.
    Softfail,
    /// No receiver can evaluate the record.
    Permerror(Broken),
    /// It depends on a name that nobody knows.
    Unknown(String),
}

/// Why a record cannot be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Broken {
    /// A name has several records (section 4.5).
    Several(String),
    /// A name that is included or redirected to has none (sections 5.2 and 6.1).
    Missing(String),
    /// The record at the name has a term that is none (section 4.6).
    Syntax(String, String),
    /// It takes more lookups than receivers make.
    Lookups,
    /// It takes more lookups without an answer than they make.
    Void,
    /// A name has more exchangers than they look at.
    Exchangers(String),
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Several(name) => write!(f, "`{name}` has several SPF records"),
            Self::Missing(name) => write!(f, "`{name}` has no SPF record"),
            Self::Syntax(name, term) => {
                write!(
                    f,
                    "the SPF record of `{name}` holds `{term}`, which is no term"
                )
            }
            Self::Lookups => write!(f, "it takes more than {MOST_LOOKUPS} DNS lookups"),
            Self::Void => write!(
                f,
                "more than {MOST_VOID_LOOKUPS} of its DNS lookups have no answer"
            ),
            Self::Exchangers(name) => {
                write!(f, "`{name}` has more than {MOST_LOOKUPS} mail exchangers")
            }
        }
    }
}

/// Evaluates a domain's record for an address.
pub fn check_host(names: &dyn Names, address: IpAddr, domain: &str) -> Verdict {
    counted(names, address, domain).0
}

/// The same with the lookups that it took, and how many of them had no answer.
pub fn counted(names: &dyn Names, address: IpAddr, domain: &str) -> (Verdict, usize, usize) {
    let mut session = Session {
        names,
        address,
        sender: domain,
        lookups: 0,
        void: 0,
    };
    let verdict = session.check(domain).unwrap_or_else(Verdict::Permerror);
    (verdict, session.lookups, session.void)
}

/// Evaluates a domain's record for all addresses of a network, cut where the record tells them apart.
pub fn check_network(names: &dyn Names, network: IpNet, domain: &str) -> Vec<(IpNet, Verdict)> {
    check_parts(names, network, domain, &survey(names, domain).networks)
}

/// The same, where it is known with which networks the record compares.
pub(crate) fn check_parts(
    names: &dyn Names,
    network: IpNet,
    domain: &str,
    compared: &BTreeSet<IpNet>,
) -> Vec<(IpNet, Verdict)> {
    let cuts: Vec<IpNet> = compared
        .iter()
        .copied()
        .filter(|cut| network.contains(cut) && *cut != network)
        .collect();
    let mut parts = Vec::new();
    cut(network, &cuts, &mut parts);
    parts
        .into_iter()
        .map(|part| (part, check_host(names, part.network(), domain)))
        .collect()
}

fn cut(network: IpNet, cuts: &[IpNet], parts: &mut Vec<IpNet>) {
    let inside: Vec<IpNet> = cuts
        .iter()
        .copied()
        .filter(|cut| network.contains(cut) && *cut != network)
        .collect();
    let halves = network.subnets(network.prefix_len().saturating_add(1));
    match halves {
        Ok(halves) if !inside.is_empty() => halves.for_each(|half| cut(half, &inside, parts)),
        _ => parts.push(network),
    }
}

/// One evaluation.
struct Session<'a> {
    names: &'a dyn Names,
    address: IpAddr,
    /// The domain of the envelope sender.
    sender: &'a str,
    lookups: usize,
    void: usize,
}

/// Whether a mechanism matches.
enum Match {
    Yes,
    No,
    /// It depends on this name.
    Unknown(String),
}

impl From<bool> for Match {
    fn from(matches: bool) -> Self {
        if matches { Self::Yes } else { Self::No }
    }
}

impl Session<'_> {
    fn check(&mut self, domain: &str) -> Result<Verdict, Broken> {
        let record = match record_at(self.names, domain)? {
            Found::Unknown => return Ok(Verdict::Unknown(domain.to_owned())),
            Found::None => return Ok(Verdict::None),
            Found::Record(record) => record,
        };
        let mut open: Option<(Verdict, String)> = None;
        for term in &record.terms {
            let said = said(term.qualifier);
            match self.matches(&term.mechanism, domain)? {
                Match::No => {}
                Match::Yes => return Ok(settled(open, said)),
                Match::Unknown(name) => {
                    open.get_or_insert((said, name));
                }
            }
        }
        let rest = match &record.redirect {
            Some(target) => self.redirected(target, domain)?,
            None => Verdict::Neutral,
        };
        Ok(settled(open, rest))
    }

    fn redirected(&mut self, target: &str, domain: &str) -> Result<Verdict, Broken> {
        self.look_up()?;
        let Some(target) = self.expanded(target, domain) else {
            return Ok(Verdict::Unknown(target.to_owned()));
        };
        match self.check(&target)? {
            Verdict::None => Err(Broken::Missing(target)),
            verdict => Ok(verdict),
        }
    }

    fn matches(&mut self, mechanism: &Mechanism, domain: &str) -> Result<Match, Broken> {
        match mechanism {
            Mechanism::All => Ok(Match::Yes),
            Mechanism::Ip(network) => Ok(network.contains(&self.address).into()),
            Mechanism::Include(target) => {
                self.look_up()?;
                let Some(target) = self.expanded(target, domain) else {
                    return Ok(Match::Unknown(target.clone()));
                };
                match self.check(&target)? {
                    Verdict::Pass => Ok(Match::Yes),
                    Verdict::Fail | Verdict::Softfail | Verdict::Neutral => Ok(Match::No),
                    Verdict::None => Err(Broken::Missing(target)),
                    Verdict::Permerror(broken) => Err(broken),
                    Verdict::Unknown(name) => Ok(Match::Unknown(name)),
                }
            }
            Mechanism::A(host, lengths) => {
                self.look_up()?;
                match self.target(host.as_deref(), domain) {
                    Ok(host) => self.has_address(&host, *lengths),
                    Err(name) => Ok(Match::Unknown(name)),
                }
            }
            Mechanism::Mx(host, lengths) => {
                self.look_up()?;
                match self.target(host.as_deref(), domain) {
                    Ok(host) => self.has_exchanger(&host, *lengths),
                    Err(name) => Ok(Match::Unknown(name)),
                }
            }
            Mechanism::Exists(host) => {
                self.look_up()?;
                let Some(name) = self.expanded(host, domain) else {
                    return Ok(Match::Unknown(host.clone()));
                };
                match self.names.addresses(&name, false) {
                    None => Ok(Match::Unknown(name)),
                    Some(found) => self.answered(!found.is_empty()).map(Match::from),
                }
            }
            // Reverse names are kept by whoever assigned the address.
            Mechanism::Ptr(_) => {
                self.look_up()?;
                Ok(Match::Unknown(format!(
                    "the reverse name of {}",
                    self.address
                )))
            }
        }
    }

    fn has_address(&mut self, host: &str, lengths: (u8, u8)) -> Result<Match, Broken> {
        match self.names.addresses(host, self.address.is_ipv6()) {
            None => Ok(Match::Unknown(host.to_owned())),
            Some(found) => {
                self.answered(!found.is_empty())?;
                Ok(self.is_near(&found, lengths).into())
            }
        }
    }

    fn has_exchanger(&mut self, host: &str, lengths: (u8, u8)) -> Result<Match, Broken> {
        let Some(hosts) = self.names.exchangers(host) else {
            return Ok(Match::Unknown(host.to_owned()));
        };
        self.answered(!hosts.is_empty())?;
        if hosts.len() > MOST_LOOKUPS {
            return Err(Broken::Exchangers(host.to_owned()));
        }
        let mut found = Match::No;
        for host in hosts {
            match (self.has_address(&host, lengths)?, &found) {
                (Match::No, _) | (_, Match::Yes) => {}
                (more, _) => found = more,
            }
        }
        Ok(found)
    }

    fn is_near(&self, found: &[IpAddr], (four, six): (u8, u8)) -> bool {
        found.iter().any(|&address| {
            let length = if address.is_ipv4() { four } else { six };
            network(address, length).is_some_and(|net: IpNet| net.contains(&self.address))
        })
    }

    /// Counts a lookup.
    fn look_up(&mut self) -> Result<(), Broken> {
        self.lookups += 1;
        if self.lookups > MOST_LOOKUPS {
            return Err(Broken::Lookups);
        }
        Ok(())
    }

    /// Counts a lookup without an answer.
    fn answered(&mut self, answered: bool) -> Result<bool, Broken> {
        self.void += usize::from(!answered);
        if self.void > MOST_VOID_LOOKUPS {
            return Err(Broken::Void);
        }
        Ok(answered)
    }

    fn target(&self, host: Option<&str>, domain: &str) -> Result<String, String> {
        let host = host.unwrap_or(domain);
        self.expanded(host, domain).ok_or_else(|| host.to_owned())
    }

    /// The name with its macros written out; nothing where it depends on more than the domain and the address.
    fn expanded(&self, text: &str, domain: &str) -> Option<String> {
        expand(text, |letter| match letter {
            'd' => Some(domain.to_owned()),
            'o' => Some(self.sender.to_owned()),
            'i' => Some(dotted(self.address)),
            'v' => Some(
                if self.address.is_ipv4() {
                    "in-addr"
                } else {
                    "ip6"
                }
                .to_owned(),
            ),
            _ => None,
        })
    }
}

/// What stands at a name.
pub(super) enum Found {
    Unknown,
    None,
    Record(Record),
}

/// The one record at a name.
pub(super) fn record_at(names: &dyn Names, domain: &str) -> Result<Found, Broken> {
    let Some(texts) = names.texts(domain) else {
        return Ok(Found::Unknown);
    };
    let mut records = texts.iter().filter(|text| is_record(text));
    match (records.next(), records.next()) {
        (None, _) => Ok(Found::None),
        (Some(text), None) => match Record::parse(text) {
            Ok(record) => Ok(Found::Record(record)),
            Err(term) => Err(Broken::Syntax(domain.to_owned(), term)),
        },
        (Some(_), Some(_)) => Err(Broken::Several(domain.to_owned())),
    }
}

const fn said(qualifier: Qualifier) -> Verdict {
    match qualifier {
        Qualifier::Pass => Verdict::Pass,
        Qualifier::Fail => Verdict::Fail,
        Qualifier::Softfail => Verdict::Softfail,
        Qualifier::Neutral => Verdict::Neutral,
    }
}

/// What comes out where a term before was open: it does not matter where both answers come to the same.
fn settled(open: Option<(Verdict, String)>, rest: Verdict) -> Verdict {
    match open {
        Some((said, name)) if said != rest => Verdict::Unknown(name),
        _ => rest,
    }
}

/// Writes macros out (section 7); nothing where one of them is not known, or is cut or turned round.
pub(super) fn expand(text: &str, known: impl Fn(char) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let mut letters = after.chars();
        match letters.next()? {
            '%' => out.push('%'),
            '_' => out.push(' '),
            '-' => out.push_str("%20"),
            '{' => {
                let (inner, after) = letters.as_str().split_once('}')?;
                out.push_str(&transformed(inner, &known)?);
                rest = after;
                continue;
            }
            _ => return None,
        }
        rest = letters.as_str();
    }
    out.push_str(rest);
    Some(out.trim_end_matches('.').to_ascii_lowercase())
}

/// One macro: the letter, how many labels of it are kept, whether they are turned round, and what divides them.
fn transformed(inner: &str, known: &impl Fn(char) -> Option<String>) -> Option<String> {
    let mut letters = inner.chars();
    let value = known(letters.next()?.to_ascii_lowercase())?;
    let rest = letters.as_str();
    let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (count, rest) = rest.split_at(digits);
    let turned = rest.starts_with(['r', 'R']);
    let dividers = rest.trim_start_matches(['r', 'R']);
    let dividers = if dividers.is_empty() { "." } else { dividers };
    let mut parts: Vec<&str> = value.split(|c| dividers.contains(c)).collect();
    if turned {
        parts.reverse();
    }
    if !count.is_empty() {
        let count: usize = count.parse().ok().filter(|count| *count > 0)?;
        parts.drain(..parts.len().saturating_sub(count));
    }
    Some(parts.join("."))
}

/// An address as macros write it: IPv6 in single digits.
fn dotted(address: IpAddr) -> String {
    match address {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let digits = address
                .octets()
                .into_iter()
                .flat_map(|octet| [octet >> 4, octet & 15].map(|digit| format!("{digit:x}")));
            digits.collect::<Vec<String>>().join(".")
        }
    }
}
