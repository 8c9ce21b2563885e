//! Facts: names that a provider assigns and nobody can compute.

use crate::source::At;
use crate::topology::LocationId;
use crate::values::{Date, DomainName, Network};
use std::collections::BTreeMap;

/// A facts file.
#[derive(Clone, Debug, Default, Hash)]
pub struct Facts {
    /// The day they were gathered.
    pub gathered: Option<At<Date>>,
    /// By location.
    pub locations: BTreeMap<LocationId, LocationFacts>,
    /// What stands under names that others own.
    pub records: BTreeMap<String, ForeignNames>,
    /// The provider's published addresses, where the file has them.
    pub published: Option<Published>,
}

/// CNAME targets by selector, in the order of the selectors.
pub(crate) type Selectors = Box<[(String, At<String>)]>;

/// Facts of one location.
#[derive(Clone, Debug, Default, Hash)]
pub struct LocationFacts {
    /// MX host of each domain.
    pub mx: BTreeMap<DomainName, At<String>>,
    /// CNAME target of each selector of each domain.
    pub dkim: BTreeMap<DomainName, Selectors>,
    /// Certificates by name.
    pub certificates: BTreeMap<String, At<CertificateFact>>,
}

/// What a server knows about a certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CertificateFact {
    /// SHA-1, upper case hexadecimal.
    pub thumbprint: Option<String>,
    /// X.500 name of the issuer.
    pub issuer: Option<String>,
    /// X.500 name of the subject.
    pub subject: Option<String>,
}

/// Records of a name that others own; `None` where the file does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ForeignNames {
    /// Text records.
    pub txt: Option<Vec<String>>,
    /// MX: preference and host.
    pub mx: Option<Vec<(u16, String)>>,
    /// Addresses.
    pub a: Option<Vec<String>>,
    /// The name it stands for.
    pub cname: Option<String>,
    /// Certificate associations, as a zone file writes them.
    pub tlsa: Option<Vec<String>>,
    /// Its zone is signed.
    pub dnssec: Option<bool>,
    /// The day on which it was asked for, where it has one of its own.
    pub date: Option<At<Date>>,
}

/// Published addresses of Exchange Online.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Published {
    /// The provider's own version of the list.
    pub version: u64,
    /// The addresses its mail leaves from.
    pub addresses: Vec<Network>,
}
