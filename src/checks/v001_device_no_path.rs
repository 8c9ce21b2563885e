//! # V001 device-no-path
//!
//! ## What a clean result proves
//!
//! The mail of every device arrives.
//!
//! ## Exact condition
//!
//! Mail from a device for somebody it writes to (`sends_to`) is refused or lost.
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
//! - Devices and applications: <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>

use super::astray::{Astray, report};
use super::{Check, Run};
use crate::analysis::{FaultKind, Flows};
use crate::finding::{Finding, Findings, Severity};

/// The check.
pub const CHECK: Check = Check {
    code: "V001",
    name: "device-no-path",
    severity: Severity::Error,
    source: include_str!("v001_device_no_path.rs"),
    run: Run::Walk(run),
};

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::DeviceLost, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    Finding::error(
        "V001",
        format!(
            "mail from `{}` for {} {}",
            astray.party(),
            astray.names(),
            astray.end()
        ),
    )
    .help(format!(
        "let `{}` know the device by its addresses or its certificate, or choose another `method`",
        astray.place()
    ))
}
