//! # S012 unused-definition
//!
//! ## What a clean result proves
//!
//! Everything that is declared takes part: each location is reached by some mail or sends some through another, each
//! partner has domains or sends in our name, and each row of a list belongs to a domain of the spec.
//!
//! ## Exact condition
//!
//! No route ends at a location, no other location recognizes it as a sender, it holds no mailboxes and no domain's mail
//! enters there; or no route begins or ends at a partner, which asks for no more than the Internet has anyway, and it
//! neither sends nor signs in our name nor may relay; or rows of a list end in no domain that names the list.
//!
//! ## Severity
//!
//! note: nothing goes wrong, but a reader may believe that the entry does something.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//!   old-filter: {kind: gateway, hosts: [mx.filter.example]}
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
//! - The same question for networks: <https://batfish.readthedocs.io/en/latest/notebooks/configProperties.html>

use crate::checks::Run;
use crate::finding::{Code, Finding, Findings, Object, Operation};
use crate::plan::Plan;
use crate::routes::Recognition;
use crate::source::Span;
use crate::topology::{
    Dkim, Entry, LocationId, PartnerId, Party, Routing, RuleTarget, Sender, Sends,
};
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Plan(run);

fn run(plan: &Plan, findings: &mut Findings) {
    let used = used_locations(plan);
    for (id, location) in plan.topology.locations() {
        if used.contains(&id) {
            continue;
        }
        let removal = removal(plan, Party::Location(id), location.span);
        let finding =
            Finding::note(Code::S012, format!("no mail passes `{}`: no route ends there, nobody takes its mail, it holds no mailboxes and no domain has it as `mx`", location.name))
                .at(location.span, "declared here")
                .on(Object::Location(location.name.clone()))
                .help(format!("delete `{0}`, or use it: `mx: {0}`, `sends: {{via: {0}}}`", location.name))
;
        findings.push(removal.into_iter().fold(finding, Finding::fix));
    }
    let used = used_partners(plan);
    for (index, partner) in plan.topology.partners.iter().enumerate() {
        let id = PartnerId::from_index(index);
        if used.contains(&id) || !partner.sends_as.is_empty() || partner.relays {
            continue;
        }
        let (why, help) = if partner.domains.is_empty() {
            (
                "has no domains and sends nothing in our name",
                "write its `domains`, or delete it",
            )
        } else if plan.topology.routing == Routing::Explicit {
            (
                "stands at no end of a written route",
                "write a route to it or from it, or delete it",
            )
        } else {
            (
                "asks for nothing that its mail does not have without it",
                "write its terms, such as `tls: encrypted`, or delete it",
            )
        };
        let removal = removal(plan, Party::Partner(id), partner.span);
        let finding = Finding::note(
            Code::S012,
            format!(
                "partner `{}` {why}, so nothing is made for it",
                partner.name
            ),
        )
        .at(partner.span, "declared here")
        .on(Object::Partner(partner.name.clone()))
        .help(help);
        findings.push(removal.into_iter().fold(finding, Finding::fix));
    }
}

/// The edit that takes an entry away. An expectation that names it has to go with it, which is a question.
fn removal(plan: &Plan, party: Party, span: Span) -> Option<Operation> {
    let topology = &plan.topology;
    let name = topology.party_name(party);
    let is_named = topology.expectations.iter().any(|line| {
        matches!(line.from.value, Sender::Party(it) | Sender::As(it, _) if it == party)
            || line.ends.iter().any(|at| at.value.split([' ', ',']).any(|word| word == name))
            || line
                .via
                .iter()
                .chain(&line.not_via)
                .any(|at| Party::Location(at.value) == party)
    });
    // So it is with its own routes, and a spec is nothing without locations.
    let has_routes = plan
        .routes
        .iter()
        .any(|route| route.is_written() && [route.from, route.to].contains(&party));
    let mut partners = topology.partners.iter();
    let is_via = partners.any(|partner| {
        let mut via = partner.via.iter();
        via.any(|at| Party::Location(at.value) == party)
    });
    let mut locations = topology.locations();
    let is_target = locations.any(|(_, location)| {
        let handling = location.handling().into_iter();
        let mut targets = handling.flat_map(|handling| &handling.forwards);
        targets.any(|(_, to)| to.value == party)
    });
    let is_ruled = topology.rules.iter().any(|rule| Party::Location(rule.at.value) == party);
    let is_last = party.location().is_some() && topology.locations().count() == 1;
    let stays = is_named || has_routes || is_via || is_target || is_ruled || is_last;
    (!stays).then_some(Operation::Remove { span })
}

/// Partners that a route or a signature is about.
fn used_partners(plan: &Plan) -> BTreeSet<PartnerId> {
    let mut used: BTreeSet<PartnerId> = BTreeSet::new();
    let mut add = |party: Party| {
        if let Party::Partner(id) = party {
            used.insert(id);
        }
    };
    for route in &plan.routes {
        add(route.from);
        add(route.to);
    }
    for domain in &plan.topology.domains {
        if let Dkim::Signers(signers) = &domain.dkim {
            for signer in signers {
                add(signer.signer.value);
            }
        }
    }
    used
}

fn used_locations(plan: &Plan) -> BTreeSet<LocationId> {
    let topology = &plan.topology;
    let mut used: BTreeSet<LocationId> = plan
        .routes
        .iter()
        .filter_map(|route| route.to.location())
        .collect();
    // A place may also be there for the mail that it sends through the others.
    let senders = plan
        .routes
        .iter()
        .filter(|route| route.accepted_by != Recognition::Nothing);
    used.extend(senders.filter_map(|route| route.from.location()));
    for domain in &topology.domains {
        used.extend(domain.holder_ids());
        used.extend(domain.mx.iter().map(|at| at.value));
        if let Some(Entry::Location(id)) = domain.mx_now.as_ref().map(|at| &at.value) {
            used.insert(*id);
        }
        if let Dkim::Signers(signers) = &domain.dkim {
            used.extend(
                signers
                    .iter()
                    .filter_map(|signer| signer.signer.value.location()),
            );
        }
    }
    for (id, location) in topology.locations() {
        // A lock that is not written admits nobody.
        let only = location.accept_only_from.as_ref();
        let only = only.filter(|_| plan.place(id).configuration.is_locked());
        used.extend(only.into_iter().flat_map(|at| &at.value));
        if let Sends::Via(id) = location.sends.value {
            used.insert(id);
        }
    }
    used.extend(topology.devices.iter().map(|device| device.via.value));
    // Written mail-flow rules may be the only thing that leads to a place.
    used.extend(
        topology
            .rules
            .iter()
            .filter_map(|rule| match rule.route.value {
                RuleTarget::Party(Party::Location(id)) => Some(id),
                _ => None,
            }),
    );
    used
}
