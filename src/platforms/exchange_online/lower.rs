//! Lowering routes to the objects of a tenant, without changing which mail they take.

use crate::finding::{Code, Finding, Findings, Object, Operation, nearest};
use crate::platforms::exchange_online::{
    Configuration, ConnectorType, InboundConnector, OutboundConnector, Settings, inbound, outbound,
    rules,
};
use crate::platforms::product::Lowering;
use crate::routes::{AcceptedDomain, RouteId, RoutesAt};
use crate::topology::{LocationId, Party, Tenant, Topology};
use std::collections::BTreeSet;

/// The objects of the tenant at `here`.
pub(crate) fn lower(
    lowering: &Lowering<'_>,
    tenant: &Tenant,
    findings: &mut Findings,
) -> Configuration {
    let Lowering {
        topology,
        routes,
        id: here,
        accepted,
        ..
    } = *lowering;
    refuse_scopes(topology, here, accepted, findings);
    let inbound = inbound::lower(topology, routes, here);
    let mut outbound = outbound::lower(topology, routes, here, findings);
    outbound.retain(|connector| {
        let refused = refused_detour(topology, routes, connector, &inbound);
        let is_taken = refused.is_none();
        findings.extend(refused);
        is_taken
    });
    Configuration {
        rules: rules::lower(topology, routes, here, &outbound, findings),
        outbound,
        inbound,
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

/// Exchange Online takes the connector of centralized transport only beside one for mail from our own servers.
fn refused_detour(
    topology: &Topology,
    routes: RoutesAt<'_>,
    connector: &OutboundConnector,
    inbound: &[InboundConnector],
) -> Option<Finding> {
    let is_written = connector.managed && !connector.by_wizard;
    if !is_written || !connector.enabled || !connector.route_all_messages_via_on_premises {
        return None;
    }
    let own = inbound.iter();
    let mut own = own.filter(|other| other.connector_type == ConnectorType::OnPremises);
    if own.clone().any(|other| other.enabled) {
        return None;
    }
    let find = |id: RouteId| {
        routes
            .iter()
            .find(|(other, _)| *other == id)
            .map(|(_, route)| route)
    };
    let route = find(connector.route)?;
    let [from, to] = [route.from, route.to].map(|party| topology.party_name(party));
    let finding = Finding::error(
        Code::E018,
        format!(
            "all mail of `{from}` for outside makes the detour through `{to}`, and `{from}` has no enabled connector for mail from `{to}`: Exchange Online refuses the connector `{}`",
            connector.name
        ),
    )
    .at(route.origin.span(), "makes the detour")
    .on(Object::Location(from.to_owned()))
    .domains(["*"])
    .withholds(format!("the connector `{}`", connector.name));
    Some(match own.find_map(|other| find(*other.routes.first()?)) {
        Some(off) => finding
            .at(off.origin.span(), "is switched off")
            .help(format!("switch it on: `enabled: true` at `{}`", off.name))
            .fix(Operation::set(Object::Route(off.name.clone()), "enabled", "true")),
        None => finding.help(format!(
            "give `{to}` a `certificate` or an IPv4 address (`egress`) that identifies it to `{from}`"
        )),
    })
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
        .filter_map(|from| topology.location(from).handling()?.arc_seal.as_ref())
        .map(|at| at.value.clone())
        .collect();
    sealers.into_iter().collect()
}
