//! Zone files for the planned records, and the policies that MTA-STS serves over HTTPS.
//!
//! This module must not know why a record is needed.

mod bind;

use crate::output::Tree;
use crate::plan::Plan;
use crate::topology::DnsFormat;
use crate::writer::Refused;

/// Adds `dns/ZONE.zone` for every zone and `dns/mta-sts/DOMAIN/.well-known/mta-sts.txt` for every policy. What a format
/// cannot carry is left out and said.
pub fn emit(plan: &Plan, tree: &mut Tree) -> Vec<Refused> {
    let formats = &plan.topology.dns.formats;
    let bind = formats.is_empty() || formats.iter().any(|at| at.value == DnsFormat::Bind);
    let mut refused = Vec::new();
    for zone in &plan.zones {
        if bind {
            let path = format!("dns/{}.zone", zone.origin);
            let written = bind::zone_file(zone).and_then(|text| tree.insert(&path, text));
            refused.extend(written.err());
        }
        for policy in &zone.policies {
            let path = format!("dns/mta-sts/{}/.well-known/mta-sts.txt", policy.domain);
            refused.extend(tree.insert(&path, policy.text()).err());
        }
    }
    refused
}

#[cfg(test)]
mod tests;
