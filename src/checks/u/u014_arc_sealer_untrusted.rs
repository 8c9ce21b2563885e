//! # U014 arc-sealer-untrusted
//!
//! ## What a clean result proves
//!
//! A tenant can see what mail was like before a gateway changed it, because the gateway seals it.
//!
//! ## Exact condition
//!
//! Mail of external senders passes a location with `modifies_body` and without `arc_seal` before it gets to a tenant.
//!
//! ## Severity
//!
//! note: signatures of external senders are broken when the tenant sees the mail, so that it fails DMARC there for those who
//! send from other addresses than their SPF names.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": cloud}, modifies_body: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, accept_only_from: [filter]}
//!   filter: {kind: gateway, hosts: [in.filter.example], egress: [198.51.100.0/24], forwards: {"contoso.com": cloud}}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: filter}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc8617#section-7.2>
//! - <https://learn.microsoft.com/defender-office-365/email-authentication-arc-configure>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object};
use crate::topology::{LocationId, Party};
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Walk(run);

/// Where mail of external senders has been before a tenant takes it for the first time.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::checks::u) struct BeforeTenant {
    /// The tenant.
    pub tenant: LocationId,
    /// The places before it, in order.
    pub places: Vec<LocationId>,
}

/// All such ways, each once.
pub(in crate::checks::u) fn before_tenant(flows: &Flows<'_>) -> BTreeSet<BeforeTenant> {
    let topology = &flows.model.plan.topology;
    let of_strangers = flows.flows.iter().filter(|flow| flow.party == Party::Internet);
    let ways = of_strangers.flat_map(|flow| &flow.trace.ways);
    let before = ways.filter(|way| way.end.ends.arrives()).filter_map(|way| {
        let is_tenant = |at: &LocationId| topology.location(*at).tenant().is_some();
        let first = way.places.iter().position(is_tenant)?;
        Some(BeforeTenant {
            tenant: *way.places.get(first)?,
            places: way.places.get(..first)?.to_vec(),
        })
    });
    before.collect()
}

fn run(flows: &Flows<'_>, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeSet<(LocationId, LocationId)> = BTreeSet::new();
    for way in before_tenant(flows) {
        let changing = way.places.iter().filter(|at| {
            let location = topology.location(**at);
            let seals = location.handling().is_some_and(|handling| handling.arc_seal.is_some());
            location.modifies_body && !seals
        });
        found.extend(changing.map(|at| (*at, way.tenant)));
    }
    for (at, tenant) in found {
        let (location, tenant) = (topology.location(at), topology.location(tenant));
        findings.push(
            Finding::note(
                Code::U014,
                format!(
                    "`{}` changes mail of external senders and does not seal it, so `{}` finds their signatures broken",
                    location.name, tenant.name
                ),
            )
            .at(location.span, "it changes bodies")
            .on(Object::Location(location.name.clone()))
            .on(Object::Location(tenant.name.clone()))
            .help(format!(
                "where `{}` seals with ARC, write the domain of its seal in `arc_seal`; or keep bodies as they are",
                location.name
            )),
        );
    }
}
