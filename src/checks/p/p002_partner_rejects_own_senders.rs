//! # P002 partner-rejects-own-senders
//!
//! ## What a clean result proves
//!
//! No partner's mail is refused for what was agreed with it.
//!
//! ## Exact condition
//!
//! Mail from a partner for a mailbox is refused at the location where it enters.
//!
//! ## Severity
//!
//! error; warning where only mail that the partner sends in our name is rejected.
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
//!   newsletter: {sends_as: [contoso.com], addresses: [198.51.100.9], spf: "ip4:198.51.100.9"}
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
//!   newsletter: {sends_as: [contoso.com], addresses: [198.51.100.9], spf: "ip4:198.51.100.9"}
//! routes:
//!   - {name: newsletter, from: newsletter, to: cloud, recipients: [accepted-domains], accepted_by: addresses}
//! ```
//!
//! ## Sources
//!
//! - Restrictions of inbound connectors: <https://learn.microsoft.com/powershell/module/exchangepowershell/new-inboundconnector>

use crate::checks::lost_mail::{Astray, report};
use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::topology::Party;
use crate::values::Address;
use crate::walk::{FaultKind, Flows};

pub(in crate::checks) const RUN: Run = Run::Walk(run);

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    report(flows, FaultKind::PartnerRefused, findings, finding);
}

fn finding(astray: &Astray<'_>) -> Finding {
    // Only mail in our name alone can be meant to come by another way than the partner's own.
    let is_own = match astray.fault.party {
        Some(Party::Partner(id)) => {
            let domains = &astray.topology().partner(id).domains;
            let mut envelopes = astray.evidence.envelopes.iter().flatten();
            envelopes.any(|from| domains.iter().any(|at| at.value.matches(from.domain())))
        }
        _ => false,
    };
    let severity = if is_own {
        Severity::Error
    } else {
        Severity::Warning
    };
    Finding::new(
        Code::P002,
        severity,
        format!(
            "mail from `{}` for {} is refused at `{}`: {}",
            astray.party(),
            astray.names(),
            astray.place(),
            astray.evidence.way.end.why
        ),
    )
    .help(known_by(astray))
}

/// What makes the partner known where it is refused: a route, and something of it that a route goes by.
fn known_by(astray: &Astray<'_>) -> String {
    let topology = astray.topology();
    let Some(Party::Partner(id)) = astray.fault.party else {
        return String::new();
    };
    let model = &astray.flows.model;
    let to = astray.evidence.way.recipient.as_ref().map(Address::domain);
    let here = astray.fault.at.map(|at| &model.plan.place(at).accepted);
    // No recognition makes a tenant relay for a partner: what it does not accept it refuses of everybody.
    if let (Some(to), Some(here)) = (to, here)
        && topology.nearest_domain(to).is_some()
        && here.named(to).is_none()
        && here.around(to).is_none()
    {
        return format!(
            "let `{place}` accept `{to}` (`also_accepts: [{{domain: {to}}}]` there), or have `{}` send this mail to where the domain is",
            astray.party(),
            place = astray.place()
        );
    }
    let partner = topology.partner(id);
    let (name, place) = (astray.party(), astray.place());
    let has_route = astray.flows.model.plan.routes.iter().any(|route| {
        route.is_written() && route.from == Party::Partner(id) && topology.party_name(route.to) == place
    });
    let (by, lacks) = if !partner.addresses.is_empty() {
        ("addresses", false)
    } else if partner.client_certificate().is_some() {
        ("certificate", false)
    } else {
        ("addresses", true)
    };
    let route = if has_route {
        format!("let its route to `{place}` have `accepted_by: {by}` and no narrower recipients")
    } else {
        format!("add a route by which it is known: `{{name: {name}, from: {name}, to: {place}, recipients: [accepted-domains], accepted_by: {by}}}`")
    };
    match (lacks, has_route) {
        (false, _) => route,
        (true, true) => format!("write the networks that it sends from as `addresses` of `{name}`: its route to `{place}` knows it by nothing yet"),
        (true, false) => format!("write the networks that it sends from as `addresses` of `{name}`, and {route}"),
    }
}
