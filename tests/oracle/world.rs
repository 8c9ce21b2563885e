//! The world as it would be once everything is applied: the objects of every place, who is where, and what DNS says.
//!
//! Everything here is read off the plan's objects and the spec's own statements about people. Routes are looked at only
//! for places that nobody's objects describe (gateways, other servers).

use crate::names::{domain_of, is_below, local_of};
use mailtopo::testing::dns::{RData, Record, RecordType};
use mailtopo::testing::plan::{Configuration, Plan};
use mailtopo::testing::routes::{Route, accepted_directory, mx_host, published_addresses};
use mailtopo::testing::source::At;
use mailtopo::testing::topology::{
    Certificate, Directory, DnsManagement, Domain, Entry, Holds, Issuer, LocationId, LocationKind,
    Party, Recipient, Sending, Topology,
};
use mailtopo::testing::values::{Address, Host, HostTarget, Network, OwnerName};
use std::net::IpAddr;

/// Everything there is.
pub(crate) struct World<'a> {
    pub plan: &'a Plan,
    pub places: Vec<Place<'a>>,
    mx: Vec<MxRecord>,
    /// What stands in the place of some of these until the entry is changed.
    mx_today: Vec<MxRecord>,
}

/// One of our places.
pub(crate) struct Place<'a> {
    pub name: &'a str,
    pub id: LocationId,
    pub configuration: &'a Configuration,
    /// Names and addresses that lead here.
    hosts: Vec<String>,
    /// Where its mail comes from.
    pub address: Option<IpAddr>,
    /// What it shows when it connects.
    pub shows: Vec<String>,
    /// A public authority vouches for that.
    pub vouched: bool,
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
#[derive(PartialEq, Eq)]
pub(crate) enum Mx {
    /// Hosts with preferences.
    Hosts(Vec<(u16, String)>),
    /// The domain takes no mail.
    Null,
    /// A name in one of our zones that has no record.
    Nothing,
    /// Not one of ours.
    Foreign,
    /// Others keep the records, and the spec does not say which there are.
    Unsaid,
}

impl<'a> World<'a> {
    pub(crate) fn of(plan: &'a Plan) -> Self {
        let topology = &plan.topology;
        let places = topology
            .locations()
            .map(|(id, _)| place(plan, id))
            .collect();
        let mut mx = Vec::new();
        let mut mx_today = Vec::new();
        for zone in &plan.zones {
            for (key, set) in zone.sets.iter() {
                if key.kind == RecordType::Mx {
                    mx.extend(mx_records(&key.owner, &set.records));
                }
            }
            for (owner, set) in &zone.today {
                mx_today.extend(mx_records(owner, &set.records));
            }
        }
        Self {
            plan,
            places,
            mx,
            mx_today,
        }
    }

    pub(crate) fn topology(&self) -> &'a Topology {
        &self.plan.topology
    }

    /// The place that a smart host or MX host leads to.
    pub(crate) fn at_host(&self, host: &str) -> Option<usize> {
        self.places
            .iter()
            .position(|place| place.hosts.iter().any(|name| name == host))
    }

    /// The partner whose domains hold the name, or whose hosts include it.
    pub(crate) fn partner_of_domain(&self, domain: &str) -> Option<&'a str> {
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

    pub(crate) fn partner_at_host(&self, host: &str) -> Option<&'a str> {
        self.topology()
            .partners
            .iter()
            .find(|partner| partner.hosts.iter().any(|at| host_text(&at.value) == host))
            .map(|partner| partner.name.as_str())
    }

    /// Looks up the MX records as any mail server does (RFC 4592 for wildcards): once they are as the spec wants them, and
    /// as they are today where that is something else.
    pub(crate) fn mx(&self, domain: &str) -> Vec<Mx> {
        for place in &self.places {
            if let Some(tenant) = self.topology().location(place.id).tenant()
                && (domain == tenant.initial_domain() || domain == tenant.routing_domain())
            {
                let host = place.hosts.first().cloned().unwrap_or_default();
                return vec![Mx::Hosts(vec![(0, host)])];
            }
        }
        let wanted = match self.kept_by_others(domain) {
            Some((records, today)) => {
                return std::iter::once(records).chain(today).collect();
            }
            None => self.in_our_zones(domain, &self.mx),
        };
        let owner = self.owner(domain, &self.mx);
        let changes = |record: &MxRecord| Some(&record.owner) == owner.as_ref();
        if !self.mx_today.iter().any(changes) {
            return vec![wanted];
        }
        let owner = owner.unwrap_or_default();
        let mut today = hosts_at(&self.mx_today, &owner);
        if let Mx::Hosts(hosts) = &mut today {
            for (_, host) in hosts {
                *host = self.host_for(host, owner.trim_start_matches("*."));
            }
        }
        vec![wanted, today]
    }

    /// What the spec says of a name whose records others keep, or that lies in what they keep; then of today.
    fn kept_by_others(&self, name: &str) -> Option<(Mx, Option<Mx>)> {
        let domains = &self.topology().domains;
        // Of a domain without records nothing stands in the way of what lies above it.
        let speaks = |known: &&Domain| match known.dns {
            DnsManagement::Managed => known.sending == Sending::Normal || self.exists(known),
            DnsManagement::External(_) => true,
            DnsManagement::None => known.subdomains || known.name.as_str() == name,
        };
        let nearest = domains
            .iter()
            .filter(|known| known.name.as_str() == name || is_below(name, known.name.as_str()))
            .filter(speaks)
            .max_by_key(|known| known.name.as_str().len())?;
        let itself = nearest.name.as_str() == name;
        match &nearest.dns {
            DnsManagement::Managed => return None,
            DnsManagement::External(records) if itself => {
                if let Some(declared) = &records.mx {
                    let one =
                        |at: &At<(u16, String)>| (at.value.0, self.host_for(&at.value.1, name));
                    let hosts: Vec<(u16, String)> = declared.iter().map(one).collect();
                    let none = hosts.is_empty();
                    return Some((if none { Mx::Null } else { Mx::Hosts(hosts) }, None));
                }
            }
            DnsManagement::External(_) | DnsManagement::None => {}
        }
        if nearest.sending != Sending::Normal {
            return Some((if itself { Mx::Null } else { Mx::Foreign }, None));
        }
        if !itself && !nearest.subdomains {
            // Of a domain of ours between them it is known that it has no records.
            let between = domains.iter().any(|known| {
                let own = known.name.as_str();
                matches!(known.dns, DnsManagement::Managed)
                    && (own == name || is_below(name, own))
                    && is_below(own, nearest.name.as_str())
            });
            return (!between).then_some((Mx::Foreign, None));
        }
        if !itself && self.blocks(name, nearest.name.as_str()) {
            return Some((Mx::Nothing, None));
        }
        // Nobody says what the records are; that mail enters where the spec says is taken for granted.
        let mut hosts = Vec::new();
        for at in &nearest.mx {
            hosts.extend(self.entry(at.value, hosts.len()));
        }
        let today = nearest.mx_now.as_ref().map(|at| match &at.value {
            Entry::Location(id) => Mx::Hosts(self.entry(*id, 0)),
            Entry::Hosts(hosts) => {
                let named = |at: &At<Host>| {
                    let host = self.host_for(&host_text(&at.value), nearest.name.as_str());
                    (at.value.preference.unwrap_or(10), host)
                };
                Mx::Hosts(hosts.iter().map(named).collect())
            }
        });
        match today {
            // Where no other entry is wanted, the records stay as they are.
            Some(today) if hosts.is_empty() => Some((today, None)),
            None if hosts.is_empty() => Some((Mx::Unsaid, None)),
            today => Some((Mx::Hosts(hosts), today)),
        }
    }

    /// Whether our zones have anything at the name of a domain, or below it.
    fn exists(&self, domain: &Domain) -> bool {
        let name = domain.name.as_str();
        let mut owners = self.plan.zones.iter().flat_map(|zone| zone.sets.keys());
        owners.any(|key| key.owner.as_str() == name || is_below(key.owner.as_str(), name))
    }

    /// A host of the provider is every tenant's; whose mail it takes the name says, or the host's own name does.
    fn host_for(&self, host: &str, name: &str) -> String {
        let host = host.trim_end_matches('.').to_lowercase();
        if self
            .at_host(&host)
            .is_some_and(|at| !self.places[at].is_tenant)
        {
            return host;
        }
        let mut tenants = self
            .places
            .iter()
            .enumerate()
            .filter(|(_, place)| place.is_tenant);
        let taker = tenants.find(|(at, place)| {
            let tenant = self.topology().location(place.id).tenant();
            let suffix = tenant.map_or("", |tenant| tenant.environment.mx_suffix());
            let own = format!("{}{suffix}", name.replace('.', "-"));
            host.ends_with(suffix) && (host == own || self.accepts(*at, name))
        });
        // The provider makes one host for each domain of a tenant, whoever names it.
        let made = self.places.iter().find(|place| {
            let Some(tenant) = self.topology().location(place.id).tenant() else {
                return false;
            };
            let suffix = tenant.environment.mx_suffix();
            let mut accepted = self.plan.place(place.id).accepted.iter();
            accepted.any(|at| format!("{}{suffix}", at.domain.as_str().replace('.', "-")) == host)
        });
        if let Some(place) = made {
            return format!("{}.tenant", place.name);
        }
        match taker {
            Some((_, place)) => format!("{}.tenant", place.name),
            None => format!("{host}."),
        }
    }

    /// A place as an entry of a list, after so many others.
    fn entry(&self, id: LocationId, after: usize) -> Vec<(u16, String)> {
        let hosts = &self.places[id.index()].hosts;
        let rank = u16::try_from(10 * (after + 1)).unwrap_or(u16::MAX);
        hosts
            .first()
            .map(|host| (rank, host.clone()))
            .into_iter()
            .collect()
    }

    fn in_our_zones(&self, domain: &str, records: &[MxRecord]) -> Mx {
        if let Some(owner) = self.owner(domain, records) {
            return hosts_at(records, &owner);
        }
        let mut domains = self.topology().domains.iter();
        if domains
            .clone()
            .any(|known| known.name.as_str() == domain && known.sending != Sending::Normal)
        {
            return Mx::Null;
        }
        let managed = domains.any(|known| {
            matches!(known.dns, DnsManagement::Managed)
                && (is_below(domain, known.name.as_str()) || known.name.as_str() == domain)
        });
        if managed { Mx::Nothing } else { Mx::Foreign }
    }

    /// Where the records stand that answer for a name.
    fn owner(&self, domain: &str, records: &[MxRecord]) -> Option<String> {
        if records.iter().any(|record| record.owner == domain) {
            return Some(domain.to_owned());
        }
        let bases = records
            .iter()
            .filter_map(|record| record.owner.strip_prefix("*."));
        let base = bases
            .filter(|base| is_below(domain, base))
            .max_by_key(|base| base.len())?;
        (!self.blocks(domain, base)).then(|| format!("*.{base}"))
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
            // What others keep exists too.
            let others = self.topology().domains.iter().any(|known| {
                let owner = known.name.as_str();
                matches!(known.dns, DnsManagement::External(_))
                    && (owner == name || is_below(owner, name))
            });
            if exists || others {
                return true;
            }
            node = name.split_once('.').map(|(_, parent)| parent);
        }
        false
    }

    /// The domain of ours that an address belongs to: its own, or one that takes unnamed subdomains.
    pub(crate) fn our_domain(&self, name: &str) -> Option<&'a Domain> {
        let domains = &self.topology().domains;
        let exact = domains.iter().find(|domain| domain.name.as_str() == name);
        exact.or_else(|| {
            domains
                .iter()
                .filter(|domain| domain.subdomains && is_below(name, domain.name.as_str()))
                .max_by_key(|domain| domain.name.as_str().len())
        })
    }

    /// The listed mailbox that has this address: its own, one of its further ones, or, where the list does not say which
    /// it has, the one that reaches it from elsewhere.
    pub(crate) fn mailbox(&self, address: &str) -> Option<(&'a Recipient, LocationId)> {
        let has: [fn(&Recipient, &str) -> bool; 3] = [
            |mailbox, address| mailbox.address.to_string() == address,
            |mailbox, address| {
                aliases(mailbox).is_some_and(|all| all.iter().any(|a| a.to_string() == address))
            },
            |mailbox, address| {
                aliases(mailbox).is_none()
                    && target(mailbox).is_some_and(|to| to.to_string() == address)
            },
        ];
        for has in has {
            for domain in &self.topology().domains {
                for holder in &domain.holders {
                    let Holds::Listed(list) = &holder.holds else {
                        continue;
                    };
                    if let Some(found) = list.iter().find(|mailbox| has(mailbox, address)) {
                        return Some((found, holder.location));
                    }
                }
            }
        }
        None
    }

    /// Whether mail under this address is taken where the mailbox of that person is.
    pub(crate) fn is_address_of(&self, address: &str, person: &str) -> bool {
        let Some((mailbox, _)) = self.mailbox(person) else {
            return true;
        };
        address == person
            || aliases(mailbox)
                .is_none_or(|aliases| aliases.iter().any(|alias| alias.to_string() == address))
    }

    /// Whose mailbox an address may be, by its own address, and where; `None` is nowhere.
    pub(crate) fn meant(&self, address: &str) -> Vec<(String, Option<LocationId>)> {
        if let Some((mailbox, home)) = self.mailbox(address) {
            return vec![(mailbox.address.to_string(), Some(home))];
        }
        let homes = self.homes(address).into_iter();
        homes.map(|home| (address.to_owned(), home)).collect()
    }

    /// Where the mailbox of an address may be that no list has.
    fn homes(&self, address: &str) -> Vec<Option<LocationId>> {
        // An address in a tenant's own names is that of a mailbox with the same local part.
        for (id, location) in self.topology().locations() {
            let Some(tenant) = location.tenant() else {
                continue;
            };
            let name = domain_of(address);
            if name == tenant.routing_domain() || name == tenant.initial_domain() {
                let known = self.topology().domains.iter().any(|domain| {
                    let own = format!("{}@{}", local_of(address), domain.name);
                    let listed = self.listed_at(domain, &own);
                    domain.holders.iter().any(|holder| {
                        holder.location == id
                            && match (&holder.holds, listed) {
                                // Those that are listed with all their addresses have no other.
                                (Holds::Listed(_), Some((mailbox, at))) => {
                                    at == id && aliases(mailbox).is_none()
                                }
                                (Holds::Listed(_), None) => false,
                                (_, listed) => listed.is_none(),
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
            Some(at) if at.value.to_string() != address => {
                let caught = self.meant(&at.value.to_string()).into_iter();
                caught.map(|(_, home)| home).collect()
            }
            _ => vec![None],
        }
    }

    fn listed_at(&self, domain: &'a Domain, own: &str) -> Option<(&'a Recipient, LocationId)> {
        domain.holders.iter().find_map(|holder| {
            let Holds::Listed(list) = &holder.holds else {
                return None;
            };
            let found = list
                .iter()
                .find(|mailbox| mailbox.address.to_string() == own)?;
            Some((found, holder.location))
        })
    }

    /// Whether a domain is a tenant's own, in which every mailbox of it has an address.
    pub(crate) fn is_tenant_name(&self, domain: &str) -> bool {
        self.topology().locations.iter().any(|location| {
            let tenant = location.tenant();
            tenant.is_some_and(|tenant| {
                tenant.routing_domain() == domain || tenant.initial_domain() == domain
            })
        })
    }

    /// Whether the place takes mail for the name, whoever brings it.
    pub(crate) fn accepts(&self, place: usize, domain: &str) -> bool {
        let accepted = &self.plan.place(self.places[place].id).accepted;
        accepted.iter().any(|accepted| {
            accepted.domain.as_str() == domain
                || (accepted.subdomains && is_below(domain, accepted.domain.as_str()))
        })
    }

    /// Whether the place's directory is said to know everybody in the domain.
    pub(crate) fn knows_everybody(&self, place: usize, domain: &str) -> bool {
        let place = &self.places[place];
        self.our_domain(domain).is_none_or(|domain| {
            accepted_directory(self.topology(), domain, place.id) == Directory::Complete
        })
    }
}

/// The MX records of a set.
fn mx_records(owner: &OwnerName, records: &[Record]) -> Vec<MxRecord> {
    let one = |record: &Record| match &record.data {
        RData::Mx {
            preference,
            exchange,
        } => Some(MxRecord {
            owner: owner.as_str().to_owned(),
            preference: *preference,
            host: exchange
                .as_ref()
                .map(|host| host.as_str().to_owned())
                .unwrap_or_default(),
        }),
        _ => None,
    };
    records.iter().filter_map(one).collect()
}

fn hosts_at(records: &[MxRecord], owner: &str) -> Mx {
    let found = records.iter().filter(|record| record.owner == owner);
    let hosts: Vec<(u16, String)> = found.map(|r| (r.preference, r.host.clone())).collect();
    if hosts.iter().any(|(_, host)| host.is_empty()) {
        return Mx::Null;
    }
    Mx::Hosts(hosts)
}

/// The further addresses of a mailbox, where the list says which it has.
pub(crate) fn aliases(mailbox: &Recipient) -> Option<&[Address]> {
    mailbox.details.as_ref()?.aliases.as_deref()
}

/// The address that reaches a mailbox from elsewhere, where the list says so.
pub(crate) fn target(mailbox: &Recipient) -> Option<&Address> {
    mailbox.details.as_ref()?.target.as_ref()
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
    let vouched = location.tenant().is_some() || vouched(location.client_certificate());
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
        vouched,
        presents,
        is_gateway: match &location.kind {
            LocationKind::Other(product, _) if product.word == "gateway" => true,
            LocationKind::Other(_, smtp) => !smtp.forwards.is_empty(),
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
pub(crate) fn names(certificate: Option<&Certificate>) -> Vec<String> {
    certificate.map_or_else(Vec::new, |certificate| {
        certificate
            .names
            .iter()
            .map(|at| at.value.clone())
            .collect()
    })
}

/// Whether a public authority vouches for a certificate.
pub(crate) fn vouched(certificate: Option<&Certificate>) -> bool {
    certificate.is_some_and(|certificate| certificate.issuer == Issuer::Public)
}

/// A host as connectors name it.
pub(crate) fn host_text(host: &Host) -> String {
    match &host.target {
        HostTarget::Name(name) => name.as_str().to_owned(),
        HostTarget::Ip(ip) => ip.to_string(),
    }
}
