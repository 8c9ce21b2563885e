//! How to see that it works: the scripts that compare, and one message over every way.

use crate::plan::{Configuration, Plan};
use crate::runbook::{some_of, steps};
use crate::topology::{Device, Kind, LocationId, Method, Party, SendsTo, Topology};
use std::collections::BTreeSet;

/// Among more places than these, not everybody writes to everybody in the test plan.
const EVERY_PAIR: usize = 4;

/// The steps.
pub(crate) fn of(plan: &Plan) -> Vec<String> {
    let mut steps = comparisons(plan);
    steps.extend(validations(plan));
    steps.extend(messages(plan));
    steps
}

fn comparisons(plan: &Plan) -> Vec<String> {
    let compare = |(id, location): (LocationId, &crate::topology::Location)| {
        let name = &location.name;
        match &location.kind {
            Kind::Tenant(_) if !steps::locks(plan, id).is_empty() => Some(format!(
                "`{name}`: run `{name}/verify.ps1 -WithoutLock`; it prints every difference between what is there and what was compiled, but for what comes last"
            )),
            Kind::Tenant(_) | Kind::ExchangeServer(_) => Some(format!(
                "`{name}`: run `{name}/verify.ps1`; it prints every difference between what is there and what was compiled"
            )),
            Kind::Postfix(_) => Some(format!(
                "`{name}`: run `{name}/install.sh --dry-run`; it finds nothing left to change"
            )),
            Kind::Smtp(_) | Kind::Gateway(_) => None,
        }
    };
    plan.topology.locations().filter_map(compare).collect()
}

/// Exchange Online can try its own connectors.
fn validations(plan: &Plan) -> Vec<String> {
    let validate = |(id, location): (LocationId, &crate::topology::Location)| {
        let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
            return None;
        };
        let recipients: BTreeSet<String> = tenant
            .outbound
            .iter()
            .filter(|connector| !connector.by_wizard)
            .flat_map(|connector| &connector.validation_recipients)
            .map(ToString::to_string)
            .collect();
        let early = if steps::locks(plan, id).is_empty() {
            ""
        } else {
            " -WithoutLock"
        };
        (!recipients.is_empty()).then(|| {
            format!(
                "`{0}`: run `{0}/verify.ps1{early} -Validate`; this sends mail to {1}",
                location.name,
                some_of(recipients)
            )
        })
    };
    plan.topology.locations().filter_map(validate).collect()
}

fn messages(plan: &Plan) -> Vec<String> {
    let topology = &plan.topology;
    let holders: BTreeSet<LocationId> = topology
        .domains
        .iter()
        .flat_map(crate::topology::Domain::holder_ids)
        .collect();
    let name = |id: LocationId| &topology.location(id).name;
    let mut steps = Vec::new();
    for (from, to) in pairs(plan, &holders) {
        steps.push(format!(
            "Write from a mailbox at `{}` to a mailbox at `{}`",
            name(from),
            name(to)
        ));
    }
    for &at in &holders {
        steps.push(format!(
            "Write from a mailbox at `{0}` to a recipient on the Internet, and have it answered",
            name(at)
        ));
    }
    let linked: BTreeSet<Party> = plan
        .routes
        .iter()
        .flat_map(|route| [route.from, route.to])
        .collect();
    for (id, partner) in topology.partners() {
        if linked.contains(&Party::Partner(id)) {
            let to = partner
                .test_recipient
                .as_ref()
                .map_or_else(String::new, |at| format!(" (`{}`)", at.value));
            steps.push(format!(
                "Exchange messages with `{}`{to}, in both directions",
                partner.name
            ));
        }
    }
    for device in &topology.devices {
        steps.push(format!(
            "Send from `{}` to {}",
            device.name,
            recipients(topology, device)
        ));
    }
    steps
}

/// Who writes to whom: everybody to everybody among few; among many, each to the place it sends through and back, and
/// those that send by themselves each to the next.
fn pairs(plan: &Plan, holders: &BTreeSet<LocationId>) -> Vec<(LocationId, LocationId)> {
    if holders.len() <= EVERY_PAIR {
        let others = |from: LocationId| holders.iter().map(move |to| (from, *to));
        let all = holders.iter().flat_map(|from| others(*from));
        return all.filter(|(from, to)| from != to).collect();
    }
    let parent = |id: LocationId| plan.tree.parent(id).map(|at| at.value);
    let roots: Vec<LocationId> = holders
        .iter()
        .copied()
        .filter(|id| parent(*id).is_none())
        .collect();
    let next = roots.iter().cycle().skip(1);
    let around = roots.iter().zip(next).map(|(from, to)| (*from, *to));
    let through = holders.iter().filter_map(|id| Some((*id, parent(*id)?)));
    let through = through.filter(|(_, above)| holders.contains(above));
    let both_ways = through.flat_map(|(id, above)| [(id, above), (above, id)]);
    let all: BTreeSet<(LocationId, LocationId)> = around.chain(both_ways).collect();
    all.into_iter().filter(|(from, to)| from != to).collect()
}

fn recipients(topology: &Topology, device: &Device) -> String {
    let inside = topology
        .domains
        .iter()
        .filter_map(|domain| domain.test_recipient.as_ref())
        .map(|at| format!("`{}`", at.value))
        .next()
        .unwrap_or_else(|| "a mailbox of ours".to_owned());
    // A tenant cannot hold a relay to our own mailboxes.
    let held = device.method.value != Method::Relay
        || matches!(topology.location(device.via.value).kind, Kind::Postfix(_));
    match &device.sends_to {
        SendsTo::Internal if held => {
            format!("{inside}; a message to the Internet must be refused")
        }
        SendsTo::Internal => inside,
        SendsTo::Anyone => format!("{inside} and to a recipient on the Internet"),
        SendsTo::Patterns(patterns) => {
            format!(
                "an address of {}",
                some_of(patterns.iter().map(|at| &at.value))
            )
        }
    }
}
