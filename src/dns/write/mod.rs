//! Zone files for the planned records, and the policies that MTA-STS serves over HTTPS.
//!
//! This module must not know why a record is needed.

pub(crate) mod bind;
pub(crate) mod changes;
mod dnscontrol;
mod facts;
mod names;
mod octodns;
mod stages;
mod terraform;

pub(crate) use bind::{entered, in_file};

use crate::dns::{RData, Record, Sets, Zone};
use crate::emit::Unwritable;
use crate::output::{OutputTree, Sink};
use crate::plan::Plan;
use crate::source::Span;
use crate::topology::{DnsFormat, Terraform};
use crate::writer::Refused;
use std::collections::{BTreeMap, BTreeSet};

/// Adds the zones in every format that the spec asks for, and `dns/mta-sts/DOMAIN/.well-known/mta-sts.txt` for every
/// policy, and `dns/changes/DOMAIN.md` and `.zone` for every domain that others publish. Where an entry changes, the zones on the way stand in `dns/stage-1` and `dns/stage-2`. What a format cannot
/// carry is left out and said.
///
/// A tree that is only asked what it refuses gets no text: every path is asked for, and of the records those that some
/// format may refuse. Stages differ from the zones in nothing that matters here.
pub fn emit(plan: &Plan, tree: &mut OutputTree) -> Vec<Unwritable> {
    let asked = &plan.topology.dns.formats;
    let mut formats: BTreeSet<DnsFormat> = asked.iter().map(|at| at.value).collect();
    if formats.is_empty() {
        formats.insert(DnsFormat::Bind);
    }
    let mut files = Files {
        task: match tree.sink() {
            Sink::Files => Task::Write,
            Sink::Refusals => Task::Place,
        },
        tree,
        terraform: plan.topology.dns.terraform,
        first: plan
            .zones
            .first()
            .map_or_else(Span::default, |zone| zone.span),
        refused: Vec::new(),
    };
    let doubtful: Vec<Zone> = match files.task {
        Task::Write => Vec::new(),
        Task::Place | Task::Ask => plan.zones.iter().filter_map(doubtful).collect(),
    };
    for format in formats {
        files.zones("dns", format, &plan.zones);
        if files.task == Task::Place {
            files.task = Task::Ask;
            files.zones("dns", format, &doubtful);
            files.task = Task::Place;
            continue;
        }
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
    for policy in plan.policies() {
        let path = format!("dns/mta-sts/{}/.well-known/mta-sts.txt", policy.domain);
        files.put(&path, policy.span, || Ok(policy.text()));
    }
    for wanted in changes::wanted(plan) {
        let domain = wanted.domain;
        let path = format!("dns/changes/{}", domain.name);
        files.put(&format!("{path}.md"), domain.span, || wanted.page(plan));
        files.put(&format!("{path}.zone"), domain.span, || wanted.zone());
    }
    // All that the script asks for are names that were parsed.
    if files.task == Task::Write {
        let script = facts::script(plan).transpose();
        if let Some(text) = script {
            files.put("dns/facts.sh", plan.topology.span, || text);
        }
    }
    files.refused
}

/// What some format may refuse of a zone; nothing where that is nothing. Names and addresses were parsed, and every format
/// carries them and plain text.
fn doubtful(zone: &Zone) -> Option<Zone> {
    let sets = zone.sets.iter().filter(|(key, set)| {
        let is_doubtful = |record: &Record| {
            !is_plain(&record.why) || is_number(&key.owner) || may_be_refused(&record.data)
        };
        set.records.iter().any(is_doubtful)
    });
    let sets: Sets = sets.map(|(key, set)| (key.clone(), set.clone())).collect();
    (!sets.is_empty()).then(|| Zone {
        origin: zone.origin.clone(),
        authority: None,
        sets,
        today: BTreeMap::new(),
        policies: Vec::new(),
        span: zone.span,
    })
}

fn may_be_refused(data: &RData) -> bool {
    match data {
        RData::Ns(host) => is_number(host),
        RData::A(_) | RData::Aaaa(_) => false,
        RData::Cname(target) => is_number(target),
        RData::Mx { exchange, .. } => exchange.as_ref().is_some_and(is_number),
        RData::Txt(octets) => !octets.iter().copied().all(is_plain_octet),
        RData::Srv { .. } | RData::Tlsa { .. } | RData::Caa { .. } | RData::Other { .. } => true,
    }
}

/// A name that ends in a digit could be taken for an address.
fn is_number(name: &impl AsRef<str>) -> bool {
    name.as_ref().ends_with(|c: char| c.is_ascii_digit())
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(is_plain_octet)
}

const fn is_plain_octet(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && !matches!(octet, b'"' | b'\\')
}

/// What becomes of a file.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Its text is made and put in its place.
    Write,
    /// Its place alone is asked for.
    Place,
    /// Its text is made, and only what cannot be made is kept.
    Ask,
}

/// Where the files go, and what none of them could carry.
struct Files<'a> {
    task: Task,
    tree: &'a mut OutputTree,
    terraform: Terraform,
    /// Where the first zone comes from: the place of a file of all of them.
    first: Span,
    refused: Vec<Unwritable>,
}

impl Files<'_> {
    fn zones(&mut self, folder: &str, format: DnsFormat, zones: &[Zone]) {
        let (first, terraform) = (self.first, self.terraform);
        match format {
            DnsFormat::Bind => {
                for zone in zones {
                    let path = format!("{folder}/{}.zone", zone.origin);
                    self.put(&path, zone.span, || bind::zone_file(zone));
                }
            }
            DnsFormat::Octodns => {
                for zone in zones {
                    let path = format!("{folder}/octodns/{}.yaml", zone.origin);
                    self.put(&path, zone.span, || octodns::zone_file(zone));
                }
            }
            DnsFormat::Dnscontrol => {
                let path = format!("{folder}/dnsconfig.js");
                self.put(&path, first, || dnscontrol::config(zones));
            }
            DnsFormat::Terraform => {
                let path = format!("{folder}/mail.tf");
                self.put(&path, first, || terraform::config(zones, terraform));
            }
        }
    }

    fn put(&mut self, path: &str, span: Span, text: impl FnOnce() -> Result<String, Refused>) {
        let put = match self.task {
            Task::Write => text().and_then(|text| self.tree.insert(path, text)),
            Task::Place => self.tree.insert(path, ""),
            Task::Ask => text().map(|_| ()),
        };
        self.refused.extend(put.map_err(Unwritable::at(span)).err());
    }
}

#[cfg(test)]
mod tests;
