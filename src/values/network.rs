//! Address ranges.

use crate::values::bad_value::{BadValue, shown};
use ipnet::{IpNet, Ipv4Net};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network, or one address as the network of its full length; no bit is set past the prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Network(IpNet);

/// Ranges that no packet from the Internet comes from: RFC 1918, RFC 6598, RFC 1122, RFC 3927.
const PRIVATE_V4: [(Ipv4Addr, u8); 7] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
];

/// The same for IPv6: unspecified and loopback, RFC 4193, RFC 4291.
const PRIVATE_V6: [(Ipv6Addr, u8); 3] = [
    (Ipv6Addr::UNSPECIFIED, 127),
    (Ipv6Addr::new(0xfc00, 0, 0, 0, 0, 0, 0, 0), 7),
    (Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 0), 10),
];

impl Network {
    /// Reads an address or a network in CIDR form (RFC 4632).
    pub fn parse(text: &str) -> Result<Self, BadValue> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let Ok(ip) = IpAddr::from_str(address) else {
            return Err(no_address(text, address));
        };
        if let IpAddr::V6(v6) = ip
            && let Some(v4) = v6.to_ipv4_mapped()
        {
            return Err(
                bad(text, "is an IPv4 address in IPv6 clothes").help(format!("write `{v4}`"))
            );
        }
        let Some(prefix) = prefix else {
            return Ok(ip.into());
        };
        let most = if ip.is_ipv4() { 32 } else { 128 };
        let length = prefix
            .parse::<u8>()
            .ok()
            .filter(|&n| n <= most && n.to_string() == prefix);
        let Some(net) = length.and_then(|length| IpNet::new(ip, length).ok()) else {
            return Err(bad(
                text,
                &format!("has no prefix length from 0 to {most} behind the `/`"),
            ));
        };
        if net.addr() != net.network() {
            let whole = net.trunc();
            return Err(
                bad(text, "is an address inside a network, not a network").help(format!(
                    "write `{whole}` for the network or `{ip}` for the one address"
                )),
            );
        }
        Ok(Self(net))
    }

    /// The network with this first address; `None` where the length is none.
    pub fn starting_at(first: IpAddr, prefix_len: u8) -> Option<Self> {
        IpNet::new(first, prefix_len)
            .ok()
            .map(|net| Self(net.trunc()))
    }

    /// An address or a network, or the networks that make up a range of addresses; nothing where it is neither.
    pub(crate) fn parse_all(text: &str) -> Option<Vec<Self>> {
        let text = text.trim();
        let Some((first, last)) = text.split_once('-') else {
            return Some(vec![Self::parse(text).ok()?]);
        };
        let all: Vec<Self> = match (first.trim().parse().ok()?, last.trim().parse().ok()?) {
            (IpAddr::V4(first), IpAddr::V4(last)) => ipnet::Ipv4Subnets::new(first, last, 0)
                .map(|net| Self(IpNet::V4(net)))
                .collect(),
            (IpAddr::V6(first), IpAddr::V6(last)) => ipnet::Ipv6Subnets::new(first, last, 0)
                .map(|net| Self(IpNet::V6(net)))
                .collect(),
            _ => return None,
        };
        (!all.is_empty()).then_some(all)
    }

    /// Whether no address of it is reachable from the Internet.
    pub fn is_private(&self) -> bool {
        private_networks().any(|private| private.contains(&self.0))
    }

    /// Whether it holds addresses of external senders, because no organization has all of it: it mixes private and public
    /// addresses, or is wider than any assignment to one organization (IPv4: a /8,
    /// <https://www.iana.org/assignments/ipv4-address-space>; IPv6: a /16).
    pub fn holds_external_senders(&self) -> bool {
        let widest = if self.is_ipv6() { 16 } else { 8 };
        let mixed = || private_networks().any(|private| self.0.contains(&private));
        !self.is_private() && (self.prefix_len() < widest || mixed())
    }

    /// Whether every address of the other is in this one.
    pub fn contains(&self, other: &Self) -> bool {
        self.0.contains(&other.0)
    }

    /// The network and all that contain it, narrowest first.
    pub fn around(&self) -> impl Iterator<Item = Self> {
        std::iter::successors(Some(self.0), IpNet::supernet).map(Self)
    }

    /// The network of this prefix length that an address is in; nothing where there is no such length.
    pub fn around_address(address: IpAddr, length: u8) -> Option<Self> {
        Some(IpNet::new(address, length).ok()?.into())
    }

    /// Whether the address is in it.
    pub fn contains_address(&self, address: IpAddr) -> bool {
        self.0.contains(&address)
    }

    /// Whether the two share an address.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.contains(other) || other.contains(self)
    }

    /// How many addresses it has; the whole of IPv6 is one too many for the type and counts one less.
    pub fn addresses(&self) -> u128 {
        let bits = u32::from(self.0.max_prefix_len() - self.0.prefix_len());
        1u128.checked_shl(bits).unwrap_or(u128::MAX)
    }

    /// The networks of 256 addresses that make up an IPv4 network of more; anything else is given back as it is.
    ///
    /// A network shorter than /8 gives millions of them: look at the prefix length first.
    pub fn split_v4_24(&self) -> Vec<Self> {
        match self.0 {
            IpNet::V4(net) if net.prefix_len() < 24 => net
                .subnets(24)
                .map(|nets| nets.map(|n| Self(IpNet::V4(n))).collect())
                .unwrap_or_default(),
            _ => vec![*self],
        }
    }

    /// Whether it is an IPv6 network.
    pub fn is_ipv6(&self) -> bool {
        matches!(self.0, IpNet::V6(_))
    }

    /// Number of leading bits that all its addresses share.
    pub fn prefix_len(&self) -> u8 {
        self.0.prefix_len()
    }

    /// The first address.
    pub fn first(&self) -> IpAddr {
        self.0.network()
    }

    /// The last address.
    pub fn last(&self) -> IpAddr {
        self.0.broadcast()
    }

    /// The address, where it is only one.
    pub fn single(&self) -> Option<IpAddr> {
        (self.0.prefix_len() == self.0.max_prefix_len()).then(|| self.0.addr())
    }

    /// The underlying network.
    pub fn net(&self) -> IpNet {
        self.0
    }
}

impl From<IpNet> for Network {
    fn from(network: IpNet) -> Self {
        Self(network.trunc())
    }
}

impl From<IpAddr> for Network {
    fn from(address: IpAddr) -> Self {
        Self(IpNet::from(address))
    }
}

/// Whether the address cannot be reached from the Internet.
pub(crate) fn is_private_address(address: IpAddr) -> bool {
    Network::from(address).is_private()
}

fn private_networks() -> impl Iterator<Item = IpNet> {
    let v4 = PRIVATE_V4
        .iter()
        .filter_map(|&(ip, len)| Ipv4Net::new(ip, len).ok().map(IpNet::V4));
    let v6 = PRIVATE_V6
        .iter()
        .filter_map(|&(ip, len)| IpNet::new(IpAddr::V6(ip), len).ok());
    v4.chain(v6)
}

fn no_address(text: &str, address: &str) -> BadValue {
    if address.contains('-')
        && address
            .split('-')
            .all(|part| part.trim().parse::<IpAddr>().is_ok())
    {
        return bad(text, "is a range, which the language does not know")
            .help("write the networks it is made of in CIDR form, such as `203.0.113.0/28`");
    }
    if address.starts_with('[') {
        let bare = address.trim_matches(['[', ']']);
        return bad(text, "is in brackets").help(format!("write {}", shown(bare)));
    }
    if address.chars().any(char::is_whitespace) {
        return bad(text, "holds white space");
    }
    bad(text, "is neither an IP address nor a network in CIDR form")
        .help("write such as `203.0.113.10` or `203.0.113.0/28`")
}

fn bad(text: &str, why: &str) -> BadValue {
    BadValue::new(format!("{} {why}", shown(text)))
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.single() {
            Some(address) => address.fmt(f),
            None => self.0.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(text: &str) -> Network {
        Network::parse(text).unwrap()
    }

    #[test]
    fn one_address_is_the_network_of_its_length() {
        assert_eq!(net("203.0.113.10/32"), net("203.0.113.10"));
        assert_eq!(net("203.0.113.10/32").to_string(), "203.0.113.10");
        assert_eq!(net("2001:DB8:0::1").to_string(), "2001:db8::1");
        assert_eq!(net("2001:db8::/32").to_string(), "2001:db8::/32");
    }

    #[test]
    fn mistakes_are_told_apart() {
        for (text, part, help) in [
            ("10.0.0.1/24", "inside a network", "`10.0.0.0/24`"),
            ("10.0.0.0/33", "from 0 to 32", ""),
            ("10.0.0.0/024", "prefix length", ""),
            ("10.0.0.0/", "prefix length", ""),
            ("10.0.0", "neither", "203.0.113.0/28"),
            ("010.0.0.1", "neither", ""),
            ("10.0.0.1-10.0.0.9", "range", "CIDR"),
            ("[2001:db8::1]", "brackets", "`2001:db8::1`"),
            ("::ffff:10.0.0.1", "clothes", "`10.0.0.1`"),
            ("10.0.0.1 ", "white space", ""),
        ] {
            let error = Network::parse(text).unwrap_err();
            assert!(error.message.contains(part), "{text}: {}", error.message);
            assert!(error.help.unwrap_or_default().contains(help), "{text}");
        }
    }

    #[test]
    fn private_ranges_and_sizes() {
        for text in [
            "10.1.0.0/16",
            "172.31.0.1",
            "192.168.0.0/16",
            "100.64.0.1",
            "fd00::/8",
            "fe80::1",
            "::1",
        ] {
            assert!(net(text).is_private(), "{text}");
        }
        for text in [
            "203.0.113.0/24",
            "172.32.0.1",
            "8.0.0.0/6",
            "0.0.0.0/0",
            "2001:db8::/32",
        ] {
            assert!(!net(text).is_private(), "{text}");
        }
        assert_eq!(net("203.0.113.0/26").addresses(), 64);
        assert_eq!(net("::/0").addresses(), u128::MAX);
        assert_eq!(net("10.0.0.0/22").split_v4_24().len(), 4);
        assert_eq!(net("10.0.0.0/26").split_v4_24(), [net("10.0.0.0/26")]);
        assert!(net("10.0.0.0/8").overlaps(&net("10.1.0.0/16")));
    }

    proptest! {
        #[test]
        fn never_panics_and_is_stable(text in "\\PC{0,30}|[0-9a-f.:]{1,18}(/[0-9]{1,3})?") {
            if let Ok(network) = Network::parse(&text) {
                prop_assert_eq!(Network::parse(&network.to_string()).unwrap(), network);
            }
        }

        #[test]
        fn every_address_is_read(bits: u32, length in 0u8..=32) {
            let whole = IpNet::new(IpAddr::V4(Ipv4Addr::from(bits)), length).unwrap().trunc();
            prop_assert_eq!(net(&whole.to_string()).net(), whole);
        }
    }
}
