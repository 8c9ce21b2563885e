//! The mailbox that a device logs on to: named by the spec, else the first of its senders that is a mailbox there.

use crate::routes::facts::is_own_name;
use crate::topology::{Device, Location, LocationId, Method, SendsAs, SmtpAuth, Topology};
use crate::values::Address;

/// The mailbox that a device logs on to, where one is known.
pub(crate) fn login<'a>(topology: &Topology, device: &'a Device) -> Option<&'a Address> {
    if device.method.value != Method::ClientSubmission {
        return None;
    }
    let written = device.login.iter().map(|at| &at.value);
    let senders = device.sends_as.iter().filter_map(|at| match &at.value {
        SendsAs::Address(address) => Some(address),
        SendsAs::Pattern(_) => None,
    });
    // What is written is meant, so that nothing else is taken in its place.
    let candidates = written.chain(senders.filter(|_| device.login.is_none()));
    let via = device.via.value;
    let mut held = candidates.filter(|address| holds(topology, via, address));
    held.next()
}

/// The senders of a device besides the mailbox that it logs on to: Exchange rejects mail as one of them from a mailbox that
/// may not send as it (550 5.7.60).
pub(crate) fn other_senders<'a>(
    topology: &Topology,
    device: &'a Device,
) -> impl Iterator<Item = &'a SendsAs> {
    let login = login(topology, device);
    let senders = device.sends_as.iter().map(|at| &at.value);
    senders.filter(
        move |sender| !matches!(sender, SendsAs::Address(address) if Some(address) == login),
    )
}

/// Whether a location has a mailbox with this address, or may have it where the spec lists none.
fn holds(topology: &Topology, at: LocationId, address: &Address) -> bool {
    let name = address.domain();
    let Some(id) = topology.domain_named(name) else {
        let tenant = topology.location(at).tenant();
        return tenant.is_some_and(|tenant| is_own_name(tenant, name));
    };
    topology.domain(id).may_be_at(address, at)
}

/// Whether a location rejects mail of a device whose mailbox may not send as its sender: Exchange does.
pub(crate) fn judges_senders(location: &Location) -> bool {
    location.exchange_server().is_some()
        || location
            .tenant()
            .is_some_and(|tenant| !tenant.filtering_only)
}

/// Whether a location lets nobody log on to send, but for the mailboxes that are named to it.
pub(crate) fn allows_each(location: &Location) -> bool {
    let tenant = location.tenant();
    tenant
        .and_then(|tenant| tenant.smtp_auth)
        .is_some_and(|at| at.value == SmtpAuth::PerMailbox)
}
