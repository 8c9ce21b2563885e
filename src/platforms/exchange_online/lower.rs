//! Lowering routes to the objects of a tenant, without changing which mail they take.

use crate::finding::{Code, Finding, Findings, Operation, nearest};
use crate::platforms::exchange_online::{Configuration, Settings, inbound, outbound, rules};
use crate::routes::{AcceptedDomain, RoutesAt};
use crate::topology::{Kind, LocationId, Party, Tenant, Topology};
use std::collections::BTreeSet;

/// The objects of the tenant at `here`.
pub(crate) fn lower(
    topology: &Topology,
    tenant: &Tenant,
    routes: RoutesAt<'_>,
    here: LocationId,
    accepted: &[AcceptedDomain],
    findings: &mut Findings,
) -> Configuration {
    refuse_scopes(topology, here, accepted, findings);
    let outbound = outbound::lower(topology, routes, here, findings);
    Configuration {
        rules: rules::lower(topology, routes, here, &outbound, findings),
        outbound,
        inbound: inbound::lower(topology, routes, here),
        settings: Settings {
            reject_direct_send: tenant.reject_direct_send.map(|at| at.value),
            smtp_auth: tenant.smtp_auth.map(|at| at.value),
            max_message_size: topology
                .location(here)
                .max_message_size
                .map(|at| at.value.0),
        },
        dkim: topology
            .domains
            .iter()
            .filter(|domain| signs(domain, here))
            .map(|domain| domain.name.clone())
            .collect(),
        trusted_arc_sealers: sealers(topology, routes, here),
    }
}

/// A connector is for accepted domains of the tenant, and Exchange Online refuses any other.
fn refuse_scopes(
    topology: &Topology,
    here: LocationId,
    accepted: &[AcceptedDomain],
    findings: &mut Findings,
) {
    let here = Party::Location(here);
    let written = topology
        .routes
        .iter()
        .filter(|route| route.to.value == here);
    for at in written.flat_map(|route| &route.only_for) {
        if accepted.iter().any(|known| known.domain == at.value) {
            continue;
        }
        let known: Vec<&str> = accepted.iter().map(|known| known.domain.as_str()).collect();
        let tenant = topology.party_name(here);
        let message = format!("`{}` is no accepted domain of `{tenant}`", at.value);
        let finding = Finding::error(Code::S001, message).at(at.span, "");
        findings.push(match nearest(at.value.as_str(), known.iter().copied()) {
            Some(near) => finding.mend(Operation::replace(at.span, at.value.as_str(), near)),
            None => finding.help(format!("write one of `{}`", known.join("`, `"))),
        });
    }
}

fn signs(domain: &crate::topology::Domain, here: LocationId) -> bool {
    match &domain.dkim {
        crate::topology::Dkim::Derived => domain.holder_ids().any(|holder| holder == here),
        crate::topology::Dkim::Signers(signers) => signers
            .iter()
            .any(|signer| signer.signer.value == Party::Location(here)),
    }
}

fn sealers(
    topology: &Topology,
    routes: RoutesAt<'_>,
    here: LocationId,
) -> Vec<crate::values::DomainName> {
    let sealers: BTreeSet<_> = routes
        .iter()
        .map(|(_, route)| route)
        .filter(|route| route.to == Party::Location(here))
        .filter_map(|route| route.from.location())
        .filter_map(|from| match &topology.location(from).kind {
            Kind::Gateway(handling) | Kind::Smtp(handling) => handling.arc_seal.as_ref(),
            _ => None,
        })
        .map(|at| at.value.clone())
        .collect();
    sealers.into_iter().collect()
}
