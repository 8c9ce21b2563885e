//! The facts file: what providers assign and nobody can compute.

use crate::source::At;
use crate::yaml::{
    DateText, DomainText, HostText, List, Listed, Map, NetworkText, Ref, Slot, Text,
};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use std::fmt;

/// What cannot be known offline, with the day it was gathered.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub(crate) struct Facts {
    /// Version of the format: 1.
    pub version: Slot<u32>,
    /// The day, `YYYY-MM-DD`.
    pub gathered: Slot<DateText>,
    /// Facts about our locations, which stand at the top level beside the other keys.
    pub locations: Vec<(At<Ref>, Slot<LocationFacts>)>,
    /// Records of names that others own.
    pub records: Map<DomainText, RecordFacts>,
    /// What providers publish about themselves.
    pub published: Map<Text, Published>,
}

/// Facts about one location.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LocationFacts {
    /// MX hosts by domain.
    pub mx: Map<DomainText, HostText>,
    /// DKIM CNAME targets by domain and selector.
    pub dkim: Map<DomainText, Map<Text, DomainText>>,
    /// Certificates by name.
    pub certificates: Map<Text, CertificateFacts>,
}

/// What a server says about a certificate.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct CertificateFacts {
    /// SHA-1 thumbprint.
    pub thumbprint: Slot<Text>,
    /// Issuer, as the server writes it.
    pub issuer: Slot<Text>,
    /// Subject, as the server writes it.
    pub subject: Slot<Text>,
}

/// Records of a name that another organization owns.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RecordFacts {
    /// TXT records.
    pub txt: List<Text>,
    /// MX records.
    pub mx: List<Text>,
    /// Addresses.
    pub a: List<Text>,
}

/// What a provider publishes about itself.
#[derive(Clone, Debug, PartialEq, Eq, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Published {
    /// The provider's own version of the list.
    pub version: Slot<Text>,
    /// Its addresses.
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
