//! Records as data: what stands in a zone, and which item of the spec it comes from.

use crate::source::Span;
use crate::topology::MtaStsMode;
use crate::values::{DomainName, HostName, OwnerName, hex};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
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
    pub sets: Sets,
    /// The sets of MX records of today, where the spec changes an entry: what stands there before those in `sets`.
    pub today: BTreeMap<OwnerName, RrSet>,
    /// The MTA-STS policies of domains in this zone, by domain.
    pub policies: Vec<StsPolicy>,
    /// What the spec says of the zone, else the first domain in it.
    pub span: Span,
}

impl Zone {
    /// The set at this name of this type.
    pub fn set(&self, owner: impl AsRef<str>, kind: RecordType) -> Option<&RrSet> {
        self.sets.get(owner.as_ref(), kind)
    }

    /// The name that one stands for.
    pub(crate) fn alias(&self, owner: &str) -> Option<&OwnerName> {
        let set = self.set(owner, RecordType::Cname)?;
        set.records.iter().find_map(|record| match &record.data {
            RData::Cname(target) => Some(target),
            _ => None,
        })
    }
}

/// The sets of records of a zone, in the order of their names and types. A zone has few of them, and there are many zones: a
/// list takes half the memory of a tree, and is asked by a name that nobody has to own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sets(Vec<(SetKey, RrSet)>);

impl Sets {
    fn position(&self, owner: &str, kind: RecordType) -> Result<usize, usize> {
        let wanted = (owner, kind);
        self.0
            .binary_search_by(|(key, _)| (key.owner.as_str(), key.kind).cmp(&wanted))
    }

    /// The set at this name of this type.
    pub fn get(&self, owner: &str, kind: RecordType) -> Option<&RrSet> {
        let at = self.position(owner, kind).ok()?;
        self.0.get(at).map(|(_, set)| set)
    }

    /// The same, to be changed.
    pub fn get_mut(&mut self, owner: &str, kind: RecordType) -> Option<&mut RrSet> {
        let at = self.position(owner, kind).ok()?;
        self.0.get_mut(at).map(|(_, set)| set)
    }

    /// Whether any record stands at a name.
    pub fn has(&self, owner: &str) -> bool {
        let at = self
            .0
            .partition_point(|(key, _)| key.owner.as_str() < owner);
        self.0
            .get(at)
            .is_some_and(|(key, _)| key.owner.as_str() == owner)
    }

    /// The set of a name and a type, which begins to be if it is not there.
    pub fn entry(&mut self, key: SetKey, ttl: u32) -> &mut RrSet {
        let at = self.position(key.owner.as_str(), key.kind);
        let at = at.unwrap_or_else(|at| {
            let records = Vec::new();
            self.0.insert(at, (key, RrSet { ttl, records }));
            at
        });
        &mut self.0[at].1
    }

    /// The sets with their names.
    pub fn iter(&self) -> impl Iterator<Item = (&SetKey, &RrSet)> {
        self.0.iter().map(|(key, set)| (key, set))
    }

    /// The same, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&SetKey, &mut RrSet)> {
        self.0.iter_mut().map(|(key, set)| (&*key, set))
    }

    /// Their names and types.
    pub fn keys(&self) -> impl Iterator<Item = &SetKey> {
        self.0.iter().map(|(key, _)| key)
    }

    /// Lets go of sets without records.
    pub fn let_go_of_empty(&mut self) {
        self.0.retain(|(_, set)| !set.records.is_empty());
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(SetKey, RrSet)> for Sets {
    fn from_iter<I: IntoIterator<Item = (SetKey, RrSet)>>(sets: I) -> Self {
        let mut list = Vec::from_iter(sets);
        list.sort_by(|(a, _), (b, _)| a.cmp(b));
        list.shrink_to_fit();
        Self(list)
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
    /// Brings the records into their order.
    pub(super) fn settle(&mut self) {
        self.records.sort_by(|a, b| a.data.cmp(&b.data));
        self.records.dedup_by(|a, b| a.data == b.data);
    }

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
    pub why: Box<str>,
    /// What a reader should know besides.
    pub remark: Option<&'static str>,
    /// Where that stands.
    pub span: Span,
}

impl Record {
    /// What stands above it in a file.
    pub fn comment(&self) -> String {
        match self.remark {
            None => self.why.to_string(),
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
        tag: Box<str>,
        /// Its value.
        value: Box<str>,
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
