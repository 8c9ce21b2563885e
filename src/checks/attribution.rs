//! Which check speaks of mail that goes astray, where one knows a better reason than that it does.
//!
//! A domain without a route may be one that the hybrid connector forgot, or one whose route is switched off: who mends
//! the spec wants to hear that, and hear it once.

use crate::checks::a::a009_wildcard_over_own_subdomain::given_away;
use crate::checks::a::a012_restrict_vs_allow_partner::clashes;
use crate::checks::d::d004_scoped_without_rule::is_without_rule;
use crate::checks::h::h003_cmt_without_onprem_egress::exit;
use crate::dns::routing::preferences;
use crate::finding::Code;
use crate::plan::Plan;
use crate::routes::Route;
use crate::topology::{LocationId, Party};
use crate::values::{Address, Pattern, TlsLevel};
use crate::walk::{Cause, ClassKind, Evidence, Fault, FaultKind, Flows, TlsFailure, Unshown, Way};

/// The speaker for a fault whose reason the usual check of its kind does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Speaker {
    /// This check.
    Check(Code),
    /// No check: what is said of the same route already is the reason.
    Nobody,
}

/// The speaker that knows the reason of a fault, where there is one.
pub(super) fn claim(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> Option<Speaker> {
    if evidence.way.claimed.is_some() {
        return Some(Speaker::Check(Code::T007));
    }
    if let Some((route, _)) = swallowed(flows, fault, evidence) {
        let is_partner = matches!(fault.party, Some(Party::Partner(_)));
        if is_partner {
            return Some(Speaker::Check(Code::A008));
        }
        if takes_a_partner(flows, route) {
            return Some(Speaker::Nobody);
        }
    }
    // A wildcard for a partner that takes our own mail is the reason (A009).
    let is_given_away = || given_away(flows, &evidence.to, &evidence.way).is_some();
    if fault.kind == FaultKind::Lost && fault.home.is_some() && is_given_away() {
        return Some(Speaker::Nobody);
    }
    if fault.kind == FaultKind::OwnNameLost && is_lost_by_its_address(flows, evidence) {
        return Some(Speaker::Nobody);
    }
    if is_lost_under_another_name(flows, fault, evidence)
        || is_not_known_at_home(flows, fault, evidence)
    {
        return Some(Speaker::Nobody);
    }
    if is_said_of_certificate(flows, fault) {
        return Some(Speaker::Check(Code::T005));
    }
    if let Some(code) = unrecognized(flows, fault, evidence) {
        return Some(Speaker::Check(code));
    }
    if is_shut_out(flows, fault) {
        return Some(Speaker::Check(Code::A012));
    }
    if is_forwarded_detour(flows, fault, evidence) {
        return Some(Speaker::Nobody);
    }
    if let Some(spare) = other_exchanger(flows, fault, evidence) {
        return Some(if spare.is_spare {
            Speaker::Check(Code::G010)
        } else {
            Speaker::Check(Code::A013)
        });
    }
    if disabled(flows, fault, evidence).is_some() {
        return Some(Speaker::Check(Code::D003));
    }
    if takes_by_rule_alone(flows, fault, evidence) {
        return Some(Speaker::Nobody);
    }
    if hybrid_route(flows, fault, evidence).is_some() {
        return Some(Speaker::Check(Code::H001));
    }
    is_one_direction(flows, fault, evidence).then_some(Speaker::Check(Code::G005))
}

const fn is_without_route(fault: &Fault) -> bool {
    matches!(
        fault.kind,
        FaultKind::NoRoute | FaultKind::FollowsMx | FaultKind::NoConnector | FaultKind::OwnMx
    )
}

/// Whether L006 speaks of the same senders' mail for mailboxes that are reached under one of these names.
fn is_lost_by_its_address(flows: &Flows<'_>, evidence: &Evidence) -> bool {
    let names = flows.region(evidence);
    flows.faults.iter().any(|(fault, other)| {
        let reached = other.way.recipient.as_ref().map(|to| to.domain().as_str());
        fault.kind == FaultKind::RoutingDomain
            && reached.is_some_and(|reached| names.iter().any(|name| name == reached))
            && evidence.senders.is_subset(&other.senders)
    })
}

/// Whether mail that is sent on under another name of ours is lost where all mail for that name is, of which its own
/// finding speaks.
fn is_lost_under_another_name(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> bool {
    let name = evidence.way.sent_on(evidence.to.domain());
    let name = name.filter(|_| fault.kind == FaultKind::RoutingDomain);
    name.is_some_and(|name| {
        flows.faults.iter().any(|(other, shows)| {
            is_without_route(other)
                && other.at == fault.at
                && flows.region(shows).iter().any(|one| one == name.as_str())
        })
    })
}

/// Whether mail has left the location with the mailboxes because that does not accept their domain, of which G003 speaks.
fn is_not_known_at_home(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> bool {
    let Some(home) = fault.home.filter(|home| fault.at != Some(*home)) else {
        return false;
    };
    let first = &evidence.way.hops.first().map(|hop| hop.at.as_str());
    let is_home = *first == Some(flows.model.plan.topology.location(home).name.as_str());
    is_without_route(fault)
        && is_home
        && flows.faults.iter().any(|(other, shows)| {
            other.kind == FaultKind::NotAccepted
                && other.at == Some(home)
                && other.home == Some(home)
                && shows.to.domain() == evidence.to.domain()
        })
}

/// Whether it is forwarded mail that makes the detour of centralized transport, which H004 speaks of.
fn is_forwarded_detour(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> bool {
    let way = &evidence.way;
    let recipient = way.recipient.as_ref().map(Address::domain);
    let mut places = way.places.iter();
    fault.kind == FaultKind::ForwardLost
        && way.end.cause == Cause::NotAccepted
        && recipient.is_some_and(|name| name != evidence.to.domain())
        && places.any(|&at| exit(flows.model.plan, at).map(|(_, exit)| exit) == fault.at)
}

/// Whether a certificate that nobody trusts is checked on a route to where the mail does not get.
fn is_said_of_certificate(flows: &Flows<'_>, fault: &Fault) -> bool {
    let receiver = fault.party.or(fault.at.map(Party::Location));
    let mut routes = flows.model.plan.routes.iter();
    fault.kind == FaultKind::Unverifiable(TlsFailure::Untrusted)
        && routes.any(|route| {
            route.enabled && Some(route.to) == receiver && route.tls >= TlsLevel::CaVerified
        })
}

/// The check that speaks of the certificate which a place expects of whoever it refuses, and which is not shown to it.
fn unrecognized(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> Option<Code> {
    let refused = matches!(
        evidence.way.end.cause,
        Cause::NotAccepted | Cause::NotAllowed | Cause::Restricted | Cause::NotForwarded
    );
    // Mail that makes the detour again is refused at its end because it should not be there.
    if !refused || fault.kind == FaultKind::DetourAgain {
        return None;
    }
    let mut places = evidence.way.places.iter().rev().copied();
    let at = places.next()?;
    // Where the mailboxes are, the location must accept the domain, whoever brings the mail.
    if fault.kind == FaultKind::NotAccepted && fault.home == Some(at) {
        return None;
    }
    let from = places.next().map(Party::Location).or(fault.party)?;
    let why = flows.model.unshown(from, at);
    // What has a mailbox with us ought to be accepted, so that nobody has to relay it.
    let why = why.filter(|why| *why != Unshown::NotAccepted || fault.home.is_none());
    why.map(|why| match why {
        Unshown::Name => Code::T003,
        Unshown::Issuer => Code::T005,
        Unshown::Date => Code::T006,
        Unshown::NotAccepted => Code::T007,
        Unshown::OnlyIpv6 => Code::R010,
    })
}

/// Whether a partner is refused where the connector that knows it gives way to one that restricts.
fn is_shut_out(flows: &Flows<'_>, fault: &Fault) -> bool {
    let (FaultKind::PartnerRefused, Some(at), Some(Party::Partner(id))) =
        (fault.kind, fault.at, fault.party)
    else {
        return false;
    };
    let mut clashes = clashes(flows.model.plan, at).into_iter();
    clashes.any(|clash| clash.partner == id)
}

/// Whether a partner's mail is lost on this route too.
fn takes_a_partner(flows: &Flows<'_>, route: &Route) -> bool {
    flows.faults.iter().any(|(fault, evidence)| {
        let is_partner = matches!(fault.party, Some(Party::Partner(_)));
        let taken = swallowed(flows, fault, evidence);
        is_partner && taken.is_some_and(|(other, _)| other.name == route.name)
    })
}

/// The route of ours, for a wildcard or for all accepted domains, that takes mail of others to where it is lost.
pub(super) fn swallowed<'a>(
    flows: &Flows<'a>,
    fault: &Fault,
    evidence: &Evidence,
) -> Option<(&'a Route, &'a Pattern)> {
    let is_partner = matches!(fault.party, Some(Party::Partner(_)));
    let lost = fault.kind == FaultKind::Lost || (is_partner && fault.kind == FaultKind::Loop);
    if !lost || fault.home.is_some() {
        return None;
    }
    let plan = flows.model.plan;
    let name = evidence.to.domain();
    // A route that was made for the names of the partner takes what it is for.
    let of_partner = |pattern: &Pattern| match fault.party {
        Some(Party::Partner(id)) => {
            let domains = &plan.topology.partner(id).domains;
            domains.iter().any(|at| at.value == *pattern)
        }
        _ => false,
    };
    evidence.way.hops.iter().find_map(|hop| {
        let by = hop.by.strip_prefix("route:")?;
        let (_, route) = plan.routes().find(|(_, route)| route.name == by)?;
        let from = route.from.location()?;
        route.to.location()?;
        let pattern = &flows.model.pattern_for(from, route, name)?.pattern;
        let is_ours = matches!(pattern, Pattern::Below(_) | Pattern::AcceptedDomains);
        (is_ours && !of_partner(pattern)).then_some((route, pattern))
    })
}

/// An exchanger that works while the one that mail entered at does not.
pub(super) struct OtherExchanger {
    /// The one that works.
    pub works: LocationId,
    /// The one that fails.
    pub fails: LocationId,
    /// The one that fails is tried later only.
    pub is_spare: bool,
}

/// The exchanger that works, where strangers' mail for mailboxes is lost at another one alone.
pub(super) fn other_exchanger(
    flows: &Flows<'_>,
    fault: &Fault,
    evidence: &Evidence,
) -> Option<OtherExchanger> {
    let fails = entry(&evidence.way)?;
    if fault.home.is_none() || evidence.senders.iter().any(|sender| sender != "internet") {
        return None;
    }
    let preferences = preferences(flows.model.plan, evidence.to.domain());
    let own = *preferences.get(&fails)?;
    let flow = flows.to(Party::Internet, |class| class.witness == evidence.to)?;
    let ways = |at: LocationId| {
        let ways = flow.trace.ways.iter();
        ways.filter(move |way| !way.bypass && entry(way) == Some(at))
    };
    let works = preferences.iter().find(|(at, preference)| {
        **at != fails
            && **preference <= own
            && ways(**at).next().is_some()
            && ways(**at).all(|way| way.end.ends.arrives() && way.gap.is_none())
    });
    works.map(|(&works, &preference)| OtherExchanger {
        works,
        fails,
        is_spare: preference < own,
    })
}

/// The place where mail comes in by the MX.
fn entry(way: &Way) -> Option<LocationId> {
    let by_mx = way.hops.first()?.by.starts_with("mx ");
    by_mx.then(|| way.places.first().copied()).flatten()
}

/// A route that would take the mail, and is switched off.
pub(super) fn disabled<'a>(
    flows: &Flows<'a>,
    fault: &Fault,
    evidence: &Evidence,
) -> Option<&'a Route> {
    idle(flows, fault, evidence, |route| !route.enabled)
}

/// Whether a route would take the mail that waits for a rule which there is not (D004).
fn takes_by_rule_alone(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> bool {
    let topology = &flows.model.plan.topology;
    let written = |route: &Route| {
        let mut routes = topology.routes.iter();
        routes.position(|other| other.span == route.origin.span())
    };
    let waits = |route: &Route| written(route).is_some_and(|at| is_without_rule(topology, at));
    idle(flows, fault, evidence, waits).is_some()
}

/// A route that would take the mail if it took any.
fn idle<'a>(
    flows: &Flows<'a>,
    fault: &Fault,
    evidence: &Evidence,
    takes_none: impl Fn(&Route) -> bool,
) -> Option<&'a Route> {
    let name = evidence.to.domain();
    let takes_none = &takes_none;
    let off = |at: LocationId| {
        let routes = flows.model.routes_from(at).iter().map(|(_, route)| *route);
        routes.filter(move |route| {
            takes_none(route) && flows.model.pattern_for(at, route, name).is_some()
        })
    };
    let is_stopped = is_without_route(fault) || fault.kind == FaultKind::NotForwarded;
    if let Some(at) = fault.at.filter(|_| is_stopped) {
        return off(at).next();
    }
    // Another route takes the mail to a place where it is lost.
    let home = Party::Location(fault.home?);
    let mut places = evidence.way.places.iter().copied();
    let astray = matches!(
        fault.kind,
        FaultKind::NotAccepted | FaultKind::Loop | FaultKind::Lost
    );
    places.find_map(|at| off(at).find(|route| astray && route.to == home))
}

/// The hybrid route that leads to the mailboxes of a split domain, and does not name it.
pub(super) fn hybrid_route<'a>(
    flows: &Flows<'a>,
    fault: &Fault,
    evidence: &Evidence,
) -> Option<&'a Route> {
    let (at, home) = (fault.at.filter(|_| is_without_route(fault))?, fault.home?);
    let topology = &flows.model.plan.topology;
    let domain = topology.domain(topology.domain_named(evidence.to.domain())?);
    if !domain.holder_ids().any(|holder| holder == at) {
        return None;
    }
    let routes = flows.model.routes_from(at).iter().copied();
    routes.map(|(_, route)| route).find(|route| {
        let open = route.enabled && !route.only_by_rule;
        open && route.hybrid_headers && route.to == Party::Location(home)
    })
}

/// The route between two locations that is for a name.
pub(super) fn route_for<'p>(
    plan: &'p Plan,
    from: LocationId,
    to: LocationId,
    name: &str,
) -> Option<&'p Route> {
    plan.routes.iter().find(|route| {
        let mut patterns = route.recipients.iter().map(|it| it.pattern.to_string());
        route.enabled
            && route.from.location() == Some(from)
            && route.to.location() == Some(to)
            && patterns.any(|pattern| pattern == name)
    })
}

/// Whether one place with mailboxes cannot write to another that can write to it.
fn is_one_direction(flows: &Flows<'_>, fault: &Fault, evidence: &Evidence) -> bool {
    // What arrives as it is demanded by the MX needs no way back, which G001 says.
    let lacks_route = is_without_route(fault) && fault.kind != FaultKind::FollowsMx;
    let (Some(at), Some(home)) = (fault.at.filter(|_| lacks_route), fault.home) else {
        return false;
    };
    let name = &flows.model.plan.topology.location(at).name;
    let mut names = flows.region(evidence).into_iter();
    let leads_there = names.any(|name| route_for(flows.model.plan, at, home, &name).is_some());
    if at == home || leads_there || evidence.senders.iter().any(|sender| sender != name) {
        return false;
    }
    let back = flows.to(Party::Location(home), |class| {
        class.kind == ClassKind::Mailboxes(at) && !class.by_provider
    });
    back.is_some_and(|flow| {
        let mut ways = flow.trace.ways.iter();
        ways.all(|way| way.end.ends.arrives() && way.gap.is_none())
    })
}
