//! Hosts that take mail: a name or an address, and a port.

use crate::values::HostName;
use crate::values::bad_value::{BadValue, shown};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// The port of SMTP between servers.
const SMTP: u16 = 25;
/// The port where TLS begins with the first byte (RFC 8314): no server there speaks before it, and none knows STARTTLS.
const SMTPS: u16 = 465;

/// What a connection is made to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HostTarget {
    /// A name that is looked up.
    Name(HostName),
    /// An address.
    Ip(IpAddr),
}

/// A host that takes mail.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Host {
    /// What a connection is made to.
    pub target: HostTarget,
    /// TCP port.
    pub port: u16,
    /// The MX of the name is looked up, as for a domain.
    pub by_mx: bool,
    /// MX preference, where one is written.
    pub preference: Option<u16>,
    /// What the name resolves to, where that is written.
    pub addresses: Vec<IpAddr>,
}

impl HostTarget {
    /// Reads a name or an address; an IPv6 address may stand in brackets.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        if let Some(bare) = bare {
            return match bare.parse::<IpAddr>() {
                Ok(ip) => Ok(Self::Ip(ip)),
                Err(_) => Err(bad(text, "holds no IP address in its brackets")
                    .help(format!("write {}", shown(bare)))),
            };
        }
        match text.parse::<IpAddr>() {
            Ok(ip) => Ok(Self::Ip(ip)),
            Err(_) => HostName::parse(text).map(Self::Name),
        }
    }

    /// The name, where it is one.
    pub fn name(&self) -> Option<&HostName> {
        match self {
            Self::Name(name) => Some(name),
            Self::Ip(_) => None,
        }
    }

    /// The address, where it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Name(_) => None,
            Self::Ip(ip) => Some(*ip),
        }
    }
}

impl Host {
    /// Reads the short form: `NAME`, `NAME:PORT`, an IPv4 address with or without a port, an IPv6 address, `[IPv6]:PORT`.
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let (target, port) = split_port(text)?;
        Ok(Self::new(HostTarget::parse(target)?, port))
    }

    /// A host with no preference and no addresses of its own.
    pub fn new(target: HostTarget, port: u16) -> Self {
        Self {
            target,
            port,
            by_mx: false,
            preference: None,
            addresses: Vec::new(),
        }
    }

    /// The name, where the target is one.
    pub fn name(&self) -> Option<&HostName> {
        self.target.name()
    }

    /// Whether its port wants TLS from the first byte.
    pub const fn begins_with_tls(&self) -> bool {
        self.port == SMTPS
    }
}

fn split_port(text: &str) -> Result<(&str, u16), BadValue> {
    if text.is_empty() {
        return Err(BadValue::new("a host cannot be empty"));
    }
    if text.parse::<Ipv6Addr>().is_ok() {
        return Ok((text, SMTP));
    }
    let search = text.rfind(']').map_or(0, |at| at + 1);
    let Some((head, port)) = text.get(search..).and_then(|tail| tail.rsplit_once(':')) else {
        return Ok((text, SMTP));
    };
    let target = text.get(..search + head.len()).unwrap_or(text);
    if target.contains(':') && !target.starts_with('[') {
        return Err(bad(text, "is no host: it has more than one colon")
            .help("write an IPv6 address with a port in brackets, such as `[2001:db8::1]:2525`"));
    }
    match port.parse::<u16>() {
        Ok(number) if number > 0 && number.to_string() == port => Ok((target, number)),
        _ => Err(
            bad(text, "has no port from 1 to 65535 behind the colon").help(format!(
                "write {} for port 25, or another port such as {}",
                shown(target),
                shown(&format!("{target}:2525"))
            )),
        ),
    }
}

fn bad(text: &str, why: &str) -> BadValue {
    BadValue::new(format!("{} {why}", shown(text)))
}

impl fmt::Display for HostTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => name.fmt(f),
            Self::Ip(ip) => ip.fmt(f),
        }
    }
}

/// The short form, which leaves out the usual port.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.target, self.port) {
            (target, SMTP) => target.fmt(f),
            (HostTarget::Ip(IpAddr::V6(ip)), port) => write!(f, "[{ip}]:{port}"),
            (target, port) => write!(f, "{target}:{port}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn short_forms() {
        for (text, shown, port) in [
            ("Mail.Contoso.com", "mail.contoso.com", 25),
            ("mail.contoso.com:2525", "mail.contoso.com:2525", 2525),
            ("ex01", "ex01", 25),
            ("203.0.113.10", "203.0.113.10", 25),
            ("203.0.113.10:26", "203.0.113.10:26", 26),
            ("2001:db8::1", "2001:db8::1", 25),
            ("[2001:db8::1]", "2001:db8::1", 25),
            ("[2001:db8::1]:25", "2001:db8::1", 25),
            ("[2001:db8::1]:26", "[2001:db8::1]:26", 26),
            ("[203.0.113.10]:26", "203.0.113.10:26", 26),
        ] {
            let host = Host::parse(text).unwrap();
            assert_eq!(
                (host.to_string().as_str(), host.port),
                (shown, port),
                "{text}"
            );
        }
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (text, part) in [
            ("", "empty"),
            ("mail.contoso.com:", "no port"),
            ("mail.contoso.com:0", "no port"),
            ("mail.contoso.com:65536", "no port"),
            ("mail.contoso.com:025", "no port"),
            ("2001:db8::1:99999", "more than one colon"),
            ("[mail.contoso.com]", "brackets"),
            ("[mail.contoso.com]:25", "brackets"),
            ("mail_1.contoso.com", "underscore"),
            ("999.1.1.1", "ends in a number"),
            ("*.contoso.com", "wildcard"),
        ] {
            let error = Host::parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text}: {}", error.message);
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,30}|\\[?[0-9a-f.:]{0,15}\\]?(:[0-9]{1,6})?|[a-z.]{1,9}:[0-9]{1,5}") {
            if let Ok(host) = Host::parse(&text) {
                prop_assert_eq!(Host::parse(&host.to_string()).unwrap(), host);
            }
        }
    }
}
