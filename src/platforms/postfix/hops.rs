//! Next hops: which route carries which pattern, and how its next hop is spelled.

use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::{Hop, HopId};
use crate::routes::{NextHop, Route, RouteId};
use crate::source::Span;
use crate::topology::{LocationId, Party};
use crate::values::{DomainName, Host, HostTarget, Pattern};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

/// What is preferred among routes for one pattern, least first: named itself before `accepted-domains`, written before
/// derived, then cost and name.
type Rank<'a> = (bool, bool, u32, &'a str, RouteId, Span);

/// Which locations each location hands mail to, by the routes of all.
pub struct Links(HashMap<LocationId, Vec<LocationId>>);

impl Links {
    /// The links of these routes.
    pub fn of(routes: &[Route]) -> Self {
        let mut next: HashMap<LocationId, Vec<LocationId>> = HashMap::new();
        for route in routes.iter().filter(|route| takes_part(route)) {
            if let (Some(from), Some(to)) = (route.from.location(), route.to.location()) {
                next.entry(from).or_default().push(to);
            }
        }
        Self(next)
    }
}

const fn takes_part(route: &Route) -> bool {
    route.enabled && !route.only_by_rule
}

/// The routes from one place by pattern, best first.
pub(crate) struct Outgoing {
    by_pattern: BTreeMap<Pattern, Vec<(RouteId, Span)>>,
    here: LocationId,
}

impl Outgoing {
    pub fn of(scene: &Scene<'_>) -> Self {
        let mut ranked: BTreeMap<Pattern, Vec<Rank<'_>>> = BTreeMap::new();
        let own = scene
            .routes
            .iter()
            .filter(|(_, route)| route.from == Party::Location(scene.id) && takes_part(route));
        for (id, route) in own {
            for at in &route.recipients {
                let mut add = |pattern: Pattern, expanded: bool| {
                    ranked.entry(pattern).or_default().push((
                        expanded,
                        !route.is_written(),
                        route.cost,
                        &route.name,
                        id,
                        at.span,
                    ));
                };
                if at.pattern != Pattern::AcceptedDomains {
                    add(at.pattern.clone(), false);
                    continue;
                }
                for accepted in scene.accepted {
                    add(Pattern::Exact(accepted.domain.clone()), true);
                    if accepted.subdomains {
                        add(Pattern::Below(accepted.domain.clone()), true);
                    }
                }
            }
        }
        let by_pattern = ranked
            .into_iter()
            .map(|(pattern, mut routes)| {
                routes.sort();
                let routes = routes
                    .into_iter()
                    .map(|(.., id, span)| (id, span))
                    .collect();
                (pattern, routes)
            })
            .collect();
        Self {
            by_pattern,
            here: scene.id,
        }
    }

    pub fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.by_pattern.keys()
    }

    /// The best route for exactly this pattern.
    pub fn best(&self, pattern: &Pattern) -> Option<(RouteId, Span)> {
        self.by_pattern.get(pattern)?.first().copied()
    }

    /// All routes for the most specific pattern that holds the domain, best first.
    fn matching(&self, domain: &DomainName) -> &[(RouteId, Span)] {
        Pattern::around(domain)
            .chain([Pattern::Any])
            .find_map(|pattern| self.by_pattern.get(&pattern))
            .map_or(&[], Vec::as_slice)
    }

    /// The route for mail of the domain whose mailbox is at `holder`: among equals the one that comes nearest to it.
    pub fn toward(
        &self,
        scene: &Scene<'_>,
        domain: &DomainName,
        holder: Option<LocationId>,
    ) -> Option<(RouteId, Span)> {
        let candidates = self.matching(domain);
        let ([_, _, ..], Some(holder)) = (candidates, holder) else {
            return candidates.first().copied();
        };
        candidates
            .iter()
            .enumerate()
            .min_by_key(|(rank, (route, _))| {
                let distance = scene
                    .route(*route)
                    .to
                    .location()
                    .and_then(|to| self.distance(scene.links, to, holder));
                (distance.unwrap_or(usize::MAX), *rank)
            })
            .map(|(_, found)| *found)
    }

    /// Hops from one location to another that do not come back here.
    fn distance(&self, links: &Links, from: LocationId, to: LocationId) -> Option<usize> {
        let mut seen = HashMap::from([(from, 0), (self.here, usize::MAX)]);
        let mut queue = VecDeque::from([(from, 0)]);
        while let Some((at, steps)) = queue.pop_front() {
            if at == to {
                return Some(steps);
            }
            for &next in links.0.get(&at).into_iter().flatten() {
                if let std::collections::hash_map::Entry::Vacant(vacant) = seen.entry(next) {
                    vacant.insert(steps + 1);
                    queue.push_back((next, steps + 1));
                }
            }
        }
        None
    }
}

/// Collects the ways out, each once.
#[derive(Default)]
pub(crate) struct Hops {
    list: Vec<Hop>,
    known: BTreeMap<Hop, HopId>,
}

impl Hops {
    /// The way that a route takes. Relayed mail has a service of its own, so that it does not queue behind what goes out. A
    /// service that the spec names takes what is handed on, not what ends here or waits.
    pub fn of_route(&mut self, scene: &Scene<'_>, id: RouteId, relayed: bool) -> HopId {
        let route = scene.route(id);
        let usual = if relayed { "relay" } else { "smtp" };
        let service = route.transport.as_deref().unwrap_or(usual);
        let (service, next_hop) = match (route.to, &route.next_hop) {
            (Party::Discard, _) => ("discard", String::new()),
            (Party::Reject, _) => ("error", "5.7.1 mail for this address is refused".to_owned()),
            // Mail waits: a guess could hand it to the wrong host, and a bounce could not be taken back.
            (_, NextHop::Unknown) => ("retry", "4.4.4 the next hop is not known yet".to_owned()),
            (_, NextHop::SmartHosts(hosts)) => {
                let texts: Vec<_> = hosts.iter().map(next_hop_text).collect();
                (service, texts.join(", "))
            }
            (_, NextHop::Mx | NextHop::None) => (service, String::new()),
        };
        self.add(Hop {
            service: service.to_owned(),
            next_hop,
            route: Some(id),
        })
    }

    /// The way to our own mailboxes.
    pub fn of_mailboxes(&mut self, service: &str, next_hop: &str) -> HopId {
        self.add(Hop {
            service: service.to_owned(),
            next_hop: next_hop.to_owned(),
            route: None,
        })
    }

    pub fn into_list(self) -> Vec<Hop> {
        self.list
    }

    fn add(&mut self, hop: Hop) -> HopId {
        if let Some(id) = self.known.get(&hop) {
            return *id;
        }
        let id = HopId::from_index(self.list.len());
        self.list.push(hop.clone());
        self.known.insert(hop, id);
        id
    }
}

/// A smart host: in brackets, so that its address is looked up and not its MX, and always with its port, because a TLS
/// policy is found under exactly this text.
pub(crate) fn next_hop_text(host: &Host) -> String {
    match &host.target {
        HostTarget::Ip(IpAddr::V6(ip)) => format!("[ipv6:{ip}]:{}", host.port),
        target => format!("[{target}]:{}", host.port),
    }
}
