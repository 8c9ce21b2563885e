//! Zone files for the planned records, and the policies that MTA-STS serves over HTTPS.
//!
//! This module must not know why a record is needed.

mod bind;
pub(crate) mod changes;
mod dnscontrol;
mod facts;
mod names;
mod octodns;
mod stages;
mod terraform;

pub(crate) use bind::{entered, in_file};

use crate::dns::Zone;
use crate::emit::Unwritable;
use crate::output::Tree;
use crate::plan::Plan;
use crate::source::Span;
use crate::topology::{DnsFormat, Terraform};
use crate::writer::Refused;
use std::collections::BTreeSet;

/// Adds the zones in every format that the spec asks for, and `dns/mta-sts/DOMAIN/.well-known/mta-sts.txt` for every
/// policy, and `dns/changes/DOMAIN.md` and `.zone` for every domain that others publish. Where an entry changes, the zones on the way stand in `dns/stage-1` and `dns/stage-2`. What a format cannot
/// carry is left out and said.
pub fn emit(plan: &Plan, tree: &mut Tree) -> Vec<Unwritable> {
    let asked = &plan.topology.dns.formats;
    let mut formats: BTreeSet<DnsFormat> = asked.iter().map(|at| at.value).collect();
    if formats.is_empty() {
        formats.insert(DnsFormat::Bind);
    }
    let mut files = Files {
        tree,
        terraform: plan.topology.dns.terraform,
        refused: Vec::new(),
    };
    for format in formats {
        files.zones("dns", format, &plan.zones);
        if !plan.zones.iter().any(stages::changes) {
            continue;
        }
        for number in stages::BEFORE_THE_LAST {
            // A file for all zones must hold those that stay as they are, or its reader takes them away.
            let whole = matches!(format, DnsFormat::Dnscontrol | DnsFormat::Terraform);
            let zones: Vec<Zone> = plan
                .zones
                .iter()
                .filter(|zone| whole || stages::changes(zone))
                .map(|zone| stages::stage(zone, number))
                .collect();
            files.zones(&format!("dns/stage-{number}"), format, &zones);
        }
    }
    for policy in plan.zones.iter().flat_map(|zone: &Zone| &zone.policies) {
        let path = format!("dns/mta-sts/{}/.well-known/mta-sts.txt", policy.domain);
        files.put(&path, Ok(policy.text()), policy.span);
    }
    for wanted in changes::wanted(plan) {
        let domain = wanted.domain;
        let path = format!("dns/changes/{}", domain.name);
        files.put(&format!("{path}.md"), wanted.page(plan), domain.span);
        files.put(&format!("{path}.zone"), wanted.zone(), domain.span);
    }
    match facts::script(plan) {
        Ok(None) => {}
        Ok(Some(text)) => files.put("dns/facts.sh", Ok(text), plan.topology.span),
        Err(refused) => files.put("dns/facts.sh", Err(refused), plan.topology.span),
    }
    files.refused
}

/// Where the files go, and what none of them could carry.
struct Files<'a> {
    tree: &'a mut Tree,
    terraform: Terraform,
    refused: Vec<Unwritable>,
}

impl Files<'_> {
    fn zones(&mut self, folder: &str, format: DnsFormat, zones: &[Zone]) {
        let first = zones.first().map_or_else(Span::default, |zone| zone.span);
        match format {
            DnsFormat::Bind => {
                for zone in zones {
                    let path = format!("{folder}/{}.zone", zone.origin);
                    self.put(&path, bind::zone_file(zone), zone.span);
                }
            }
            DnsFormat::Octodns => {
                for zone in zones {
                    let path = format!("{folder}/octodns/{}.yaml", zone.origin);
                    self.put(&path, octodns::zone_file(zone), zone.span);
                }
            }
            DnsFormat::Dnscontrol => {
                let path = format!("{folder}/dnsconfig.js");
                self.put(&path, dnscontrol::config(zones), first);
            }
            DnsFormat::Terraform => {
                let path = format!("{folder}/mail.tf");
                self.put(&path, terraform::config(zones, self.terraform), first);
            }
        }
    }

    fn put(&mut self, path: &str, text: Result<String, Refused>, span: Span) {
        let put = text.and_then(|text| self.tree.insert(path, text));
        self.refused.extend(put.map_err(Unwritable::at(span)).err());
    }
}

#[cfg(test)]
mod tests;
