//! What is wrong with the way of a message: one cause for every way that is not as it must be.
//!
//! Mail for a mailbox must arrive over routes. Mail for an address that nobody has must be refused by the first of our
//! places. Strangers must reach nobody but us. Ways that rest on a reading are judged for loops alone: the checks of
//! doubtful orders compare the rest.

use crate::topology::{AcceptedType, Device, PartnerId, Party, SendsTo};
use crate::walk::classes::Class;
use crate::walk::faults::{Fault, FaultKind};
use crate::walk::groups::ClassKind;
use crate::walk::mailbox_faults::{
    device_lost, handing_fails, home_of, is_astray, refused_at_once, to_mailboxes,
};
use crate::walk::state::{Cause, Ends};
use crate::walk::way::Way;
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
                Some(Fault::round(FaultKind::DetourAgain, &way.places, None))
            }
            Ends::Loop(cycle) => Some(Fault::round(FaultKind::PossibleLoop, cycle, home_of(class))),
            _ => None,
        };
    }
    // The limit is met after so many servers, whoever writes and to whom.
    if way.end.cause == Cause::HopLimit && !way.bypass {
        return Some(Fault::at(
            FaultKind::TooManyHops,
            way.places.last().copied(),
        ));
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

/// What a device may do beyond `sends_to`, where a message that it must not write arrives. What comes round would do so
/// whoever writes it.
fn beyond(model: &Model<'_>, party: Party, class: &Class, way: &Way) -> Option<Fault> {
    if matches!(way.end.ends, Ends::Loop(_)) {
        return to_others(model, party, class, way);
    }
    way.end.ends.arrives().then(|| Fault {
        party: Some(party),
        ..Fault::at(FaultKind::DeviceBeyond, way.places.first().copied())
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
                Some(at) if way.gap.is_some() => Fault::at(FaultKind::RelayWithoutRoute, Some(at)),
                _ => Fault::round(FaultKind::UnknownLoop, cycle, None),
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
            Some(Fault::at(FaultKind::SubdomainToOthers, last))
        }
        _ => None,
    }
}

/// A place takes mail of strangers that comes to nothing behind it. Where that is, and why, differs with the names.
fn backscatter(way: &Way) -> Fault {
    Fault {
        party: way.places.last().copied().map(Party::Location),
        ..Fault::at(FaultKind::Backscatter, way.places.first().copied())
    }
}

/// Mail for an address that nobody has waits where it is last, and its sender hears of the mistake only when it expires.
fn waits(way: &Way) -> Fault {
    Fault::at(FaultKind::UnknownWaits, way.places.last().copied())
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
            ..Fault::at(FaultKind::Lost, way.places.last().copied())
        }),
        Ends::HandedOff(_) | Ends::Internet | Ends::Delivered(_) | Ends::Discarded(_) => {
            let demand = model.plan.topology.partner(partner).tls_outbound.as_ref()?;
            (way.tls < demand.value).then(|| Fault {
                party: Some(Party::Partner(partner)),
                weak: weakest(party, way),
                ..Fault::at(FaultKind::TlsFloor, way.places.last().copied())
            })
        }
        Ends::Loop(cycle) => Some(Fault {
            party: Some(Party::Partner(partner)),
            ..Fault::round(FaultKind::Loop, cycle, None)
        }),
        Ends::Bounced(_) | Ends::Deferred(_) | Ends::Rejected(_) => Some(Fault {
            party: Some(Party::Partner(partner)),
            ..Fault::at(FaultKind::Lost, way.places.last().copied())
        }),
        Ends::LeftModel(_) => None,
    }
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
                ..Fault::at(FaultKind::OpenRelay, first)
            }),
            (Ends::Loop(_), _) if accepted => Some(Fault::at(FaultKind::SubdomainWithoutEnd, last)),
            (Ends::Bounced(_) | Ends::Deferred(_), _) => Some(backscatter(way)),
            (ends, lost) if lost || ends.arrives() => Some(Fault::at(FaultKind::OpenRelay, first)),
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
            Ends::Loop(cycle) => Some(Fault::round(FaultKind::NamelessLoop, cycle, None)),
            Ends::Deferred(_) if party.location().is_some() => Some(waits(way)),
            _ => None,
        };
    }
    match (&way.end.ends, way.end.cause, party) {
        (Ends::Loop(cycle), _, _) => Some(Fault::round(FaultKind::OutgoingLoop, cycle, None)),
        (Ends::Deferred(_), Cause::NoConnector, _) => Some(Fault::at(FaultKind::NoConnector, last)),
        (Ends::HandedOff(_), _, Party::Location(_)) if is_astray(way) => {
            Some(Fault::at(FaultKind::Lost, last))
        }
        (_, _, Party::Device(id)) if refused && refused_at_once(way) => Some(device_lost(id, way)),
        _ if refused => Some(Fault::at(FaultKind::Lost, last)),
        _ => None,
    }
}
