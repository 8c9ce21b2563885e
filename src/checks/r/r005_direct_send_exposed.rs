//! # R005 direct-send-exposed
//!
//! ## What a clean result proves
//!
//! Nobody on the Internet can hand a tenant mail that claims to come from one of the tenant's own domains.
//!
//! ## Exact condition
//!
//! A tenant accepts a domain other than its own initial ones, has no `reject_direct_send: true`, and takes mail of
//! external senders (it is not locked). A tenant that only filters (`kind: eop`) has no such switch and is left out.
//!
//! ## Severity
//!
//! warning; note on a tenant that holds no mailboxes. Mail from our own locations and devices that a connector
//! recognizes is not concerned.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso}
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
//! ```
//!
//! ## Sources
//!
//! - <https://techcommunity.microsoft.com/blog/exchange/introducing-more-control-over-direct-send-in-exchange-online/4408790>
//! - `RejectDirectSend`: <https://learn.microsoft.com/powershell/module/exchangepowershell/set-organizationconfig>

use crate::checks::words::listed;
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::plan::Plan;
use crate::routes::{Acceptance, Recognition};
use crate::topology::{Domain, LocationId, Method, Party, SendsInOurName};

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, location) in plan.topology.locations() {
        let Some(tenant) = location.tenant() else {
            continue;
        };
        let own: Vec<&str> = plan
            .place(id)
            .accepted
            .iter()
            .filter(|accepted| accepted.why != Acceptance::TenantName)
            .map(|accepted| accepted.domain.as_str())
            .collect();
        if own.is_empty()
            || tenant.filtering_only
            || location.rejects_direct_send()
            || plan.place(id).configuration.is_locked()
        {
            continue;
        }
        let holds_mailboxes = plan
            .topology
            .domains
            .iter()
            .any(|domain| domain.holder_ids().any(|holder| holder == id));
        let severity = if holds_mailboxes {
            Severity::Warning
        } else {
            Severity::Note
        };
        let users: Vec<&str> = plan
            .topology
            .devices
            .iter()
            .filter(|device| device.via.value == id && device.method.value == Method::DirectSend)
            .map(|device| device.name.as_str())
            .collect();
        let unknown = unknown_writers(plan, id);
        let write = Operation::set(
            Object::Location(location.name.clone()),
            "reject_direct_send",
            "true",
        );
        let (span, text) = match tenant.reject_direct_send {
            Some(at) => (at.span, "switched off here"),
            None => (location.span, "the provider's default leaves it open"),
        };
        let finding = Finding::new(
                Code::R005,
                severity,
                format!("`{}` accepts unauthenticated mail with an envelope sender in {} from any host (direct send)", location.name, listed(own.iter().copied())),
            )
            .at(span, text)
            .on(Object::Location(location.name.clone()))
            .domains(own)
            ;
        // Whoever sends so has to change first.
        let mut before = Vec::new();
        if !users.is_empty() {
            before.push(format!("`method: relay` at {}", listed(users.iter().copied())));
        }
        if !unknown.is_empty() {
            before.push(format!("let `{}` know {}", location.name, listed(unknown.iter().copied())));
        }
        if before.is_empty() {
            findings.push(finding.mend(write));
            continue;
        }
        let before = before.join(" and ");
        findings.push(finding.help(format!(
            "{write}, and before that {before}, whose mail is refused from then on"
        )));
    }
}

/// Who writes to a tenant with its own names, and it knows them by nothing: partners who send in our name, and tenants that
/// share a domain.
fn unknown_writers(plan: &Plan, id: LocationId) -> Vec<&str> {
    let topology = &plan.topology;
    let accepted = &plan.place(id).accepted;
    let is_unknown = |from: Party| {
        !plan.routes().any(|(_, route)| {
            route.enabled
                && route.from == from
                && route.to.location() == Some(id)
                && route.accepted_by != Recognition::Nothing
        })
    };
    let partners = topology.partners().filter(|(_, partner)| {
        let mut names = partner.sends_as.iter().map(|at| match &at.value {
            SendsInOurName::Domain(name) => name,
            SendsInOurName::Address(address) => address.domain(),
        });
        names.any(|name| accepted.named(name).is_some())
    });
    let tenants = topology.locations().filter(|(other, at)| {
        let shares = |domain: &Domain| {
            domain.holder_ids().any(|holder| holder == *other)
                && accepted.named(&domain.name).is_some()
        };
        *other != id && at.tenant().is_some() && topology.domains.iter().any(shares)
    });
    let parties = partners.map(|(id, _)| Party::Partner(id));
    let parties = parties.chain(tenants.map(|(id, _)| Party::Location(id)));
    let unknown = parties.filter(|party| is_unknown(*party));
    unknown.map(|party| topology.party_name(party)).collect()
}
