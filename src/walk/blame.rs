//! What is wrong with the way of a message: one cause for every way that is not as it must be.
//!
//! Mail for a mailbox must arrive over routes. Mail for an address that nobody has must be refused by the first of our
//! places. Strangers must reach nobody but us. Ways that rest on a reading are judged for loops alone: the checks of
//! doubtful orders compare the rest.

use crate::finding::Certainty;
use crate::platforms::product::Certificates;
use crate::routes::facts::reached_under;
use crate::topology::{AcceptedType, Device, DeviceId, LocationId, PartnerId, Party, SendsTo};
use crate::values::{Address, DomainName, TlsLevel};
use crate::walk::classes::{Class, ClassKind};
use crate::walk::faults::{Fault, FaultKind};
use crate::walk::state::{Cause, Ends};
use crate::walk::trace::Way;
use crate::walk::{Home, Model};

/// What is wrong with a way, where anything is.
pub(crate) fn fault_of(model: &Model<'_>, party: Party, class: &Class, way: &Way) -> Option<Fault> {
    if let Party::Device(id) = party
        && !may_write_to(model.plan.topology.device(id), class)
    {
        return beyond(model, party, class, way);
    }
    if !way.readings.is_empty() {
        return match &way.end.ends {
            Ends::Loop(_) | Ends::Bounced(_) | Ends::Deferred(_)
                if way.detour_again && !class.by_provider =>
            {
                Some(looping(FaultKind::DetourAgain, &way.places, None))
            }
            Ends::Loop(cycle) => Some(looping(FaultKind::PossibleLoop, cycle, home_of(class))),
            _ => None,
        };
    }
    // The limit is met after so many servers, whoever writes and to whom.
    if way.end.cause == Cause::HopLimit && !way.bypass {
        return Some(fault(FaultKind::TooManyHops, way.places.last().copied()));
    }
    match class.kind {
        ClassKind::Mailboxes(home) => to_mailboxes(model, party, class, home, way),
        ClassKind::Unknown => to_nobody(model, party, way),
        // What no record leads to nobody takes.
        ClassKind::Subdomain(_) if way.places.is_empty() => None,
        ClassKind::Subdomain(Home::At(home)) => {
            to_mailboxes(model, party, class, home, way).map(|fault| match fault.kind {
                FaultKind::NoRoute | FaultKind::Lost => Fault {
                    kind: FaultKind::SubdomainWithoutEnd,
                    home: None,
                    ..fault
                },
                _ => fault,
            })
        }
        ClassKind::Subdomain(Home::Nobody | Home::Outside) => {
            to_nobody(model, party, way).map(|fault| match fault.kind {
                FaultKind::Backscatter | FaultKind::UnknownWaits => fault,
                _ => Fault {
                    kind: FaultKind::SubdomainWithoutEnd,
                    at: way.gap_at().or(way.places.last().copied()),
                    cycle: Vec::new(),
                    ..fault
                },
            })
        }
        ClassKind::Partner(partner) => to_partner(model, party, class, partner, way),
        ClassKind::Outside => to_others(model, party, class, way),
    }
}

const fn home_of(class: &Class) -> Option<LocationId> {
    match class.kind {
        ClassKind::Mailboxes(home) | ClassKind::Subdomain(Home::At(home)) => Some(home),
        _ => None,
    }
}

fn fault(kind: FaultKind, at: Option<LocationId>) -> Fault {
    Fault {
        kind,
        at,
        cycle: Vec::new(),
        home: None,
        party: None,
        forwards: None,
        weak: None,
    }
}

fn looping(kind: FaultKind, cycle: &[LocationId], home: Option<LocationId>) -> Fault {
    let mut cycle = cycle.to_vec();
    cycle.sort_unstable();
    cycle.dedup();
    Fault {
        cycle,
        home,
        ..fault(kind, None)
    }
}

fn to_mailboxes(
    model: &Model<'_>,
    party: Party,
    class: &Class,
    home: LocationId,
    way: &Way,
) -> Option<Fault> {
    if way.bypass {
        let into = way.places.first().copied();
        let arrives = way.end.ends.arrives();
        return arrives.then(|| fault(FaultKind::Bypass, into));
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
        return Some(fault(FaultKind::OwnNameLost, last));
    }
    if let Some(redirect) = way.redirect().filter(|_| lost && !looped) {
        return Some(Fault {
            home: Some(home),
            forwards: Some(redirect.address.clone()),
            ..fault(FaultKind::ForwardLost, way.places.last().copied())
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
fn handing_fails(model: &Model<'_>, way: &Way) -> Option<Fault> {
    if way.end.cause == Cause::WrongHost {
        let route = way.end.route.map(|id| model.plan.route(id));
        // Who hands mail to itself has to change its own name.
        let to_itself = matches!(way.end.ends, Ends::Bounced(_));
        return Some(Fault {
            party: route.map(|route| if to_itself { route.from } else { route.to }),
            ..fault(FaultKind::WrongHost, way.places.last().copied())
        });
    }
    let Cause::Tls(failure) = way.end.cause else {
        return None;
    };
    let to = way.hops.last().map_or("", |hop| hop.to.as_str());
    let mut locations = model.plan.topology.locations();
    let next = locations.find(|(_, location)| location.name == to);
    let at = next.map(|(id, _)| id).or(way.places.last().copied());
    Some(fault(FaultKind::Unverifiable(failure), at))
}

/// What a device may do beyond `sends_to`, where a message that it must not write arrives. What comes round would do so
/// whoever writes it.
fn beyond(model: &Model<'_>, party: Party, class: &Class, way: &Way) -> Option<Fault> {
    if matches!(way.end.ends, Ends::Loop(_)) {
        return to_others(model, party, class, way);
    }
    way.end.ends.arrives().then(|| Fault {
        party: Some(party),
        ..fault(FaultKind::DeviceBeyond, way.places.first().copied())
    })
}

/// Whether `sends_to` allows a device the recipients of a class.
pub(crate) fn may_write_to(device: &Device, class: &Class) -> bool {
    let is_ours = !matches!(class.kind, ClassKind::Partner(_) | ClassKind::Outside);
    match &device.sends_to {
        SendsTo::Anyone => true,
        SendsTo::Internal => is_ours,
        SendsTo::Patterns(patterns) => {
            let domain = class.witness.domain();
            patterns.iter().any(|at| at.value.matches(domain))
        }
    }
}

fn refused_at_once(way: &Way) -> bool {
    matches!(way.end.ends, Ends::Rejected(_))
        && matches!(
            way.end.cause,
            Cause::Restricted | Cause::NotAllowed | Cause::NotAccepted
        )
}

fn device_lost(id: DeviceId, way: &Way) -> Fault {
    Fault {
        party: Some(Party::Device(id)),
        ..fault(FaultKind::DeviceLost, way.places.last().copied())
    }
}

fn partner_refused(id: PartnerId, way: &Way) -> Fault {
    Fault {
        party: Some(Party::Partner(id)),
        ..fault(FaultKind::PartnerRefused, way.places.last().copied())
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
        return looping(FaultKind::DetourAgain, &way.places, None);
    }
    if way.redirects {
        return looping(FaultKind::RedirectCycle, &way.places, None);
    }
    let gap = way.gap_at();
    let by_mx = gap.is_some() && arrives_as_demanded(model, class, way);
    let sent_on = sent_on.filter(|_| !by_mx && !round_by_rule(model, way));
    if sent_on.is_some() && way.end.cause == Cause::NoSuchAddress {
        return fault(FaultKind::RoutingAlias, last);
    }
    if let Some(at) = sent_on.and_then(|name| without_route(model, way, name)) {
        return fault(FaultKind::RoutingDomain, Some(at));
    }
    if let Some(gap) = gap {
        let kind = if by_mx {
            FaultKind::FollowsMx
        } else {
            FaultKind::NoRoute
        };
        return fault(kind, Some(gap));
    }
    match (&way.end.ends, way.end.cause) {
        (Ends::Loop(_), Cause::OwnMx) => fault(FaultKind::OwnMx, last),
        (Ends::Loop(cycle), _) if way.certainty == Certainty::Certain => {
            looping(FaultKind::Loop, cycle, None)
        }
        (Ends::Loop(cycle), _) => looping(FaultKind::PossibleLoop, cycle, None),
        (Ends::LeftModel(_), _) => fault(FaultKind::LeftModel, last),
        (_, Cause::NotAccepted) => fault(FaultKind::NotAccepted, last),
        // Whoever is known there and may not relay is rejected only because the location does not accept the name.
        (_, Cause::NotAllowed) if !accepted_at_the_end(model, way) => {
            fault(FaultKind::NotAccepted, last)
        }
        (_, Cause::NotForwarded) => fault(FaultKind::NotForwarded, last),
        (_, Cause::HalfDirectory) => fault(FaultKind::HalfDirectory, last),
        (_, Cause::NoSuchAddress) => fault(FaultKind::RoutingAlias, last),
        (_, Cause::NoConnector) => fault(FaultKind::NoConnector, last),
        _ => fault(FaultKind::Lost, last),
    }
}

fn accepted_at_the_end(model: &Model<'_>, way: &Way) -> bool {
    let (Some(&at), Some(recipient)) = (way.places.last(), &way.recipient) else {
        return true;
    };
    model.accepted(at, recipient.domain()).is_some()
}

/// The place on the way that has no route of ours for the address that mail is handed on by, or does not accept it.
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

/// Mail for an address that nobody has.
fn to_nobody(model: &Model<'_>, party: Party, way: &Way) -> Option<Fault> {
    let last = way.places.last().copied();
    match &way.end.ends {
        Ends::Loop(cycle) => {
            let relay = way.gap_at().or(last).filter(|&at| {
                way.recipient.as_ref().is_some_and(|recipient| {
                    let accepted = model.accepted(at, recipient.domain());
                    accepted.is_some_and(|(item, _)| item.kind == AcceptedType::InternalRelay)
                })
            });
            Some(match relay {
                Some(at) if way.gap.is_some() => fault(FaultKind::RelayWithoutRoute, Some(at)),
                _ => looping(FaultKind::UnknownLoop, cycle, None),
            })
        }
        Ends::Bounced(_) | Ends::Deferred(_) if party == Party::Internet && !way.bypass => {
            Some(backscatter(way))
        }
        Ends::Deferred(_) if party.location().is_some() => {
            handing_fails(model, way).or_else(|| Some(waits(way)))
        }
        // It was taken for ours, and whoever it is handed to has nothing to do with us.
        Ends::Internet | Ends::HandedOff(_) if party == Party::Internet => {
            Some(fault(FaultKind::SubdomainToOthers, last))
        }
        _ => None,
    }
}

/// A place takes mail of strangers that comes to nothing behind it. Where that is, and why, differs with the names.
fn backscatter(way: &Way) -> Fault {
    Fault {
        party: way.places.last().copied().map(Party::Location),
        ..fault(FaultKind::Backscatter, way.places.first().copied())
    }
}

/// Mail for an address that nobody has waits where it is last, and its sender hears of the mistake only when it expires.
fn waits(way: &Way) -> Fault {
    fault(FaultKind::UnknownWaits, way.places.last().copied())
}

/// Whether mail ends with somebody who has nothing to do with the recipient, and no rule and no redirect sends it there.
fn is_astray(way: &Way) -> bool {
    let is_wanted =
        way.redirect().is_some() || way.hops.iter().any(|hop| hop.by.starts_with("rule:"));
    matches!(way.end.ends, Ends::HandedOff(_) | Ends::Internet) && !is_wanted
}

/// Mail for a partner.
fn to_partner(
    model: &Model<'_>,
    party: Party,
    class: &Class,
    partner: PartnerId,
    way: &Way,
) -> Option<Fault> {
    if party == Party::Internet {
        return to_others(model, party, class, way);
    }
    if let Some(fault) = handing_fails(model, way) {
        return Some(Fault {
            party: Some(Party::Partner(partner)),
            ..fault
        });
    }
    match &way.end.ends {
        Ends::HandedOff(other) if *other != partner && is_astray(way) => Some(Fault {
            party: Some(Party::Partner(partner)),
            ..fault(FaultKind::Lost, way.places.last().copied())
        }),
        Ends::HandedOff(_) | Ends::Internet | Ends::Delivered(_) | Ends::Discarded(_) => {
            let demand = model.plan.topology.partner(partner).tls_outbound.as_ref()?;
            (way.tls < demand.value).then(|| Fault {
                party: Some(Party::Partner(partner)),
                weak: weakest(party, way),
                ..fault(FaultKind::TlsFloor, way.places.last().copied())
            })
        }
        Ends::Loop(cycle) => Some(Fault {
            party: Some(Party::Partner(partner)),
            ..looping(FaultKind::Loop, cycle, None)
        }),
        Ends::Bounced(_) | Ends::Deferred(_) | Ends::Rejected(_) => Some(Fault {
            party: Some(Party::Partner(partner)),
            ..fault(FaultKind::Lost, way.places.last().copied())
        }),
        Ends::LeftModel(_) => None,
    }
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
        ..fault(FaultKind::TlsFloor, way.places.first().copied())
    })
}

/// Who hands mail over on the weakest hop of its way. Mail of a mailbox begins at a place, all other mail before the first.
fn weakest(party: Party, way: &Way) -> Option<Party> {
    let mut hops = way.hops.iter();
    let at = hops.position(|hop| hop.tls.as_deref() == Some(way.tls.as_str()))?;
    let before = usize::from(party.location().is_none());
    match at.checked_sub(before) {
        Some(at) => way.places.get(at).copied().map(Party::Location),
        None => Some(party),
    }
}

/// Mail for somebody else's recipients.
fn to_others(model: &Model<'_>, party: Party, class: &Class, way: &Way) -> Option<Fault> {
    let (first, last) = (way.places.first().copied(), way.places.last().copied());
    let taken_and_lost = matches!(
        way.end.ends,
        Ends::Bounced(_) | Ends::Deferred(_) | Ends::Loop(_)
    );
    if party == Party::Internet {
        let entry = first?;
        let accepted = way
            .recipient
            .as_ref()
            .is_some_and(|recipient| model.accepted(entry, recipient.domain()).is_some());
        let by_network = way
            .client
            .filter(|client| matches!(client, Party::Network(..)));
        return match (&way.end.ends, taken_and_lost) {
            (Ends::Rejected(_), _) => None,
            _ if by_network.is_some() => Some(Fault {
                party: by_network,
                ..fault(FaultKind::OpenRelay, first)
            }),
            (Ends::Loop(_), _) if accepted => Some(fault(FaultKind::SubdomainWithoutEnd, last)),
            (Ends::Bounced(_) | Ends::Deferred(_), _) => Some(backscatter(way)),
            (ends, lost) if lost || ends.arrives() => Some(fault(FaultKind::OpenRelay, first)),
            _ => None,
        };
    }
    if let Some(fault) = handing_fails(model, way) {
        return Some(fault);
    }
    let refused = matches!(
        way.end.cause,
        Cause::NotAccepted | Cause::NotAllowed | Cause::Restricted | Cause::NotForwarded
    );
    // Nobody has an address at a name below one of ours that no location accepts: a bounce is its right end.
    if !class.is_foreign {
        return match &way.end.ends {
            Ends::Loop(cycle) => Some(looping(FaultKind::NamelessLoop, cycle, None)),
            Ends::Deferred(_) if party.location().is_some() => Some(waits(way)),
            _ => None,
        };
    }
    match (&way.end.ends, way.end.cause, party) {
        (Ends::Loop(cycle), _, _) => Some(looping(FaultKind::OutgoingLoop, cycle, None)),
        (Ends::Deferred(_), Cause::NoConnector, _) => Some(fault(FaultKind::NoConnector, last)),
        (Ends::HandedOff(_), _, Party::Location(_)) if is_astray(way) => {
            Some(fault(FaultKind::Lost, last))
        }
        (_, _, Party::Device(id)) if refused && refused_at_once(way) => Some(device_lost(id, way)),
        _ if refused => Some(fault(FaultKind::Lost, last)),
        _ => None,
    }
}
