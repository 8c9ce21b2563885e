//! Whose host it is that mail is handed to.
//!
//! A name is looked up by everybody alike, so what a route says of its smart host decides nothing where the spec, or the
//! way in which the provider makes names, says whose it is.

use crate::plan::Plan;
use crate::topology::{LocationId, Party, Topology};
use crate::values::{DomainName, Environment, Host, HostTarget};
use foldhash::HashMap;

/// Hosts of locations and partners, and names that the facts file says a provider gave.
#[derive(Clone, Debug, Default)]
pub(super) struct HostIndex {
    by_target: HashMap<HostTarget, Vec<(u16, Party)>>,
    /// Hosts to which what exists hands mail in place of servers with mailboxes, and that nobody has.
    nobodys: Vec<HostTarget>,
}

/// Who takes mail at a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Takers {
    /// These.
    Known(Vec<Party>),
    /// A tenant that is none of ours: the provider gave it the name.
    AnotherTenant,
    /// Nothing here says.
    Unsaid,
    /// Nobody whom the spec knows, whatever a route says.
    Nobody,
}

/// Domains of the provider of the tenants, of its services today and of those before them.
const PROVIDER: [&str; 7] = [
    "outlook.com",
    "office365.com",
    "office365.us",
    "outlook.cn",
    "microsoft.com",
    "frontbridge.com",
    "bigfish.com",
];

/// Whether a name is the provider's and not of the form that MX hosts of tenants have.
pub(crate) fn names_other_service(name: &str) -> bool {
    let rest = name.split_once('.').map_or("", |(_, rest)| rest);
    let below = |domain: &&str| {
        let above = name.strip_suffix(*domain);
        above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
    };
    PROVIDER.iter().any(below) && !CLOUDS.into_iter().any(|cloud| is_mx_zone(cloud, rest))
}

const CLOUDS: [Environment; 4] = [
    Environment::Worldwide,
    Environment::GccHigh,
    Environment::Dod,
    Environment::China,
];

/// Whether what follows the first label of a name is what follows it in the MX hosts of a cloud's tenants.
fn is_mx_zone(cloud: Environment, rest: &str) -> bool {
    cloud.mx_suffix().strip_prefix('.') == Some(rest) || cloud.is_signed_host(rest)
}

impl HostIndex {
    /// The hosts that a spec names.
    pub(crate) fn of(topology: &Topology) -> Self {
        let mut index = Self::default();
        for (id, location) in topology.locations() {
            for at in location.hosts.iter().chain(&location.smart_hosts) {
                index.add(&at.value, Party::Location(id));
            }
        }
        for (id, partner) in topology.partners() {
            for at in &partner.hosts {
                index.add(&at.value, Party::Partner(id));
            }
        }
        for (id, facts) in &topology.facts.locations {
            for name in facts.mx.values() {
                let name = name.value.trim_end_matches('.').to_ascii_lowercase();
                if let Ok(target) = HostTarget::parse(&name) {
                    index.add(&Host::new(target, 25), Party::Location(*id));
                }
            }
        }
        index
    }

    fn add(&mut self, host: &Host, party: Party) {
        let addresses = host.addresses.iter().copied().map(HostTarget::Ip);
        for target in std::iter::once(host.target.clone()).chain(addresses) {
            let known = self.by_target.entry(target).or_default();
            if !known.contains(&(host.port, party)) {
                known.push((host.port, party));
            }
        }
    }

    pub(super) fn note_nobodys(&mut self, host: &Host) {
        self.nobodys.push(host.target.clone());
    }

    /// Those that the spec gives this host, at this port where any has it.
    fn get(&self, host: &Host) -> Vec<Party> {
        let known = self.by_target.get(&host.target);
        let known = known.map_or(&[][..], Vec::as_slice);
        let at_port = known.iter().any(|(port, _)| *port == host.port);
        let mut parties: Vec<Party> = known
            .iter()
            .filter(|(port, _)| !at_port || *port == host.port)
            .map(|(_, party)| *party)
            .collect();
        parties.sort_unstable();
        parties.dedup();
        parties
    }
}

impl Plan {
    /// Who takes mail at a host.
    pub fn takers(&self, host: &Host) -> Takers {
        let known = self.hosts.get(host);
        if !known.is_empty() {
            return Takers::Known(known);
        }
        if self.hosts.nobodys.contains(&host.target) {
            return Takers::Nobody;
        }
        match host.name() {
            Some(name) => self.tenant_with(name.as_str()),
            None => Takers::Unsaid,
        }
    }

    /// The tenant that the provider gave a name: its first label is a domain of the tenant with hyphens for dots, or what
    /// the tenant is called.
    fn tenant_with(&self, name: &str) -> Takers {
        let Some((label, rest)) = name.split_once('.') else {
            return Takers::Unsaid;
        };
        let is_of = |cloud: Environment| is_mx_zone(cloud, rest);
        if !CLOUDS.into_iter().any(is_of) {
            return Takers::Unsaid;
        }
        let domain = DomainName::parse(&label.replace('-', ".")).ok();
        let is_own = |id: LocationId| {
            let Some(tenant) = self.topology.location(id).tenant() else {
                return false;
            };
            let accepted = &self.place(id).accepted;
            let primary = tenant.primary_domain.as_ref().map(|at| &at.value);
            let is_domain =
                |domain: &DomainName| primary == Some(domain) || accepted.named(domain).is_some();
            tenant.tenant.value == label || domain.as_ref().is_some_and(is_domain)
        };
        // From a domain with a hyphen, or one that nobody listed, the name cannot be made.
        let may_be_own = |id: LocationId| {
            let accepted = &self.place(id).accepted;
            let mut domains = accepted.iter().map(|item| item.domain.as_str());
            let around = |domain| accepted.around(domain).is_some();
            domains.any(|domain| domain.contains('-')) || domain.as_ref().is_some_and(around)
        };
        let tenants: Vec<LocationId> = self
            .topology
            .locations()
            .filter(|(_, location)| location.tenant().is_some_and(|at| is_of(at.environment)))
            .map(|(id, _)| id)
            .collect();
        if let Some(own) = tenants.iter().copied().find(|id| is_own(*id)) {
            Takers::Known(vec![Party::Location(own)])
        } else if tenants.into_iter().any(may_be_own) {
            Takers::Unsaid
        } else {
            Takers::AnotherTenant
        }
    }
}
