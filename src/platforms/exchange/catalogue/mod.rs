//! Which cmdlets and parameters each product has, and what they take.
//!
//! The data is `schemas/exchange-cmdlets.json`: names, types and numbers from the reference pages of the cmdlets. Every
//! call that a script holds is checked against it while the script is made, so that a misspelt or missing parameter is
//! a bug found here and not in somebody's organization. This module must not know what the calls are for.

mod parameter;
mod products;

pub use products::Product;

use crate::platforms::exchange::call::Call;
use parameter::Parameter;
use products::Products;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What the product does not have or does not take of a call, in sentences without a full stop.
pub(super) fn refused(call: &Call, product: Product) -> Vec<String> {
    let Some(cmdlet) = CATALOGUE.cmdlets.get(call.cmdlet) else {
        return vec![format!("there is no cmdlet `{}`", call.cmdlet)];
    };
    if !cmdlet.products.include(product) {
        return vec![format!("`{}` does not exist in {product}", call.cmdlet)];
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
    wrong
}

/// Whether a product has a cmdlet.
pub fn exists(cmdlet: &str, product: Product) -> bool {
    let known = CATALOGUE.cmdlets.get(cmdlet);
    known.is_some_and(|cmdlet| cmdlet.products.include(product))
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
    serde_json::from_str(include_str!("../../../../schemas/exchange-cmdlets.json"))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::ExchangeVersion;

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
}
