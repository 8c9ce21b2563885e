//! The products whose shells have cmdlets, and which of them has one.

use crate::topology::ExchangeVersion;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use std::fmt;

/// Whose shell runs a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Product {
    /// Exchange Online PowerShell.
    Online,
    /// Exchange Online PowerShell of a tenant that only filters (standalone Exchange Online Protection).
    Protection,
    /// The Exchange Management Shell of a release.
    Server(ExchangeVersion),
}

impl Product {
    /// What the library of the scripts calls it.
    pub const fn family(self) -> &'static str {
        match self {
            Self::Online => "online",
            Self::Protection => "protection",
            Self::Server(_) => "server",
        }
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Online => f.write_str("Exchange Online"),
            Self::Protection => f.write_str("Exchange Online Protection"),
            Self::Server(version) => write!(f, "Exchange Server {version}"),
        }
    }
}

/// `online eop 2010-se`: a list of products, the releases of Exchange Server as a range.
#[derive(Default)]
pub(crate) struct Products {
    pub(crate) online: bool,
    pub(crate) protection: bool,
    pub(crate) servers: Option<(ExchangeVersion, ExchangeVersion)>,
}

impl Products {
    pub(crate) fn include(&self, product: Product) -> bool {
        match product {
            Product::Online => self.online,
            Product::Protection => self.protection,
            Product::Server(version) => self
                .servers
                .is_some_and(|(from, to)| (from..=to).contains(&version)),
        }
    }
}

impl<'de> Deserialize<'de> for Products {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let version = |name: &str| match name {
            "2007" => Ok(ExchangeVersion::V2007),
            "2010" => Ok(ExchangeVersion::V2010),
            "2013" => Ok(ExchangeVersion::V2013),
            "2016" => Ok(ExchangeVersion::V2016),
            "2019" => Ok(ExchangeVersion::V2019),
            "se" => Ok(ExchangeVersion::Se),
            _ => Err(D::Error::custom(format!("unknown product `{name}`"))),
        };
        let mut products = Self::default();
        for word in text.split_whitespace() {
            match word {
                "online" => products.online = true,
                "eop" => products.protection = true,
                range => {
                    let (from, to) = range.split_once('-').unwrap_or((range, range));
                    products.servers = Some((version(from)?, version(to)?));
                }
            }
        }
        Ok(products)
    }
}
