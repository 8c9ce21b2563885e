//! Gateways and servers of other makes: nobody's objects describe them, so the spec's statements about them do.

use crate::mail::{Answer, Client, Mail, Move, Session};
use crate::names::{certifies, domain_of, holds, is_below, nearness};
use crate::simulate::{by_mx, deliver, session_from, to_hosts};
use crate::world::{World, host_text};
use mailtopo::testing::routes::{NextHop, Recognition, Route};
use mailtopo::testing::topology::{AcceptedType, Directory, LocationId, Party, Sends};
use mailtopo::testing::values::{Pattern, TlsLevel};
use std::cmp::Reverse;

fn accepted(world: &World<'_>, here: usize, domain: &str) -> Option<AcceptedType> {
    let accepted = &world.plan.place(world.places[here].id).accepted;
    accepted
        .iter()
        .find(|known| known.domain.as_str() == domain)
        .or_else(|| {
            accepted
                .iter()
                .filter(|known| known.subdomains && is_below(domain, known.domain.as_str()))
                .max_by_key(|known| known.domain.as_str().len())
        })
        .map(|known| known.kind)
}

/// What the place says to a connection.
pub(crate) fn answer(world: &World<'_>, here: usize, session: &Session, mail: &Mail) -> Answer {
    let mut mail = mail.clone();
    mail.from_premises = false;
    let domain = domain_of(&mail.recipient);
    mail.known = matches!(session.client, Client::Place(_));
    let level = demanded(world, here, session);
    if level > TlsLevel::None && session.tls == TlsLevel::None {
        return None;
    }
    match accepted(world, here, domain) {
        Some(AcceptedType::Authoritative) if !knows(world, here, &mail) => return None,
        Some(_) if !world.places[here].is_gateway || mail.home == Some(world.places[here].id) => {
            return Some((mail, level));
        }
        _ => {}
    }
    if world.places[here].is_gateway {
        // How mail leaves for a partner says nothing about who may bring it.
        let forwards = world.places[here].routes.iter().any(|route| {
            let leads_on = route.enabled && !route.only_by_rule;
            leads_on
                && !matches!(route.to, Party::Partner(_))
                && route.recipients.iter().any(|at| match &at.pattern {
                    Pattern::AcceptedDomains => nearness_of_accepted(world, here, domain).is_some(),
                    pattern => holds(pattern, domain),
                })
        });
        // What one of ours hands over that it knows, it passes on, whatever the route is for.
        let ours = is_known_place(world, here, session) || may_relay(world, here, session, domain);
        return (ours || forwards).then_some((mail, level));
    }
    may_relay(world, here, session, domain).then_some((mail, level))
}

/// A route to here by which the sender is known, and that is for the domain; who sends through this place, or is a partner
/// with that right, needs no more than to be known.
fn may_relay(world: &World<'_>, here: usize, session: &Session, domain: &str) -> bool {
    let to_here = Party::Location(world.places[here].id);
    world.plan.routes.iter().any(|route| {
        route.enabled
            && route.to == to_here
            && (has_the_right(world, here, route)
                || route.recipients.iter().any(|at| holds(&at.pattern, domain)))
            && is_recognized(route, session)
    })
}

/// The TLS that the entries ask for which know the sender.
fn demanded(world: &World<'_>, here: usize, session: &Session) -> TlsLevel {
    let to_here = Party::Location(world.places[here].id);
    let routes = world.plan.routes.iter();
    routes
        .filter(|route| route.enabled && route.to == to_here && is_recognized(route, session))
        .map(|route| route.tls)
        .min()
        .filter(|level| *level > TlsLevel::Opportunistic)
        .unwrap_or(TlsLevel::None)
}

/// Whether an entry for what comes over a route from one of our places knows the sender.
fn is_known_place(world: &World<'_>, here: usize, session: &Session) -> bool {
    let to_here = Party::Location(world.places[here].id);
    world.plan.routes.iter().any(|route| {
        route.enabled
            && route.to == to_here
            && matches!(route.from, Party::Location(_))
            && is_recognized(route, session)
    })
}

/// Whether the sender shows what the entry looks for.
fn is_recognized(route: &Route, session: &Session) -> bool {
    match &route.accepted_by {
        Recognition::Certificate(_) if session.tls == TlsLevel::None => false,
        Recognition::Certificate(wanted) => session
            .certificate
            .iter()
            .any(|name| name == wanted || certifies(wanted, name)),
        Recognition::Addresses(networks) => crate::names::any_contains(networks, session.address),
        Recognition::Nothing => false,
    }
}

fn has_the_right(world: &World<'_>, here: usize, route: &Route) -> bool {
    match route.from {
        Party::Location(from) => {
            let sends = world.topology().location(from).sends.value;
            matches!(sends, Sends::Via(via) if via == world.places[here].id)
        }
        Party::Partner(partner) => world.topology().partner(partner).relays,
        _ => false,
    }
}

fn knows(world: &World<'_>, here: usize, mail: &Mail) -> bool {
    mail.home == Some(world.places[here].id)
        || (mail.home.is_some() && world.knows_everybody(here, domain_of(&mail.recipient)))
}

/// How near `accepted-domains` is to a name: as the name where it is accepted, else as the wildcard below the longest domain
/// that is accepted with its subdomains.
fn nearness_of_accepted(world: &World<'_>, here: usize, domain: &str) -> Option<usize> {
    let accepted = &world.plan.place(world.places[here].id).accepted;
    if accepted.iter().any(|known| known.domain.as_str() == domain) {
        return Some(usize::MAX);
    }
    let around = accepted
        .iter()
        .filter(|known| known.subdomains && is_below(domain, known.domain.as_str()));
    around.map(|known| known.domain.as_str().len()).max()
}

/// How near a pattern is, whether it is written out, and the cost, best last.
type Rank = (usize, bool, Reverse<u32>);

/// The routes that win, which may be several: the nearest pattern, what is written before `accepted-domains`, the lowest
/// cost, and of these the fewest places to the mailbox. `None` where none matches.
fn best_routes<'a>(world: &World<'a>, here: usize, mail: &Mail) -> Option<Vec<&'a Route>> {
    let domain = domain_of(&mail.recipient);
    let mut found: Vec<(Rank, &Route)> = Vec::new();
    for route in &world.places[here].routes {
        if !route.enabled || route.only_by_rule {
            continue;
        }
        for at in &route.recipients {
            let near = match &at.pattern {
                Pattern::AcceptedDomains => nearness_of_accepted(world, here, domain),
                pattern => holds(pattern, domain).then(|| nearness(pattern)),
            };
            let written = at.pattern != Pattern::AcceptedDomains;
            if let Some(near) = near {
                found.push(((near, written, Reverse(route.cost)), route));
            }
        }
    }
    let best = found.iter().map(|(rank, _)| *rank).max()?;
    let mut routes: Vec<&Route> = Vec::new();
    for (rank, route) in found {
        if rank == best && !routes.iter().any(|known| std::ptr::eq(*known, route)) {
            routes.push(route);
        }
    }
    let directory = world.topology().location(world.places[here].id).directory;
    let knows = directory.is_none_or(|at| at.value == Directory::Complete);
    if let Some(home) = mail.home.filter(|_| knows) {
        let far = |route: &Route| places_between(world, here, route, home);
        let least = routes.iter().map(|route| far(route)).min()?;
        routes.retain(|route| far(route) == least);
    }
    Some(routes)
}

/// How many places lie on the shortest way from the end of a route to a mailbox, without coming back here.
fn places_between(world: &World<'_>, here: usize, route: &Route, home: LocationId) -> usize {
    let Party::Location(first) = route.to else {
        return usize::MAX;
    };
    let mut passed = vec![world.places[here].id];
    let mut now = vec![first];
    let mut steps = 0;
    while !now.is_empty() {
        if now.contains(&home) {
            return steps;
        }
        passed.extend(&now);
        let mut next: Vec<LocationId> = Vec::new();
        for route in world
            .plan
            .routes
            .iter()
            .filter(|r| r.enabled && !r.only_by_rule)
        {
            if let (Party::Location(from), Party::Location(to)) = (route.from, route.to)
                && now.contains(&from)
                && !passed.contains(&to)
                && !next.contains(&to)
            {
                next.push(to);
            }
        }
        now = next;
        steps += 1;
    }
    usize::MAX
}

/// A place that rewrites senders puts one of its bounce domain in the place of any, and one that nobody knows without it.
fn rewritten(world: &World<'_>, here: usize, mail: &Mail) -> Mail {
    let mut mail = mail.clone();
    let location = world.topology().location(world.places[here].id);
    if location.rewrites_sender.is_some_and(|at| at.value) && !mail.sender.is_empty() {
        let domain = location.bounce_domain.as_ref().map(|at| at.value.as_str());
        mail.sender = format!("bounce@{}", domain.unwrap_or("elsewhere.example"));
    }
    mail
}

/// What the place does with a message that it holds.
pub(crate) fn moves(world: &World<'_>, here: usize, mail: &Mail) -> Vec<Move> {
    let place = &world.places[here];
    let mail = &rewritten(world, here, mail);
    if mail.home == Some(place.id) {
        return deliver(world, here, mail);
    }
    let kind = accepted(world, here, domain_of(&mail.recipient));
    if kind == Some(AcceptedType::Authoritative) && !knows(world, here, mail) {
        return vec![Move::End(format!("bounced {}", place.name))];
    }
    let Some(routes) = best_routes(world, here, mail) else {
        return by_mx(
            world,
            here,
            mail,
            &session_from(world, here, TlsLevel::Opportunistic),
            &[],
        );
    };
    routes
        .into_iter()
        .flat_map(|route| over(world, here, route, mail))
        .collect()
}

fn over(world: &World<'_>, here: usize, route: &Route, mail: &Mail) -> Vec<Move> {
    let place = &world.places[here];
    match (&route.to, &route.next_hop) {
        (Party::Discard, _) => vec![Move::End(format!("discarded {}", place.name))],
        (Party::Reject, _) => vec![Move::End(format!("bounced {}", place.name))],
        (_, NextHop::SmartHosts(hosts)) => {
            let hosts: Vec<String> = hosts.iter().map(host_text).collect();
            let session = session_from(world, here, route.tls);
            to_hosts(world, here, &hosts, &session, &[], mail)
        }
        // The administrator of the place will have been told what we do not know yet.
        (Party::Location(to), NextHop::Unknown | NextHop::FactMissing) => vec![Move::Go {
            place: to.index(),
            session: session_from(world, here, route.tls),
            expects: Vec::new(),
            mail: mail.clone(),
        }],
        (_, NextHop::Unknown | NextHop::FactMissing) => {
            vec![Move::End(format!("deferred {}", place.name))]
        }
        (_, NextHop::Mx | NextHop::None) => by_mx(
            world,
            here,
            mail,
            &session_from(world, here, route.tls),
            &[],
        ),
    }
}
