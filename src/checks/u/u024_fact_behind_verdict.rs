//! # U024 fact-behind-verdict
//!
//! ## What a clean result proves
//!
//! What proves mail by SPF was gathered, and not taken for granted.
//!
//! ## Exact condition
//!
//! Mail passes SPF because its record includes the name that stands for whoever sends it, and no fact says what stands at that name.
//!
//! ## Severity
//!
//! note: whether the name stands for these addresses only its owner knows.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {b1: b1.bulk.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulk.example"}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   box:
//!     kind: postfix
//!     hosts: [mail.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: mail.contoso.com
//!     delivers_to: "lmtp:unix:private/dovecot-lmtp"
//! domains:
//!   contoso.com: {mailboxes: box, mx: box, dkim: {bulk: {b1: b1.bulk.example}}}
//! partners:
//!   bulk: {sends_as: [contoso.com], spf: "include:spf.bulk.example"}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! records:
//!   spf.bulk.example: {txt: ["v=spf1 ip4:198.51.100.0/28 -all"]}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7208#section-5.2>

use crate::checks::Run;
use crate::checks::authentication::who;
use crate::checks::spf_records::about;
use crate::finding::{Certainty, Code, Finding, Findings};
use crate::publish::{Known, Published};
use crate::publish::verdict::SpfLeg;
use crate::spf::is_record;
use crate::topology::{DomainId, Party};
use crate::walk::Flows;
use std::collections::{BTreeMap, BTreeSet};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let mut found: BTreeMap<&str, (Party, BTreeSet<DomainId>)> = BTreeMap::new();
    for judged in &published.judged {
        let proof = judged.proof.as_ref().filter(|_| !judged.domains.is_empty());
        let Some(proof) = proof else { continue };
        if let SpfLeg::Pass(Some(name)) = &proof.spf {
            let entry = found.entry(name).or_insert((judged.departure.by, BTreeSet::new()));
            entry.1.extend(&judged.domains);
        }
    }
    let known = Known::of(flows.model.plan, published);
    for (name, (by, domains)) in found {
        let (span, object) = who(topology, by);
        let party = topology.party_name(by);
        let gathered = known.gathered(name).is_some_and(|texts| texts.iter().any(|text| is_record(text)));
        let (why, cure) = if gathered {
            (
                "whose record asks about each address by itself",
                format!("write the addresses that `{party}` sends from in its `addresses`"),
            )
        } else {
            (
                "and nobody has gathered what stands there",
                format!("run `dns/facts.sh`, which asks for it, and put what it prints into the facts file: `{name}: {{txt: [...]}}` under `records`"),
            )
        };
        let domains: Vec<DomainId> = domains.into_iter().collect();
        let mut finding = Finding::note(
            Code::U024,
            format!(
                "that mail which `{party}` sends passes SPF rests on `{name}`, {why}"
            ),
        )
        .at(span, "")
        .on(object);
        finding.certainty = Certainty::Assumed;
        findings.push(about(finding, topology, &domains).help(cure));
    }
}
