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
use crate::checks::spf_records::{about, envelopes, place, whose};
use crate::checks::words::listed;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::publish::Published;
use crate::publish::verdict::{Outcome, Proof, SpfLeg};
use crate::spf::{Broken, MOST_VOID_LOOKUPS};
use crate::topology::DomainId;
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeMap<(&[String], bool), BTreeSet<DomainId>> = BTreeMap::new();
    // Whose mail is lost where receivers give up.
    let lost = published.judged.iter().filter(|judged| {
        let proof = judged.proof.as_ref();
        let is_void = |proof: &Proof| proof.spf == SpfLeg::Permerror(Broken::Void);
        proof.is_some_and(|proof| is_void(proof) && proof.outcome == Outcome::Broken && proof.is_enforced())
    });
    let mut lost: BTreeSet<DomainId> = lost.flat_map(|judged| envelopes(topology, judged)).collect();
    for (group, survey) in &published.surveys {
        if survey.void.len() > MOST_VOID_LOOKUPS {
            for id in &group.domains {
                let domains = found.entry((&survey.void, lost.remove(id))).or_default();
                domains.insert(*id);
            }
        }
    }
    if !lost.is_empty() {
        found.insert((&[], true), lost);
    }
    for ((names, is_lost), domains) in found {
        let domains: Vec<DomainId> = domains.into_iter().collect();
        let Some(&first) = domains.first() else {
            continue;
        };
        let names = match names {
            [] => "names that its macros make".to_owned(),
            names => listed(names.iter().map(String::as_str)),
        };
        let (severity, then) = if is_lost {
            (Severity::Error, ", and SPF fails for mail that nothing else proves")
        } else {
            (Severity::Warning, "")
        };
        let finding = Finding::new(
            Code::U003,
            severity,
            format!(
                "{} would have receivers look for {names}, which have no address: many give up at the third such name{then}",
                whose(topology, &domains)
            ),
        )
        .at(place(topology.domain(first)), "");
        findings.push(about(finding, topology, &domains).help("have the names that have no address taken out"));
    }
}
