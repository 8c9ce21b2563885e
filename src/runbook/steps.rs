//! In which order the places are set up, and taken back.

use crate::plan::{Configuration, Plan};
use crate::topology::{Kind, LocationId};

/// Who hands on the mail of others before those who send through it; by name among equals.
pub(crate) fn order(plan: &Plan) -> Vec<LocationId> {
    let above = |&id: &LocationId| plan.tree.parent(id).map(|at| at.value);
    let depth = |id: LocationId| {
        std::iter::successors(Some(id), above)
            .take(plan.places.len())
            .count()
    };
    let mut ids: Vec<LocationId> = plan.topology.locations().map(|(id, _)| id).collect();
    ids.sort_by_key(|&id| (depth(id), id));
    ids
}

/// What to do at one place.
pub(crate) fn apply(plan: &Plan, id: LocationId) -> String {
    let location = plan.topology.location(id);
    let name = &location.name;
    let outgoing = if location.outgoing_step {
        format!(
            "; with SPF published, `{name}/apply.ps1 -Outgoing` turns outgoing mail to its new path"
        )
    } else {
        String::new()
    };
    match &location.kind {
        Kind::Tenant(tenant) => {
            let session = format!(
                "`{name}`: connect to Exchange Online as an administrator of `{}`, run `{name}/apply.ps1 -WhatIf`, read",
                tenant.initial_domain()
            );
            let run = format!("{session}, and run it again without `-WhatIf`{outgoing}");
            match locks(plan, id).as_slice() {
                [] => run,
                locks => format!(
                    "{run}; it leaves out what refuses mail, which comes last: {}",
                    locks.join(", ")
                ),
            }
        }
        Kind::ExchangeServer(server) => {
            let servers: Vec<String> = server
                .servers
                .iter()
                .map(|at| format!("`{}`", at.value))
                .collect();
            // Edge servers that are not subscribed know nothing of each other.
            let at = match (servers.first(), server.edge) {
                (None, _) => "a server".to_owned(),
                (Some(first), false) => first.clone(),
                (Some(_), true) => format!("each of {}", servers.join(", ")),
            };
            format!(
                "`{name}`: in the Exchange Management Shell on {at}, run `{name}/apply.ps1 -WhatIf`, read, and run it again without `-WhatIf`{outgoing}"
            )
        }
        Kind::Postfix(_) => {
            let then = if location.accept_only_from.is_some() {
                "; it refuses the mail of strangers from then on, so where they still come to it, wait until the MX records have moved"
            } else {
                ""
            };
            format!(
                "`{name}`: on the host, run `{name}/install.sh --dry-run`, read, and run it again as root without `--dry-run`{then}"
            )
        }
        Kind::Smtp(_) | Kind::Gateway(_) => {
            format!("`{name}`: have its administrator work through `{name}/CHECKLIST.md`")
        }
    }
}

/// What shuts out everybody who does not come by the right way: it waits for `-Lock`.
pub(crate) fn locks(plan: &Plan, id: LocationId) -> Vec<String> {
    let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
        return Vec::new();
    };
    let connectors = tenant
        .inbound
        .iter()
        .filter(|connector| connector.is_lock())
        .map(|connector| format!("`InboundConnector {}`", connector.name));
    let direct_send = (tenant.settings.reject_direct_send == Some(true))
        .then(|| "`OrganizationConfig RejectDirectSend`".to_owned());
    connectors.chain(direct_send).collect()
}

/// Whether a connector that comes last is also the one by which the tenant looks behind the gateway.
pub(crate) fn skips_behind_lock(plan: &Plan, id: LocationId) -> bool {
    let Configuration::ExchangeOnline(tenant) = &plan.place(id).configuration else {
        return false;
    };
    tenant.inbound.iter().any(|connector| {
        let skips = connector.ef_skip_last_ip || !connector.ef_skip_ips.is_empty();
        connector.is_lock() && skips
    })
}

/// The way back, last step first: what is locked would refuse the mail that enters by the old records.
pub(crate) fn back(plan: &Plan, order: &[LocationId]) -> Vec<String> {
    let topology = &plan.topology;
    let locked = order
        .iter()
        .rev()
        .filter(|&&id| !locks(plan, id).is_empty());
    let mut back: Vec<String> = locked
        .map(|&id| {
            format!(
                "`{0}`: where `{0}/apply.ps1 -Lock` was run, run `{0}/rollback.ps1` with the state that it saved, and wait half an hour: what it made refuses mail by the old way",
                topology.location(id).name
            )
        })
        .collect();
    back.push("Put the old MX records back and wait for their time to live".to_owned());
    back.extend(order.iter().rev().map(|&id| {
        let location = topology.location(id);
        let name = &location.name;
        match &location.kind {
            Kind::Tenant(_) | Kind::ExchangeServer(_) => format!(
                "`{name}`: run `{name}/rollback.ps1` with the state that `apply.ps1` saved before its first change"
            ),
            Kind::Postfix(_) => format!(
                "`{name}`: on the host, as root, `{name}/install.sh --restore first` brings back what was there before the first run; each run keeps what it replaced in a folder of `mailtopo-previous`, beside `main.cf`, and `--restore NAME` brings back the one with this name"
            ),
            Kind::Smtp(_) | Kind::Gateway(_) => format!(
                "`{name}`: have its administrator take back what the checklist asked for"
            ),
        }
    }));
    back
}
