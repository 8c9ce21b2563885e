//! Which cmdlets and parameters each product has, and what they take.
//!
//! The data is `schemas/exchange-cmdlets.json`: names, types and numbers from the reference pages of the cmdlets. Every
//! call that a script holds is checked against it while the script is made, so that a misspelt or missing parameter is
//! a bug found here and not in somebody's organization. This module must not know what the calls are for.

use super::call::{Call, items};
use super::constraints;
use crate::topology::ExchangeVersion;
use crate::writer::powershell::PsValue;
use serde::{Deserialize, Deserializer, de::Error as _};
use std::collections::BTreeMap;
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::LazyLock;

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

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Online => f.write_str("Exchange Online"),
            Self::Protection => f.write_str("Exchange Online Protection"),
            Self::Server(version) => write!(f, "Exchange Server {version}"),
        }
    }
}

/// Says everything that is wrong with a call, in sentences without a full stop.
pub fn check(call: &Call, product: Product) -> Result<(), Vec<String>> {
    let Some(cmdlet) = CATALOGUE.cmdlets.get(call.cmdlet) else {
        return Err(vec![format!("there is no cmdlet `{}`", call.cmdlet)]);
    };
    if !cmdlet.products.include(product) {
        return Err(vec![format!(
            "`{}` does not exist in {product}",
            call.cmdlet
        )]);
    }
    let mut wrong = Vec::new();
    for (name, value) in &call.parameters {
        match cmdlet.parameters.get(*name) {
            None => wrong.push(format!("`{}` has no parameter `{name}`", call.cmdlet)),
            Some(parameter) if !parameter.exists_in(product, cmdlet) => {
                wrong.push(format!(
                    "`{} -{name}` does not exist in {product}",
                    call.cmdlet
                ));
            }
            Some(parameter) => {
                wrong.extend(
                    parameter
                        .refuses(value, call)
                        .map(|why| format!("`{} -{name}`: {why}", call.cmdlet)),
                );
            }
        }
        if call
            .parameters
            .iter()
            .filter(|(other, _)| other == name)
            .count()
            > 1
        {
            wrong.push(format!("`{} -{name}` stands twice", call.cmdlet));
        }
    }
    if let Some(why) = cmdlet.fits_no_set(call) {
        wrong.push(format!("`{}`: {why}", call.cmdlet));
    }
    wrong.extend(
        constraints::broken(call, product)
            .into_iter()
            .map(|why| format!("`{}`: {why}", call.cmdlet)),
    );
    if wrong.is_empty() { Ok(()) } else { Err(wrong) }
}

/// Whether a product has a cmdlet with a parameter.
pub fn has(cmdlet: &str, parameter: &str, product: Product) -> bool {
    CATALOGUE.cmdlets.get(cmdlet).is_some_and(|cmdlet| {
        cmdlet.products.include(product)
            && cmdlet
                .parameters
                .get(parameter)
                .is_some_and(|parameter| parameter.exists_in(product, cmdlet))
    })
}

/// Whether the catalogue knows a cmdlet of that name, in whatever product.
pub fn knows(cmdlet: &str) -> bool {
    CATALOGUE.cmdlets.contains_key(cmdlet)
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../schemas/exchange-cmdlets.json"))
        .expect("the catalogue is part of the program and a test reads it")
});

#[derive(Deserialize)]
struct Catalogue {
    cmdlets: BTreeMap<String, Cmdlet>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cmdlet {
    products: Products,
    /// Names of the parameter sets; empty where there is one.
    #[serde(default)]
    sets: Vec<String>,
    parameters: BTreeMap<String, Parameter>,
}

impl Cmdlet {
    /// Why no parameter set holds every parameter of the call and is given all it requires.
    fn fits_no_set(&self, call: &Call) -> Option<String> {
        let single = [String::new()];
        let sets = if self.sets.is_empty() {
            &single[..]
        } else {
            &self.sets[..]
        };
        let mut missing = Vec::new();
        for set in sets {
            let holds_all = call
                .parameters
                .iter()
                .filter_map(|(name, _)| self.parameters.get(*name))
                .all(|parameter| parameter.is_in(set));
            if !holds_all {
                continue;
            }
            let lacks: Vec<&str> = self
                .parameters
                .iter()
                .filter(|(name, parameter)| parameter.required_in(set) && call.get(name).is_none())
                .map(|(name, _)| name.as_str())
                .collect();
            if lacks.is_empty() {
                return None;
            }
            missing.push(lacks.join(", "));
        }
        Some(match missing.first() {
            Some(lacks) => format!("a required parameter is missing: {lacks}"),
            None => "these parameters do not go together".to_owned(),
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parameter {
    r#type: String,
    /// Where it differs from the cmdlet's.
    products: Option<Products>,
    /// The sets it is in; all of them where the key is missing.
    sets: Option<Vec<String>>,
    /// Required in every set it is in.
    #[serde(default)]
    required: bool,
    /// Required in these sets only.
    #[serde(default)]
    required_in: Vec<String>,
    /// Takes several values.
    #[serde(default)]
    many: bool,
    /// `$null` is a value of its own, not only a way to clear.
    #[serde(default)]
    null: bool,
    #[serde(default)]
    values: Vec<String>,
    /// Characters.
    max_length: Option<usize>,
    range: Option<(i64, i64)>,
    /// Shortest and longest IPv4 prefix.
    prefix: Option<(u8, u8)>,
}

impl Parameter {
    fn exists_in(&self, product: Product, cmdlet: &Cmdlet) -> bool {
        self.products
            .as_ref()
            .unwrap_or(&cmdlet.products)
            .include(product)
    }

    fn is_in(&self, set: &str) -> bool {
        self.sets
            .as_ref()
            .is_none_or(|sets| sets.iter().any(|one| one == set))
    }

    fn required_in(&self, set: &str) -> bool {
        self.is_in(set) && (self.required || self.required_in.iter().any(|one| one == set))
    }

    fn refuses(&self, value: &PsValue, call: &Call) -> Option<String> {
        if matches!(value, PsValue::Array(_)) && !self.many {
            return Some("takes one value, not a list".to_owned());
        }
        if !items(value).is_empty() {
            return items(value).iter().find_map(|item| self.refuses_one(item));
        }
        // New- leaves out what is not set; only Set- has something to clear.
        match self.kind() {
            _ if self.null => None,
            _ if call.is_new() => Some("cannot be empty on a new object".to_owned()),
            Kind::Text | Kind::Size => None,
            _ => Some(format!("a {} cannot be $null", self.r#type)),
        }
    }

    fn refuses_one(&self, value: &PsValue) -> Option<String> {
        let text = match (self.kind(), value) {
            (_, PsValue::Variable(_))
            | (Kind::Bool, PsValue::Bool(_))
            | (Kind::Switch, PsValue::Switch(_) | PsValue::Bool(_))
            | (Kind::Size, PsValue::Int(_)) => return None,
            (Kind::Int, PsValue::Int(number)) => {
                let (least, most) = self.range.unwrap_or((0, i64::MAX));
                let fits = (least..=most).contains(number);
                return (!fits).then(|| format!("{number} is not between {least} and {most}"));
            }
            (Kind::Size, PsValue::String(text)) if is_size(text) => return None,
            (Kind::Text, PsValue::String(text)) => text.as_str(),
            _ => return Some(format!("{value:?} is no {}", self.r#type)),
        };
        if !self.values.is_empty() && !self.values.iter().any(|one| one == text) {
            return Some(format!("`{text}` is none of {}", self.values.join(", ")));
        }
        if let Some(most) = self.max_length.filter(|most| text.chars().count() > *most) {
            return Some(format!("`{text}` is longer than {most} characters"));
        }
        match self.prefix {
            Some((shortest, longest)) if !is_ipv4_network(text, shortest, longest) => Some(
                format!("`{text}` is no IPv4 address or network from /{shortest} to /{longest}"),
            ),
            _ => None,
        }
    }

    fn kind(&self) -> Kind {
        match self.r#type.as_str() {
            "Boolean" => Kind::Bool,
            "SwitchParameter" => Kind::Switch,
            "Int16" | "Int32" | "Int64" | "UInt16" | "UInt32" => Kind::Int,
            "Unlimited" | "ByteQuantifiedSize" => Kind::Size,
            _ => Kind::Text,
        }
    }
}

/// What a value has to look like; everything that is typed as text is one kind.
enum Kind {
    Bool,
    Switch,
    Int,
    Size,
    Text,
}

fn is_size(text: &str) -> bool {
    let number = text.trim_end_matches(|c: char| c.is_ascii_uppercase());
    text == "Unlimited"
        || (number.parse::<u64>().is_ok()
            && matches!(&text[number.len()..], "" | "B" | "KB" | "MB" | "GB" | "TB"))
}

fn is_ipv4_network(text: &str, shortest: u8, longest: u8) -> bool {
    let (address, length) = text
        .split_once('/')
        .map_or((text, "32"), |(address, length)| (address, length));
    address.parse::<Ipv4Addr>().is_ok()
        && length
            .parse()
            .is_ok_and(|length| (shortest..=longest).contains(&length))
}

/// `online eop 2010-se`: a list of products, the releases of Exchange Server as a range.
#[derive(Default)]
struct Products {
    online: bool,
    protection: bool,
    servers: Option<(ExchangeVersion, ExchangeVersion)>,
}

impl Products {
    fn include(&self, product: Product) -> bool {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_cmdlet_belongs_to_a_product_and_every_set_is_named() {
        assert!(CATALOGUE.cmdlets.len() > 60);
        for (name, cmdlet) in &CATALOGUE.cmdlets {
            let products = &cmdlet.products;
            assert!(
                products.online || products.protection || products.servers.is_some(),
                "{name}"
            );
            for (parameter, facts) in &cmdlet.parameters {
                let named = facts.sets.iter().flatten().chain(&facts.required_in);
                for set in named {
                    assert!(cmdlet.sets.contains(set), "{name} -{parameter}: {set}");
                }
            }
        }
    }

    #[test]
    fn releases_differ() {
        use ExchangeVersion as V;
        let server = Product::Server;
        for (cmdlet, parameter, product, expected) in [
            (
                "New-SendConnector",
                "CloudServicesMailEnabled",
                server(V::V2013),
                true,
            ),
            (
                "New-SendConnector",
                "CloudServicesMailEnabled",
                server(V::V2010),
                false,
            ),
            ("New-SendConnector", "TlsAuthLevel", server(V::V2010), true),
            ("New-SendConnector", "TlsAuthLevel", server(V::V2007), false),
            (
                "New-ReceiveConnector",
                "TransportRole",
                server(V::V2010),
                false,
            ),
            ("New-ReceiveConnector", "TransportRole", server(V::Se), true),
            ("New-AcceptedDomain", "Name", Product::Online, false),
            (
                "Set-AcceptedDomain",
                "DomainType",
                Product::Protection,
                true,
            ),
            (
                "Set-OrganizationConfig",
                "RejectDirectSend",
                Product::Online,
                true,
            ),
            (
                "Set-OrganizationConfig",
                "RejectDirectSend",
                server(V::Se),
                false,
            ),
        ] {
            assert_eq!(
                has(cmdlet, parameter, product),
                expected,
                "{cmdlet} -{parameter} in {product}"
            );
        }
    }

    #[test]
    fn sizes() {
        for (text, expected) in [
            ("25MB", true),
            ("Unlimited", true),
            ("0B", true),
            ("25 MB", false),
            ("MB", false),
            ("25XB", false),
            ("", false),
        ] {
            assert_eq!(is_size(text), expected, "{text}");
        }
    }
}
