//! # V001 device-no-path
//!
//! ## What a clean result proves
//!
//! The mail of every device is taken where it is handed over.
//!
//! ## Exact condition
//!
//! The location that takes a device's mail (`via`) rejects it for a recipient that it sends to (`sends_to`). What is taken there
//! and lost later is lost for whoever else writes there, and is said as that.
//!
//! ## Severity
//!
//! error: the device's mail does not arrive.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   scanner: {addresses: [203.0.113.40], sends_as: [scan@contoso.com], sends_to: anyone, method: relay, via: cloud}
//! routing: explicit
//! routes:
//!   - {name: scanner, from: scanner, to: cloud, recipients: ["*"], accepted_by: nothing}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   scanner: {addresses: [203.0.113.40], sends_as: [scan@contoso.com], sends_to: anyone, method: relay, via: cloud}
//! routing: explicit
//! ```
//!
//! ## Sources
//!
//! - Postfix knows client certificates by digest: <https://www.postfix.org/TLS_README.html#server_access>
//! - Receive connectors know clients by address: <https://learn.microsoft.com/exchange/mail-flow/connectors/receive-connectors>
//! - Devices and applications: <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings};
use crate::platforms::product::Certificates;
use crate::topology::{Party};
use crate::values::{DomainName, Method};
use crate::walk::{Cause, FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::DeviceLost, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    Finding::error(
        Code::V001,
        format!(
            "mail from `{}` for {} {}",
            astray.party(),
            astray.names(),
            astray.end()
        ),
    )
    .help(help(astray))
}

/// Whether the place knows the device by its addresses, and does not accept the domain, which is one of ours.
fn is_known(astray: &Astray<'_>) -> bool {
    let Some(Party::Device(id)) = astray.fault.party else {
        return false;
    };
    let device = astray.topology().device(id);
    let name = DomainName::parse(astray.first_name());
    let own = name.is_ok_and(|name| astray.topology().domain_named(&name).is_some());
    astray.evidence.way.end.cause == Cause::NotAccepted
        && own
        && !device.addresses.is_empty()
        && Some(device.via.value) == astray.fault.at
}

/// Whether the device sends to the MX as an external sender does.
fn is_direct(astray: &Astray<'_>) -> bool {
    let Some(Party::Device(id)) = astray.fault.party else {
        return false;
    };
    astray.topology().device(id).method.value == Method::DirectSend
}

/// By what the place can know the device: a receive connector goes by addresses alone, and Postfix by a certificate's
/// digest, which no spec has.
fn help(astray: &Astray<'_>) -> String {
    let place = astray.place();
    if is_known(astray) {
        return format!(
            "write `also_accepts: [{{domain: {}, type: internal-relay}}]` at `{place}`",
            astray.first_name()
        );
    }
    let location = astray.fault.at.map(|at| astray.topology().location(at));
    match location {
        Some(location) if location.product().certificates != Certificates::ByName => {
            format!("let `{place}` know the device by its `addresses`")
        }
        Some(location) if location.rejects_direct_send() && is_direct(astray) => format!(
            "`{place}` rejects direct send: write `method: relay`, and let `{place}` know the device by public `addresses` or its `certificate`"
        ),
        Some(location) if location.tenant().is_some() => format!(
            "let `{place}` know the device by its `addresses` or its `certificate`, or choose another `method`"
        ),
        _ => format!("let `{place}` know the device by its `addresses` or its `certificate`"),
    }
}
