//! The plan: what every place accepts, where it hands mail, and the objects that make each product do so.
//!
//! The objects that are checked are the objects that are written: the analysis walks the connectors, maps and records
//! of this model with each platform's own selection policy, and the targets print them. This module must not know how
//! any file looks.

mod apart;
mod given_names;
mod host_index;
mod long_names;
mod routing_addresses;

pub(crate) use apart::Apart;
use host_index::HostIndex;
pub(crate) use host_index::{Takers, names_other_service};

use crate::dns;
use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::exchange_online::{self, InboundConnector};
use crate::platforms::product::Lowering;
use crate::platforms::{exchange_server, postfix};
use crate::routes::{
    self, AcceptedDomains, ByPlace, Ends, Links, NextHop, Route, RouteId, SendingTree, Withheld,
    accept,
};
use crate::topology::{DomainId, Forward, LocationId, Party, Topology};
use crate::values::{Date, Host};
use std::collections::{BTreeMap, BTreeSet};

/// Everything that will be configured.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What the spec says.
    pub topology: Topology,
    /// Who sends through whom.
    pub tree: SendingTree,
    /// Every route there will be, derived or written, by their ends and names.
    pub routes: Vec<Route>,
    by_place: ByPlace,
    hosts: HostIndex,
    /// Which locations hand mail to which.
    pub links: Links,
    /// What each location does, by its id.
    pub places: Vec<LocationPlan>,
    /// The zones that mail needs, by origin.
    pub zones: Vec<dns::Zone>,
    /// What the zones that others keep have to hold for mail, by origin.
    pub others: Vec<dns::Zone>,
    /// What of that nobody knows.
    pub others_withheld: Vec<Withheld>,
    /// What is not emitted for want of a fact.
    pub withheld: Vec<Withheld>,
    /// What receivers find out about mail that leaves; nothing before it has been followed.
    pub proofs: Option<Vec<ProvedMail>>,
    /// Names and types of records of others that mail is proved by, once mail has been followed.
    pub asked: BTreeSet<(String, dns::RecordType)>,
    /// The locations that hand any mail to others, once it has been followed.
    pub exits: BTreeSet<LocationId>,
    /// Recipients that are looked at alone, because what exists says something of them that the spec does not.
    pub(crate) apart: Apart,
    /// The hosts that mail for a name is taken at as its zone exists, where that is not as the spec says; by owner.
    pub(crate) exchangers: BTreeMap<String, Vec<(u16, String)>>,
    /// The day that dates of the spec are compared with, where somebody says which it is.
    pub today: Option<Date>,
}

/// Mail that leaves alike, with what receivers find out about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProvedMail {
    /// Who hands it over.
    pub by: Party,
    /// What mail it is.
    pub what: LeavingMail,
    /// The domains of its authors; none where strangers write.
    pub authors: Vec<DomainId>,
    /// Whose envelope senders it has, in words.
    pub envelope: String,
    /// The results of SPF, DKIM and DMARC, in the words of receivers.
    pub results: [String; 3],
    /// What proves it; nothing where the author is not ours.
    pub proved: Option<Proved>,
}

/// What mail leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LeavingMail {
    /// Automatic replies.
    Replies,
    /// Bounces.
    Bounces,
    /// What a partner sends in our name.
    InOurName,
    /// What its author has written.
    Of(Party),
    /// What mailboxes forward.
    Forwarded,
    /// What the lists of a location send on.
    List(LocationId),
}

impl LeavingMail {
    /// The same in words.
    pub(crate) fn words(self, topology: &Topology) -> String {
        match self {
            Self::Replies => "automatic replies".to_owned(),
            Self::Bounces => "bounces".to_owned(),
            Self::InOurName => "mail in our name".to_owned(),
            Self::Of(source) => format!("mail of `{}`", topology.party_name(source)),
            Self::Forwarded => "mail that mailboxes forward".to_owned(),
            Self::List(at) => {
                let name = &topology.location(at).name;
                format!("mail that the lists of `{name}` send on")
            }
        }
    }
}

/// What proves that mail is its author's, the best last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Proved {
    /// Nothing, and receivers are asked to refuse or to suspect it.
    Refused,
    /// Nothing.
    ByNothing,
    /// It depends on what nobody knows.
    Unknown,
    /// SPF alone, if a partner uses the envelope senders that it is taken to use.
    Assumed,
    /// SPF alone.
    BySpf,
    /// A signature alone, which survives when the mail is forwarded.
    BySignature,
    /// SPF and a signature.
    ByBoth,
}

/// What one location does.
#[derive(Clone, Debug)]
pub struct LocationPlan {
    /// The domains it accepts, by name.
    pub accepted: AcceptedDomains,
    /// The objects of its product.
    pub configuration: Configuration,
}

/// The objects of a product.
#[derive(Clone, Debug)]
pub enum Configuration {
    /// Exchange Online or Exchange Online Protection.
    ExchangeOnline(exchange_online::Configuration),
    /// Exchange Server.
    ExchangeServer(exchange_server::Configuration),
    /// Postfix.
    Postfix(Box<postfix::Configuration>),
    /// Somebody else configures it; the checklist says what.
    Checklist,
}

impl Configuration {
    /// Whether it takes mail of strangers from some places alone, or from nobody.
    pub fn is_locked(&self) -> bool {
        match self {
            Self::ExchangeOnline(tenant) => tenant.inbound.iter().any(InboundConnector::is_lock),
            Self::Postfix(tables) => tables.admitted.is_some(),
            Self::ExchangeServer(server) => server.locked.is_some(),
            Self::Checklist => false,
        }
    }

    /// The clients that a lock in tables still admits, by where they stand in the spec.
    pub fn admitted(&self) -> BTreeSet<&String> {
        match self {
            Self::Postfix(tables) => tables
                .admitted
                .iter()
                .flat_map(BTreeMap::values)
                .flatten()
                .collect(),
            _ => BTreeSet::new(),
        }
    }
}

impl Plan {
    /// The policies of MTA-STS that have to be served, whoever keeps the records.
    pub(crate) fn policies(&self) -> impl Iterator<Item = &dns::StsPolicy> {
        let zones = self.zones.iter().chain(&self.others);
        zones.flat_map(|zone| &zone.policies)
    }

    /// The route with this id.
    pub fn route(&self, id: RouteId) -> &Route {
        &self.routes[id.index()]
    }

    /// The zone of ours that a name lies in.
    pub(crate) fn zone_around(&self, name: &str) -> Option<&dns::Zone> {
        self.zones.get(dns::around(&self.zones, name)?)
    }

    /// Whether what takes the mail of a route is not written before the facts have the host that it leads to.
    pub(crate) fn waits_for_fact(&self, id: RouteId) -> bool {
        self.route(id).next_hop == NextHop::FactMissing
    }

    /// All routes with their ids.
    pub fn routes(&self) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
        routes::ends_of(&self.routes)
    }

    /// The routes that start or end at this location, with their ids.
    pub fn routes_at(&self, id: LocationId) -> impl DoubleEndedIterator<Item = (RouteId, &Route)> {
        self.by_place.at(&self.routes, id).iter()
    }

    /// Finds routes by their places again, after routes were added or changed.
    pub(crate) fn rejoin(&mut self) {
        self.by_place = ByPlace::of(&self.topology, &self.routes);
        self.links = Links::of(&self.routes);
    }

    /// Notes that a host is nobody's whom the spec knows.
    pub(crate) fn note_nobodys(&mut self, host: &Host) {
        self.hosts.note_nobodys(host);
    }

    /// The redirects of mailboxes at this location to addresses in no domain that it accepts.
    pub(crate) fn forwards_to_outside(&self, id: LocationId) -> Vec<&Forward> {
        let accepted = &self.place(id).accepted;
        let domains = self.topology.domains.iter();
        let forwards = domains.flat_map(|domain| {
            let all = domain.forwards.iter();
            all.filter(move |one| domain.may_be_at(&one.address, id))
        });
        forwards
            .filter(|one| !accepted.accepts(one.target.domain()))
            .collect()
    }

    /// What this location does.
    pub fn place(&self, id: LocationId) -> &LocationPlan {
        &self.places[id.index()]
    }
}

/// Says that something is left out for want of a fact.
pub(crate) fn note_withheld(item: &Withheld, topology: &Topology) -> Finding {
    let location = item.location.map(|id| &topology.location(id).name);
    let domains = item.domains.iter();
    let domains = domains.filter(|name| topology.domain_named(name).is_some());
    let mut finding = Finding::note(Code::N017, format!("left out of the output: {}", item.what))
        .at(item.span, "")
        .help(item.why.clone());
    finding
        .objects
        .extend(location.map(|name| Object::Location(name.clone())));
    finding
        .objects
        .extend(domains.map(|name| Object::Domain(name.to_string())));
    finding
}

/// Makes the plan of a topology. Never stops: what cannot be routed is left out with a finding.
pub fn derive(topology: Topology, findings: &mut Findings) -> Plan {
    let tree = SendingTree::of(&topology);
    let mut routes = routes::derive(&topology, &tree, findings);
    let accepted = accept(&topology, &routes);
    let mut withheld = Vec::new();
    let ends = Ends::new(&topology, &accepted);
    for route in &mut routes {
        ends.complete(route, &mut withheld);
    }
    routes::presented::decide(&topology, &mut routes);
    let by_place = ByPlace::of(&topology, &routes);
    let links = Links::of(&routes);
    let mut places = topology
        .locations()
        .zip(accepted)
        .map(|((id, location), accepted)| LocationPlan {
            configuration: {
                let lowering = Lowering {
                    topology: &topology,
                    id,
                    location,
                    routes: by_place.at(&routes, id),
                    links: &links,
                    accepted: &accepted,
                };
                (location.product().lower)(&lowering, findings)
            },
            accepted,
        })
        .collect::<Vec<_>>();
    given_names::give(&topology, &mut places, findings);
    given_names::look_for(&topology, &places, findings);
    long_names::withhold(&topology, &routes, &mut places, findings);
    routing_addresses::refuse_shared(&topology, &places, findings);
    let hosts = HostIndex::of(&topology);
    let zones = dns::lower(&topology, &mut withheld, findings);
    let (others, others_withheld) = dns::lower_others(&topology);
    withheld.sort();
    withheld.dedup();
    let notes = withheld.iter().map(|item| note_withheld(item, &topology));
    findings.extend(notes);
    Plan {
        topology,
        tree,
        routes,
        by_place,
        hosts,
        links,
        places,
        zones,
        others,
        others_withheld,
        withheld,
        proofs: None,
        asked: BTreeSet::new(),
        exits: BTreeSet::new(),
        apart: Apart::default(),
        exchangers: BTreeMap::new(),
        today: None,
    }
}
