//! # U003 spf-void-lookups
//!
//! ## What a clean result proves
//!
//! Receivers do not give up on an SPF record because names in it have no answer, as far as it is known what stands there.
//!
//! ## Exact condition
//!
//! More than two names that a record leads to by `a`, `mx` or `exists` have no such records: by the spec's own zones, by what is declared, or by the facts.
//!
//! ## Severity
//!
//! warning: many receivers stop at the third, and then SPF fails for all of the mail.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.shop.example]}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.shop.example: {txt: ["v=spf1 a:a.shop.example a:b.shop.example a:c.shop.example ip4:192.0.2.0/28 -all"]}
//!   a.shop.example: {a: []}
//!   b.shop.example: {a: []}
//!   c.shop.example: {a: []}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true}
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, spf: {include: [spf.shop.example]}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.shop.example: {txt: ["v=spf1 a:a.shop.example a:b.shop.example ip4:192.0.2.0/28 -all"]}
//!   a.shop.example: {a: []}
//!   b.shop.example: {a: []}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-4.6.4>

use crate::checks::Run;
use crate::checks::spf_records::{about, place, whose};
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings};
use crate::publish::Published;
use crate::spf::MOST_VOID_LOOKUPS;
use crate::topology::DomainId;
use crate::walk::Flows;
use std::collections::BTreeMap;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeMap<Vec<String>, Vec<DomainId>> = BTreeMap::new();
    for (group, survey) in &published.surveys {
        if survey.void.len() > MOST_VOID_LOOKUPS {
            found.entry(survey.void.clone()).or_default().extend(&group.domains);
        }
    }
    for (names, domains) in found {
        let Some(&first) = domains.first() else {
            continue;
        };
        let finding = Finding::warning(
            Code::U003,
            format!(
                "{} would have receivers look for {}, which have no address: many give up at the third such name",
                whose(topology, &domains),
                listed(names.iter().map(String::as_str))
            ),
        )
        .at(place(topology.domain(first)), "");
        findings.push(about(finding, topology, &domains).help("have the names that have no address taken out"));
    }
}
