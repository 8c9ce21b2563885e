//! Zone files for the planned records, and the policies that MTA-STS serves over HTTPS.
//!
//! This module must not know why a record is needed.

mod bind;
mod dnscontrol;
mod names;
mod octodns;
mod terraform;

use crate::output::Tree;
use crate::plan::Plan;
use crate::plan::dns::Zone;
use crate::topology::DnsFormat;
use crate::writer::Refused;
use std::collections::BTreeSet;

/// Adds the zones in every format that the spec asks for, and `dns/mta-sts/DOMAIN/.well-known/mta-sts.txt` for every
/// policy. What a format cannot carry is left out and said.
pub fn emit(plan: &Plan, tree: &mut Tree) -> Vec<Refused> {
    let asked = &plan.topology.dns.formats;
    let mut formats: BTreeSet<DnsFormat> = asked.iter().map(|at| at.value).collect();
    if formats.is_empty() {
        formats.insert(DnsFormat::Bind);
    }
    let mut refused = Vec::new();
    let mut put = |path: String, text: Result<String, Refused>| {
        refused.extend(text.and_then(|text| tree.insert(&path, text)).err());
    };
    for format in formats {
        match format {
            DnsFormat::Bind => {
                for zone in &plan.zones {
                    put(format!("dns/{}.zone", zone.origin), bind::zone_file(zone));
                }
            }
            DnsFormat::Octodns => {
                for zone in &plan.zones {
                    let path = format!("dns/octodns/{}.yaml", zone.origin);
                    put(path, octodns::zone_file(zone));
                }
            }
            DnsFormat::Dnscontrol => {
                put(
                    "dns/dnsconfig.js".to_owned(),
                    dnscontrol::config(&plan.zones),
                );
            }
            DnsFormat::Terraform => {
                put("dns/mail.tf".to_owned(), terraform::locals(&plan.zones));
            }
        }
    }
    for policy in plan.zones.iter().flat_map(|zone: &Zone| &zone.policies) {
        let path = format!("dns/mta-sts/{}/.well-known/mta-sts.txt", policy.domain);
        put(path, Ok(policy.text()));
    }
    refused
}

#[cfg(test)]
mod tests;
