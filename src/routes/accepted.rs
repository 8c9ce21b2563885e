//! Accepted domains: what each place takes mail for, of which type and why.

use crate::platforms::product::Trait;
use crate::routes::Route;
use crate::routes::held_domains::routing_domain;
use crate::source::Span;
use crate::topology::{
    Accept, AcceptedType, Directory, DnsManagement, Domain, Entry, Location, LocationId, Party,
    Sending, Topology,
};
use crate::values::{ByName, DomainName, HostTarget, Named, Pattern};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// A domain that a place accepts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcceptedDomain {
    /// The domain.
    pub domain: DomainName,
    /// Its type there.
    pub kind: AcceptedType,
    /// Unnamed subdomains too.
    pub subdomains: bool,
    /// Why it is accepted.
    pub why: Acceptance,
    /// The item of the spec that asks for it.
    pub span: Span,
}

impl AcceptedDomain {
    /// The patterns that `accepted-domains` stands for: the name, and every name below where unnamed ones are accepted.
    pub(crate) fn patterns(&self) -> impl Iterator<Item = Pattern> + use<> {
        let below = self.subdomains.then(|| Pattern::Below(self.domain.clone()));
        std::iter::once(Pattern::Exact(self.domain.clone())).chain(below)
    }
}

impl Named for AcceptedDomain {
    fn name(&self) -> &DomainName {
        &self.domain
    }
}

/// The domains that a place accepts.
pub(crate) type AcceptedDomains = ByName<AcceptedDomain>;

impl AcceptedDomains {
    /// Whether a name on a certificate belongs to one of these: it is one, or is one with a label before it. More labels are
    /// not enough (`relay-access-denied-attr36-ndr` in <https://github.com/MicrosoftDocs/OfficeDocs-Support>).
    pub(crate) fn own(&self, name: &str) -> bool {
        let parent = name.split_once('.').map(|(_, parent)| parent);
        let mut names = [Some(name), parent].into_iter().flatten();
        names.any(|name| self.named(name).is_some())
    }

    /// Whether mail for a name is accepted, by its own entry or as an unnamed subdomain.
    pub(crate) fn accepts(&self, name: &DomainName) -> bool {
        self.named(name).is_some() || self.around(name).is_some()
    }

    /// Whether mail for every name of a pattern is accepted.
    pub(crate) fn cover(&self, pattern: &Pattern) -> bool {
        match pattern {
            Pattern::AcceptedDomains => true,
            Pattern::Any => false,
            Pattern::Exact(name) => self.accepts(name),
            Pattern::Below(base) => {
                let own = self.named(base).is_some_and(|own| own.subdomains);
                own || self.around(base).is_some()
            }
        }
    }

    /// The nearest of those above this name that takes unnamed subdomains too.
    pub(crate) fn around(&self, name: &DomainName) -> Option<&AcceptedDomain> {
        name.parents()
            .filter_map(|above| self.named(above))
            .find(|item| item.subdomains)
    }
}

/// Why a place accepts a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Acceptance {
    /// It holds mailboxes of it.
    Holds,
    /// Internet mail enters here.
    Entry,
    /// It lies on the way from the entry to a holder.
    OnTheWay,
    /// Every tenant accepts its own names.
    TenantName,
    /// The spec says so.
    Written,
}

/// What every place accepts, by location: what it holds, what enters there, and what lies on the way between.
pub(crate) fn accept(topology: &Topology, routes: &[Route]) -> Vec<AcceptedDomains> {
    let mut accepted: Vec<BTreeMap<DomainName, AcceptedDomain>> =
        vec![BTreeMap::new(); topology.locations.len()];
    let mut ways = Ways::new(topology, routes);
    for domain in topology
        .domains
        .iter()
        .filter(|domain| domain.sending == Sending::Normal)
    {
        for (at, (why, span)) in places_of(topology, domain, &mut ways) {
            accepted[at.index()].insert(
                domain.name.clone(),
                derived(topology, domain, at, why, span),
            );
        }
    }
    for (at, domain) in routing_domains(topology, &mut ways) {
        if let Some(here) = accepted.get_mut(at.index()) {
            here.entry(domain.domain.clone()).or_insert(domain);
        }
    }
    for (id, location) in topology.locations() {
        let here = &mut accepted[id.index()];
        if let Some(accepts) = &location.accepts {
            here.clear();
            for accept in &accepts.value {
                here.insert(accept.domain.value.clone(), written(topology, id, accept));
            }
        }
        // What is written of a name that is accepted anyway changes that entry.
        for accept in &location.also_accepts {
            let entry = here.entry(accept.domain.value.clone());
            let entry = entry.or_insert_with(|| written(topology, id, accept));
            entry.kind = accept.kind.unwrap_or(entry.kind);
            entry.subdomains |= accept.subdomains;
        }
        if let Some(tenant) = location.tenant() {
            let initial = DomainName::parse(&tenant.initial_domain()).ok();
            let routing = routing_domain(topology, id).map(|(name, _)| name);
            for name in initial.into_iter().chain(routing) {
                here.entry(name.clone()).or_insert(AcceptedDomain {
                    domain: name,
                    kind: AcceptedType::Authoritative,
                    subdomains: false,
                    why: Acceptance::TenantName,
                    span: tenant.tenant.span,
                });
            }
        }
    }
    let lists = accepted.into_iter();
    lists
        .map(|here| here.into_values().collect::<Vec<_>>().into())
        .collect()
}

/// Routing domains are accepted where the mailboxes are, and on the path there from the other locations that share a domain
/// with them. A tenant accepts its own names in any case, and a gateway relays for those of ours that hand mail to it.
fn routing_domains(topology: &Topology, ways: &mut Ways<'_>) -> Vec<(LocationId, AcceptedDomain)> {
    let mut all = Vec::new();
    for (id, location) in topology.locations() {
        let Some((name, span)) = routing_domain(topology, id) else {
            continue;
        };
        let span = location.routing_domain.as_ref().map_or(span, |at| at.span);
        let is_tenant = location.tenant().is_some();
        let mut add = |at: LocationId, kind: AcceptedType, why: Acceptance| {
            let domain = name.clone();
            let subdomains = false;
            all.push((
                at,
                AcceptedDomain {
                    domain,
                    kind,
                    subdomains,
                    why,
                    span,
                },
            ));
        };
        if !is_tenant {
            add(id, AcceptedType::Authoritative, Acceptance::Holds);
        }
        let shared = topology.domains.iter().filter(|domain| domain.is_split());
        let shared = shared.filter(|domain| domain.holder_ids().any(|holder| holder == id));
        let entries = |domain: &Domain| {
            let entries = domain.mx.iter().map(|entry| entry.value);
            entries.chain(domain.holder_ids()).collect::<Vec<_>>()
        };
        let from: BTreeSet<LocationId> = shared.flat_map(entries).collect();
        for from in from {
            for at in ways.between(&name, from, id) {
                if is_tenant && topology.location(at).forwards_only() {
                    continue;
                }
                // A directory that knows every recipient knows the addresses under which they are reached, too.
                let location = topology.location(at);
                let knows = match location.directory.map(|at| at.value) {
                    _ if location.is_edge() => false,
                    Some(Directory::Own) => false,
                    Some(Directory::Complete) => !location.is(Trait::KnowsListed),
                    None => !location.is(Trait::KnowsListed) && !location.is(Trait::Filter),
                };
                let kind = if knows {
                    AcceptedType::Authoritative
                } else {
                    AcceptedType::InternalRelay
                };
                add(at, kind, Acceptance::OnTheWay);
            }
        }
    }
    all
}

/// Where the records lead that others keep.
fn declared<'a>(
    topology: &'a Topology,
    domain: &'a Domain,
) -> impl Iterator<Item = (LocationId, Span)> + 'a {
    let records = match &domain.dns {
        DnsManagement::External(records) => records.mx.as_deref(),
        DnsManagement::Managed | DnsManagement::None => None,
    };
    let hosts = records.unwrap_or_default().iter();
    let targets = hosts.filter_map(|at| {
        Some((
            HostTarget::parse(at.value.1.trim_end_matches('.')).ok()?,
            at.span,
        ))
    });
    targets.filter_map(|(target, span)| {
        let mut locations = topology.locations();
        let takes = |location: &Location| {
            location
                .hosts
                .iter()
                .any(|host| host.value.target == target)
        };
        let (id, location) = locations.find(|(_, location)| takes(location))?;
        // A host that is to take no mail any more has nothing to accept; a gateway is not set by us.
        (domain.mx.is_empty() || location.forwards_only()).then_some((id, span))
    })
}

fn places_of(
    topology: &Topology,
    domain: &Domain,
    ways: &mut Ways<'_>,
) -> BTreeMap<LocationId, (Acceptance, Span)> {
    let mut places = BTreeMap::new();
    // Until the records are changed, mail comes to where they lead now.
    let now = domain.mx_now.as_ref().and_then(|now| match now.value {
        Entry::Location(at) => Some((at, now.span)),
        Entry::Hosts(_) => None,
    });
    let entries = domain.mx.iter().map(|entry| (entry.value, entry.span));
    let entries: Vec<(LocationId, Span)> = entries
        .chain(now)
        .chain(declared(topology, domain))
        .collect();
    for &(entry, span) in &entries {
        for holder in &domain.holders {
            for at in ways.between(&domain.name, entry, holder.location) {
                places.insert(at, (Acceptance::OnTheWay, span));
            }
        }
    }
    // Centralized transport takes mail from outside around through our own servers before it delivers it.
    for entry in &domain.mx {
        let delivers = domain.holder_ids().any(|holder| holder == entry.value);
        for &(tenant, around) in ways.detours.iter().filter(|_| delivers) {
            if tenant == entry.value {
                places.insert(around, (Acceptance::OnTheWay, entry.span));
            }
        }
    }
    for (entry, span) in entries {
        places.insert(entry, (Acceptance::Entry, span));
    }
    for holder in &domain.holders {
        places.insert(holder.location, (Acceptance::Holds, holder.span));
    }
    places
}

fn derived(
    topology: &Topology,
    domain: &Domain,
    at: LocationId,
    why: Acceptance,
    span: Span,
) -> AcceptedDomain {
    let location = topology.location(at);
    let shared = domain.holder_ids().any(|holder| holder != at);
    let is_tenant = location.tenant().is_some();
    let complete = directory(topology, domain, at) == Directory::Complete;
    // Exchange catches nothing: what it does not know has to go on to the location that does.
    let is_exchange = is_tenant || location.exchange_server().is_some();
    let goes_on = shared && is_exchange && domain.catch_all.is_some();
    // A tenant takes unnamed subdomains only of a domain that it relays (MatchSubDomains).
    let knows_all = (complete && !goes_on) || !shared;
    let kind = if knows_all && !(is_tenant && domain.subdomains) {
        AcceptedType::Authoritative
    } else {
        AcceptedType::InternalRelay
    };
    AcceptedDomain {
        domain: domain.name.clone(),
        kind,
        subdomains: domain.subdomains,
        why,
        span,
    }
}

/// What the directory of a place knows of a domain: as written, else by kind.
pub fn directory(topology: &Topology, domain: &Domain, at: LocationId) -> Directory {
    let location = topology.location(at);
    match location.directory {
        _ if location.is_edge() => Directory::Own,
        Some(written) => written.value,
        None if location.is(Trait::KnowsListed) && !domain.is_listed() => Directory::Own,
        None => Directory::Complete,
    }
}

fn written(topology: &Topology, at: LocationId, accept: &Accept) -> AcceptedDomain {
    let domain = topology.domain_named(&accept.domain.value);
    let kind = accept.kind.unwrap_or_else(|| {
        domain.map_or(AcceptedType::Authoritative, |id| {
            derived(
                topology,
                topology.domain(id),
                at,
                Acceptance::Written,
                accept.domain.span,
            )
            .kind
        })
    });
    AcceptedDomain {
        domain: accept.domain.value.clone(),
        kind,
        subdomains: accept.subdomains,
        why: Acceptance::Written,
        span: accept.domain.span,
    }
}

/// Shortest ways over the routes that match a domain.
struct Ways<'a> {
    exact: HashMap<&'a str, Vec<(LocationId, LocationId)>>,
    below: HashMap<&'a str, Vec<(LocationId, LocationId)>>,
    always: Vec<(LocationId, LocationId)>,
    /// Hops over which Exchange Server hands on, under the address that reaches it, mail for mailboxes at a location.
    rewritten: HashMap<LocationId, Vec<(LocationId, LocationId)>>,
    /// Tenants with centralized transport, and where their mail goes first.
    detours: Vec<(LocationId, LocationId)>,
    known: HashMap<Asked, Vec<LocationId>>,
}

/// A question that was answered before: the ends, and the hops that are open to this domain alone.
type Asked = (LocationId, LocationId, Vec<(LocationId, LocationId)>);

impl<'a> Ways<'a> {
    fn new(topology: &Topology, routes: &'a [Route]) -> Self {
        let mut ways = Self {
            exact: HashMap::new(),
            below: HashMap::new(),
            always: Vec::new(),
            rewritten: HashMap::new(),
            detours: Vec::new(),
            known: HashMap::new(),
        };
        for route in routes
            .iter()
            .filter(|route| !route.only_by_rule && route.enabled)
        {
            let (Party::Location(from), Party::Location(to)) = (route.from, route.to) else {
                continue;
            };
            debug_assert!(from.index() < topology.locations.len());
            if route.is_detour(topology) {
                ways.detours.push((from, to));
            }
            for at in &route.recipients {
                match &at.pattern {
                    Pattern::Exact(name) => ways
                        .exact
                        .entry(name.as_str())
                        .or_default()
                        .push((from, to)),
                    Pattern::Below(name) => ways
                        .below
                        .entry(name.as_str())
                        .or_default()
                        .push((from, to)),
                    Pattern::Any | Pattern::AcceptedDomains => ways.always.push((from, to)),
                }
            }
        }
        for (id, _) in topology.locations() {
            let name = routing_domain(topology, id).map(|(name, _)| name);
            let hops = name.and_then(|name| ways.exact.get(name.as_str()));
            let is_server = |at: LocationId| topology.location(at).exchange_server().is_some();
            let hops = hops
                .into_iter()
                .flatten()
                .filter(|(from, _)| is_server(*from));
            let hops: Vec<(LocationId, LocationId)> = hops.copied().collect();
            ways.rewritten.insert(id, hops);
        }
        ways
    }

    /// The places on the way from `from` to `to`, without the ends; none where there is no way.
    fn between(&mut self, name: &DomainName, from: LocationId, to: LocationId) -> Vec<LocationId> {
        if from == to {
            return Vec::new();
        }
        let mut open = self.exact.get(name.as_str()).cloned().unwrap_or_default();
        let below = name.parents().filter_map(|base| self.below.get(base));
        open.extend(below.flatten());
        open.extend(self.rewritten.get(&to).into_iter().flatten());
        let asked = (from, to, open);
        if let Some(way) = self.known.get(&asked) {
            return way.clone();
        }
        let mut next: BTreeMap<LocationId, Vec<LocationId>> = BTreeMap::new();
        for &(a, b) in asked.2.iter().chain(&self.always) {
            next.entry(a).or_default().push(b);
        }
        let way = shortest(&next, from, to);
        self.known.insert(asked, way.clone());
        way
    }
}

fn shortest(
    next: &BTreeMap<LocationId, Vec<LocationId>>,
    from: LocationId,
    to: LocationId,
) -> Vec<LocationId> {
    let mut came: BTreeMap<LocationId, LocationId> = BTreeMap::from([(from, from)]);
    let mut queue = VecDeque::from([from]);
    while let Some(at) = queue.pop_front() {
        if at == to {
            break;
        }
        for &onward in next.get(&at).into_iter().flatten() {
            came.entry(onward).or_insert_with(|| {
                queue.push_back(onward);
                at
            });
        }
    }
    let mut way = Vec::new();
    let mut at = to;
    while let Some(&before) = came.get(&at) {
        if before == from {
            break;
        }
        way.push(before);
        at = before;
    }
    way
}
