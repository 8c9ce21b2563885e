//! # V006 device-tls-too-old
//!
//! ## What a clean result proves
//!
//! Every device speaks a version of TLS that the end which takes its mail still speaks.
//!
//! ## Exact condition
//!
//! `max_tls` of a device is below 1.2 (or `none`), and its way demands TLS: it logs in at a tenant, it is recognized
//! by a certificate, or its route demands `encrypted` or more. With TLS 1.0 or 1.1 towards a tenant also where TLS is
//! optional, because the handshake fails.
//!
//! ## Severity
//!
//! warning: some devices fall back to sending in the clear where that is allowed, the others stop sending.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, smtp_auth: per-mailbox}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp:
//!     addresses: [203.0.113.50]
//!     sends_as: [erp@contoso.com]
//!     sends_to: anyone
//!     method: client-submission
//!     via: cloud
//!     max_tls: "1.0"
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, smtp_auth: per-mailbox}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! devices:
//!   erp:
//!     addresses: [203.0.113.50]
//!     sends_as: [erp@contoso.com]
//!     sends_to: anyone
//!     method: client-submission
//!     via: cloud
//!     max_tls: "1.2"
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8996>
//! - <https://learn.microsoft.com/purview/exchange-online-uses-tls-to-secure-email-connections>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::topology::Party;
use crate::values::TlsLevel;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, device) in plan.topology.devices() {
        let Some(max) = device
            .max_tls
            .as_ref()
            .filter(|max| matches!(max.value.as_str(), "none" | "1.0" | "1.1"))
        else {
            continue;
        };
        let via = plan.topology.location(device.via.value);
        let to_tenant = via.tenant().is_some();
        let logs_on = device.method.value.logs_on();
        let mut routes = plan.routes.iter().filter(|route| route.from == Party::Device(id));
        // A server of one's own may take logins with any version.
        let demanded = (to_tenant && logs_on)
            || device.certificate.is_some()
            || (!logs_on && routes.any(|route| route.tls >= TlsLevel::Encrypted));
        let speaks = if max.value == "none" {
            "no TLS".to_owned()
        } else {
            format!("TLS {} at most", max.value)
        };
        let end = if demanded {
            "its mail is refused"
        } else if to_tenant && max.value != "none" {
            "the handshake fails, and its mail goes in the clear or not at all"
        } else {
            continue;
        };
        findings.push(
            Finding::warning(Code::V006, format!("`{}` speaks {speaks}, and `{}` wants TLS 1.2 or later: {end}", device.name, via.name))
                .at(max.span, "too old")
                .at(device.via.span, "the end that wants more")
                .on(Object::Device(device.name.clone()))
                .help("send through a relay of our own that still speaks it: `via: RELAY` with `kind: postfix` or `exchange-server`"),
        );
    }
}
