//! # G002 accepted-but-no-mailbox
//!
//! ## What a clean result proves
//!
//! Every domain that a location is authoritative for, or whose mail enters somewhere, has recipients.
//!
//! ## Exact condition
//!
//! `accepts` or `also_accepts` of a location names a domain as authoritative that is not among `domains`. Names that
//! stand on a certificate of the spec are left out: they are accepted so that mail is attributed by them. Or a domain has an
//! `mx` and neither mailboxes nor forwards nor a `catch_all`.
//!
//! ## Severity
//!
//! warning: all mail for the domain is refused, which is rarely the reason to accept it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, also_accepts: [{domain: fabrikam.com}]}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
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
//!   fabrikam.com: {mailboxes: cloud, mx: cloud}
//! ```
//!
//! ## Sources
//!
//! - <https://learn.microsoft.com/exchange/mail-flow-best-practices/manage-accepted-domains/manage-accepted-domains>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::routes::facts::reached_under;
use crate::routes::{Acceptance, Recognition};
use crate::topology::{AcceptedType, Certificate};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let topology = &plan.topology;
    let on_certificates: BTreeSet<&str> = certificates(plan)
        .flat_map(|certificate| certificate.names.iter().map(|name| name.value.as_str()))
        .chain(plan.routes.iter().filter_map(|route| match &route.accepted_by {
            Recognition::Certificate(name) => Some(name.as_str()),
            _ => None,
        }))
        .collect();
    for domain in topology.domains.iter().filter(|domain| domain.receives()) {
        let has_recipients = !domain.holders.is_empty()
            || !domain.forwards.is_empty()
            || !domain.remote_mailboxes.is_empty()
            || domain.catch_all.is_some();
        let Some(entry) = domain.mx.first().filter(|_| !has_recipients) else {
            continue;
        };
        let (name, place) = (domain.name.to_string(), &topology.location(entry.value).name);
        findings.push(
            Finding::warning(Code::G002, format!("mail for `{name}` enters at `{place}`, and the domain has no mailboxes: nobody gets it"))
                .at(entry.span, "its mail enters here")
                .on(Object::Domain(name.clone()))
                .domains([name.clone()])
                .help(format!("write where they are, `{name}: {{mailboxes: {place}}}`, or `{name}: {{parked: true}}` where it takes and sends none")),
        );
    }
    for (id, location) in topology.locations() {
        for accepted in &plan.place(id).accepted {
            let name = accepted.domain.as_str();
            let has_end = accepted.kind != AcceptedType::Authoritative
                || topology.domain_named(&accepted.domain).is_some()
                || reached_under(topology, &accepted.domain).is_some();
            if accepted.why == Acceptance::TenantName || has_end || on_certificates.contains(name) {
                continue;
            }
            findings.push(
                Finding::warning(Code::G002, format!("`{}` accepts `{name}`, of which no place holds mailboxes: all mail for it is refused there", location.name))
                    .at(accepted.span, "accepted here")
                    .on(Object::Location(location.name.clone()))
                    .domains([name])
                    .help(format!("write under `domains` where they are, `{name}: {{mailboxes: {}}}`, or `{name}: {{parked: true}}`", location.name)),
            );
        }
    }
}

fn certificates(plan: &Plan) -> impl Iterator<Item = &Certificate> {
    let locations = plan.topology.locations.iter().flat_map(|location| {
        [
            location.certificate.as_ref(),
            location.client_certificate.as_ref(),
        ]
    });
    locations
        .chain(
            plan.topology
                .devices
                .iter()
                .map(|device| device.certificate.as_ref()),
        )
        .chain(plan.topology.routes.iter().map(|route| route.client_certificate.as_ref()))
        .flatten()
}
