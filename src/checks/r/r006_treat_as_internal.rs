//! # R006 treat-as-internal
//!
//! ## What a clean result proves
//!
//! All mail that counts as internal is identified by a certificate.
//!
//! ## Exact condition
//!
//! A tenant's inbound connector makes mail count as internal (`TreatMessagesAsInternal`, `trusted: true`) and knows
//! its sender by addresses alone.
//!
//! ## Severity
//!
//! warning where the sender has a certificate, by which it could be known; note where it has none.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   signatures: {kind: gateway, hosts: [signatures.contoso.com], egress: [198.51.100.16/28], certificate: signatures.contoso.com, forwards: {"*": cloud}, trusted: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: back, from: signatures, to: cloud, recipients: ["*"], accepted_by: addresses, trusted: true}
//! rules:
//!   - {name: Add signature, at: cloud, when: {from: inside}, route: signatures, unless_header: {name: X-Contoso-Signed, value: "yes", set: true}}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   signatures: {kind: gateway, hosts: [signatures.contoso.com], egress: [198.51.100.16/28], certificate: signatures.contoso.com, forwards: {"*": cloud}, trusted: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! routes:
//!   - {name: back, from: signatures, to: cloud, recipients: ["*"], accepted_by: certificate, trusted: true}
//! rules:
//!   - {name: Add signature, at: cloud, when: {from: inside}, route: signatures, unless_header: {name: X-Contoso-Signed, value: "yes", set: true}}
//! ```
//!
//! ## Sources
//!
//! - `TreatMessagesAsInternal`: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::r::r007_internal_flag_from_outside::entered_at;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Severity};
use crate::plan::{Configuration, Plan};
use crate::platforms::exchange_online::InboundConnector;
use crate::routes::Route;
use crate::topology::{Location, Party};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            continue;
        };
        let trusting = tenant.inbound.iter().filter(|connector| {
            connector.enabled
                && connector.treat_messages_as_internal
                && connector.tls_sender_certificate_name.is_none()
        });
        for connector in trusting {
            let Some(route) = connector.routes.first().map(|id| plan.route(*id)) else {
                continue;
            };
            // Strangers among them are R007.
            if route
                .from
                .location()
                .is_some_and(|from| entered_at(plan, from).is_some())
            {
                continue;
            }
            findings.push(finding(plan, location, connector, route));
        }
    }
}

fn finding(
    plan: &Plan,
    location: &Location,
    connector: &InboundConnector,
    route: &Route,
) -> Finding {
    let from = plan.topology.party_name(route.from);
    let ours = matches!(route.from, Party::Location(_) | Party::Device(_));
    let certificate = route.shown(&plan.topology).filter(|_| ours);
    let (severity, help) = match certificate {
        Some(_) => (
            Severity::Warning,
            format!(
                "know it by its certificate: `accepted_by: certificate` at `{}`",
                route.name
            ),
        ),
        None => (
            Severity::Note,
            format!("give `{from}` a certificate, which then identifies it"),
        ),
    };
    Finding::new(
        Code::R006,
        severity,
        format!(
            "`{}` treats all mail from the addresses of `{from}` as internal (connector `{}`) without verifying a certificate",
            location.name, connector.name
        ),
    )
    .at(route.origin.span(), "known by addresses alone")
    .on(Object::Route(route.name.clone()))
    .help(help)
}
