//! Names and addresses that a provider assigns: from the facts file, else the little that is known without it.
//!
//! A name that cannot be known is never guessed. This module must not know what the names are used for.

use crate::topology::{
    Dkim, Domain, Environment, Location, LocationId, Party, Selectors, Tenant, Topology,
};
use crate::values::{DomainName, Network};

/// The host that takes the mail of a tenant's domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MxHost {
    /// Read from the tenant.
    Fact(String),
    /// The classic name, made from the domain; right for nearly all domains without a hyphen.
    Derived(String),
    /// Only the tenant can tell: the domain has a hyphen, is one of the tenant's own names, or the place is no tenant.
    Unknown,
}

impl MxHost {
    /// The name, where there is one.
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Fact(name) | Self::Derived(name) => Some(name),
            Self::Unknown => None,
        }
    }
}

/// The host that takes mail for `domain` at a tenant.
///
/// The classic name replaces dots by hyphens, so that a domain with a hyphen of its own may share its name with another
/// domain and then gets one that is not made from it.
pub fn mx_host(topology: &Topology, tenant_location: LocationId, domain: &DomainName) -> MxHost {
    let Some(tenant) = topology.location(tenant_location).tenant() else {
        return MxHost::Unknown;
    };
    let fact = topology
        .facts
        .locations
        .get(&tenant_location)
        .and_then(|facts| facts.mx.get(domain));
    if let Some(fact) = fact {
        return MxHost::Fact(fact.value.trim_end_matches('.').to_ascii_lowercase());
    }
    if domain.as_str().contains('-') || is_own_name(tenant, domain) {
        return MxHost::Unknown;
    }
    let label = domain.as_str().replace('.', "-");
    if label.len() > 63 {
        return MxHost::Unknown;
    }
    MxHost::Derived(format!("{label}{}", tenant.environment.mx_suffix()))
}

/// The selectors that a tenant signs with, in every domain.
pub(crate) const TENANT_SELECTORS: [&str; 2] = ["selector1", "selector2"];

/// The tenants that sign mail of a domain with selectors of their own.
pub(crate) fn signing_tenants(
    topology: &Topology,
    domain: &Domain,
) -> impl Iterator<Item = LocationId> {
    let (holders, signers): (&[_], &[_]) = match &domain.dkim {
        Dkim::Derived => (&domain.holders, &[]),
        Dkim::Signers(signers) => (&[], signers),
    };
    let holders = holders.iter().map(|holder| holder.location);
    let nameless = signers.iter().filter(|signer| signer.selectors.is_empty());
    let signers = nameless.filter_map(|signer| signer.signer.value.location());
    let is_tenant = |at: &LocationId| topology.location(*at).tenant().is_some();
    holders.chain(signers).filter(is_tenant)
}

/// Where each selector of a tenant's domain points, by selector; the provider assigns the targets.
pub(crate) fn dkim_targets<'a>(
    topology: &'a Topology,
    tenant_location: LocationId,
    domain: &DomainName,
) -> Option<&'a Selectors> {
    let facts = topology.facts.locations.get(&tenant_location)?;
    facts.dkim.get(domain).filter(|targets| !targets.is_empty())
}

/// The addresses that mail of Exchange Online leaves from: those of the facts file, else the list that mailtopo
/// carries, which is that of the worldwide cloud.
pub fn published_addresses(topology: &Topology, environment: Environment) -> Option<Vec<Network>> {
    if let Some(published) = &topology.facts.published {
        return Some(published.addresses.clone());
    }
    (environment == Environment::Worldwide).then(|| {
        WORLDWIDE
            .iter()
            .filter_map(|text| Network::parse(text).ok())
            .collect()
    })
}

/// The addresses that mail of a party leaves from: a tenant's are the service's.
pub(crate) fn leaves_from(topology: &Topology, party: Party) -> Vec<Network> {
    let location = party.location().map(|id| topology.location(id));
    match location.and_then(Location::tenant) {
        Some(tenant) => published_addresses(topology, tenant.environment).unwrap_or_default(),
        None => topology.sending_addresses(party),
    }
}

/// Whether this is one of the names that every tenant has from the start.
pub(crate) fn is_own_name(tenant: &Tenant, domain: &DomainName) -> bool {
    let suffix = tenant.environment.initial_suffix();
    let own = domain.as_str().strip_suffix(suffix);
    let named = tenant.tenant.value.as_str();
    own.is_some_and(|own| own == named || own.strip_suffix(".mail") == Some(named))
}

/// The tenant that has this name from the start.
pub(crate) fn tenant_named(topology: &Topology, name: &DomainName) -> Option<LocationId> {
    let mut locations = topology.locations();
    let owns = |tenant| is_own_name(tenant, name);
    locations
        .find(|(_, location)| location.tenant().is_some_and(owns))
        .map(|(id, _)| id)
}

/// The location whose recipients alone this name reaches: a tenant by its own names, others by their routing domain.
pub(crate) fn reached_under(topology: &Topology, name: &DomainName) -> Option<LocationId> {
    let mut locations = topology.locations();
    let has = |location: &Location| {
        let written = location.routing_domain.as_ref();
        location
            .tenant()
            .is_some_and(|tenant| is_own_name(tenant, name))
            || written.is_some_and(|at| at.value == *name)
    };
    let found = locations.find(|(_, location)| has(location));
    found.map(|(id, _)| id)
}

/// The SMTP addresses of the worldwide cloud, from the service area Exchange of
/// <https://endpoints.office.com/endpoints/worldwide>.
const WORLDWIDE: [&str; 6] = [
    "40.92.0.0/15",
    "40.107.0.0/16",
    "52.100.0.0/14",
    "104.47.0.0/17",
    "2a01:111:f400::/48",
    "2a01:111:f403::/48",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::topology::Published;

    #[test]
    fn the_carried_list_is_whole_and_for_one_cloud_only() {
        let topology = Topology::default();
        let list = published_addresses(&topology, Environment::Worldwide).unwrap_or_default();
        let texts: Vec<String> = list.iter().map(ToString::to_string).collect();
        assert_eq!(texts, WORLDWIDE);
        for environment in [Environment::GccHigh, Environment::Dod, Environment::China] {
            assert_eq!(published_addresses(&topology, environment), None);
        }
    }

    #[test]
    fn a_gathered_list_wins() {
        let addresses = vec![Network::parse("192.0.2.0/24").expect("a network")];
        let mut topology = Topology::default();
        topology.facts.published = Some(Published {
            version: 2_027_010_100,
            addresses: addresses.clone(),
        });
        assert_eq!(
            published_addresses(&topology, Environment::China),
            Some(addresses)
        );
    }
}
