//! The steps in DNS: what affects no mail first, then where mail enters, and last what only fits the new paths.

use crate::dns::enforced::unnamed;
use crate::dns::{RData, RecordType, Zone, changes_entry, exchanges};
use crate::plan::Plan;
use crate::platforms::product::{Applied, Trait};
use crate::runbook::part::Part;
use crate::runbook::some_of;
use crate::runbook::steps::{Body, Step, number};
use crate::topology::{DnsManagement, Domain, Entry, MtaStsMode};
use crate::values::OwnerName;
use crate::writer::powershell::PsValue;
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Domains that are looked up in a block of commands at most.
const LOOKED_UP: usize = 3;

/// Whether the output has zones for each stage of a change of MX records.
fn is_staged(plan: &Plan) -> bool {
    plan.zones.iter().any(|zone| !zone.today.is_empty())
}

/// The domains whose mail will enter elsewhere than today.
pub(crate) fn changing(plan: &Plan) -> impl Iterator<Item = &Domain> {
    let domains = plan.topology.domains.iter();
    domains.filter(|domain| changes_entry(&plan.topology, domain))
}

/// The step that affects no mail. Under the final SPF record, mail that still leaves by an old path would fail.
pub(crate) fn widen(plan: &Plan, steps: &[Step]) -> Body {
    let staged = is_staged(plan);
    let narrow = number(steps, Step::Narrow);
    let mut parts = Vec::new();
    if staged {
        let serials = if plan
            .zones
            .iter()
            .any(|zone| !zone.today.is_empty() && zone.authority.is_some())
        {
            " The serials of the stages are the two before that of the spec, so the zone that is public now must have a lower one."
        } else {
            ""
        };
        parts.push(Part::text(format!(
            "Note the TTL of the MX records. Copy the zones in `dns/stage-1`, which hold the MX records of today with a TTL of 300 seconds.{serials}"
        )));
        parts.push(Part::text(format!("The SPF records in them end with `?all`, under which mail over the old path does not fail. In the copies, add what the SPF record of each domain has now, before `?all`; where a domain has a DMARC record now, put it in place of the one in the copy. Then publish the copies. The final records of this spec wait for step {narrow}.")));
    } else if steps.contains(&Step::Mx) {
        parts.push(Part::text(format!(
            "Note the MX records and their TTL, of the domains of step {}. Then lower the TTL to 300 seconds.",
            number(steps, Step::Mx)
        )));
    }
    let terms = spf_terms(plan);
    let dkim = zones_with(plan, |owner, _| is_selector(owner));
    if !terms.is_empty() {
        parts.push(Part::text(format!(
            "Publish SPF first, and only wider: add these terms to the SPF record that each domain has now, before its `all`. Remove nothing yet: mail still leaves by the old path. A domain without an SPF record gets none before step {narrow}. Evaluation of a record may need at most 10 look-ups (RFC 7208, section 4.6.4)."
        )));
        let rows = terms
            .into_iter()
            .map(|(terms, owners)| vec![some_of(owners), format!("`{terms}`")]);
        parts.push(Part::Table(&["domain", "add to SPF"], rows.collect()));
    }
    if !dkim.is_empty() && !staged {
        parts.push(Part::text(format!(
            "Publish the DKIM records of {}.",
            some_of(dkim)
        )));
    }
    for policy in plan.policies() {
        let domain = &policy.domain;
        parts.push(Part::text(format!(
            "Serve `dns/mta-sts/{domain}/.well-known/mta-sts.txt` at `https://mta-sts.{domain}/.well-known/mta-sts.txt`, with a certificate for `mta-sts.{domain}`, before the record `_mta-sts.{domain}` is public."
        )));
    }
    parts.extend(reverse_names(plan).map(Part::text));
    let others: Vec<String> = plan
        .topology
        .domains
        .iter()
        .filter(|domain| matches!(domain.dns, DnsManagement::External(_)))
        .map(|domain| domain.name.unicode())
        .collect();
    if !others.is_empty() {
        parts.push(Part::text(format!(
            "Another administrator publishes these domains and must agree to each DNS step: {}.",
            some_of(others)
        )));
    }
    let lines = look_ups(plan);
    if !lines.is_empty() {
        parts.push(Part::text(
            "What is public now, to note and to compare:".to_owned(),
        ));
        parts.push(Part::code("powershell", lines));
    }
    let lines = dkim_look_ups(plan);
    if !lines.is_empty() {
        parts.push(Part::text(
            "After publishing, these show the new DKIM records:".to_owned(),
        ));
        parts.push(Part::code("powershell", lines));
    }
    if parts.is_empty() {
        parts.push(Part::text("This output holds no records. Whoever publishes them must widen SPF before the next step.".to_owned()));
    }
    Body {
        title: format!(
            "DNS changes that affect no mail: wider SPF, DKIM{}",
            if steps.contains(&Step::Mx) {
                ", lower TTL"
            } else {
                ""
            }
        ),
        at: "DNS".to_owned(),
        wait: "old TTL: `____`".to_owned(),
        gate: None,
        parts,
        roll_back: vec![Part::text(
            "Publish the records again that you noted.".to_owned(),
        )],
    }
}

/// What mailtopo adds to SPF records, and the domains that need it.
fn spf_terms(plan: &Plan) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (key, set) in plan.zones.iter().flat_map(|zone| zone.sets.iter()) {
        for record in &set.records {
            let RData::Txt(octets) = &record.data else {
                continue;
            };
            if record.data.version_tag().as_deref() != Some("v=spf1") {
                continue;
            }
            let text = String::from_utf8_lossy(octets);
            let sends = |term: &&str| term.trim_start_matches(['+', '-', '~', '?']) != "all";
            let terms: Vec<&str> = text.split_whitespace().skip(1).filter(sends).collect();
            if !terms.is_empty() {
                found
                    .entry(terms.join(" "))
                    .or_default()
                    .push(key.owner.to_string());
            }
        }
    }
    found
}

/// The files of zones that hold a record like this.
fn zones_with(plan: &Plan, holds: impl Fn(&OwnerName, RecordType) -> bool) -> Vec<String> {
    let holding = |zone: &&Zone| zone.sets.keys().any(|key| holds(&key.owner, key.kind));
    plan.zones
        .iter()
        .filter(holding)
        .map(|zone| format!("dns/{}.zone", zone.origin))
        .collect()
}

/// Commands that show what is public, for the first domains.
fn look_ups(plan: &Plan) -> Vec<String> {
    let mut lines = Vec::new();
    let domains = plan
        .topology
        .domains
        .iter()
        .filter(|domain| !domain.mx.is_empty());
    for domain in domains.take(LOOKED_UP) {
        let Ok(name) = PsValue::from(domain.name.as_str()).text() else {
            continue;
        };
        for kind in ["MX", "TXT"] {
            lines.push(format!("Resolve-DnsName -Name {name} -Type {kind}"));
        }
    }
    lines
}

/// Commands that show the first DKIM records that are to be published.
fn dkim_look_ups(plan: &Plan) -> Vec<String> {
    let keys = plan.zones.iter().flat_map(|zone| zone.sets.keys());
    let selectors = keys.filter(|key| is_selector(&key.owner));
    selectors
        .take(LOOKED_UP)
        .filter_map(|key| {
            let name = PsValue::from(key.owner.as_str()).text().ok()?;
            Some(format!("Resolve-DnsName -Name {name} -Type {}", key.kind))
        })
        .collect()
}

fn is_selector(owner: &OwnerName) -> bool {
    owner.as_str().contains("._domainkey.") && !owner.as_str().starts_with("*.")
}

/// Receivers look up the name of the address that a message comes from, and may reject what has none.
fn reverse_names(plan: &Plan) -> Option<String> {
    let addresses: BTreeSet<String> = plan
        .exits
        .iter()
        .map(|&id| plan.topology.location(id))
        .filter(|location| {
            location.is(Trait::OwnServer) && location.product().applied != Applied::ByHand
        })
        .flat_map(|location| &location.egress)
        .filter(|at| !at.value.is_private())
        .map(|at| at.value.to_string())
        .collect();
    (!addresses.is_empty()).then(|| {
        format!(
            "The reverse name (PTR) of every address that mail leaves from must be a host name that resolves to this address. The network provider sets it, for: {}.",
            some_of(addresses)
        )
    })
}

/// The step after which mail from the Internet enters at its new location.
pub(crate) fn mx(plan: &Plan, steps: &[Step]) -> Body {
    let staged = is_staged(plan);
    let mut parts = Vec::new();
    let computed = computed_hosts(plan);
    if !computed.is_empty() {
        parts.push(Part::text(format!(
            "Before this step, compare the MX hosts that were computed and not read from the tenant with those that the tenant shows (`facts.ps1` reads them): {}. A domain that was added after 1 July 2026 has another host, and mail for it would not arrive.",
            some_of(computed)
        )));
    }
    let enforces = |domain: &&Domain| {
        let own = domain.mta_sts.as_ref();
        own.is_some_and(|own| own.value.mode == MtaStsMode::Enforce)
            || !unnamed(&plan.topology, domain).is_empty()
    };
    let policies = changing(plan).filter(enforces);
    let policies: Vec<String> = policies.map(|domain| domain.name.unicode()).collect();
    if !policies.is_empty() {
        parts.push(Part::text(format!(
            "Before this step, the MTA-STS policy has to name the hosts of the table beside those of today, with a new `id`, for as long as `max_age` of the policy before it says: senders keep that one, and do not deliver to a host that it does not name. This is about {}.",
            some_of(policies)
        )));
    }
    if staged {
        parts.push(Part::text("Publish copies of the zones in `dns/stage-2`, with the SPF and DMARC records that the copies of `dns/stage-1` have. They hold the MX records of this table:".to_owned()));
    } else {
        let hosts = zones_with(plan, |_, kind| {
            matches!(kind, RecordType::A | RecordType::Aaaa | RecordType::Tlsa)
        });
        if !hosts.is_empty() {
            parts.push(Part::text(format!("First publish the address records (A, AAAA) and TLSA records of {}: the hosts that mail goes to need them.", some_of(hosts))));
        }
        parts.push(Part::text(
            "Publish the MX records of this table, still with a TTL of 300 seconds. Where a domain has them already, there is nothing to publish for it, and with the same location in its `mx_now` this step leaves it out.".to_owned(),
        ));
    }
    let origins: HashSet<&str> = plan.zones.iter().map(|zone| zone.origin.as_str()).collect();
    parts.push(Part::Table(
        &["domain", "Internet mail enters at", "MX records", "zone"],
        changing(plan)
            .map(|domain| row(plan, domain, &origins))
            .collect(),
    ));
    parts.push(Part::text("Keep the old entry working for the old TTL and five more days: mail that waits in another server's queue may still arrive there.".to_owned()));
    parts.push(Part::text(format!(
        "Then send the messages of the table of tests that have the step {}, and compare the path.",
        number(steps, Step::Mx)
    )));
    let back = if staged {
        "Publish the copies of `dns/stage-1` again: mail enters where it did within minutes. If a location is locked, roll back the lock first and wait 30 minutes: while the lock is active, it rejects mail that arrives by the old path."
    } else {
        "Publish the MX records again that you noted in step 1. If a location is locked, roll back the lock first and wait 30 minutes: while the lock is active, it rejects mail that arrives by the old path."
    };
    Body {
        title: "switch the MX records; test".to_owned(),
        at: "DNS".to_owned(),
        wait: "old TTL: `____`".to_owned(),
        gate: Some("go only if every test so far passed and the lowered TTL has been public for the old TTL.".to_owned()),
        parts,
        roll_back: vec![Part::text(back.to_owned())],
    }
}

/// MX hosts of tenants that nobody has read there.
fn computed_hosts(plan: &Plan) -> BTreeSet<String> {
    let all = changing(plan);
    let all = all.flat_map(|domain| exchanges(&plan.topology, domain).unwrap_or_default());
    all.filter(|exchange| exchange.derived)
        .map(|exchange| exchange.host.to_string())
        .collect()
}

/// The last step: records that only fit the new paths.
pub(crate) fn narrow(plan: &Plan, steps: &[Step]) -> Body {
    let staged = is_staged(plan);
    let changes = steps.contains(&Step::Mx);
    let mut parts = Vec::new();
    if plan.zones.is_empty() {
        parts.push(Part::text(
            "Whoever publishes the records removes the terms of the old path from SPF.".to_owned(),
        ));
    } else {
        let zones = zones_with(plan, |_, _| true);
        parts.push(Part::text(format!("Publish the records of {} as they are: the final SPF records{}, and all others, such as DMARC and MTA-STS.", some_of(zones), if changes { ", the final TTL" } else { "" })));
    }
    if staged {
        parts.push(Part::text(
            "Remove `mx_now` from the spec and compile again.".to_owned(),
        ));
    }
    Body {
        title: format!(
            "narrow SPF, publish the remaining records{}",
            if changes { ", raise the TTL" } else { "" }
        ),
        at: "DNS".to_owned(),
        wait: String::new(),
        gate: Some(format!(
            "go only five days after step {} and once no mail leaves by an old path: under the final SPF record, such mail fails SPF.",
            number(steps, Step::Narrow).saturating_sub(1)
        )),
        parts,
        roll_back: vec![Part::text(
            "Publish the wider SPF records of step 1 again.".to_owned(),
        )],
    }
}

/// `origins` are where the zones begin; a domain stands in the nearest at or above it.
fn row(plan: &Plan, domain: &Domain, origins: &HashSet<&str>) -> Vec<String> {
    let topology = &plan.topology;
    let locations: Vec<String> = domain
        .mx
        .iter()
        .map(|at| format!("`{}`", topology.location(at.value).name))
        .collect();
    let today = domain
        .mx_now
        .as_ref()
        .map_or(String::new(), |at| match &at.value {
            Entry::Location(id) => format!("; today `{}`", topology.location(*id).name),
            Entry::Hosts(hosts) => format!("; today {}", some_of(hosts.iter().map(|at| &at.value))),
        });
    let records = exchanges(topology, domain).map_or("not written, see above".to_owned(), |list| {
        list.iter()
            .map(|exchange| format!("`{} {}`", exchange.preference, exchange.host))
            .collect::<Vec<_>>()
            .join(", ")
    });
    let mut nodes = domain.name.nodes();
    let zone = nodes.find(|node| origins.contains(node));
    let file = match (&domain.dns, zone) {
        (DnsManagement::Managed, Some(zone)) => format!("`{zone}`"),
        (DnsManagement::Managed, None) | (DnsManagement::External(_), _) => {
            "published by another administrator: agree on it".to_owned()
        }
        (DnsManagement::None, _) => "no zone".to_owned(),
    };
    vec![
        format!("`{}`", domain.name.unicode()),
        format!("{}{today}", locations.join(", then ")),
        records,
        file,
    ]
}
