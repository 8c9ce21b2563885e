//! # U004 spf-multiple-records
//!
//! ## What a clean result proves
//!
//! Every name has one SPF record.
//!
//! ## Exact condition
//!
//! A record of another purpose in a managed zone is an SPF record of a name for which the spec makes one. Or the declared
//! records of a domain hold more than one, or a name that a record includes has more than one by all that is known.
//!
//! ## Severity
//!
//! error: with two records every check ends in an error, whoever sends.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud}
//! dns:
//!   zones:
//!     contoso.com:
//!       records: [{name: "@", type: TXT, data: "v=spf1 include:spf.newsletter.example -all"}]
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
//! partners:
//!   newsletter: {sends_as: [contoso.com], spf: "include:spf.newsletter.example"}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.5>

use crate::checks::Run;
use crate::checks::spf_records::{about, broken, failing, place, whose};
use crate::dns::write::changes::joined;
use crate::dns::{RData, RecordType};
use crate::finding::{Code, Finding, Findings, Object};
use crate::plan::Plan;
use crate::publish::Published;
use crate::source::{At, Span};
use crate::spf::{Broken, is_record};
use crate::topology::{DnsManagement, Domain};
use crate::walk::Flows;

pub(in crate::checks) const RUN: Run = Run::Published(run);

/// What stands beside a record that is written is refused where the zone is made.
fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let several = broken(topology, published, |why| matches!(why, Broken::Several(_)));
    for (why, domains) in several {
        let (Broken::Several(name), Some(&first)) = (why, domains.first()) else {
            continue;
        };
        let domain = topology.domain(first);
        let own = topology.domain_named(name.as_str()).filter(|id| domains.contains(id));
        if let Some(id) = own {
            let mut finding = Finding::error(
                Code::U004,
                format!("`{name}` has several SPF records: every check of its mail ends in an error"),
            );
            let declared = declared(topology.domain(id));
            let stands = declared.iter().map(|at| at.span).chain(kept(flows.model.plan, &name));
            for span in stands {
                finding = finding.at(span, "this one stands there");
            }
            let all = declared.iter().map(|at| at.value.clone()).reduce(|one, other| joined(&one, &other));
            let help = if let Some(all) = all {
                format!("have one record published in their place: `{all}`")
            } else {
                finding = finding.at(place(topology.domain(id)), "this one is wanted there");
                "let one record have all terms, and take out the others".to_owned()
            };
            findings.push(
                finding
                    .on(Object::Domain(name.clone()))
                    .domains([name.clone()])
                    .help(help),
            );
        }
        let others: Vec<_> = domains.into_iter().filter(|id| Some(*id) != own).collect();
        if !others.is_empty() {
            let finding = Finding::error(
                Code::U004,
                format!(
                    "{} would have receivers look at `{name}`, which has several SPF records: SPF fails for {}",
                    whose(topology, &others),
                    failing(topology, published, &others)
                ),
            )
            .at(place(domain), "")
            .help(format!("take `{name}` out until it has one record"));
            findings.push(about(finding, topology, &others));
        }
    }
}

/// The SPF records that are declared for a domain.
fn declared(domain: &Domain) -> Vec<&At<String>> {
    match &domain.dns {
        DnsManagement::External(records) => {
            let texts = records.txt.iter().flatten();
            texts.filter(|at| is_record(&at.value)).collect()
        }
        DnsManagement::Managed | DnsManagement::None => Vec::new(),
    }
}

/// Where the user keeps SPF records at a name of ours.
fn kept(plan: &Plan, name: &str) -> Vec<Span> {
    let zone = plan.zone_around(name);
    let texts = zone.and_then(|zone| zone.set(name, RecordType::Txt));
    texts
        .iter()
        .flat_map(|set| &set.records)
        .filter(|record| match &record.data {
            RData::Txt(text) => String::from_utf8_lossy(text).starts_with("v=spf1 "),
            _ => false,
        })
        .map(|record| record.span)
        .collect()
}
