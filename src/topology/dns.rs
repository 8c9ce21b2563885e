//! Zones and defaults of records.

use crate::source::{At, Span};
use crate::topology::DmarcDefaults;
use crate::values::{DnsFormat, DomainName, SpfAll, Terraform};
use std::collections::BTreeMap;

/// The `dns` section.
#[derive(Clone, Debug, Default, Hash)]
pub struct Dns {
    /// Seconds; `None` where the spec does not say (3600).
    pub ttl: Option<At<u32>>,
    /// Seconds, by what records are for.
    pub ttls: BTreeMap<Purpose, u32>,
    /// What is written for Terraform.
    pub terraform: Terraform,
    /// Zones that differ from one zone per registrable domain.
    pub zones: BTreeMap<DomainName, ZoneSettings>,
    /// What is written; BIND where the spec does not say.
    pub formats: Vec<At<DnsFormat>>,
    /// Defaults of SPF.
    pub spf: SpfDefaults,
    /// Defaults of DMARC, where the spec has them.
    pub dmarc: Option<At<DmarcDefaults>>,
    /// Which zones are signed.
    pub dnssec: BTreeMap<DomainName, At<bool>>,
}

impl Dns {
    /// Time to live of records, in seconds.
    pub fn ttl(&self) -> u32 {
        self.ttl.map_or(3600, |at| at.value)
    }
}

/// What a record is for, as far as its time to live may depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Purpose {
    /// Where mail enters.
    Mx,
    /// SPF.
    Spf,
    /// DKIM keys.
    Dkim,
    /// DMARC, and agreement to its reports.
    Dmarc,
    /// The record and the host of MTA-STS.
    MtaSts,
    /// Where TLS reports go.
    TlsRpt,
    /// Digests of certificates.
    Tlsa,
    /// Autodiscover.
    Autodiscover,
    /// Client services.
    Srv,
    /// Addresses of hosts.
    Host,
}

/// Times to live of a domain's records, where it says so itself, in seconds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Ttls {
    /// Of all.
    pub all: Option<u32>,
    /// By what records are for.
    pub by_purpose: BTreeMap<Purpose, u32>,
}

/// What the spec says about one zone.
#[derive(Clone, Debug, Default, Hash)]
pub struct ZoneSettings {
    /// Where the zone's key stands.
    pub span: Span,
    /// Name servers; with a serial a whole zone is written.
    pub nameservers: Vec<At<DomainName>>,
    /// Serial of the SOA record.
    pub serial: Option<At<u32>>,
    /// Records of other purposes.
    pub records: Vec<At<ForeignRecord>>,
}

/// A record of another purpose, kept as it is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ForeignRecord {
    /// Owner, relative to the zone; `@` is the zone itself.
    pub name: String,
    /// Type, upper case.
    pub kind: String,
    /// Data, as in a master file; for TXT the text itself.
    pub data: String,
    /// Seconds; the zone's default where absent.
    pub ttl: Option<u32>,
}

/// Defaults of SPF.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct SpfDefaults {
    /// How records end; `-all` where the spec does not say.
    pub all: SpfAll,
    /// Names to include besides the derived ones.
    pub include: Vec<At<String>>,
    /// Includes that are resolved into addresses.
    pub flatten: Flatten,
    /// Networks of long records move to records of their own.
    pub split: bool,
    /// Unnamed subdomains have the same record.
    pub subdomains: bool,
}

/// Includes that are resolved into addresses.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Flatten {
    /// None.
    #[default]
    None,
    /// All that stand for addresses alone.
    All,
    /// Those of these names.
    These(Vec<At<String>>),
}

impl Flatten {
    /// Whether the include of a name is.
    pub fn holds(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::All => true,
            Self::These(names) => names.iter().any(|at| at.value.eq_ignore_ascii_case(name)),
        }
    }
}
