//! # U009 dkim-broken-after-signing
//!
//! ## What a clean result proves
//!
//! No location of ours changes mail after its last signature, where the signature is needed.
//!
//! ## Exact condition
//!
//! Mail of a domain passes a location that signs it and after that one with `modifies_body`, and no later signature counts. SPF
//! does not prove it either, because the envelope sender is rewritten or does not stand for the author's domain; or it does,
//! and then nothing proves what others forward.
//!
//! ## Severity
//!
//! error: with a policy of `quarantine` or `reject` the mail is lost. warning with the policy `none`, note without a policy,
//! and note where SPF proves it.
//!
//! ## Failing spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, sends: {via: gw}}
//!   gw:
//!     kind: gateway
//!     hosts: [gw.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: gw.contoso.com
//!     forwards: {"*": internet}
//!     rewrites_sender: true
//!     modifies_body: true
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: reject}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! cloud:
//!   dkim:
//!     contoso.com: {selector1: selector1-contoso-com._domainkey.contoso.onmicrosoft.com, selector2: selector2-contoso-com._domainkey.contoso.onmicrosoft.com}
//! ```
//!
//! ## Mended spec
//!
//! ```yaml
//! version: 1
//! facts: facts.yaml
//! locations:
//!   cloud: {kind: exchange-online, tenant: contoso, reject_direct_send: true, sends: {via: gw}}
//!   gw:
//!     kind: gateway
//!     hosts: [gw.contoso.com]
//!     egress: [192.0.2.10]
//!     certificate: gw.contoso.com
//!     forwards: {"*": internet}
//!     rewrites_sender: true
//!     modifies_body: false
//! domains:
//!   contoso.com: {mailboxes: cloud, mx: cloud, dmarc: {policy: reject}}
//! ```
//!
//! ```yaml file=facts.yaml
//! version: 1
//! gathered: 2026-11-20
//! cloud:
//!   dkim:
//!     contoso.com: {selector1: selector1-contoso-com._domainkey.contoso.onmicrosoft.com, selector2: selector2-contoso-com._domainkey.contoso.onmicrosoft.com}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc6376#section-5>
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-4.2>

use crate::checks::Run;
use crate::checks::authentication::causes;
use crate::finding::{Code, Finding, Findings, Severity};
use crate::publish::Published;
use crate::publish::verdict::Outcome;
use crate::checks::u::u008_dmarc_unprovable::rewrite_author;
use crate::walk::{Flows, Reason};

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let found = causes(published, |_, proof| {
        let at = proof.broken_by()?;
        let wanted = match proof.outcome {
            Outcome::Broken => true,
            Outcome::BySpf => proof.is_enforced(),
            _ => false,
        };
        wanted.then(|| (at, proof.outcome, proof.policy, proof.spf.clone()))
    });
    for ((_, (at, outcome, ..)), cause) in &found {
        let mail = cause.mail(topology);
        let dkim = cause.dkim_words(topology);
        let place = topology.location(*at);
        let (severity, message) = if *outcome == Outcome::BySpf {
            (
                Severity::Note,
                format!("{mail} passes DMARC by SPF alone, and whoever forwards it breaks that: {dkim}"),
            )
        } else {
            let spf = cause.spf_words(topology);
            let then = cause.then();
            (
                cause.severity(),
                format!("{mail} does not pass DMARC: {dkim}, and {spf}{then}"),
            )
        };
        let finding = Finding::new(Code::U009, severity, message);
        let help = match cause.judged.departure.reason {
            Reason::List(at) => rewrite_author(topology, at),
            _ => format!(
                "have `{}` sign what it sends: write its selectors in `dkim` of the domain, such as `dkim: {{{}: {{SELECTOR: TARGET}}}}`",
                place.name, place.name
            ),
        };
        let finding = cause.finding(finding, topology);
        findings.push(finding.at(place.span, "it is changed here").help(help));
    }
}
