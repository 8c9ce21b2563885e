//! What is wrong with the way of mail for a mailbox that does not arrive as it must.

use crate::finding::Certainty;
use crate::platforms::product::Certificates;
use crate::routes::facts::reached_under;
use crate::topology::{DeviceId, LocationId, PartnerId, Party};
use crate::values::{Address, DomainName, TlsLevel};

use crate::walk::classes::Class;
use crate::walk::faults::{Fault, FaultKind};
use crate::walk::groups::ClassKind;
use crate::walk::state::{Cause, Ends};
use crate::walk::way::Way;
use crate::walk::{Home, Model};

pub(super) const fn home_of(class: &Class) -> Option<LocationId> {
    match class.kind {
        ClassKind::Mailboxes(home) | ClassKind::Subdomain(Home::At(home)) => Some(home),
        _ => None,
    }
}

pub(super) fn to_mailboxes(
    model: &Model<'_>,
    party: Party,
    class: &Class,
    home: LocationId,
    way: &Way,
) -> Option<Fault> {
    if way.bypass {
        let into = way.places.first().copied();
        let arrives = way.end.ends.arrives();
        return arrives.then(|| Fault::at(FaultKind::Bypass, into));
    }
    let lost = match &way.end.ends {
        Ends::Delivered(at) => *at != home && way.redirect().is_none(),
        Ends::HandedOff(_) | Ends::Internet => is_astray(way) && !class.by_provider,
        Ends::Discarded(_) => false,
        Ends::Rejected(_) | Ends::Bounced(_) | Ends::Deferred(_) | Ends::Loop(_) => true,
        // Whoever the MX names today is the business of a stranger's own server.
        Ends::LeftModel(at) => at.is_some(),
    };
    // Redirected mail that leaves us needs no route of ours; where it stays, the mail of the other mailbox shows the gap.
    let elsewhere =
        matches!(way.end.ends, Ends::HandedOff(_) | Ends::Internet) || way.redirect().is_some();
    if !lost
        && (way.gap.is_none() || class.by_provider || elsewhere || by_itself(model, class, way))
    {
        return floor(model, party, way);
    }
    let looped = matches!(way.end.ends, Ends::Loop(_));
    let by_rule = looped && round_by_rule(model, way);
    if lost
        && class.by_provider
        && !by_rule
        && !matches!(way.end.cause, Cause::Tls(_) | Cause::WrongHost)
    {
        let last = way.places.last().copied();
        return Some(Fault::at(FaultKind::OwnNameLost, last));
    }
    if let Some(redirect) = way.redirect().filter(|_| lost && !looped) {
        return Some(Fault {
            home: Some(home),
            forwards: Some(redirect.address.clone()),
            ..Fault::at(FaultKind::ForwardLost, way.places.last().copied())
        });
    }
    if let Some(fault) = handing_fails(model, way) {
        return Some(fault);
    }
    let found = match party {
        Party::Device(id) if lost && refused_at_once(way) => return Some(device_lost(id, way)),
        Party::Partner(id) if lost && refused_at_once(way) => {
            return Some(partner_refused(id, way));
        }
        _ => cause(model, class, way),
    };
    // Mailboxes that forward to each other are at fault together, wherever they are.
    let together = found.kind == FaultKind::RedirectCycle;
    let home = found
        .cycle
        .first()
        .copied()
        .filter(|_| together)
        .unwrap_or(home);
    Some(Fault {
        home: Some(home),
        ..found
    })
}

/// Whether a mail server that is not ours to configure follows the MX, as it does by itself, and the mail arrives.
fn by_itself(model: &Model<'_>, class: &Class, way: &Way) -> bool {
    let is_server = |at: LocationId| {
        let location = model.plan.topology.location(at);
        location.handling().is_some() && !location.forwards_only()
    };
    way.gap_at().is_some_and(is_server) && arrives_as_demanded(model, class, way)
}

/// Whether mail ends at the mailbox, with the TLS that its location demands of everybody.
fn arrives_as_demanded(model: &Model<'_>, class: &Class, way: &Way) -> bool {
    let demand = home_of(class).and_then(|home| model.plan.topology.location(home).tls);
    matches!(way.end.ends, Ends::Delivered(at) if Some(at) == home_of(class))
        && demand.is_none_or(|demand| way.tls >= demand.value)
}

/// The place that mail cannot be handed to is to blame, whoever demands too much of it; where the host is wrong, whoever
/// hands it there.
pub(super) fn handing_fails(model: &Model<'_>, way: &Way) -> Option<Fault> {
    if way.end.cause == Cause::WrongHost {
        let route = way.end.route.map(|id| model.plan.route(id));
        // Who hands mail to itself has to change its own name.
        let to_itself = matches!(way.end.ends, Ends::Bounced(_));
        return Some(Fault {
            party: route.map(|route| if to_itself { route.from } else { route.to }),
            ..Fault::at(FaultKind::WrongHost, way.places.last().copied())
        });
    }
    let Cause::Tls(failure) = way.end.cause else {
        return None;
    };
    let to = way.hops.last().map_or("", |hop| hop.to.as_str());
    let mut locations = model.plan.topology.locations();
    let next = locations.find(|(_, location)| location.name == to);
    let at = next.map(|(id, _)| id).or(way.places.last().copied());
    Some(Fault::at(FaultKind::Unverifiable(failure), at))
}

pub(super) fn refused_at_once(way: &Way) -> bool {
    matches!(way.end.ends, Ends::Rejected(_))
        && matches!(
            way.end.cause,
            Cause::Restricted | Cause::NotAllowed | Cause::NotAccepted
        )
}

pub(super) fn device_lost(id: DeviceId, way: &Way) -> Fault {
    Fault {
        party: Some(Party::Device(id)),
        ..Fault::at(FaultKind::DeviceLost, way.places.last().copied())
    }
}

fn partner_refused(id: PartnerId, way: &Way) -> Fault {
    Fault {
        party: Some(Party::Partner(id)),
        ..Fault::at(FaultKind::PartnerRefused, way.places.last().copied())
    }
}

/// Who is to blame that mail for a mailbox goes astray.
fn cause(model: &Model<'_>, class: &Class, way: &Way) -> Fault {
    let last = way.places.last().copied();
    // Mail that is sent on under another name fails by what is set for that one.
    let own = class.witness.domain();
    let is_alias = |recipient: &&Address| {
        **recipient != class.witness
            && reached_under(&model.plan.topology, recipient.domain()).is_some()
    };
    let recipient = way.recipient.as_ref().filter(is_alias).map(Address::domain);
    let sent_on = way.sent_on(own).or(recipient);
    if way.detour_again {
        return Fault::round(FaultKind::DetourAgain, &way.places, None);
    }
    if way.redirects {
        return Fault::round(FaultKind::RedirectCycle, &way.places, None);
    }
    let gap = way.gap_at();
    let by_mx = gap.is_some() && arrives_as_demanded(model, class, way);
    let sent_on = sent_on.filter(|_| !by_mx && !round_by_rule(model, way));
    if sent_on.is_some() && way.end.cause == Cause::NoSuchAddress {
        return Fault::at(FaultKind::RoutingAlias, last);
    }
    if let Some(at) = sent_on.and_then(|name| without_route(model, way, name)) {
        return Fault::at(FaultKind::RoutingDomain, Some(at));
    }
    if let Some(gap) = gap {
        let kind = if by_mx {
            FaultKind::FollowsMx
        } else {
            FaultKind::NoRoute
        };
        return Fault::at(kind, Some(gap));
    }
    match (&way.end.ends, way.end.cause) {
        (Ends::Loop(_), Cause::OwnMx) => Fault::at(FaultKind::OwnMx, last),
        (Ends::Loop(cycle), _) if way.certainty == Certainty::Certain => {
            Fault::round(FaultKind::Loop, cycle, None)
        }
        (Ends::Loop(cycle), _) => Fault::round(FaultKind::PossibleLoop, cycle, None),
        (Ends::LeftModel(_), _) => Fault::at(FaultKind::LeftModel, last),
        (_, Cause::NotAccepted) => Fault::at(FaultKind::NotAccepted, last),
        // Whoever is known there and may not relay is rejected only because the location does not accept the name.
        (_, Cause::NotAllowed) if !accepted_at_the_end(model, way) => {
            Fault::at(FaultKind::NotAccepted, last)
        }
        (_, Cause::NotForwarded) => Fault::at(FaultKind::NotForwarded, last),
        (_, Cause::HalfDirectory) => Fault::at(FaultKind::HalfDirectory, last),
        (_, Cause::NoSuchAddress) => Fault::at(FaultKind::RoutingAlias, last),
        (_, Cause::NoConnector) => Fault::at(FaultKind::NoConnector, last),
        _ => Fault::at(FaultKind::Lost, last),
    }
}

fn accepted_at_the_end(model: &Model<'_>, way: &Way) -> bool {
    let (Some(&at), Some(recipient)) = (way.places.last(), &way.recipient) else {
        return true;
    };
    model.accepted(at, recipient.domain()).is_some()
}

/// Whether a rule keeps a message going round: no route that is missing ends that.
fn round_by_rule(model: &Model<'_>, way: &Way) -> bool {
    let Ends::Loop(cycle) = &way.end.ends else {
        return false;
    };
    let is_round = |name: &String| {
        cycle
            .iter()
            .any(|&at| model.plan.topology.location(at).name == *name)
    };
    let mut hops = way.hops.iter();
    hops.any(|hop| hop.by.starts_with("rule:") && is_round(&hop.at) && is_round(&hop.to))
}

/// The place on the way that has no route of ours for the address that mail is handed on by, or does not accept it.
fn without_route(model: &Model<'_>, way: &Way, name: &DomainName) -> Option<LocationId> {
    let last = way.places.last().copied();
    // Where mail followed the MX under its first name says nothing of the second.
    if let Some(gap) = way.gap.as_ref().filter(|gap| gap.name == *name) {
        return Some(gap.at);
    }
    let unrouted = matches!(
        way.end.cause,
        Cause::NotAccepted | Cause::NotForwarded | Cause::NoConnector | Cause::OwnMx
    ) || (way.end.cause == Cause::NotAllowed && !accepted_at_the_end(model, way));
    if unrouted {
        return last;
    }
    if way.gap.is_some() {
        return None;
    }
    // A route to the Internet leads round to our own entry, as a stranger's mail.
    let hop = way.hops.last()?;
    let name = hop.by.strip_prefix("route:");
    let mut routes = model.plan.routes.iter();
    let route = routes.find(|route| Some(route.name.as_str()) == name);
    let ours =
        route.is_some_and(|route| route.to.location().is_some()) || hop.by.starts_with("rule:");
    let sender = way.places.iter().rev().nth(1).copied();
    (!ours).then_some(sender.or(last)).flatten()
}

/// Whether mail ends with somebody who has nothing to do with the recipient, and no rule and no redirect sends it there.
pub(super) fn is_astray(way: &Way) -> bool {
    let is_wanted =
        way.redirect().is_some() || way.hops.iter().any(|hop| hop.by.starts_with("rule:"));
    matches!(way.end.ends, Ends::HandedOff(_) | Ends::Internet) && !is_wanted
}

/// The least that is guaranteed of a partner's mail, against what was agreed.
fn floor(model: &Model<'_>, party: Party, way: &Way) -> Option<Fault> {
    let Party::Partner(partner) = party else {
        return None;
    };
    let demand = model.plan.topology.partner(partner).tls_inbound.as_ref()?;
    let entry = way.places.first()?;
    let certificates = model.plan.topology.location(*entry).product().certificates;
    // What knows certificates by fingerprint cannot check a name, which is said where its objects are made.
    if certificates == Certificates::ByFingerprint && way.first_tls >= TlsLevel::Encrypted {
        return None;
    }
    (way.first_tls < demand.value).then(|| Fault {
        party: Some(party),
        ..Fault::at(FaultKind::TlsFloor, way.places.first().copied())
    })
}
