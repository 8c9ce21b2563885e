//! What is known of names: our own zones, what the spec declares of others', and the facts, in this order.
//!
//! Nothing else is known. A zone that we write as a whole says what there is not; of a fragment nobody knows what stands
//! beside it.

use crate::dns::{RData, RecordType, RrSet, SPF_TO_COME, Zone, follow};
use crate::plan::Plan;
use crate::publish::Published;
use crate::routes::published_addresses;
use crate::spf::Names;
use crate::topology::{DnsManagement, Domain, Environment};
use crate::values::OwnerName;
use foldhash::HashMap;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::ControlFlow;

/// The names that a record can lead to.
pub struct Known<'a> {
    plan: &'a Plan,
    /// What will be put into the zones; nothing where it is there already.
    published: Option<&'a Published>,
    zones: HashMap<&'a str, &'a Zone>,
    /// Addresses of hosts, where the spec has them beside their names.
    hosts: BTreeMap<&'a str, Vec<IpAddr>>,
    /// Names of others whose records were wanted.
    asked: RefCell<BTreeSet<(String, RecordType)>>,
    /// What is wanted is not noted.
    quiet: Cell<bool>,
}

/// What a zone of ours has under a name.
enum Found<'z> {
    /// These records.
    Set(&'z RrSet),
    /// None of this type.
    Nothing,
    /// Another name stands for it.
    Alias(&'z OwnerName),
    /// Nobody knows.
    Unknown,
}

impl<'a> Known<'a> {
    /// All that is known beside this plan.
    pub fn of(plan: &'a Plan, published: &'a Published) -> Self {
        Self::new(plan, Some(published))
    }

    /// The same once everything that is published stands in the zones.
    pub fn filled(plan: &'a Plan) -> Self {
        Self::new(plan, None)
    }

    fn new(plan: &'a Plan, published: Option<&'a Published>) -> Self {
        let mut hosts: BTreeMap<&str, Vec<IpAddr>> = BTreeMap::new();
        for at in plan
            .topology
            .locations
            .iter()
            .flat_map(|location| &location.hosts)
        {
            if let Some(name) = at.value.name().filter(|_| !at.value.addresses.is_empty()) {
                let known = hosts.entry(name.as_str()).or_default();
                known.extend(&at.value.addresses);
            }
        }
        Self {
            plan,
            published,
            zones: plan
                .zones
                .iter()
                .map(|zone| (zone.origin.as_str(), zone))
                .collect(),
            hosts,
            asked: RefCell::default(),
            quiet: Cell::new(false),
        }
    }

    /// Names of others whose records were wanted so far.
    pub(crate) fn asked(&self) -> BTreeSet<(String, RecordType)> {
        self.asked.borrow().clone()
    }

    /// The name that has to be asked about where nobody knows what a name says: what it stands for, if it is an alias.
    pub(crate) fn behind(&self, name: &str) -> String {
        let last = follow(name, |name| {
            let next = match self.in_zones(name, RecordType::Txt) {
                Found::Alias(target) => Some(target.as_str()),
                Found::Unknown => self.plan.topology.foreign_alias(name),
                Found::Set(_) | Found::Nothing => None,
            };
            match next {
                Some(target) => ControlFlow::Continue(target.to_owned()),
                None => ControlFlow::Break(Some(name.to_owned())),
            }
        });
        last.unwrap_or_else(|| name.to_owned())
    }

    /// Whether one of our zones gives a name away to other name servers, by NS records at it or above it.
    pub(crate) fn is_given_away(&self, name: &str) -> bool {
        let mut above = std::iter::successors(Some(name), |at| Some(at.split_once('.')?.1));
        let zone = above.find_map(|origin| self.zones.get(origin));
        zone.is_some_and(|zone| self.gives_away(zone, name))
    }

    fn gives_away(&self, zone: &'a Zone, name: &str) -> bool {
        std::iter::successors(Some(name), |at| Some(at.split_once('.')?.1))
            .take_while(|at| at.len() > zone.origin.as_str().len())
            .any(|at| zone.set(at, RecordType::Ns).is_some())
    }

    /// Looks into the zones that we write.
    fn in_zones(&self, name: &str, kind: RecordType) -> Found<'a> {
        let above = || std::iter::successors(Some(name), |at| Some(at.split_once('.')?.1));
        let Some(zone) = above().find_map(|origin| self.zones.get(origin)) else {
            return Found::Unknown;
        };
        let within = || above().take_while(|at| at.len() >= zone.origin.as_str().len());
        // What others keep below one of our zones we do not know.
        let kept_by_others = within().any(|at| {
            let domain = self.plan.topology.domain_named(at);
            let domain = domain.map(|id| self.plan.topology.domain(id));
            domain.is_some_and(|domain| !matches!(domain.dns, DnsManagement::Managed))
        });
        if kept_by_others || self.gives_away(zone, name) {
            return Found::Unknown;
        }
        if let Some(set) = zone.set(name, kind) {
            return Found::Set(set);
        }
        if let Some(target) = zone.alias(name) {
            return Found::Alias(target);
        }
        let is_whole = zone.authority.is_some();
        if zone.sets.has(name) {
            // A name that the spec speaks of has what it says, and no more.
            return Found::Nothing;
        }
        let encloser = within()
            .skip(1)
            .find(|at| zone.sets.has(at) || *at == zone.origin.as_str());
        let star = encloser.map(|at| format!("*.{at}"));
        match star.filter(|star| zone.sets.has(star)) {
            Some(star) => match (zone.set(&star, kind), zone.alias(&star)) {
                (Some(set), _) => Found::Set(set),
                (None, Some(target)) => Found::Alias(target),
                (None, None) if is_whole => Found::Nothing,
                (None, None) => Found::Unknown,
            },
            None if is_whole => Found::Nothing,
            None => Found::Unknown,
        }
    }

    /// What a name has of a type, or what it stands for has.
    fn resolved<T>(
        &self,
        name: &str,
        kind: RecordType,
        of_set: &dyn Fn(&str, &RrSet) -> Option<Vec<T>>,
        elsewhere: &dyn Fn(&str) -> Option<Vec<T>>,
    ) -> Option<Vec<T>> {
        follow(name, |name| match self.in_zones(name, kind) {
            Found::Set(set) => ControlFlow::Break(of_set(name, set)),
            Found::Nothing => ControlFlow::Break(Some(Vec::new())),
            Found::Alias(target) => ControlFlow::Continue(target.as_str().to_owned()),
            Found::Unknown => {
                if let Some(target) = self.plan.topology.foreign_alias(name) {
                    return ControlFlow::Continue(target.to_owned());
                }
                if !self.quiet.get() {
                    self.asked.borrow_mut().insert((name.to_owned(), kind));
                }
                ControlFlow::Break(elsewhere(name))
            }
        })
    }

    /// The text records of a set, with the SPF record that is written there.
    fn texts_of(&self, name: &str, set: &RrSet) -> Option<Vec<String>> {
        let mut texts = Vec::new();
        for record in &set.records {
            let RData::Txt(octets) = &record.data else {
                continue;
            };
            let mut text = String::from_utf8_lossy(octets).into_owned();
            if text == SPF_TO_COME {
                // What is withheld will be written once it is known.
                let written = self.published?.text_at(&self.plan.topology, name)?;
                written.clone_into(&mut text);
            }
            if !texts.contains(&text) {
                texts.push(text);
            }
        }
        Some(texts)
    }

    /// Whether it is known that a name has neither an MX record nor an address. Of a name in a fragment nobody knows what
    /// stands beside it.
    pub(crate) fn is_not_found(&self, name: &str) -> bool {
        let mut above = std::iter::successors(Some(name), |at| Some(at.split_once('.')?.1));
        let zone = above.find_map(|origin| self.zones.get(origin));
        let is_fragment = zone.is_some_and(|zone| zone.authority.is_none())
            && !matches!(
                self.in_zones(name, RecordType::Mx),
                Found::Unknown | Found::Alias(_)
            );
        self.quiet.set(true);
        let is_empty = self.exchangers(name).is_some_and(|found| found.is_empty())
            && [false, true].iter().all(|v6| {
                self.addresses(name, *v6)
                    .is_some_and(|found| found.is_empty())
            });
        self.quiet.set(false);
        is_empty && !is_fragment
    }

    /// Whether nothing says which host takes mail for a name.
    pub(crate) fn is_unsaid(&self, name: &str) -> bool {
        self.quiet.set(true);
        let is_said = self.exchangers(name).is_some_and(|found| !found.is_empty())
            || [false, true].iter().any(|v6| {
                self.addresses(name, *v6)
                    .is_some_and(|found| !found.is_empty())
            });
        self.quiet.set(false);
        !is_said
    }

    /// The domain of the spec with this name.
    pub(crate) fn domain(&self, name: &str) -> Option<&'a Domain> {
        let id = self.plan.topology.domain_named(name)?;
        Some(self.plan.topology.domain(id))
    }

    fn declared(&self, name: &str) -> Option<&'a crate::topology::DeclaredRecords> {
        match &self.domain(name)?.dns {
            DnsManagement::External(records) => Some(records),
            DnsManagement::Managed | DnsManagement::None => None,
        }
    }

    /// The text records of a name of others, if facts have them; nobody needs to ask for them.
    pub(crate) fn gathered(&self, name: &str) -> Option<Vec<String>> {
        self.quiet.set(true);
        let texts = self.texts(name);
        self.quiet.set(false);
        texts
    }

    fn foreign(&self, name: &str) -> Option<&'a crate::topology::ForeignNames> {
        self.plan.topology.facts.records.get(name)
    }

    /// The provider's own record, made of the addresses that it publishes.
    fn provider(&self, name: &str) -> Option<Vec<String>> {
        let environment = Environment::Worldwide;
        if name != environment.spf_include() {
            return None;
        }
        let networks = published_addresses(&self.plan.topology, environment)?;
        let mut text = "v=spf1".to_owned();
        for network in networks {
            text.push_str(if network.is_ipv6() { " ip6:" } else { " ip4:" });
            text.push_str(&network.to_string());
        }
        Some(vec![text + " -all"])
    }
}

impl Names for Known<'_> {
    fn texts(&self, name: &str) -> Option<Vec<String>> {
        if let Some(part) = self.published.and_then(|published| published.part(name)) {
            return Some(vec![part.to_owned()]);
        }
        self.resolved(
            name,
            RecordType::Txt,
            &|name, set| self.texts_of(name, set),
            &|name| {
                let foreign = self.plan.topology.foreign_texts(name);
                foreign.or_else(|| self.provider(name))
            },
        )
    }

    fn exchangers(&self, name: &str) -> Option<Vec<String>> {
        let of_set = |_: &str, set: &RrSet| {
            let hosts = set.records.iter().filter_map(|record| match &record.data {
                RData::Mx { exchange, .. } => Some(exchange.as_ref()?.to_string()),
                _ => None,
            });
            Some(hosts.collect())
        };
        self.resolved(name, RecordType::Mx, &of_set, &|name| {
            let declared = self.declared(name).and_then(|records| records.mx.as_ref());
            if let Some(list) = declared {
                return Some(list.iter().map(|at| at.value.1.clone()).collect());
            }
            if let Some(below) = self.plan.topology.declared_below(name) {
                let list = below.mx.as_ref();
                return list.map(|list| list.iter().map(|(_, host)| host.clone()).collect());
            }
            let foreign = self.foreign(name).and_then(|records| records.mx.as_ref());
            foreign.map(|list| list.iter().map(|(_, host)| host.clone()).collect())
        })
    }

    fn addresses(&self, name: &str, v6: bool) -> Option<Vec<IpAddr>> {
        let kind = if v6 { RecordType::Aaaa } else { RecordType::A };
        let of_set = |_: &str, set: &RrSet| {
            let found = set.records.iter().filter_map(|record| match record.data {
                RData::A(address) => Some(IpAddr::V4(address)),
                RData::Aaaa(address) => Some(IpAddr::V6(address)),
                _ => None,
            });
            Some(found.collect())
        };
        let read = |texts: &mut dyn Iterator<Item = &String>| -> Vec<IpAddr> {
            let all = texts.filter_map(|text| text.parse().ok());
            all.filter(|address: &IpAddr| address.is_ipv6() == v6)
                .collect()
        };
        self.resolved(name, kind, &of_set, &|name| {
            let declared = self.declared(name).and_then(|records| records.a.as_ref());
            if let Some(list) = declared {
                return Some(read(&mut list.iter().map(|at| &at.value)));
            }
            if let Some(list) = self
                .plan
                .topology
                .declared_below(name)
                .and_then(|records| records.a.as_ref())
            {
                return Some(read(&mut list.iter()));
            }
            if let Some(list) = self.foreign(name).and_then(|records| records.a.as_ref()) {
                return Some(read(&mut list.iter()));
            }
            let own = self.hosts.get(name)?.iter().copied();
            Some(own.filter(|address| address.is_ipv6() == v6).collect())
        })
    }
}
