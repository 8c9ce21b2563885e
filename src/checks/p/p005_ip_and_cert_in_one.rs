//! # P005 ip-and-cert-in-one
//!
//! ## What a clean result proves
//!
//! Every partner is recognized in one way, so nobody expects a second condition that no connector checks.
//!
//! ## Exact condition
//!
//! A partner has `addresses` and a certificate, and of mail that comes from it `verified` is demanded. Certificate
//! and addresses never stand in one connector: it is recognized by the certificate, and the addresses serve SPF and
//! skip lists alone.
//!
//! ## Severity
//!
//! note: mail flow is as the language says; it may not be as its author hoped.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! partners:
//!   contosobank:
//!     domains: [contosobank.com]
//!     tls: verified
//!     certificate: "*.contosobank.com"
//!     addresses: [198.51.100.0/26]
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
//! partners:
//!   contosobank:
//!     domains: [contosobank.com]
//!     tls: verified
//!     certificate: "*.contosobank.com"
//! ```
//!
//! ## Sources
//!
//! - How a tenant chooses among partner connectors: <https://github.com/MicrosoftDocs/OfficeDocs-Exchange/issues/900>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::routes::Recognition;
use crate::values::TlsLevel;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    for partner in &topology.partners {
        let demanded = partner
            .tls_inbound
            .is_some_and(|level| level.value == TlsLevel::Verified);
        // Where a location goes by the addresses, they are needed.
        let mut routes = plan.routes.iter();
        let by_addresses = routes.any(|route| {
            topology.party_name(route.from) == partner.name
                && matches!(route.accepted_by, Recognition::Addresses(_))
        });
        let (true, Some(certificate), Some(addresses)) = (
            demanded && !by_addresses,
            partner.client_certificate(),
            partner.addresses.first(),
        ) else {
            continue;
        };
        findings.push(
            Finding::note(
                Code::P005,
                format!("mail from partner `{}` is recognized by its certificate alone: from another address it is taken too, and without the certificate it is refused from these as well", partner.name),
            )
            .at(addresses.span, "these do not restrict its mail")
            .at(certificate.span, "what it is recognized by")
            .on(Object::Partner(partner.name.clone()))
            .help(format!(
                "delete `addresses`, or write `tls: {{inbound: encrypted{}}}` to recognize it by them",
                partner.tls_outbound.map_or_else(String::new, |level| format!(", outbound: {}", level.value))
            ))
            .fix(Operation::Unset { object: Object::Partner(partner.name.clone()), key: "addresses" }),
        );
    }
}
