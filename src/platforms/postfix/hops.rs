//! Next hops: which route carries which pattern, and how its next hop is spelled.

use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::{Family, Hop, HopId, Key, OwnClient};
use crate::routes::order::{Claim, LANGUAGE};
use crate::routes::{AcceptedDomain, NextHop, Route, RouteId};
use crate::source::Span;
use crate::topology::{LocationId, Party};
use crate::values::{Fit, Host, HostTarget, Pattern};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The routes from one location by pattern, best first where no mailbox decides.
pub(crate) struct Outgoing<'a> {
    by_pattern: BTreeMap<Pattern, Vec<Candidate<'a>>>,
    here: LocationId,
}

#[derive(Clone, Copy)]
struct Candidate<'a> {
    route: &'a Route,
    id: RouteId,
    span: Span,
    is_written_out: bool,
}

impl<'a> Candidate<'a> {
    /// What the language compares; all of these have one pattern.
    fn claim(&self, distance: Option<usize>) -> Claim<'a> {
        Claim {
            fit: Fit::Exact,
            is_written_out: self.is_written_out,
            cost: self.route.cost,
            distance,
            name: &self.route.name,
        }
    }
}

impl<'a> Outgoing<'a> {
    pub(super) fn of(scene: &Scene<'a>) -> Self {
        let mut by_pattern: BTreeMap<Pattern, Vec<Candidate<'a>>> = BTreeMap::new();
        let own = scene.routes.iter().filter(|(_, route)| {
            route.from == Party::Location(scene.id) && route.enabled && !route.only_by_rule
        });
        for (id, route) in own {
            for at in &route.recipients {
                let mut candidate = Candidate {
                    route,
                    id,
                    span: at.span,
                    is_written_out: true,
                };
                if at.pattern != Pattern::AcceptedDomains {
                    let known = by_pattern.entry(at.pattern.clone()).or_default();
                    known.push(candidate);
                    continue;
                }
                candidate.is_written_out = false;
                for pattern in scene.accepted.iter().flat_map(AcceptedDomain::patterns) {
                    by_pattern.entry(pattern).or_default().push(candidate);
                }
            }
        }
        for candidates in by_pattern.values_mut() {
            candidates.sort_by(|a, b| {
                let (a_claim, b_claim) = (a.claim(None), b.claim(None));
                let ordering = LANGUAGE.compare(&a_claim, &b_claim).0;
                ordering.then_with(|| (&a.route.name, a.id).cmp(&(&b.route.name, b.id)))
            });
        }
        Self {
            by_pattern,
            here: scene.id,
        }
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.by_pattern.keys()
    }

    /// The best route for exactly this pattern.
    pub(super) fn best(&self, pattern: &Pattern) -> Option<(RouteId, Span)> {
        let best = self.by_pattern.get(pattern)?.first()?;
        Some((best.id, best.span))
    }

    /// All routes for the most specific pattern that holds everything of a key, best first: a key never stands for more
    /// names than its route does.
    fn matching(&self, key: &Key) -> &[Candidate<'a>] {
        let (name, whole) = match key {
            Key::Address(address) => (address.domain(), false),
            Key::Domain(name) => (name, false),
            Key::Below(base) => (base, true),
        };
        let below = whole.then(|| Pattern::Below(name.clone()));
        // A name itself is no pattern for what is below it.
        let around = Pattern::around(name).skip(usize::from(whole));
        let patterns = below.into_iter().chain(around).chain([Pattern::Any]);
        patterns
            .into_iter()
            .find_map(|pattern| self.by_pattern.get(&pattern))
            .map_or(&[], Vec::as_slice)
    }

    /// The route for mail under a key whose mailbox is at `holder`.
    pub(super) fn toward(
        &self,
        scene: &Scene<'_>,
        key: &Key,
        holder: Option<LocationId>,
    ) -> Option<(RouteId, Span)> {
        let candidates = self.matching(key);
        let first = candidates.first()?;
        let mut best = (first.id, first.span);
        if let ([_, _, ..], Some(holder)) = (candidates, holder) {
            let distances = scene.links.distances(holder, self.here);
            let claims: Vec<Claim<'_>> = candidates
                .iter()
                .map(|candidate| {
                    let to = candidate.route.to.location();
                    candidate.claim(to.and_then(|to| distances.get(&to)).copied())
                })
                .collect();
            let first = LANGUAGE.first(&claims).into_iter().next();
            if let Some(found) = first.and_then(|at| candidates.get(at)) {
                best = (found.id, found.span);
            }
        }
        Some(best)
    }
}

/// Collects the ways out, each once.
#[derive(Default)]
pub(crate) struct Hops {
    list: Vec<Hop>,
    known: BTreeMap<Hop, HopId>,
    /// The SMTP clients that they need.
    pub own_clients: BTreeMap<String, OwnClient>,
    /// The only version of IP that mail leaves over.
    family: Option<Family>,
    /// The certificate that the usual clients show.
    shown_to_all: Option<String>,
}

impl Hops {
    /// None yet, with the services for what no table names, where they are none of every master.cf.
    pub(super) fn over(family: Option<Family>, shown_to_all: Option<String>) -> Self {
        let mut hops = Self {
            family,
            shown_to_all,
            ..Self::default()
        };
        for usual in ["smtp", "relay"] {
            hops.client(
                usual,
                OwnClient {
                    family,
                    ..OwnClient::default()
                },
            );
        }
        hops
    }

    /// The way that a route takes. Relayed mail has a service of its own, so that it does not queue behind what goes out. A
    /// service that the spec names takes what is handed on, not what ends here or waits.
    pub(super) fn of_route(&mut self, scene: &Scene<'_>, id: RouteId, relayed: bool) -> HopId {
        let route = scene.route(id);
        let usual = if relayed { "relay" } else { "smtp" };
        let service = match &route.transport {
            Some(service) => service.clone(),
            None => self.client(
                usual,
                OwnClient {
                    begins_with_tls: match &route.next_hop {
                        NextHop::SmartHosts(hosts) => hosts.iter().all(Host::begins_with_tls),
                        _ => false,
                    },
                    certificate: route
                        .presented(scene.topology)
                        .filter(|name| self.shown_to_all.as_deref() != Some(name))
                        .map(str::to_owned),
                    family: self.family,
                },
            ),
        };
        let service = service.as_str();
        let (service, next_hop) = match (route.to, &route.next_hop) {
            (Party::Discard, _) => ("discard", String::new()),
            (Party::Reject, _) => ("error", "5.7.1 mail for this address is refused".to_owned()),
            // Mail waits: a guess could hand it to the wrong host, and a bounce could not be taken back.
            (_, NextHop::Unknown | NextHop::FactMissing) => {
                ("retry", "4.4.4 the next hop is not known yet".to_owned())
            }
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

    /// The service of a client.
    fn client(&mut self, usual: &str, client: OwnClient) -> String {
        let name = client.service(usual);
        if client != OwnClient::default() {
            self.own_clients.insert(name.clone(), client);
        }
        name
    }

    /// The way to our own mailboxes.
    pub(super) fn of_mailboxes(&mut self, service: &str, next_hop: &str) -> HopId {
        self.add(Hop {
            service: service.to_owned(),
            next_hop: next_hop.to_owned(),
            route: None,
        })
    }

    pub(super) fn into_list(self) -> Vec<Hop> {
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

/// The host that a text of a table names, which need not be written as we write it: without brackets its MX is asked, and the
/// port may be the name of a service.
pub(crate) fn host_at(text: &str) -> Option<Host> {
    let text = text.trim();
    let bare = text.strip_prefix('[');
    let (name, port) = if let Some(rest) = bare {
        let (name, port) = rest.split_once(']')?;
        (name, port.strip_prefix(':').unwrap_or_default())
    } else {
        text.rsplit_once(':').unwrap_or((text, ""))
    };
    let port = match port {
        "" | "smtp" => 25,
        "submission" => 587,
        "smtps" | "submissions" => 465,
        port => port.parse().ok()?,
    };
    let name = name.to_lowercase();
    let name = name.strip_prefix("ipv6:").unwrap_or(&name);
    Some(Host {
        by_mx: bare.is_none(),
        ..Host::new(HostTarget::parse(name).ok()?, port)
    })
}

/// A smart host: in brackets, so that its address is looked up and not its MX, unless that is wanted; and always with its
/// port, because a TLS policy is found under exactly this text.
pub(crate) fn next_hop_text(host: &Host) -> String {
    match &host.target {
        HostTarget::Name(name) if host.by_mx => format!("{name}:{}", host.port),
        HostTarget::Ip(IpAddr::V6(ip)) => format!("[ipv6:{ip}]:{}", host.port),
        target => format!("[{target}]:{}", host.port),
    }
}
