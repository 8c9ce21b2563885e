//! # V005 private-source-ip
//!
//! ## What a clean result proves
//!
//! Every device that a tenant must identify by its address has an address that the tenant can see.
//!
//! ## Exact condition
//!
//! A device with `method: relay` or `direct-send` through a tenant has private `addresses`, no `nat` and no
//! certificate.
//!
//! ## Severity
//!
//! error: the tenant sees the public address of the site, no connector matches, and the mail is taken as an
//! external sender's.
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
//!   printers:
//!     addresses: [10.0.0.5]
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     via: cloud
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
//!   printers:
//!     addresses: [10.0.0.5]
//!     nat: 203.0.113.7
//!     sends_as: [scanner@contoso.com]
//!     sends_to: anyone
//!     via: cloud
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc1918#section-3>
//! - `SenderIPAddresses`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::Method;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for device in &plan.topology.devices {
        let via = plan.topology.location(device.via.value);
        let by_address = matches!(device.method.value, Method::Relay | Method::DirectSend)
            && device.certificate.is_none();
        if via.tenant().is_none() || !by_address || !device.nat.is_empty() {
            continue;
        }
        let private: Vec<_> = device
            .addresses
            .iter()
            .filter(|at| at.value.is_private())
            .collect();
        let Some(first) = private.first() else {
            continue;
        };
        let names: Vec<String> = private.iter().map(|at| at.value.to_string()).collect();
        findings.push(
            Finding::error(
                Code::V005,
                format!("`{}` never sees {}, which no router carries to it: mail of `{}` arrives from an address it does not know and is treated as external", via.name, listed(names.iter().map(String::as_str)), device.name),
            )
            .at(first.span, "private")
            .at(device.via.span, "in the cloud")
            .on(Object::Device(device.name.clone()))
            .help(format!("write at `{}` the public address it is seen from: `nat: ADDRESS`", device.name)),
        );
    }
}
