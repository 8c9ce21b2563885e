//! # V002 direct-send-external
//!
//! ## What a clean result proves
//!
//! No device is expected to reach people outside by a method that ends inside.
//!
//! ## Exact condition
//!
//! The method of a device is `direct-send` or `high-volume`, and `sends_to` is `anyone` or holds a pattern that goes
//! beyond the domains accepted at `via`.
//!
//! ## Severity
//!
//! error: its mail for outside is refused as relaying.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   door-sensor:
//!     addresses: [203.0.113.42]
//!     sends_as: [door@contoso.com]
//!     sends_to: anyone
//!     method: direct-send
//!     via: cloud
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: false}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   door-sensor:
//!     addresses: [203.0.113.42]
//!     sends_as: [door@contoso.com]
//!     sends_to: anyone
//!     method: relay
//!     via: cloud
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/how-to-set-up-a-multifunction-device-or-application-to-send-email-using-microsoft-365-or-office-365>
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/high-volume-mails-m365>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::AcceptedDomains;
use crate::topology::{Device, Method, SendsTo};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for device in &plan.topology.devices {
        let method = device.method.value;
        if !matches!(method, Method::DirectSend | Method::HighVolume) {
            continue;
        }
        let outside = outside(device, &plan.place(device.via.value).accepted);
        if outside.is_empty() {
            continue;
        }
        let via = &plan.topology.location(device.via.value).name;
        findings.push(
            Finding::error(
                Code::V002,
                format!("`{}` uses `{}`, which reaches mailboxes of `{via}` only: its mail {} is refused", device.name, method.keyword(), if device.sends_to == SendsTo::Anyone { "to outside".to_owned() } else { format!("for {}", listed(outside.iter().map(String::as_str))) }),
            )
            .at(device.method.span, "ends inside")
            .at(device.span, "must reach external recipients")
            .on(Object::Device(device.name.clone()))
            .domains(outside)
            .help(format!("write `method: relay` or `method: client-submission` at `{0}`, or `sends_to: internal`", device.name)),
        );
    }
}

fn outside(device: &Device, accepted: &AcceptedDomains) -> Vec<String> {
    match &device.sends_to {
        SendsTo::Internal => Vec::new(),
        SendsTo::Anyone => vec!["*".to_owned()],
        SendsTo::Patterns(patterns) => patterns
            .iter()
            .map(|at| &at.value)
            .filter(|pattern| !accepted.cover(pattern))
            .map(ToString::to_string)
            .collect(),
    }
}
