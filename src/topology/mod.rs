//! The resolved topology: ids for names, defaults applied, every item with its place.
//!
//! Everything a spec says stands here once, checked for itself and for its references. This module must not know how
//! mail is routed (`plan`), nor how any product is configured (`targets`). Items that the user names stand in the order
//! of their names, so that the order in which a spec was written cannot show in any output; routes, rules, expectations
//! and ignored findings are lists whose order the user chose.

mod device;
mod digest;
mod dns;
mod domain;
mod expect;
mod facts;
#[cfg(test)]
pub(crate) mod fixture;
mod ids;
mod location;
mod partner;
pub(crate) mod resolve;
mod route;
mod rule;

pub use crate::values::{AcceptedType, ExchangeVersion, Issuer, Method, SmtpAuth};
pub(crate) use crate::values::{
    Alignment, DmarcPolicy, DnsFormat, Environment, MapType, MtaStsMode, Routing, Side, SpfAll,
    Terraform,
};
pub use device::SendsAs;
pub(crate) use device::{Device, SendsTo};
pub(crate) use dns::{Dns, Flatten, ForeignRecord, Purpose, SpfDefaults, Ttls, ZoneSettings};
pub(crate) use domain::{
    Autodiscover, DeclaredBelow, DeclaredRecords, Dkim, DkimKey, DkimSigner, Dmarc, DmarcDefaults,
    Forward, Holder, MtaSts, RemoteMailbox, SpfOverride,
};
pub use domain::{DnsManagement, Domain, Entry, Holds, Recipient, RecipientDetails, Sending};
pub use expect::Sender;
pub(crate) use expect::{Expectation, Ignore};
pub(crate) use facts::{CertificateFact, Facts, ForeignNames, LocationFacts, Published, Selectors};
pub(crate) use ids::{DeviceId, DomainId, PartnerId};
pub use ids::{LocationId, Party};
pub(crate) use location::{
    Accept, ClientServices, DeliversTo, ExchangeServer, GatewayTarget, Handling, MailingLists,
    NextKey, Postfix, Presented, Tenant, TrustedNetwork,
};
pub use location::{Certificate, Directory, Location, LocationKind, Sends};
pub(crate) use partner::{BounceName, BounceRecords, Partner, PartnerEnvelope, SendsInOurName};
pub(crate) use route::{AcceptedBy, Recipients, SkipListing, SmartHosts, WrittenRoute};
pub use rule::Condition;
pub(crate) use rule::{Header, HeaderTest, LoopBreak, Rule, RuleTarget};

use crate::source::{At, Span};
use crate::values::{ByName, DomainName, Network, OwnerName};
use std::collections::BTreeMap;
use std::hash::{Hash, Hasher};

/// The name that an object of a location has already.
#[derive(Clone, Debug, Hash)]
pub struct GivenName {
    /// The location.
    pub at: LocationId,
    /// The name that it would get.
    pub derived: At<String>,
    /// The name that it has.
    pub existing: At<String>,
}

/// What objects of others have and the language cannot say. No file is made of it, so that it is no part of the digest.
#[derive(Clone, Debug, Default)]
pub struct AllFound(pub Vec<Found>);

impl Hash for AllFound {
    fn hash<H: Hasher>(&self, _: &mut H) {}
}

/// What an object of others has and the language cannot say.
#[derive(Clone, Debug)]
pub struct Found {
    /// The location.
    pub at: LocationId,
    /// Its kind and its name.
    pub object: At<String>,
    /// Its properties that are otherwise than the spec says.
    pub properties: BTreeMap<String, Vec<String>>,
}

/// A whole spec, resolved.
#[derive(Clone, Debug, Default, Hash)]
pub struct Topology {
    /// The organization's name, as people know it.
    pub organization: Option<At<String>>,
    /// All locations, by name.
    pub locations: Vec<Location>,
    /// All domains, by name.
    pub domains: ByName<Domain>,
    /// All partners, by name.
    pub partners: Vec<Partner>,
    /// All devices, by name.
    pub devices: Vec<Device>,
    /// Whether routes are derived.
    pub routing: Routing,
    /// Written routes, in the order written.
    pub routes: Vec<WrittenRoute>,
    /// Mail-flow rules, in the order in which they apply.
    pub rules: Vec<Rule>,
    /// Names that objects have already, by location and the name that they would get.
    pub names: Vec<GivenName>,
    /// What objects of others have besides.
    pub found: AllFound,
    /// Zones and defaults of records.
    pub dns: Dns,
    /// What the user says must be true.
    pub expectations: Vec<Expectation>,
    /// Findings that are known and accepted.
    pub ignores: Vec<Ignore>,
    /// What cannot be known offline.
    pub facts: Facts,
    /// The whole main document, for findings about the spec as such.
    pub span: Span,
}

impl Topology {
    /// The location with this id.
    pub fn location(&self, id: LocationId) -> &Location {
        &self.locations[id.index()]
    }

    /// The domain with this id.
    pub fn domain(&self, id: DomainId) -> &Domain {
        &self.domains[id.index()]
    }

    /// The partner with this id.
    pub fn partner(&self, id: PartnerId) -> &Partner {
        &self.partners[id.index()]
    }

    /// The device with this id.
    pub fn device(&self, id: DeviceId) -> &Device {
        &self.devices[id.index()]
    }

    /// All locations with their ids.
    pub fn locations(&self) -> impl DoubleEndedIterator<Item = (LocationId, &Location)> {
        self.locations
            .iter()
            .enumerate()
            .map(|(index, location)| (LocationId::from_index(index), location))
    }

    /// All domains with their ids.
    pub fn domains(&self) -> impl DoubleEndedIterator<Item = (DomainId, &Domain)> {
        self.domains
            .iter()
            .enumerate()
            .map(|(index, domain)| (DomainId::from_index(index), domain))
    }

    /// All partners with their ids.
    pub fn partners(&self) -> impl DoubleEndedIterator<Item = (PartnerId, &Partner)> {
        self.partners
            .iter()
            .enumerate()
            .map(|(index, partner)| (PartnerId::from_index(index), partner))
    }

    /// All devices with their ids.
    pub fn devices(&self) -> impl DoubleEndedIterator<Item = (DeviceId, &Device)> {
        self.devices
            .iter()
            .enumerate()
            .map(|(index, device)| (DeviceId::from_index(index), device))
    }

    /// The domain of this name, where the spec has it.
    pub fn domain_named(&self, name: impl AsRef<str>) -> Option<DomainId> {
        self.domains.position(name).map(DomainId::from_index)
    }

    /// Time to live of a record in seconds: as the domain says whose name it is, else as `dns` says.
    pub fn ttl(&self, owner: &OwnerName, purpose: Option<Purpose>) -> u32 {
        let mut above = std::iter::successors(Some(owner.as_str()), |at| {
            at.split_once('.').map(|(_, rest)| rest)
        });
        let domain = above.find_map(|name| self.domain_named(name));
        let own = domain.and_then(|id| self.domain(id).ttl.as_deref());
        let of = |ttls: &BTreeMap<Purpose, u32>| ttls.get(&purpose?).copied();
        own.and_then(|own| of(&own.by_purpose).or(own.all))
            .or_else(|| of(&self.dns.ttls))
            .unwrap_or_else(|| self.dns.ttl())
    }

    /// Whether MX records name the location, now or later.
    pub fn is_exchanger(&self, id: LocationId) -> bool {
        let mut receiving = self.domains.iter().filter(|domain| domain.receives());
        receiving.any(|domain| {
            let now = domain.mx_now.as_ref().map(|at| &at.value);
            domain.mx.iter().any(|at| at.value == id)
                || matches!(now, Some(Entry::Location(now)) if *now == id)
        })
    }

    /// The location that calls itself by this name, and sends its bounces with it.
    pub fn called(&self, name: &str) -> Option<&Location> {
        let mut locations = self.locations.iter();
        locations.find(|one| one.helo_name().is_some_and(|helo| helo.as_str() == name))
    }

    /// The domain of this name, else the nearest above it.
    pub fn nearest_domain(&self, name: &DomainName) -> Option<&Domain> {
        let id = name.nodes().find_map(|node| self.domain_named(node))?;
        Some(self.domain(id))
    }

    /// What is declared at a name below a domain whose records others keep.
    pub(crate) fn declared_below(&self, name: &str) -> Option<&DeclaredBelow> {
        let mut rest = name;
        while let Some((_, above)) = rest.split_once('.') {
            rest = above;
            let domain = self.domain_named(above).map(|id| self.domain(id));
            if let Some(DnsManagement::External(records)) = domain.map(|domain| &domain.dns) {
                let prefix = name.strip_suffix(above)?.strip_suffix('.')?;
                return records.below.get(prefix).map(|at| &at.value);
            }
        }
        None
    }

    /// What is declared of a domain whose records others keep.
    fn declared(&self, name: &str) -> Option<&DeclaredRecords> {
        match &self.domain(self.domain_named(name)?).dns {
            DnsManagement::External(records) => Some(records),
            DnsManagement::Managed | DnsManagement::None => None,
        }
    }

    /// What a name of others stands for, as far as it is declared or gathered.
    pub(crate) fn foreign_alias(&self, name: &str) -> Option<&str> {
        let below = self.declared_below(name);
        let declared = below.and_then(|records| records.cname.as_ref()?.first());
        let apex = || self.declared(name)?.alias().map(|at| &at.value);
        let gathered = || self.facts.records.get(name)?.cname.as_ref();
        let alias = declared.or_else(apex).or_else(gathered);
        alias.map(String::as_str)
    }

    /// The text records of a name of others, as far as they are declared or gathered.
    pub(crate) fn foreign_texts(&self, name: &str) -> Option<Vec<String>> {
        let declared = self.declared(name).and_then(|records| records.txt.as_ref());
        if let Some(texts) = declared {
            return Some(texts.iter().map(|at| at.value.clone()).collect());
        }
        if let Some(below) = self.declared_below(name) {
            return below.txt.clone();
        }
        self.facts.records.get(name)?.txt.clone()
    }

    /// Whether it is declared that neither a key nor an alias stands under the name of a selector.
    pub(crate) fn is_declared_without_key(&self, name: &str) -> bool {
        let lists = self
            .declared_below(name)
            .map_or([None; 2], |one| [one.txt.as_ref(), one.cname.as_ref()]);
        let mut known = lists.into_iter().flatten().peekable();
        known.peek().is_some() && known.all(Vec::is_empty)
    }

    /// An entry of `trusted_networks`.
    fn trusted_network(&self, at: LocationId, index: usize) -> Option<&TrustedNetwork> {
        self.location(at).postfix()?.trusted_networks.get(index)
    }

    /// Every entry of `trusted_networks`.
    pub fn trusted_networks(&self) -> impl Iterator<Item = (Party, &TrustedNetwork)> {
        self.locations().flat_map(|(at, location)| {
            let networks = location.postfix().map(|it| it.trusted_networks.iter());
            let numbered = networks.into_iter().flatten().enumerate();
            numbered.map(move |(index, network)| (Party::Network(at, index), network))
        })
    }

    /// The entries of `trusted_networks` that hold addresses of external senders.
    pub fn networks_of_external_senders(&self) -> impl Iterator<Item = Party> {
        let wide = self
            .trusted_networks()
            .filter(|(_, trusted)| trusted.network.value.holds_external_senders());
        wide.map(|(party, _)| party)
    }

    /// The addresses that mail of a party comes from, as written; none where the spec does not say.
    pub fn sending_addresses(&self, party: Party) -> Vec<Network> {
        let networks = match party {
            Party::Location(id) => &self.location(id).egress,
            Party::Partner(id) => &self.partner(id).addresses,
            Party::Device(id) => &self.device(id).addresses,
            Party::Network(at, index) => {
                let trusted = self.trusted_network(at, index);
                return trusted.map(|at| at.network.value).into_iter().collect();
            }
            Party::Internet | Party::Discard | Party::Reject => return Vec::new(),
        };
        networks.iter().map(|at| at.value).collect()
    }

    /// The name of a party as messages and names of connectors show it.
    pub fn party_name(&self, party: Party) -> &str {
        match party {
            Party::Location(id) => &self.location(id).name,
            Party::Partner(id) => &self.partner(id).name,
            Party::Device(id) => &self.device(id).name,
            Party::Network(at, index) => self
                .trusted_network(at, index)
                .map_or("", |trusted| &trusted.name),
            Party::Internet => "internet",
            Party::Discard => "discard",
            Party::Reject => "reject",
        }
    }
}
