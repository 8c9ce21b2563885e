//! Records as data: what stands in a zone, and which item of the spec it comes from.

use crate::source::Span;
use crate::topology::MtaStsMode;
use crate::values::{DomainName, HostName, OwnerName, hex};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A zone, or the part of one that mail needs.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The name that the zone begins at.
    pub origin: DomainName,
    /// What makes it a whole zone; without, it is a fragment for a zone that somebody else keeps.
    pub authority: Option<Authority>,
    /// The sets of records.
    pub sets: BTreeMap<SetKey, RrSet>,
    /// The sets of MX records of today, where the spec changes an entry: what stands there before those in `sets`.
    pub today: BTreeMap<OwnerName, RrSet>,
    /// The MTA-STS policies of domains in this zone, by domain.
    pub policies: Vec<StsPolicy>,
    /// What the spec says of the zone, else the first domain in it.
    pub span: Span,
}

impl Zone {
    /// The set at this name of this type.
    pub fn set(&self, owner: &OwnerName, kind: RecordType) -> Option<&RrSet> {
        self.sets.get(&SetKey {
            owner: owner.clone(),
            kind,
        })
    }
}

/// The start of authority of a whole zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    /// Its name servers, the primary first.
    pub nameservers: Vec<DomainName>,
    /// Its version, given by the user: a compiled zone must not change by itself.
    pub serial: u32,
}

/// Name and type of a set.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SetKey {
    /// The name.
    pub owner: OwnerName,
    /// The type.
    pub kind: RecordType,
}

/// All records of one type at one name. They have one time to live (RFC 2181, section 5.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RrSet {
    /// Seconds.
    pub ttl: u32,
    /// The records, sorted, each once.
    pub records: Vec<Record>,
}

impl RrSet {
    /// The reasons of its records, each once.
    pub fn comments(&self) -> Vec<String> {
        let mut reasons: Vec<String> = Vec::new();
        for reason in self.records.iter().map(Record::comment) {
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
        }
        reasons
    }
}

/// One record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What it says.
    pub data: RData,
    /// The object of the spec that it comes from, such as `domains.contoso.com.mx`.
    pub why: String,
    /// What a reader should know besides.
    pub remark: Option<&'static str>,
    /// Where that stands.
    pub span: Span,
}

impl Record {
    /// What stands above it in a file.
    pub fn comment(&self) -> String {
        match self.remark {
            None => self.why.clone(),
            Some(remark) => format!("{}: {remark}", self.why),
        }
    }
}

/// What a record says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RData {
    /// A name server.
    Ns(HostName),
    /// An IPv4 address.
    A(Ipv4Addr),
    /// An IPv6 address.
    Aaaa(Ipv6Addr),
    /// The owner is another name for this one.
    Cname(OwnerName),
    /// A mail exchanger.
    Mx {
        /// The lower is tried first.
        preference: u16,
        /// The host; `None` says that no mail is taken (RFC 7505).
        exchange: Option<HostName>,
    },
    /// Text, in octets.
    Txt(Vec<u8>),
    /// A service (RFC 2782).
    Srv {
        /// The lower is tried first.
        priority: u16,
        /// Share among equal priorities.
        weight: u16,
        /// The port.
        port: u16,
        /// The host; `None` says that the service is not offered.
        target: Option<HostName>,
    },
    /// A certificate association (RFC 6698).
    Tlsa {
        /// Certificate usage.
        usage: u8,
        /// Selector.
        selector: u8,
        /// Matching type.
        matching: u8,
        /// The association.
        data: Vec<u8>,
    },
    /// Which authorities may issue certificates (RFC 8659).
    Caa {
        /// 128 for critical.
        flags: u8,
        /// The property.
        tag: String,
        /// Its value.
        value: String,
    },
    /// A type without a form of its own here (RFC 3597).
    Other {
        /// The number of the type.
        kind: u16,
        /// Its data.
        data: Vec<u8>,
    },
}

impl RData {
    /// Text that is ASCII.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Txt(text.into().into_bytes())
    }

    /// Nobody takes mail here (RFC 7505).
    pub const fn null_mx() -> Self {
        Self::Mx {
            preference: 0,
            exchange: None,
        }
    }

    /// The type.
    pub const fn kind(&self) -> RecordType {
        match self {
            Self::Ns(_) => RecordType::Ns,
            Self::A(_) => RecordType::A,
            Self::Aaaa(_) => RecordType::Aaaa,
            Self::Cname(_) => RecordType::Cname,
            Self::Mx { .. } => RecordType::Mx,
            Self::Txt(_) => RecordType::Txt,
            Self::Srv { .. } => RecordType::Srv,
            Self::Tlsa { .. } => RecordType::Tlsa,
            Self::Caa { .. } => RecordType::Caa,
            Self::Other { kind, .. } => RecordType::Other(*kind),
        }
    }

    /// The tag that a text begins with and of which a name can have only one: `v=spf1`, `v=DMARC1` and the like.
    pub fn version_tag(&self) -> Option<String> {
        let Self::Txt(octets) = self else { return None };
        let text = std::str::from_utf8(octets).ok()?;
        let first = text.split([' ', ';']).next()?.trim().to_ascii_lowercase();
        first.starts_with("v=").then_some(first)
    }
}

/// A type of records, in the order in which a zone shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RecordType {
    /// NS
    Ns,
    /// A
    A,
    /// AAAA
    Aaaa,
    /// CNAME
    Cname,
    /// MX
    Mx,
    /// TXT
    Txt,
    /// SRV
    Srv,
    /// TLSA
    Tlsa,
    /// CAA
    Caa,
    /// By number.
    Other(u16),
}

impl fmt::Display for RecordType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ns => "NS",
            Self::A => "A",
            Self::Aaaa => "AAAA",
            Self::Cname => "CNAME",
            Self::Mx => "MX",
            Self::Txt => "TXT",
            Self::Srv => "SRV",
            Self::Tlsa => "TLSA",
            Self::Caa => "CAA",
            Self::Other(kind) => return write!(f, "TYPE{kind}"),
        })
    }
}

/// An MTA-STS policy (RFC 8461, section 3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StsPolicy {
    /// The domain it is for.
    pub domain: DomainName,
    /// Its mode.
    pub mode: MtaStsMode,
    /// The hosts that may take the domain's mail, sorted.
    pub mx: Vec<HostName>,
    /// Seconds for which senders keep it.
    pub max_age: u32,
    /// Where the spec asks for it.
    pub span: Span,
}

impl StsPolicy {
    /// The file that is served at `https://mta-sts.DOMAIN/.well-known/mta-sts.txt`.
    pub fn text(&self) -> String {
        let mut text = format!("version: STSv1\nmode: {}\n", self.mode.keyword());
        for host in &self.mx {
            let _ = writeln!(text, "mx: {host}");
        }
        let _ = writeln!(text, "max_age: {}", self.max_age);
        text
    }

    /// The id of the record, which must change exactly when the policy does: it is made from the text.
    pub fn id(&self) -> String {
        hex(Sha256::digest(self.text().as_bytes()).iter().take(10))
    }
}

/// The zones of a plan by name, for questions about many names.
pub(crate) struct Origins<'a>(BTreeSet<&'a str>);

impl<'a> Origins<'a> {
    /// Those of these zones.
    pub(crate) fn of(zones: &'a [Zone]) -> Self {
        Self(zones.iter().map(|zone| zone.origin.as_str()).collect())
    }

    /// Whether a name is that of a zone, or below one.
    pub(crate) fn hold(&self, name: &str) -> bool {
        let mut rest = Some(name);
        while let Some(name) = rest {
            if self.0.contains(name) {
                return true;
            }
            rest = name.split_once('.').map(|(_, above)| above);
        }
        false
    }
}
