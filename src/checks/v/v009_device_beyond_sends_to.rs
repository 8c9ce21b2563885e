//! # V009 device-beyond-sends-to
//!
//! ## What a clean result proves
//!
//! A device reaches only the recipients that `sends_to` allows it.
//!
//! ## Exact condition
//!
//! `sends_to` of a device does not allow other recipients, and a message that it writes to one of them arrives: the location
//! that takes its mail gives it the right to relay to everybody, or its address has that right by another entry.
//!
//! ## Severity
//!
//! warning: whoever controls the device can send to any recipient in the organization's name.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp", trusted_networks: [10.0.0.0/8]}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! devices:
//!   guests: {addresses: [10.50.0.0/16], sends_as: [guest@contoso.com], sends_to: internal, method: direct-send, via: mx}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   mx: {kind: postfix, hosts: [mx.contoso.com], egress: [192.0.2.25], certificate: mx.contoso.com, delivers_to: "lmtp:unix:private/lmtp", trusted_networks: [10.10.0.0/16]}
//! domains:
//!   contoso.com: {mailboxes: mx, mx: mx}
//! devices:
//!   guests: {addresses: [10.50.0.0/16], sends_as: [guest@contoso.com], sends_to: internal, method: direct-send, via: mx}
//! ```
//!
//! ## Sources
//!
//! - `permit_mynetworks`: <https://www.postfix.org/SMTPD_ACCESS_README.html>
//! - An `OnPremises` connector relays for whoever it identifies: <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use crate::checks::Run;
use crate::checks::lost_mail::{Astray, report};
use crate::finding::{Code, Finding, Findings};
use crate::platforms::product::Trait;
use crate::topology::{Party, SendsTo};
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::DeviceBeyond, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    let (device, place) = (astray.party(), astray.place());
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    let is_listed = matches!(astray.fault.party, Some(Party::Device(id)) if matches!(astray.topology().device(id).sends_to, SendsTo::Patterns(_)));
    let help = match location {
        Some(location) if is_listed && location.is(Trait::NamedObjects) => format!(
            "`{place}` relays for every recipient or for none: write `sends_to: anyone` at `{device}`, or list own domains only"
        ),
        Some(location) if location.is(Trait::LimitsDevices) => format!(
            "take the addresses of `{device}` from `trusted_networks` of `{place}`, or write `sends_to: anyone` at `{device}`"
        ),
        Some(location) if location.rejects_direct_send() => format!(
            "`{place}` rejects direct send, and relays for every recipient what it knows by a connector: write `sends_to: anyone` at `{device}`, or accept this finding where the device writes to nobody else"
        ),
        _ => format!(
            "write `method: direct-send` at `{device}`, which reaches own mailboxes only, or `sends_to: anyone`"
        ),
    };
    Finding::warning(
        Code::V009,
        format!(
            "`{device}` can write to recipients that its `sends_to` does not allow: `{place}` relays its mail for {}",
            astray.names()
        ),
    )
    .help(help)
}
