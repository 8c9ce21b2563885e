//! Next hops: which route carries which pattern, how its next hop is spelled, and what TLS it must give.

use super::lower::{Scene, split_service};
use super::{Configuration, Hop, HopId, Key, TlsPolicy, TlsPolicyLevel};
use crate::finding::{Finding, Findings, Object};
use crate::plan::{NextHop, Route, RouteId};
use crate::source::Span;
use crate::topology::{LocationId, Party};
use crate::values::{DomainName, Host, HostTarget, Pattern, TlsLevel};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::IpAddr;

/// What is preferred among routes for one pattern, least first: named itself before `accepted-domains`, written before
/// derived, then cost and name.
type Rank<'a> = (bool, bool, u32, &'a str, RouteId, Span);

/// The routes from one place by pattern, best first.
pub(super) struct Outgoing {
    by_pattern: BTreeMap<Pattern, Vec<(RouteId, Span)>>,
    /// Who can be reached from each location without passing this place, by who is next.
    next: BTreeMap<LocationId, Vec<LocationId>>,
    here: LocationId,
}

impl Outgoing {
    pub fn of(scene: &Scene<'_>) -> Self {
        let mut ranked: BTreeMap<Pattern, Vec<Rank<'_>>> = BTreeMap::new();
        let mut next: BTreeMap<LocationId, Vec<LocationId>> = BTreeMap::new();
        for (index, route) in scene.routes.iter().enumerate() {
            let Some(from) = route.from.location() else {
                continue;
            };
            if !route.enabled || route.only_by_rule {
                continue;
            }
            if let Some(to) = route.to.location() {
                next.entry(from).or_default().push(to);
            }
            if from != scene.id {
                continue;
            }
            let id = RouteId::from_index(index);
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
            next,
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
        let parents = std::iter::successors(domain.parent(), |name| {
            name.split_once('.').map(|(_, parent)| parent)
        });
        let patterns = std::iter::once(Pattern::Exact(domain.clone()))
            .chain(parents.filter_map(|name| Pattern::parse(&format!("*.{name}")).ok()))
            .chain([Pattern::Any]);
        patterns
            .into_iter()
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
                    .and_then(|to| self.distance(to, holder));
                (distance.unwrap_or(usize::MAX), *rank)
            })
            .map(|(_, found)| *found)
    }

    /// Hops from one location to another that do not come back here.
    fn distance(&self, from: LocationId, to: LocationId) -> Option<usize> {
        let mut seen = HashMap::from([(from, 0), (self.here, usize::MAX)]);
        let mut queue = VecDeque::from([(from, 0)]);
        while let Some((at, steps)) = queue.pop_front() {
            if at == to {
                return Some(steps);
            }
            for &next in self.next.get(&at).into_iter().flatten() {
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
pub(super) struct Hops {
    list: Vec<Hop>,
    known: BTreeMap<Hop, HopId>,
}

impl Hops {
    /// The way that a route takes. Relayed mail has a service of its own, so that it does not queue behind what goes out.
    pub fn of_route(&mut self, scene: &Scene<'_>, id: RouteId, relayed: bool) -> HopId {
        let route = scene.route(id);
        let (service, next_hop) = match (route.to, &route.next_hop) {
            (Party::Discard, _) => ("discard", String::new()),
            (Party::Reject, _) => ("error", "5.7.1 mail for this address is refused".to_owned()),
            // Mail waits: a guess could hand it to the wrong host, and a bounce could not be taken back.
            (_, NextHop::Unknown) => ("retry", "4.4.4 the next hop is not known yet".to_owned()),
            (_, NextHop::SmartHosts(hosts)) => (
                if relayed { "relay" } else { "smtp" },
                hosts
                    .iter()
                    .map(next_hop_text)
                    .collect::<Vec<_>>()
                    .join(", "),
            ),
            (_, NextHop::Mx | NextHop::None) => {
                (if relayed { "relay" } else { "smtp" }, String::new())
            }
        };
        let (service, next_hop) = match route.transport.as_deref().map(split_service) {
            Some((service, "")) => (service, next_hop),
            Some((service, written)) => (service, written.to_owned()),
            None => (service, next_hop),
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
pub(super) fn next_hop_text(host: &Host) -> String {
    match &host.target {
        HostTarget::Ip(IpAddr::V6(ip)) => format!("[ipv6:{ip}]:{}", host.port),
        target => format!("[{target}]:{}", host.port),
    }
}

/// One policy for every next hop text that the tables hold, and the credentials they want.
pub(super) fn tls_policies(
    scene: &Scene<'_>,
    outgoing: &Outgoing,
    configuration: &mut Configuration,
    findings: &mut Findings,
) {
    let mut policies = BTreeMap::new();
    let mut raised: BTreeMap<RouteId, TlsLevel> = BTreeMap::new();
    if let Some((route, _)) = outgoing.best(&Pattern::Any)
        && scene.route(route).next_hop == NextHop::Mx
    {
        configuration.default_tls = level(scene, scene.route(route));
    }
    for hop in &configuration.hops {
        let Some(id) = hop.route else { continue };
        let route = scene.route(id);
        if let NextHop::SmartHosts(hosts) = &route.next_hop {
            if !hop.next_hop.starts_with('[') {
                continue;
            }
            for host in hosts {
                let key = next_hop_text(host);
                if let Some(name) = credential(scene, route) {
                    configuration
                        .credentials
                        .insert(key.clone(), name.to_owned());
                }
                add_policy(scene, &mut policies, key, id, Some(host), &mut raised);
            }
        }
    }
    // Without a smart host the next hop is the recipient's domain, and policies are found under its name.
    for (key, entry) in &configuration.transport {
        let hop = configuration.hop(entry.hop);
        let (Some(id), true) = (hop.route, hop.next_hop.is_empty()) else {
            continue;
        };
        if !matches!(hop.service.as_str(), "smtp" | "relay") {
            continue;
        }
        for text in domain_texts(key) {
            add_policy(scene, &mut policies, text, id, None, &mut raised);
        }
    }
    policies.retain(|_, policy| policy.level != configuration.default_tls);
    configuration.needs_authorities = configuration.default_tls == TlsPolicyLevel::Secure
        || policies
            .values()
            .any(|policy| policy.level == TlsPolicyLevel::Secure);
    configuration.tls_policy = policies;
    note_raised(scene, &raised, findings);
    refuse_unnamed(scene, &configuration.tls_policy, findings);
}

/// How a domain key is spelled: in A-labels, and where it differs as people write it (RFC 6531 mail uses both).
fn domain_texts(key: &Key) -> Vec<String> {
    let (dot, name) = match key {
        Key::Address(_) => return Vec::new(),
        Key::Domain(name) => ("", name),
        Key::Below(name) => (".", name),
    };
    let mut texts = vec![format!("{dot}{name}"), format!("{dot}{}", name.unicode())];
    texts.dedup();
    texts
}

fn add_policy(
    scene: &Scene<'_>,
    policies: &mut BTreeMap<String, TlsPolicy>,
    key: String,
    id: RouteId,
    host: Option<&Host>,
    raised: &mut BTreeMap<RouteId, TlsLevel>,
) {
    let route = scene.route(id);
    let level = level(scene, route);
    if route.tls == TlsLevel::CaVerified || level > plain_level(route.tls) {
        raised.insert(id, route.tls);
    }
    let names = if level == TlsPolicyLevel::Secure {
        expected_names(scene, route, host)
    } else {
        Vec::new()
    };
    let policy = policies.entry(key).or_insert(TlsPolicy {
        level,
        names: Vec::new(),
        route: id,
    });
    if level > policy.level {
        policy.level = level;
        policy.route = id;
    }
    // Several routes may share a next hop: the strictest of them holds for all.
    for name in names {
        if !policy.names.contains(&name) {
            policy.names.push(name);
        }
    }
}

fn plain_level(level: TlsLevel) -> TlsPolicyLevel {
    match level {
        TlsLevel::None => TlsPolicyLevel::None,
        TlsLevel::Opportunistic => TlsPolicyLevel::May,
        TlsLevel::Encrypted => TlsPolicyLevel::Encrypt,
        TlsLevel::CaVerified | TlsLevel::Verified => TlsPolicyLevel::Secure,
    }
}

/// The level of a route. A password is never sent in the clear.
fn level(scene: &Scene<'_>, route: &Route) -> TlsPolicyLevel {
    let level = plain_level(route.tls);
    if credential(scene, route).is_some() {
        level.max(TlsPolicyLevel::Encrypt)
    } else {
        level
    }
}

/// The name of the credential that the next hop wants.
fn credential<'a>(scene: &Scene<'a>, route: &'a Route) -> Option<&'a str> {
    let of_party = match route.to {
        Party::Location(id) => scene.topology.location(id).auth.as_ref(),
        Party::Partner(id) => scene.topology.partner(id).auth.as_ref(),
        _ => None,
    };
    route
        .auth
        .as_deref()
        .or_else(|| of_party.map(|at| at.value.as_str()))
}

/// The names of which the certificate of the next hop must hold one.
fn expected_names(scene: &Scene<'_>, route: &Route, host: Option<&Host>) -> Vec<String> {
    let host = host
        .and_then(Host::name)
        .map(|name| name.as_str().to_owned());
    let certificate = match route.to {
        Party::Location(id) => {
            let location = scene.topology.location(id);
            if let (Some(tenant), Some(host)) = (location.tenant(), &host) {
                let suffix = tenant.environment.mx_suffix();
                if host.ends_with(suffix) {
                    return vec![suffix.trim_start_matches('.').to_owned(), suffix.to_owned()];
                }
            }
            location.certificate.as_ref()
        }
        Party::Partner(id) => scene.topology.partner(id).certificate.as_ref(),
        _ => None,
    };
    let Some(certificate) = certificate else {
        return host.into_iter().collect();
    };
    certificate
        .names
        .iter()
        .map(|at| match (at.value.strip_prefix('*'), &host) {
            // A wildcard certificate stands for the host itself, and not for its neighbours.
            (Some(suffix), Some(host)) if host.ends_with(suffix) => host.clone(),
            (Some(suffix), _) => suffix.to_owned(),
            (None, _) => at.value.clone(),
        })
        .collect()
}

fn note_raised(scene: &Scene<'_>, raised: &BTreeMap<RouteId, TlsLevel>, findings: &mut Findings) {
    for (id, level_written) in raised {
        let route = scene.route(*id);
        let (to, why) = match level(scene, route) {
            TlsPolicyLevel::Secure => (
                "verified",
                "Postfix cannot check the authority of a certificate without its name",
            ),
            _ => ("encrypted", "a password must not be sent in the clear"),
        };
        findings.push(
            Finding::note(
                "X011",
                format!(
                    "the TLS level `{level_written}` of `{}` is raised to `{to}`: {why}",
                    route.name
                ),
            )
            .at(route.origin.span(), "demanded here")
            .on(Object::Route(route.name.clone()))
            .help(format!("write `tls: {to}`")),
        );
    }
}

/// A certificate that is checked needs a name to be checked for; an address alone gives none.
fn refuse_unnamed(
    scene: &Scene<'_>,
    policies: &BTreeMap<String, TlsPolicy>,
    findings: &mut Findings,
) {
    for (key, policy) in policies {
        if policy.level < TlsPolicyLevel::Secure || !policy.names.is_empty() {
            continue;
        }
        let route = scene.route(policy.route);
        findings.push(
            Finding::error(
                "T002",
                format!("no name is known for the certificate of `{key}`, so all mail of `{}` would wait", route.name),
            )
            .at(route.origin.span(), "demands that the certificate is checked")
            .on(Object::Route(route.name.clone()))
            .help("name the `certificate` of the receiving end"),
        );
    }
}
