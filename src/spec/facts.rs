//! The facts file: what providers assign and nobody can compute.

use crate::source::At;
use crate::yaml::{
    DateText, DomainText, HostText, List, Listed, Map, NetworkText, Ref, Slot, Text,
};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// What cannot be known offline, with the day it was gathered.
#[derive(Clone, Debug, PartialEq, Eq, Default, JsonSchema)]
#[schemars(extend("required" = ["version", "gathered"]))]
pub(crate) struct Facts {
    /// Version of the format: 1.
    pub version: Slot<u32>,
    /// The day, `YYYY-MM-DD`.
    #[schemars(extend("examples" = ["2026-11-20"]))]
    pub gathered: Slot<DateText>,
    /// Facts about our locations, which stand at the top level beside the other keys.
    #[schemars(flatten, with = "Map<Text, LocationFacts>")]
    pub locations: Vec<(At<Ref>, Slot<LocationFacts>)>,
    /// Records of names that others own.
    #[schemars(extend("examples" = [{"_spf.fabrikam.example": {"txt": ["v=spf1 ip4:192.0.2.0/24 -all"]}}]))]
    pub records: Map<DomainText, RecordFacts>,
    /// What providers publish about themselves.
    pub published: Map<Text, Published>,
}

/// Facts about one location.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct LocationFacts {
    /// MX hosts by domain.
    #[schemars(extend("examples" = [{"contoso.com": "contoso-com.mail.protection.outlook.com"}]))]
    pub mx: Map<DomainText, HostText>,
    /// DKIM CNAME targets by domain and selector.
    #[schemars(extend("examples" = [{"contoso.com": {"selector1": "selector1-contoso-com._domainkey.contoso.n-v1.dkim.mail.microsoft"}}]))]
    pub dkim: Map<DomainText, Map<Text, DomainText>>,
    /// Certificates by name.
    pub certificates: Map<Text, CertificateFacts>,
}

/// What a server says about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct CertificateFacts {
    /// SHA-1 thumbprint.
    #[schemars(extend("examples" = ["8F43288AD272F3103B6FB1428485EA3014C0BCFE"]))]
    pub thumbprint: Slot<Text>,
    /// Issuer, as the server writes it.
    #[schemars(extend("examples" = ["CN=R11, O=Let's Encrypt, C=US"]))]
    pub issuer: Slot<Text>,
    /// Subject, as the server writes it.
    #[schemars(extend("examples" = ["CN=mail.contoso.com"]))]
    pub subject: Slot<Text>,
}

/// Records of a name that another organization owns.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RecordFacts {
    /// TXT records.
    #[schemars(extend("examples" = [["v=spf1 ip4:192.0.2.0/24 -all"]]))]
    pub txt: List<Text>,
    /// MX records.
    #[schemars(extend("examples" = [["10 mx.fabrikam.example"]]))]
    pub mx: List<Text>,
    /// Addresses.
    #[schemars(extend("examples" = [["192.0.2.25"]]))]
    pub a: List<Text>,
    /// The name it stands for.
    pub cname: List<DomainText>,
    /// TLSA records, as a zone file writes them.
    pub tlsa: List<Text>,
    /// Whether the zone that it lies in is signed.
    pub dnssec: Slot<bool>,
    /// The day on which this name was asked for; default: `gathered`.
    pub date: Slot<DateText>,
}

/// What a provider publishes about itself.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Published {
    /// The provider's own version of the list.
    #[schemars(extend("examples" = ["2026080300"]))]
    pub version: Slot<Text>,
    /// Its addresses.
    #[schemars(extend("examples" = [["40.92.0.0/15"]]))]
    pub addresses: Listed<NetworkText>,
}

impl<'de> Deserialize<'de> for Facts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FactsVisitor)
    }
}

struct FactsVisitor;

impl<'de> Visitor<'de> for FactsVisitor {
    type Value = Facts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mapping")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Facts, A::Error> {
        let mut facts = Facts::default();
        while let Some(key) = map.next_key::<At<Ref>>()? {
            match &*key.value {
                "version" => facts.version = map.next_value()?,
                "gathered" => facts.gathered = map.next_value()?,
                "records" => facts.records = map.next_value()?,
                "published" => facts.published = map.next_value()?,
                _ => {
                    let location = map.next_value()?;
                    facts.locations.push((key, location));
                }
            }
        }
        Ok(facts)
    }
}
