//! Findings about tenants that only filter: what all of them have in common.

use crate::finding::{Finding, Object};
use crate::plan::Plan;
use crate::topology::{Location, LocationId, Tenant};

/// The tenants of `kind: eop`.
pub(super) fn tenants(plan: &Plan) -> impl Iterator<Item = (LocationId, &Location, &Tenant)> {
    plan.topology.locations().filter_map(|(id, location)| {
        let tenant = location.tenant().filter(|tenant| tenant.filtering_only)?;
        Some((id, location, tenant))
    })
}

/// Adds where the kind is written, and the other kind as a way out beside `help`.
pub(super) fn explained(finding: Finding, location: &Location, help: &str) -> Finding {
    finding
        .at(location.span, "`kind: eop` is here")
        .on(Object::Location(location.name.clone()))
        .help(format!(
            "{help}, or write `kind: exchange-online` if the tenant has mailboxes"
        ))
}
