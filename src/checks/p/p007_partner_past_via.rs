//! # P007 partner-past-via
//!
//! ## What a clean result proves
//!
//! The mail of every partner is followed from each location that it comes to.
//!
//! ## Exact condition
//!
//! A partner has `via`, no route from it is written, and the MX of one of our domains is a location that `via` does not
//! name. The mail of the partner is followed from the locations of `via` alone. A sender comes to another location than
//! the MX names only by an entry of its own, which is in no spec.
//!
//! ## Severity
//!
//! warning where TLS is agreed for mail from the partner: a location outside `via` does not demand it. Else note.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], certificate: mx.filter.example, forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter], sends: {via: filter}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! partners:
//!   bank: {domains: [bank.example], tls: verified, certificate: mail.bank.example, via: [cloud]}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   filter: {kind: gateway, hosts: [mx.filter.example], egress: [192.0.2.7], certificate: mx.filter.example, forwards: {contoso.com: cloud}}
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter], sends: {via: filter}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! partners:
//!   bank: {domains: [bank.example], tls: verified, certificate: mail.bank.example, via: [cloud, filter]}
//! ```
//!
//! ## Sources
//!
//! - Where a sender connects: <https://www.rfc-editor.org/rfc/rfc5321#section-5.1>

use crate::checks::Run;
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Object, Operation, Severity};
use crate::plan::Plan;
use crate::routes::Route;
use crate::topology::{LocationId, Partner, PartnerId, Party};
use crate::values::TlsLevel;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    for (id, partner) in plan.topology.partners() {
        let from_it = |route: &Route| {
            route.enabled && route.is_written() && route.from == Party::Partner(id)
        };
        if !partner.via.is_empty() && !plan.routes.iter().any(from_it) {
            findings.extend(past_via(plan, id, partner));
        }
    }
}

fn past_via(plan: &Plan, id: PartnerId, partner: &Partner) -> Option<Finding> {
    let topology = &plan.topology;
    let mut missed: BTreeMap<LocationId, Vec<&str>> = BTreeMap::new();
    for domain in &topology.domains {
        for at in &domain.mx {
            if partner.via.iter().all(|via| via.value != at.value) {
                missed.entry(at.value).or_default().push(domain.name.as_str());
            }
        }
    }
    let (&first, domains) = missed.first_key_value()?;
    let name = |at: LocationId| topology.location(at).name.as_str();
    let agreed = partner.tls_inbound.filter(|tls| tls.value > TlsLevel::Opportunistic);
    let entries = listed(missed.keys().map(|at| name(*at)));
    let via = listed(partner.via.iter().map(|at| name(at.value)));
    let of = plan.topology.party_name(Party::Partner(id));
    let lacks = agreed.map_or_else(String::new, |tls| {
        format!(", and nothing there demands the TLS that was agreed (`{}`)", tls.value)
    });
    let severity = if agreed.is_some() { Severity::Warning } else { Severity::Note };
    let mut finding = Finding::new(
        Code::P007,
        severity,
        format!(
            "mail from partner `{of}` is followed from {via} alone (`via`), but the MX of {} is `{}`: what `{of}` sends by MX comes to {entries}{lacks}",
            listed(domains.iter().copied()),
            name(first),
        ),
    )
    .on(Object::Partner(of.to_owned()));
    if let Some(at) = partner.via.first() {
        finding = finding.at(at.span, "where its mail is said to come to");
        finding = finding.help(format!(
            "add {entries} to `via` of `{of}`; or, if `{of}` sends to {via} by an entry of its own, write this as a route: `{{name: {of} to {to}, from: {of}, to: {to}, recipients: [accepted-domains]}}`",
            to = name(at.value),
        ));
    }
    Some(finding.fix(Operation::Append {
        object: Object::Partner(of.to_owned()),
        key: "via",
        value: name(first).to_owned(),
    }))
}
