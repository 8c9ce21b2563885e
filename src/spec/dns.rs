//! Zones, and the records for senders: SPF and DMARC.

use crate::values::{Alignment, DmarcPolicy, DnsFormat, SpfAll, Terraform};
use crate::yaml::{DomainText, Form, List, Listed, Map, Slot, Text, UriText};
use schemars::JsonSchema;
use serde::Deserialize;

/// Zones, output formats and defaults for the records.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Dns {
    /// TTL of the records, in seconds.
    #[schemars(extend("default" = 3600))]
    pub ttl: Slot<u32>,
    /// TTL of records by what they are for, in seconds. Default: `ttl`.
    pub ttls: Slot<Ttls>,
    /// Zones. Default: one per registrable domain of `domains`; an entry here changes that zone alone.
    pub zones: Map<DomainText, Zone>,
    /// Formats the zones are written in.
    #[schemars(extend("default" = ["bind"]))]
    pub formats: List<DnsFormat>,
    /// What `mail.tf` holds, with the format `terraform`.
    #[schemars(extend("default" = "neutral"))]
    pub terraform: Slot<Terraform>,
    /// SPF defaults for every domain.
    pub spf: Slot<Spf>,
    /// DMARC defaults for every domain.
    pub dmarc: Slot<Dmarc>,
    /// Which zones are signed.
    pub dnssec: Map<DomainText, bool>,
}

/// TTL by what records are for, in seconds.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Ttls {
    /// Where mail enters.
    pub mx: Slot<u32>,
    /// SPF.
    pub spf: Slot<u32>,
    /// DKIM keys.
    pub dkim: Slot<u32>,
    /// DMARC, and the records that agree to its reports.
    pub dmarc: Slot<u32>,
    /// The record and the host of MTA-STS.
    pub mta_sts: Slot<u32>,
    /// Where TLS reports go.
    pub tls_rpt: Slot<u32>,
    /// Digests of certificates.
    pub tlsa: Slot<u32>,
    /// Autodiscover.
    pub autodiscover: Slot<u32>,
    /// Client services.
    pub srv: Slot<u32>,
    /// Addresses of hosts.
    pub host: Slot<u32>,
}

/// One zone.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Zone {
    /// Name servers. With these and `serial` a whole zone is written; without, a fragment to include.
    pub nameservers: Listed<DomainText>,
    /// Serial number of the zone.
    pub serial: Slot<u32>,
    /// Records of other purposes: they are kept, and checked against ours.
    pub records: List<ZoneRecord>,
}

/// A record of another purpose.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields, extend("required" = ["name", "type", "data"]))]
pub struct ZoneRecord {
    /// Owner, relative to the zone; `@` is the zone itself.
    pub name: Slot<Text>,
    /// Record type, such as `TXT`.
    #[serde(rename = "type")]
    pub kind: Slot<Text>,
    /// Its data, as a zone file writes it; text of a TXT record without quotes.
    pub data: Slot<Text>,
    /// TTL, in seconds. Default: `dns.ttl`.
    pub ttl: Slot<u32>,
}

/// The SPF record.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Spf {
    /// What becomes of all other senders.
    #[schemars(extend("default" = "fail"))]
    pub all: Slot<SpfAll>,
    /// Names whose SPF records are included, without `include:`.
    pub include: Listed<DomainText>,
    /// Whether includes are replaced by the addresses they stand for: all, none, or those of these names.
    #[schemars(extend("default" = false))]
    pub flatten: Slot<Form<bool, List<DomainText>>>,
    /// Whether the networks of a record of more than 450 octets move to records of their own, `_spf1.DOMAIN` and so on.
    #[schemars(extend("default" = false))]
    pub split: Slot<bool>,
    /// Whether unnamed subdomains have the same record, for hosts that send under names of their own.
    #[schemars(extend("default" = false))]
    pub subdomains: Slot<bool>,
}

/// The DMARC record, RFC 9989.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct Dmarc {
    /// What receivers are asked to do with mail that fails.
    #[schemars(extend("default" = "none"))]
    pub policy: Slot<DmarcPolicy>,
    /// The same for subdomains. Default: `policy`.
    pub subdomains: Slot<DmarcPolicy>,
    /// The same for subdomains that do not exist. Default: `subdomains`.
    pub nonexistent: Slot<DmarcPolicy>,
    /// How exactly the names must agree.
    #[schemars(extend("default" = "relaxed"))]
    pub alignment: Slot<Form<Alignment, AlignmentByProtocol>>,
    /// Where aggregate reports go.
    #[schemars(extend("examples" = [["mailto:dmarc@contoso.com"]]))]
    pub rua: List<UriText>,
    /// Where failure reports go.
    pub ruf: List<UriText>,
    /// When failure reports are wanted.
    pub failure: List<Failure>,
    /// Whether names below have other owners (`y`), or this is the organization's own (`n`). Default: not written.
    pub psd: Slot<Suffix>,
    /// Whether receivers are asked to apply the policy one step weaker.
    #[schemars(extend("default" = false))]
    pub testing: Slot<bool>,
}

/// How exactly names must agree, by protocol.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub struct AlignmentByProtocol {
    /// For DKIM.
    #[schemars(extend("default" = "relaxed"))]
    pub dkim: Slot<Alignment>,
    /// For SPF.
    #[schemars(extend("default" = "relaxed"))]
    pub spf: Slot<Alignment>,
}

/// Whether names below have other owners.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Suffix {
    /// They have, as those below `co.uk`.
    Y,
    /// They have not.
    N,
}

/// When a failure report is wanted (`fo`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Failure {
    /// Everything failed.
    #[serde(rename = "0")]
    All,
    /// Anything failed.
    #[serde(rename = "1")]
    Any,
    /// A DKIM signature failed.
    #[serde(rename = "d")]
    Dkim,
    /// SPF failed.
    #[serde(rename = "s")]
    Spf,
}

impl JsonSchema for Failure {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Failure".into()
    }

    /// A digit reaches a validator as a number, with quotes as text.
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "`0`: everything failed, `1`: anything failed, `d`: a DKIM signature failed, `s`: SPF failed.",
            "enum": ["0", "1", "d", "s", 0, 1]
        })
    }
}
