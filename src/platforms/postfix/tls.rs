//! TLS and logins by next hop: what each must give, and which credential it wants.

use crate::finding::{Code, Finding, Findings, Object};
use crate::platforms::postfix::hops::{Outgoing, next_hop_text};
use crate::platforms::postfix::lower::Scene;
use crate::platforms::postfix::{Agent, Configuration, Demands, Key, TlsPolicy, TlsPolicyLevel};
use crate::routes::{NextHop, Route, RouteId};
use crate::topology::Party;
use crate::values::{Host, Pattern, TlsLevel};
use std::collections::{BTreeMap, BTreeSet};

/// One policy for every next hop text that the tables hold, and the credentials they want.
pub(crate) fn tls_policies(
    scene: &Scene<'_>,
    outgoing: &Outgoing<'_>,
    configuration: &mut Configuration,
    findings: &mut Findings,
) {
    let mut smtp = Demands::default();
    // Without a policy the level is the host's own, which is none if it says nothing.
    let mut lmtp = Demands {
        default: TlsPolicyLevel::None,
        ..Demands::default()
    };
    let mut raised: BTreeMap<RouteId, TlsLevel> = BTreeMap::new();
    let mut logins: BTreeMap<String, (&str, RouteId)> = BTreeMap::new();
    let mut asked: Vec<(Agent, String, RouteId)> = Vec::new();
    if let Some((route, _)) = outgoing.best(&Pattern::Any)
        && scene.route(route).next_hop == NextHop::Mx
    {
        smtp.default = level(scene, scene.route(route));
    }
    for hop in &configuration.hops {
        let Some(id) = hop.route else { continue };
        let route = scene.route(id);
        let NextHop::SmartHosts(hosts) = &route.next_hop else {
            continue;
        };
        let agent = Agent::of(&hop.service);
        let demands = match agent {
            Agent::Smtp => &mut smtp,
            Agent::Lmtp => &mut lmtp,
        };
        for host in hosts {
            let key = next_hop_text(host);
            asked.push((agent, key.clone(), id));
            if let Some(name) = credential(scene, route) {
                let known = logins.entry(key.clone()).or_insert((name, id));
                if known.0 != name {
                    findings.push(two_logins(scene, &key, *known, (name, id)));
                }
                demands.credentials.insert(key.clone(), known.0.to_owned());
            }
            add_policy(scene, demands, key, id, Some(host), &mut raised);
        }
    }
    // Without a smart host the next hop is the recipient's domain, and policies are found under its name.
    for (key, entry) in &configuration.transport {
        let hop = configuration.hop(entry.hop);
        let Some(id) = hop.route else { continue };
        if scene.route(id).next_hop != NextHop::Mx || !hop.next_hop.is_empty() {
            continue;
        }
        for text in domain_texts(key) {
            add_policy(scene, &mut smtp, text, id, None, &mut raised);
        }
    }
    note_shared(scene, &asked, (&smtp, &lmtp), findings);
    refuse_by_sender(scene, configuration, smtp.default, findings);
    leave_out_the_default(&mut smtp);
    note_raised(scene, &raised, findings);
    refuse_unnamed(scene, &smtp.policies, findings);
    refuse_unnamed(scene, &lmtp.policies, findings);
    (configuration.smtp, configuration.lmtp) = (smtp, lmtp);
}

/// What is demanded of everybody needs no policy, but for a name below one of whose other names below something else is
/// demanded.
fn leave_out_the_default(demands: &mut Demands) {
    let different: BTreeSet<String> = demands
        .policies
        .iter()
        .filter(|(_, policy)| policy.level != demands.default)
        .map(|(key, _)| key.clone())
        .collect();
    demands.policies.retain(|key, _| {
        let mut above = key.match_indices('.').map(|(at, _)| &key[at..]);
        different.contains(key) || above.any(|parent| different.contains(parent))
    });
}

/// How a domain key is spelled: mail with SMTPUTF8 (RFC 6531) has U-labels, and the client looks for the name as it is.
fn domain_texts(key: &Key) -> Vec<String> {
    let (dot, name) = match key {
        Key::Address(_) => return Vec::new(),
        Key::Domain(name) => ("", name),
        Key::Below(name) => (".", name),
    };
    name.spellings()
        .map(|spelling| [dot, &spelling].concat())
        .collect()
}

fn add_policy(
    scene: &Scene<'_>,
    demands: &mut Demands,
    key: String,
    id: RouteId,
    host: Option<&Host>,
    raised: &mut BTreeMap<RouteId, TlsLevel>,
) {
    let route = scene.route(id);
    let mut level = level(scene, route);
    if host.is_some_and(Host::begins_with_tls) {
        level = level.max(TlsPolicyLevel::Encrypt);
    }
    if route.tls == TlsLevel::CaVerified || level > plain_level(route.tls) {
        raised.insert(id, route.tls);
    }
    let names = if level == TlsPolicyLevel::Secure {
        expected_names(scene, route, host)
    } else {
        Vec::new()
    };
    let policy = demands.policies.entry(key).or_insert(TlsPolicy {
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
    let is_by_mx = host.is_some_and(|host| host.by_mx);
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
        // Its exchangers have names of their own, which stand below it.
        let below = host.iter().filter(|_| is_by_mx);
        let below: Vec<String> = below.map(|name| format!(".{name}")).collect();
        return host.into_iter().chain(below).collect();
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
            _ if credential(scene, route).is_some() => {
                ("encrypted", "a password must not be sent in the clear")
            }
            _ => ("encrypted", "port 465 has TLS from the first byte"),
        };
        findings.push(
            Finding::note(
                Code::X011,
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

/// Levels are kept by next hop: the strictest of the routes that share one holds for all of them.
fn note_shared(
    scene: &Scene<'_>,
    asked: &[(Agent, String, RouteId)],
    (smtp, lmtp): (&Demands, &Demands),
    findings: &mut Findings,
) {
    let mut said: BTreeSet<RouteId> = BTreeSet::new();
    for (agent, key, id) in asked {
        let demands = match agent {
            Agent::Smtp => smtp,
            Agent::Lmtp => lmtp,
        };
        let Some(policy) = demands.policies.get(key) else {
            continue;
        };
        let (route, other) = (scene.route(*id), scene.route(policy.route));
        let is_raised = other.tls > route.tls && other.enabled;
        if !is_raised || !said.insert(*id) {
            continue;
        }
        findings.push(
            Finding::note(
                Code::X011,
                format!(
                    "the TLS level `{}` of `{}` is raised to `{}`: `{}` has the same next hop `{key}`, and Postfix keeps levels by next hop",
                    route.tls, route.name, other.tls, other.name
                ),
            )
            .at(route.origin.span(), "demands less")
            .at(other.origin.span(), "demands more")
            .on(Object::Route(route.name.clone()))
            .help(format!("write the same `tls` at both, or give one of them another name or port of `{}`", scene.topology.party_name(route.to))),
        );
    }
}

/// Two routes with one next hop that log on with different names.
fn two_logins(
    scene: &Scene<'_>,
    key: &str,
    (first, one): (&str, RouteId),
    (second, two): (&str, RouteId),
) -> Finding {
    let (one, two) = (scene.route(one), scene.route(two));
    Finding::error(
        Code::X017,
        format!(
            "`{}` and `{}` have the same next hop `{key}` and log on as `{first}` and as `{second}`: Postfix keeps logins by next hop, so all of it would log on as `{first}`",
            one.name, two.name
        ),
    )
    .at(two.origin.span(), format!("logs on as `{second}`"))
    .at(one.origin.span(), format!("logs on as `{first}`"))
    .on(Object::Route(two.name.clone()))
    .help("write the same `auth` at both, or give one of them another name or port of the host")
}

/// Who follows the MX has the recipient's domain for a next hop, whoever the sender is: there is no key under which a rule
/// for a sender could demand more than is demanded of everybody.
fn refuse_by_sender(
    scene: &Scene<'_>,
    configuration: &Configuration,
    default: TlsPolicyLevel,
    findings: &mut Findings,
) {
    let ways = configuration.sender_relay.values().flatten();
    let routes: BTreeSet<RouteId> = ways
        .map(|entry| configuration.hop(entry.hop))
        .filter(|hop| hop.next_hop.is_empty())
        .filter_map(|hop| hop.route)
        .collect();
    for route in routes.into_iter().map(|id| scene.route(id)) {
        if route.next_hop != NextHop::Mx || level(scene, route) <= default {
            continue;
        }
        findings.push(
            Finding::error(
                Code::T002,
                format!(
                    "Postfix keeps TLS levels by next hop, which is the recipient's domain for `{}`, so mail that a rule gives to it would have no more than all other mail",
                    route.name
                ),
            )
            .at(route.origin.span(), format!("demands `{}`", route.tls))
            .on(Object::Route(route.name.clone()))
            .help("name `smart_hosts`, or write the same `tls` at a route for `*`"),
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
                Code::T002,
                format!("no name is known for the certificate of `{key}`, so all mail of `{}` would wait", route.name),
            )
            .at(route.origin.span(), "demands that the certificate is checked")
            .on(Object::Route(route.name.clone()))
            .help("name the `certificate` of the receiving end"),
        );
    }
}
