//! The world as it would be once everything is applied: the objects of every place, who is where, and what DNS says.
//!
//! Everything here is read off the plan's objects and the spec's own statements about people. Routes are looked at only
//! for places that nobody's objects describe (gateways, other servers).

use crate::names::{domain_of, is_below, local_of};
use mailtopo::plan::dns::{RData, RecordType};
use mailtopo::plan::{
    Configuration, Plan, Route, accepted_directory, mx_host, published_addresses,
};
use mailtopo::topology::{
    Certificate, Directory, Domain, Holds, Issuer, Kind, LocationId, Party, Sending, Topology,
};
use mailtopo::values::{Host, HostTarget, Network};
use std::net::IpAddr;

/// Everything there is.
pub struct World<'a> {
    pub plan: &'a Plan,
    pub places: Vec<Place<'a>>,
    mx: Vec<MxRecord>,
}

/// One of our places.
pub struct Place<'a> {
    pub name: &'a str,
    pub id: LocationId,
    pub configuration: &'a Configuration,
    /// Names and addresses that lead here.
    hosts: Vec<String>,
    /// Where its mail comes from.
    pub address: Option<IpAddr>,
    /// What it shows when it connects.
    pub shows: Vec<String>,
    /// What it shows when it is connected to, and who vouches for it.
    pub presents: Option<(Vec<String>, Issuer)>,
    /// It does with mail what its table says, and nothing else.
    pub is_gateway: bool,
    pub is_tenant: bool,
    pub only_from: Option<&'a [LocationId]>,
    /// Routes from here.
    pub routes: Vec<&'a Route>,
}

struct MxRecord {
    owner: String,
    preference: u16,
    /// Empty: the null MX.
    host: String,
}

/// What a look-up of MX records came to.
pub enum Mx {
    /// Hosts with preferences.
    Hosts(Vec<(u16, String)>),
    /// The domain takes no mail.
    Null,
    /// A name in one of our zones that has no record.
    Nothing,
    /// Not one of ours.
    Foreign,
}

impl<'a> World<'a> {
    pub fn of(plan: &'a Plan) -> Self {
        let topology = &plan.topology;
        let places = topology
            .locations()
            .map(|(id, _)| place(plan, id))
            .collect();
        let mut mx = Vec::new();
        for zone in &plan.zones {
            for (key, set) in &zone.sets {
                if key.kind != RecordType::Mx {
                    continue;
                }
                for record in &set.records {
                    if let RData::Mx {
                        preference,
                        exchange,
                    } = &record.data
                    {
                        mx.push(MxRecord {
                            owner: key.owner.as_str().to_owned(),
                            preference: *preference,
                            host: exchange
                                .as_ref()
                                .map(|host| host.as_str().to_owned())
                                .unwrap_or_default(),
                        });
                    }
                }
            }
        }
        Self { plan, places, mx }
    }

    pub fn topology(&self) -> &'a Topology {
        &self.plan.topology
    }

    /// The place that a smart host or MX host leads to.
    pub fn at_host(&self, host: &str) -> Option<usize> {
        self.places
            .iter()
            .position(|place| place.hosts.iter().any(|name| name == host))
    }

    /// The partner whose domains hold the name, or whose hosts include it.
    pub fn partner_of_domain(&self, domain: &str) -> Option<&'a str> {
        let mut best: Option<(usize, &'a str)> = None;
        for partner in &self.topology().partners {
            for at in &partner.domains {
                if crate::names::holds(&at.value, domain) {
                    let near = crate::names::nearness(&at.value);
                    if best.is_none_or(|(known, _)| near > known) {
                        best = Some((near, &partner.name));
                    }
                }
            }
        }
        best.map(|(_, name)| name)
    }

    pub fn partner_at_host(&self, host: &str) -> Option<&'a str> {
        self.topology()
            .partners
            .iter()
            .find(|partner| partner.hosts.iter().any(|at| host_text(&at.value) == host))
            .map(|partner| partner.name.as_str())
    }

    /// Looks up the MX records as any mail server does (RFC 4592 for wildcards).
    pub fn mx(&self, domain: &str) -> Mx {
        for place in &self.places {
            if let Some(tenant) = self.topology().location(place.id).tenant()
                && (domain == tenant.initial_domain() || domain == tenant.routing_domain())
            {
                return Mx::Hosts(vec![(0, place.hosts.first().cloned().unwrap_or_default())]);
            }
        }
        let exact: Vec<&MxRecord> = self.mx.iter().filter(|r| r.owner == domain).collect();
        let found = if exact.is_empty() {
            let mut nearest: Option<&str> = None;
            for record in &self.mx {
                let Some(base) = record.owner.strip_prefix("*.") else {
                    continue;
                };
                if is_below(domain, base) && nearest.is_none_or(|known| base.len() > known.len()) {
                    nearest = Some(base);
                }
            }
            match nearest {
                Some(base) if !self.blocks(domain, base) => self
                    .mx
                    .iter()
                    .filter(|r| r.owner.strip_prefix("*.") == Some(base))
                    .collect(),
                _ => Vec::new(),
            }
        } else {
            exact
        };
        let silent =
            |known: &&Domain| known.name.as_str() == domain && known.sending != Sending::Normal;
        if found.is_empty() && self.topology().domains.iter().any(|known| silent(&known)) {
            return Mx::Null;
        }
        if found.is_empty() {
            let ours = self.topology().domains.iter().any(|known| {
                is_below(domain, known.name.as_str()) || known.name.as_str() == domain
            });
            return if ours { Mx::Nothing } else { Mx::Foreign };
        }
        if found.iter().any(|record| record.host.is_empty()) {
            return Mx::Null;
        }
        Mx::Hosts(
            found
                .iter()
                .map(|record| (record.preference, record.host.clone()))
                .collect(),
        )
    }

    /// Whether the domain itself or a name between it and the wildcard's base exists, which ends the wildcard.
    fn blocks(&self, domain: &str, base: &str) -> bool {
        let mut node = Some(domain);
        while let Some(name) = node.filter(|name| is_below(name, base)) {
            let exists = self.plan.zones.iter().any(|zone| {
                zone.sets.keys().any(|key| {
                    let owner = key.owner.as_str();
                    owner == name || is_below(owner, name)
                })
            });
            if exists {
                return true;
            }
            node = name.split_once('.').map(|(_, parent)| parent);
        }
        false
    }

    /// The domain of ours that an address belongs to: its own, or one that takes unnamed subdomains.
    pub fn our_domain(&self, name: &str) -> Option<&'a Domain> {
        let domains = &self.topology().domains;
        let exact = domains.iter().find(|domain| domain.name.as_str() == name);
        exact.or_else(|| {
            domains
                .iter()
                .filter(|domain| domain.subdomains && is_below(name, domain.name.as_str()))
                .max_by_key(|domain| domain.name.as_str().len())
        })
    }

    /// Where the mailbox of an address may be; `None` is nowhere.
    pub fn homes(&self, address: &str) -> Vec<Option<LocationId>> {
        // An address in a tenant's own names is that of a mailbox with the same local part.
        for (id, location) in self.topology().locations() {
            let Some(tenant) = location.tenant() else {
                continue;
            };
            if domain_of(address) == tenant.routing_domain() {
                let known = self.topology().domains.iter().any(|domain| {
                    domain.holders.iter().any(|holder| {
                        holder.location == id
                            && match &holder.holds {
                                Holds::Listed(list) => {
                                    list.iter().any(|r| r.address.local() == local_of(address))
                                }
                                _ => true,
                            }
                    })
                });
                return vec![known.then_some(id)];
            }
        }
        let Some(domain) = self.our_domain(domain_of(address)) else {
            return vec![None];
        };
        if domain.sending != Sending::Normal {
            return vec![None];
        }
        for holder in &domain.holders {
            if let Holds::Listed(list) = &holder.holds {
                for recipient in list {
                    let aliases = recipient
                        .details
                        .as_ref()
                        .and_then(|details| details.aliases.as_deref())
                        .unwrap_or_default();
                    if recipient.address.to_string() == address
                        || aliases.iter().any(|alias| alias.to_string() == address)
                    {
                        return vec![Some(holder.location)];
                    }
                }
            }
        }
        if domain.name.as_str() != domain_of(address) {
            return vec![unnamed(domain)];
        }
        if let Some(rest) = domain.rest() {
            return vec![Some(rest)];
        }
        let counted: Vec<_> = domain
            .holders
            .iter()
            .filter(|holder| matches!(holder.holds, Holds::Count(_)))
            .map(|holder| Some(holder.location))
            .collect();
        if !counted.is_empty() {
            return counted;
        }
        match &domain.catch_all {
            Some(at) if at.value.to_string() != address => self.homes(&at.value.to_string()),
            _ => vec![None],
        }
    }

    /// Whether a domain is a tenant's own, in which every mailbox of it has an address.
    pub fn is_tenant_name(&self, domain: &str) -> bool {
        self.topology().locations.iter().any(|location| {
            let tenant = location.tenant();
            tenant.is_some_and(|tenant| tenant.routing_domain() == domain)
        })
    }

    /// Whether the place's directory is said to know everybody in the domain.
    pub fn knows_everybody(&self, place: usize, domain: &str) -> bool {
        let place = &self.places[place];
        self.our_domain(domain).is_none_or(|domain| {
            accepted_directory(self.topology(), domain, place.id) == Directory::Complete
        })
    }
}

fn place(plan: &Plan, id: LocationId) -> Place<'_> {
    let topology = &plan.topology;
    let location = topology.location(id);
    let mut hosts: Vec<String> = location
        .hosts
        .iter()
        .chain(&location.smart_hosts)
        .map(|at| host_text(&at.value))
        .collect();
    let mut networks: Vec<Network> = location.egress.iter().map(|at| at.value).collect();
    let mut shows = names(location.client_certificate());
    let mut presents = location
        .certificate
        .as_ref()
        .map(|certificate| (names(Some(certificate)), certificate.issuer));
    if let Some(tenant) = location.tenant() {
        for accepted in &plan.place(id).accepted {
            let host = mx_host(topology, id, &accepted.domain);
            hosts.extend(host.name().map(str::to_owned));
        }
        hosts.push(format!("{}.tenant", location.name));
        networks = published_addresses(topology, tenant.environment).unwrap_or_default();
        let suffix = tenant.environment.mx_suffix();
        shows = vec![suffix.trim_start_matches('.').to_owned()];
        presents = Some((
            vec![
                suffix.trim_start_matches('.').to_owned(),
                format!("*{suffix}"),
            ],
            Issuer::Public,
        ));
    }
    Place {
        name: &location.name,
        id,
        configuration: &plan.place(id).configuration,
        hosts,
        address: networks.first().map(Network::first),
        shows,
        presents,
        is_gateway: match &location.kind {
            Kind::Gateway(_) => true,
            Kind::Smtp(smtp) => !smtp.forwards.is_empty(),
            _ => false,
        },
        is_tenant: location.tenant().is_some(),
        only_from: location
            .accept_only_from
            .as_ref()
            .map(|at| at.value.as_slice()),
        routes: plan
            .routes
            .iter()
            .filter(|route| route.from == Party::Location(id))
            .collect(),
    }
}

/// Where mail for unnamed subdomains ends: with everybody not listed elsewhere, else with the most.
fn unnamed(domain: &Domain) -> Option<LocationId> {
    let mut best: Option<(u64, LocationId)> = None;
    for holder in &domain.holders {
        let size = match &holder.holds {
            Holds::Rest => return Some(holder.location),
            Holds::Count(count) => *count,
            Holds::Listed(list) => list.len() as u64,
        };
        let better =
            best.is_none_or(|(most, at)| size > most || (size == most && holder.location < at));
        if better {
            best = Some((size, holder.location));
        }
    }
    best.map(|(_, at)| at)
}

/// The names on a certificate.
pub fn names(certificate: Option<&Certificate>) -> Vec<String> {
    certificate.map_or_else(Vec::new, |certificate| {
        certificate
            .names
            .iter()
            .map(|at| at.value.clone())
            .collect()
    })
}

/// A host as connectors name it.
pub fn host_text(host: &Host) -> String {
    match &host.target {
        HostTarget::Name(name) => name.as_str().to_owned(),
        HostTarget::Ip(ip) => ip.to_string(),
    }
}
