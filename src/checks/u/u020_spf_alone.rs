//! # U020 spf-alone
//!
//! ## What a clean result proves
//!
//! Mail of a domain with a strict DMARC policy is proved by a signature as well as by SPF.
//!
//! ## Exact condition
//!
//! Mail of a domain with the policy `quarantine` or `reject` passes DMARC by SPF, and no signature of the domain counts: nobody
//! signs, or the keys of the signer are not known.
//!
//! Automatic replies have no envelope sender, and receivers look at the name that the last server calls itself instead (RFC
//! 7208, section 2.4). Where that name does not stand for the author, or its record does not let the server pass, nothing
//! proves them. They are taken to go the way of their author's other mail; where a Postfix chooses the way by the sender,
//! nothing is said of them.
//!
//! ## Severity
//!
//! note: whoever forwards the mail breaks SPF, and receivers then refuse it. warning where automatic replies are refused
//! already.
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}}
//! ```
//!
//! ## Mended spec
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
//!   contoso.com: {mailboxes: {box: [ann@contoso.com]}, mx: box, dmarc: {policy: reject}, dkim: {box: {s1: s1.keys.example}}}
//! ```
//!
//! ## Sources
//!
//! - <https://www.rfc-editor.org/rfc/rfc7489#section-10.1>
//! - <https://www.rfc-editor.org/rfc/rfc7960#section-3.1.1>
//! - <https://www.rfc-editor.org/rfc/rfc3834#section-3.3>

use crate::checks::Run;
use crate::checks::authentication::{Cause, causes, signing};
use crate::finding::{Code, Finding, Findings};
use crate::publish::verdict::{Outcome, SpfLeg, SignatureStatus};
use crate::publish::{Aligned, Published};
use crate::topology::{DomainId, Party, Topology};
use crate::walk::Flows;
use std::collections::BTreeSet;

pub(in crate::checks) const RUN: Run = Run::Published(run);

fn run(flows: &Flows<'_>, published: &Published, findings: &mut Findings) {
    let topology = &flows.model.plan.topology;
    let found = causes(published, |_, proof| {
        let wanted = proof.outcome == Outcome::BySpf && proof.is_enforced();
        wanted.then(|| proof.signatures.first().cloned())
    });
    for cause in found.into_values() {
        let by = cause.judged.departure.by;
        let own = cause.proof.signatures.iter().find(|one| one.signer == by);
        let is_tenant = by.location().is_some_and(|at| topology.location(at).tenant().is_some());
        let mut help = match own.map(|one| &one.standing) {
            Some(SignatureStatus::Useless(_)) if !is_tenant => {
                "have its key mended, as is said where the key stands: a signature is not lost on the way".to_owned()
            }
            _ => format!("have it signed where it leaves: {}", signing(topology, cause.domains.first(), by)),
        };
        for (reply, domains) in by_reply(published, by, &cause.domains) {
            let cause = Cause { domains, ..cause };
            let mail = cause.mail(topology);
            let dkim = cause.dkim_words(topology);
            let passes = format!("{mail} passes DMARC by SPF alone, and whoever forwards it breaks that: {dkim}");
            let finding = match reply {
                None if cause.proof.broken_by().is_some() => continue,
                None => Finding::note(Code::U020, passes),
                Some(reply) => {
                    let words = reply.reply_words();
                    let then = cause.then();
                    if let Some(own) = spf_of_its_own(topology, &reply) {
                        help.push_str(&own);
                    }
                    Finding::warning(
                        Code::U020,
                        format!("{passes}; automatic replies have no envelope sender, so that the name which `{}` calls itself counts, {words}: they do not pass{then}", topology.party_name(by)),
                    )
                }
            };
            findings.push(cause.finding(finding, topology).help(help.clone()));
        }
    }
}

/// The domains by what becomes of their automatic replies; nothing where they are proved.
fn by_reply<'p>(published: &'p Published, by: Party, domains: &[DomainId]) -> Vec<(Option<Cause<'p>>, Vec<DomainId>)> {
    let mut rest: BTreeSet<DomainId> = domains.iter().copied().collect();
    let mut found = Vec::new();
    for judged in published.replies.iter().filter(|one| one.departure.by == by) {
        let lost: Vec<DomainId> = judged.domains.iter().copied().filter(|id| rest.remove(id)).collect();
        if let Some(proof) = judged.proof.as_ref().filter(|_| !lost.is_empty()) {
            found.push((Some(Cause { judged, proof, domains: lost.clone() }), lost));
        }
    }
    if !rest.is_empty() {
        found.push((None, rest.into_iter().collect()));
    }
    found
}

/// What would make the name that a server calls itself prove the mail, where it stands for the author.
fn spf_of_its_own(topology: &Topology, reply: &Cause<'_>) -> Option<String> {
    let location = topology.location(reply.judged.departure.by.location()?);
    let name = location.helo_name().filter(|_| location.helo.is_none())?;
    let lacks = reply.proof.aligned == Aligned::Yes && reply.proof.spf == SpfLeg::NoRecord;
    lacks.then(|| format!("; or write `helo: {name}` at `{}`, and the name gets an SPF record of its own", location.name))
}
